package web

import (
	"context"
	"errors"
	"net/http"

	"ringfence/sharing/phoneblock"
	"ringfence/sharing/subscribe"
	"ringfence/store/lists"
)

// PhoneBlock's list is for owners to subscribe to: the key is one of theirs, and it is they who answer for what leaves the house.

// phoneBlockForm is what somebody fills in. The key that they have typed is never shown again.
type phoneBlockForm struct{ Name, Server, Wrong string }

func (s subscriptionHandlers) phoneBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.show(w, r, v, "list-phoneblock", "blocks", "Subscribe to PhoneBlock", phoneBlockForm{Name: "PhoneBlock", Server: phoneblock.Server})
}

func (s subscriptionHandlers) subscribePhoneBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := phoneBlockForm{Name: r.FormValue("name"), Server: r.FormValue("server")}
	sub, err := s.Lists.SubscribeBlocklist(r.Context(), v.Household.Name, subscribe.BlocklistSource{Server: form.Server, Key: r.FormValue("key")}, subscribe.Choices{
		Name: form.Name, MayTurnAway: r.FormValue("unsigned") == "yes", By: v.Person.Name,
	})
	if err != nil {
		form.Wrong = sentence(err)
		return s.showAgain(w, v, "list-phoneblock", "blocks", "Subscribe to PhoneBlock", form, form.Wrong)
	}
	return s.subscribedTo(w, r, v, sub)
}

// setListKey gives a list of PhoneBlock's another key, and has it tried.
func (s subscriptionHandlers) setListKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	name := r.FormValue("name")
	if !s.meetings.Allow(itoa64(v.Person.ID), v.Now) { // each asks PhoneBlock
		return refused("You have asked for this a few times just now: wait a minute.")
	}
	if err := s.newListKey(r.Context(), v, name, r.FormValue("key")); err != nil {
		return err
	}
	_, told := s.getNow(r.Context(), v, name)
	return s.done(w, r, v.list(name), "The list "+name+" has a new key. "+told, nil)
}

func (s *Server) newListKey(ctx context.Context, v *visit, name, key string) error {
	switch err := s.Lists.NewBlocklistKey(ctx, v.Household.Name, name, key); {
	case errors.Is(err, phoneblock.ErrKey):
		return refused("%s", sentence(err))
	case errors.Is(err, lists.ErrNoSubscription):
		return errNotThere
	case err != nil:
		return err
	}
	return s.changed(ctx, v, "list-key", "The list "+name+" is asked for with another key from now on.")
}

// askOfCallers chooses whether PhoneBlock is asked about callers nobody knows.
func (s subscriptionHandlers) askOfCallers(w http.ResponseWriter, r *http.Request, v *visit) error {
	name, ask := r.FormValue("name"), r.FormValue("ask") == "yes"
	told, err := s.chooseToAsk(r.Context(), v, name, ask)
	if err != nil {
		return err
	}
	back := "yes"
	if ask {
		back = ""
	}
	return s.done(w, r, v.list(name), told, &undo{v.Path("list", "ask"), map[string]string{"name": name, "ask": back}})
}

func (s *Server) chooseToAsk(ctx context.Context, v *visit, list string, ask bool) (told string, err error) {
	err = s.Store.Lists.AskOfCallers(ctx, v.Household.Name, list, ask)
	if errors.Is(err, lists.ErrNoSubscription) {
		err = errNotThere
	}
	if err != nil {
		return "", err
	}
	if !ask {
		told = "PhoneBlock is not asked about callers any more."
		return told, s.changed(ctx, v, "phoneblock-not-asked", told)
	}
	told = "From now on PhoneBlock is asked about callers nobody knows: it is sent a fingerprint of their number."
	return told, s.changed(ctx, v, "phoneblock-asked", told)
}

// apiPhoneBlock subscribes the household to PhoneBlock's list; where it is already, the list gets another key. With or without one it
// chooses whether PhoneBlock is asked of callers.
func (s apiHandlers) apiPhoneBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	var sent struct {
		Key         string `json:"key"`
		Server      string `json:"server"`
		MayTurnAway bool   `json:"may_turn_away"`
		Asks        *bool  `json:"asks"`
	}
	if err := take(r, &sent); err != nil {
		return err
	}
	name := r.PathValue("list")
	sub, err := s.Store.Lists.Subscription(r.Context(), v.Household.Name, name)
	switch {
	case err == nil && sub.Kind == lists.PhoneBlock && sent.Key == "" && sent.Asks != nil: // only that
	case err == nil && sub.Kind == lists.PhoneBlock:
		err = s.newListKey(r.Context(), v, name, sent.Key)
	case err == nil || errors.Is(err, lists.ErrNoSubscription):
		err = s.apiNewPhoneBlock(r, v, name, subscribe.BlocklistSource{Server: sent.Server, Key: sent.Key}, sent.MayTurnAway)
	}
	if err == nil && sent.Asks != nil {
		_, err = s.chooseToAsk(r.Context(), v, name, *sent.Asks)
	}
	if err != nil {
		return err
	}
	if sub, err = s.Store.Lists.Subscription(r.Context(), v.Household.Name, name); err != nil {
		return err
	}
	return s.give(w, http.StatusOK, subscriptionAPI(sub))
}

func (s apiHandlers) apiNewPhoneBlock(r *http.Request, v *visit, name string, from subscribe.BlocklistSource, mayTurnAway bool) error {
	_, err := s.Lists.SubscribeBlocklist(r.Context(), v.Household.Name, from, subscribe.Choices{Name: name, MayTurnAway: mayTurnAway, By: v.token.Name})
	return s.apiSubscribed(r.Context(), v, name, err)
}
