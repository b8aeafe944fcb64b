package web

import (
	"net/http"
	"strconv"

	"ringfence/sharing/phoneblock"
	"ringfence/sharing/subscribe"
	"ringfence/web/backend"
)

// Only owners subscribe to PhoneBlock's list: the key is one of theirs, and they answer for what leaves the house.

// phoneBlockForm is what somebody fills in. The key that they have typed is never shown again.
type phoneBlockForm struct{ Name, Server, Wrong string }

func (s subscriptionHandlers) phoneBlock(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.show(w, r, v, "list-phoneblock", "blocks", "Subscribe to PhoneBlock", phoneBlockForm{Name: "PhoneBlock", Server: phoneblock.Server})
}

func (s subscriptionHandlers) subscribePhoneBlock(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	form := phoneBlockForm{Name: r.PostFormValue("name"), Server: r.PostFormValue("server")}
	sub, done, err := s.Admin(v).SubscribeToPhoneBlock(r.Context(), s.Lists, subscribe.BlocklistSource{Server: form.Server, Key: r.PostFormValue("key")}, subscribe.Choices{
		Name: form.Name, MayTurnAway: r.PostFormValue("unsigned") == "yes",
	})
	if form.Wrong, _, err = backend.RefusalOf(err); err != nil {
		return err
	}
	if form.Wrong != "" {
		return s.showAgain(w, v, "list-phoneblock", "blocks", "Subscribe to PhoneBlock", form, form.Wrong)
	}
	return s.subscribedTo(w, r, v, sub, done)
}

// setListKey replaces the key of PhoneBlock's list, and has it tried.
func (s subscriptionHandlers) setListKey(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	name := r.PostFormValue("name")
	if !s.meetings.Allow(strconv.FormatInt(v.Person.ID, 10), v.Now) { // each asks PhoneBlock
		return backend.Refuse("You have asked for this a few times already: wait a minute.")
	}
	done, err := s.Admin(v).SetListKey(r.Context(), s.Lists, name, r.PostFormValue("key"))
	if err != nil {
		return err
	}
	_, told := s.updateNow(r.Context(), v, name)
	return s.done(w, r, listPath(v, name), done.Sentence+" "+told, "")
}

// askOfCallers chooses whether PhoneBlock is asked about callers nobody knows.
func (s subscriptionHandlers) askOfCallers(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	name := r.PostFormValue("name")
	done, err := s.Admin(v).AskPhoneBlock(r.Context(), name, r.PostFormValue("ask") == "yes")
	return s.finish(w, r, v, listPath(v, name), done, err)
}
