package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"ringfence/sharing/subscribe"
	"ringfence/store/lists"
)

// apiSubscription is how a list is kept up to date.
type apiSubscription struct {
	Kind       string     `json:"kind"`
	URL        string     `json:"url"`
	Key        string     `json:"key"` // "": it is not signed
	OnlyWarns  bool       `json:"only_warns"`
	Asks       bool       `json:"asks"`
	Publisher  string     `json:"publisher"`
	Serial     int64      `json:"serial"` // 0: it has not been got yet
	ValidUntil *time.Time `json:"valid_until,omitempty"`
	Checked    *time.Time `json:"checked,omitempty"`
	Changed    *time.Time `json:"changed,omitempty"`
	Next       time.Time  `json:"next"`
	Failures   int        `json:"failures"`
	Error      string     `json:"error"`
}

func subscriptionAPI(sub lists.Subscription) *apiSubscription {
	return &apiSubscription{
		string(sub.Kind), sub.URL, sub.Key, sub.OnlyWarns, sub.Asks, sub.Publisher, sub.Serial, moment(sub.ValidUntil), moment(sub.Checked), moment(sub.Changed),
		sub.Next.UTC(), sub.Failures, sub.Error,
	}
}

// apiSubscribe subscribes the household to a list, which it calls as the address says. That one without a signature may turn callers
// away all the same, only an owner can say.
func (s apiHandlers) apiSubscribe(w http.ResponseWriter, r *http.Request, v *visit) error {
	var sent struct {
		Address     string `json:"address"`
		Key         string `json:"key"`
		MayTurnAway bool   `json:"may_turn_away"`
	}
	if err := take(r, &sent); err != nil {
		return err
	}
	if sent.MayTurnAway && !v.Owns() {
		return fault{http.StatusForbidden, "Only an owner can let a list that is not signed turn callers away."}
	}
	from, err := subscribe.ParseSource(sent.Address, sent.Key)
	if err != nil {
		return refused("%s", sentence(err))
	}
	ctx, enough := context.WithTimeout(r.Context(), meetTime)
	defer enough()
	sub, err := s.Lists.Subscribe(ctx, v.Household.Name, from, subscribe.Choices{
		Name: r.PathValue("list"), MayTurnAway: sent.MayTurnAway, By: v.token.Name,
	})
	if err := s.apiSubscribed(r.Context(), v, sub.List, err); err != nil {
		return err
	}
	return s.give(w, http.StatusOK, subscriptionAPI(sub))
}

// apiSubscribed notes a subscription, unless there was an error, which it makes one of the interface's.
func (s apiHandlers) apiSubscribed(ctx context.Context, v *visit, list string, err error) error {
	switch {
	case errors.Is(err, lists.ErrNameTaken), errors.Is(err, lists.ErrSubscribedTwice):
		return fault{http.StatusConflict, sentence(err)}
	case err != nil:
		return refused("%s", sentence(err))
	}
	return s.changed(ctx, v, "list-subscribed", "The household is subscribed to the list "+list+".")
}

// apiUpdateList has a list updated now. Where that takes long the answer is 202, and it goes on.
func (s apiHandlers) apiUpdateList(w http.ResponseWriter, r *http.Request, v *visit) error {
	sub, err := s.Store.Lists.Subscription(r.Context(), v.Household.Name, r.PathValue("list"))
	if errors.Is(err, lists.ErrNoSubscription) {
		return errNoAddress
	}
	if err != nil {
		return err
	}
	ctx, enough := context.WithTimeout(r.Context(), updateTime)
	defer enough()
	done, err := s.Lists.Soon(ctx, v.Household.Name, sub.List)
	if errors.Is(err, subscribe.ErrUnderWay) {
		w.WriteHeader(http.StatusAccepted)
		return nil
	}
	if soon := (*subscribe.SoonError)(nil); errors.As(err, &soon) {
		return fault{http.StatusTooManyRequests, sentence(soon)}
	}
	if err != nil {
		return fault{http.StatusBadGateway, sentence(err)}
	}
	return s.give(w, http.StatusOK, struct {
		Unchanged bool  `json:"unchanged"`
		Serial    int64 `json:"serial"`
		Added     int   `json:"added"`
		Changed   int   `json:"changed"`
		Removed   int   `json:"removed"`
		Refused   int   `json:"refused"`
		Entries   int   `json:"entries"`
	}{done.Unchanged, done.Serial, done.Added, done.Changed, done.Removed, done.Refused, done.Entries})
}
