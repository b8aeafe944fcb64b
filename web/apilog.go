package web

import (
	"net/http"
	"strconv"
	"time"

	"ringfence/store"
)

func (s apiHandlers) apiLogRoutes() []route {
	return []route{
		{"GET /api/v1/households/{household}/notices", see, s.apiNotices},
		{"GET /api/v1/households/{household}/changes", see, s.apiChanges},
	}
}

// limitOf is how many a program wants, from 1 to 500; 100 where it does not say.
func limitOf(r *http.Request) (int, error) {
	text := r.FormValue("limit")
	if text == "" {
		return 100, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 500 {
		return 0, fault{http.StatusBadRequest, "A limit is from 1 to 500."}
	}
	return n, nil
}

func (s apiHandlers) apiNotices(w http.ResponseWriter, r *http.Request, v *visit) error {
	limit, err := limitOf(r)
	if err != nil {
		return err
	}
	notices, err := s.Store.Notices(r.Context(), v.Household.Name, limit)
	if err != nil {
		return err
	}
	type notice struct {
		ID   int64     `json:"id"`
		At   time.Time `json:"at"`
		Kind string    `json:"kind"`
		Text string    `json:"text"`
		Call int64     `json:"call,omitempty"`
	}
	all := []notice{}
	for _, n := range notices {
		all = append(all, notice{n.ID, n.At.UTC(), n.Kind, n.Text, n.Call})
	}
	return s.give(w, http.StatusOK, all)
}

// apiChanges lists who changed what, newest first; before is the ID behind which to go on.
func (s apiHandlers) apiChanges(w http.ResponseWriter, r *http.Request, v *visit) error {
	limit, err := limitOf(r)
	if err != nil {
		return err
	}
	before := int64(0)
	if text := r.FormValue("before"); text != "" {
		if before, err = strconv.ParseInt(text, 10, 64); err != nil || before < 1 {
			return fault{http.StatusBadRequest, "before is the ID of a change."}
		}
	}
	var changes []store.AuditLine
	if changes, err = s.Store.AuditLog(r.Context(), v.Household.Name, before, limit); err != nil {
		return err
	}
	type entry struct {
		ID   int64     `json:"id"`
		At   time.Time `json:"at"`
		By   string    `json:"by"`
		What string    `json:"what"`
		Text string    `json:"text"`
	}
	all := []entry{}
	for _, c := range changes {
		all = append(all, entry{c.ID, c.At.UTC(), c.By, c.What, c.Text})
	}
	return s.give(w, http.StatusOK, all)
}
