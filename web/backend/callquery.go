package backend

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ringfence/store"
)

// CallQuery is a search for calls, as an address has it.
type CallQuery struct {
	Who, Kind, From, To, After string
}

// ReadCallQuery reads it from a request.
func ReadCallQuery(r *http.Request) CallQuery {
	q := r.URL.Query()
	return CallQuery{Who: strings.TrimSpace(q.Get("who")), Kind: q.Get("kind"), From: q.Get("from"), To: q.Get("to"), After: q.Get("after")}
}

// Query is the search as the query of an address, from its first page on.
func (q CallQuery) Query() string {
	values := url.Values{}
	for name, value := range map[string]string{"who": q.Who, "kind": q.Kind, "from": q.From, "to": q.To} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values.Encode()
}

// Days says whether days are chosen.
func (q CallQuery) Days() bool { return q.From != "" || q.To != "" }

// Narrow says whether the search leaves any calls out.
func (q CallQuery) Narrow() bool { return q.Query() != "" }

// Next is what After has to be for the page that follows.
func Next(last store.CallPlace) string { return fmt.Sprintf("%d-%d", last.At.UnixMilli(), last.ID) }

// Search reads the query; the error is a sentence, or ErrNotFound.
func (q CallQuery) Search(v *Visitor, limit int) (search store.CallSearch, err error) {
	search = store.CallSearch{Kind: store.CallKind(q.Kind), Who: q.Who, Line: v.Household.Line, Hears: v.Hears, Limit: limit}
	if !slices.Contains(store.CallKinds(), search.Kind) {
		return search, errors.New("There is no such kind of calls: choose one from the list.")
	}
	if len(q.Who) > 200 {
		return search, errors.New("That is too long for a number or a name: type a part of it.")
	}
	from, err1 := dayOf(q.From)
	to, err2 := dayOf(q.To)
	if err := errors.Join(err1, err2); err != nil {
		return search, errors.New("A day is written like 2026-11-24.")
	}
	if q.From != "" {
		search.From = store.DayStart(from.Year(), from.Month(), from.Day(), v.Zone())
	}
	if q.To != "" {
		search.Before = store.DayStart(to.Year(), to.Month(), to.Day()+1, v.Zone())
	}
	if q.From != "" && q.To != "" && to.Before(from) {
		return search, errors.New("The first day comes after the last one: change one of them.")
	}
	if q.After != "" {
		var ms int64
		if _, err := fmt.Sscanf(q.After, "%d-%d", &ms, &search.After.ID); err != nil {
			return search, ErrNotFound
		}
		search.After.At = time.UnixMilli(ms)
	}
	return search, nil
}

func dayOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}
