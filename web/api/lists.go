package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing"
	"ringfence/sharing/columns"
	"ringfence/sharing/forms"
	"ringfence/sharing/subscribe"
	"ringfence/store/lists"
	"ringfence/store/sqlite"
	"ringfence/web/backend"
)

type listJSON struct {
	Name       string    `json:"name"`
	Source     string    `json:"source"`
	Entries    int       `json:"entries"`
	Imported   time.Time `json:"imported"`
	TurnedAway hitsJSON  `json:"turned_away"`
	Knew       hitsJSON  `json:"knew"`

	Subscription *subscriptionJSON `json:"subscription,omitempty"` // nil: it was imported
}

func toList(l backend.List) listJSON {
	one := listJSON{
		Name: l.Name, Source: l.Source, Entries: l.Entries, Imported: l.Imported.UTC(), TurnedAway: toHits(l.TurnedAway), Knew: toHits(l.Knew),
	}
	if l.Subscription != nil {
		one.Subscription = toSubscription(*l.Subscription)
	}
	return one
}

// subscriptionJSON is how a list is kept up to date.
type subscriptionJSON struct {
	Kind       string     `json:"kind"`
	URL        string     `json:"url"`
	Key        string     `json:"key"` // "": it is not signed
	OnlyWarns  bool       `json:"only_warns"`
	Asks       bool       `json:"asks"`
	Publisher  string     `json:"publisher"`
	Serial     int64      `json:"serial"` // 0: it has not been downloaded yet
	ValidUntil *time.Time `json:"valid_until,omitempty"`
	Checked    *time.Time `json:"checked,omitempty"`
	Changed    *time.Time `json:"changed,omitempty"`
	Next       time.Time  `json:"next"`
	Failures   int        `json:"failures"`
	Error      string     `json:"error"`
	Column     string     `json:"column"`
	Held       *time.Time `json:"held,omitempty"` // since when changes wait for somebody
}

func toSubscription(sub lists.Subscription) *subscriptionJSON {
	return &subscriptionJSON{
		Kind: string(sub.Kind), URL: sub.URL, Key: sub.Key, OnlyWarns: sub.OnlyWarns, Asks: sub.Asks, Publisher: sub.Publisher, Serial: sub.Serial,
		ValidUntil: moment(sub.ValidUntil), Checked: moment(sub.Checked), Changed: moment(sub.Changed), Next: sub.Next.UTC(),
		Failures: sub.Failures, Error: sub.Error, Column: sub.Column, Held: moment(sub.Held.At),
	}
}

func (a *API) lists(r *http.Request, v *backend.Visitor) (any, error) {
	all, err := a.HouseholdLists(r.Context(), v.Household.Name)
	return list(all, toList), err
}

func (a *API) list(r *http.Request, v *backend.Visitor) (any, error) {
	l, err := a.ListNamed(r.Context(), v.Household.Name, r.PathValue("list"))
	return toList(l), err
}

// importList replaces a list, or creates it: the body is the list itself, as `ringfence list import` reads it. A list with more wrong lines than
// right ones changes nothing.
func (a *API) importList(r *http.Request, v *backend.Visitor) (any, error) {
	name := strings.TrimSpace(r.PathValue("list"))
	imported, admin := &forms.Import{Region: v.Household.Region, Columns: r.URL.Query()["column"], AllRows: r.URL.Query().Get("all_rows") == "true"}, a.Admin(v)
	id, err := admin.PrepareList(r.Context(), name, v.Token.Name, imported, imported.Entries(r.Body))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, tooLarge
	}
	if q := (*columns.Question)(nil); errors.As(err, &q) {
		return nil, backend.Refuse("%s. Name the column in the address with column=…, or import all rows with all_rows=true.", q.Error())
	}
	if err != nil {
		return nil, err
	}
	prepared, err := a.Store.Lists.Prepared(r.Context(), v.Household.Name, id)
	if err != nil {
		return nil, err
	}
	_, err = admin.AcceptList(r.Context(), id, v.Token.Name, imported.Choice.From())
	type refusal struct {
		Line int    `json:"line"`
		Why  string `json:"why"`
	}
	return struct {
		Entries  int       `json:"entries"`
		Refused  int       `json:"refused"`
		Columns  []string  `json:"columns"` // of a table: which have the numbers
		Refusals []refusal `json:"refusals"`
	}{prepared.Entries, imported.Refused, imported.Choice.Headings(), list(imported.Refusals[:min(len(imported.Refusals), backend.ShownRefusals)], func(r sharing.Refusal) refusal { return refusal(r) })}, err
}

func (a *API) removeList(r *http.Request, v *backend.Visitor) (any, error) {
	_, err := a.Admin(v).RemoveList(r.Context(), r.PathValue("list"))
	return nil, err
}

// subscribe subscribes the household to a list, under the name in the address.
func (a *API) subscribe(r *http.Request, v *backend.Visitor) (any, error) {
	var sent struct {
		Address     string `json:"address"`
		Key         string `json:"key"`
		MayTurnAway bool   `json:"may_turn_away"`
		Column      string `json:"column"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	from, err := subscribe.ParseSource(sent.Address, sent.Key)
	if err != nil {
		return nil, backend.Because(err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), backend.LookTime)
	defer cancel()
	sub, _, err := a.Admin(v).Subscribe(ctx, a.Lists, from, subscribe.Choices{Name: r.PathValue("list"), MayTurnAway: sent.MayTurnAway, Column: sent.Column})
	if q := (*columns.Question)(nil); errors.As(err, &q) && q.Rows == "" {
		return nil, backend.Refuse("%s. Name it with column.", q.Error())
	}
	return toSubscription(sub), err
}

// phoneBlock subscribes the household to PhoneBlock's list; if it is subscribed already, the list gets the new key. With or without a key it chooses
// whether PhoneBlock is asked about callers.
func (a *API) phoneBlock(r *http.Request, v *backend.Visitor) (any, error) {
	var sent struct {
		Key         string `json:"key"`
		Server      string `json:"server"`
		MayTurnAway bool   `json:"may_turn_away"`
		Asks        *bool  `json:"asks"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	ctx, home, name, admin := r.Context(), v.Household.Name, r.PathValue("list"), a.Admin(v)
	sub, err := a.Store.Lists.Subscription(ctx, home, name)
	switch {
	case err == nil && sub.Kind == lists.PhoneBlock && sent.Key == "" && sent.Asks != nil: // only that
	case err == nil && sub.Kind == lists.PhoneBlock:
		_, err = admin.SetListKey(ctx, a.Lists, name, sent.Key)
	case err == nil || errors.Is(err, lists.ErrNoSubscription):
		from := subscribe.BlocklistSource{Server: sent.Server, Key: sent.Key}
		_, _, err = admin.SubscribeToPhoneBlock(ctx, a.Lists, from, subscribe.Choices{Name: name, MayTurnAway: sent.MayTurnAway})
	}
	if err == nil && sent.Asks != nil {
		_, err = admin.AskPhoneBlock(ctx, name, *sent.Asks)
	}
	if err == nil {
		sub, err = a.Store.Lists.Subscription(ctx, home, name)
	}
	return toSubscription(sub), err
}

// updateList has a list updated now. If that takes long the answer is 202, and the update goes on.
func (a *API) updateList(r *http.Request, v *backend.Visitor) (any, error) {
	sub, err := a.Store.Lists.Subscription(r.Context(), v.Household.Name, r.PathValue("list"))
	if errors.Is(err, lists.ErrNoSubscription) {
		return nil, errNoAddress
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), backend.UpdateTime)
	defer cancel()
	done, err := a.Lists.Soon(ctx, v.Household.Name, sub.List)
	var soon *subscribe.SoonError
	switch {
	case errors.Is(err, subscribe.ErrUnderWay):
		return reply{status: http.StatusAccepted}, nil
	case errors.As(err, &soon):
		return nil, backend.RefuseAs(http.StatusTooManyRequests, screening.Sentence(soon))
	case sqlite.IsInternal(err):
		return nil, err
	case err != nil:
		return nil, backend.RefuseAs(http.StatusBadGateway, screening.Sentence(err))
	}
	return struct {
		Unchanged bool  `json:"unchanged"`
		Held      bool  `json:"held"`
		Serial    int64 `json:"serial"`
		Added     int   `json:"added"`
		Changed   int   `json:"changed"`
		Removed   int   `json:"removed"`
		Refused   int   `json:"refused"`
		Entries   int   `json:"entries"`
	}{done.Unchanged, done.Held, done.Serial, done.Added, done.Changed, done.Removed, done.Refused, done.Entries}, nil
}
