package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"ringfence/sharing/forms"
	"ringfence/store/lists"
)

func (s apiHandlers) apiListRoutes() []route {
	return []route{
		{"GET /api/v1/households/{household}/lists", see, s.apiLists},
		{"GET /api/v1/households/{household}/lists/{list}", see, s.apiOneList},
		{"PUT /api/v1/households/{household}/lists/{list}", change, s.apiImportList},
		{"DELETE /api/v1/households/{household}/lists/{list}", change, s.apiRemoveList},
		{"PUT /api/v1/households/{household}/lists/{list}/subscription", change, s.apiSubscribe},
		{"PUT /api/v1/households/{household}/lists/{list}/phoneblock", own, s.apiPhoneBlock},
		{"POST /api/v1/households/{household}/lists/{list}/update", change, s.apiUpdateList},
	}
}

type apiList struct {
	Name       string    `json:"name"`
	Source     string    `json:"source"`
	Entries    int       `json:"entries"`
	Imported   time.Time `json:"imported"`
	TurnedAway apiHits   `json:"turned_away"`
	Knew       apiHits   `json:"knew"`

	Subscription *apiSubscription `json:"subscription,omitempty"` // nil: it was imported
}

func listAPI(row listRow) apiList {
	l := row.List
	one := apiList{l.Name, l.Source, l.Entries, l.Imported.UTC(), hitsAPI(row.TurnedAway), hitsAPI(row.Knew), nil}
	if row.Sub != nil {
		one.Subscription = subscriptionAPI(row.Sub.Subscription)
	}
	return one
}

func (s apiHandlers) apiLists(w http.ResponseWriter, r *http.Request, v *visit) error {
	rows, err := s.listRows(r, v)
	if err != nil {
		return err
	}
	all := []apiList{}
	for _, row := range rows {
		all = append(all, listAPI(row))
	}
	return s.give(w, http.StatusOK, all)
}

func (s apiHandlers) apiOneList(w http.ResponseWriter, r *http.Request, v *visit) error {
	row, err := s.listRow(r, v, r.PathValue("list"))
	if err != nil {
		return err
	}
	return s.give(w, http.StatusOK, listAPI(row))
}

// apiImportList replaces a list, or makes it: what is sent is the list itself, as `ringfence list import` reads it. A list with
// more wrong lines than right ones changes nothing.
func (s apiHandlers) apiImportList(w http.ResponseWriter, r *http.Request, v *visit) error {
	name := strings.TrimSpace(r.PathValue("list"))
	if err := lists.CheckName(name); err != nil {
		return refused("%s", sentence(err))
	}
	read := &forms.Import{Region: v.Household.Region}
	entries, err := s.Store.Lists.Replace(r.Context(), v.Household.Name, name, v.token.Name, read.Entries(r.Body))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return err
	case errors.Is(err, forms.ErrUnfit), errors.Is(err, lists.ErrSubscribed):
		return refused("%s", sentence(err))
	case err != nil && read.Broken() != nil:
		return refused("%s", sentence(read.Broken()))
	case err != nil:
		return err
	}
	if err := s.changed(r.Context(), v, "list-imported", "The list "+name+" is in use."); err != nil {
		return err
	}
	type refusal struct {
		Line int    `json:"line"`
		Why  string `json:"why"`
	}
	answer := struct {
		Entries  int       `json:"entries"`
		Refused  int       `json:"refused"`
		Refusals []refusal `json:"refusals"`
	}{entries, read.Refused, []refusal{}}
	for _, one := range read.Refusals[:min(len(read.Refusals), shownRefusals)] {
		answer.Refusals = append(answer.Refusals, refusal(one))
	}
	return s.give(w, http.StatusOK, answer)
}

func (s apiHandlers) apiRemoveList(w http.ResponseWriter, r *http.Request, v *visit) error {
	if _, err := s.admin(v).RemoveList(r.Context(), r.PathValue("list")); err != nil {
		return asFault(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
