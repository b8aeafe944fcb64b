package api

import (
	"net/http"
	"strconv"
	"time"

	"ringfence/store"
	"ringfence/web/backend"
)

type noticeJSON struct {
	ID   int64     `json:"id"`
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Text string    `json:"text"`
	Call int64     `json:"call,omitempty"`
}

func (a *API) notices(r *http.Request, v *backend.Visitor) (any, error) {
	limit, err := limitOf(r, 100, 500)
	if err != nil {
		return nil, err
	}
	notices, err := a.Store.Notices(r.Context(), v.Household.Name, limit)
	return list(notices, func(n store.Notice) noticeJSON {
		return noticeJSON{ID: n.ID, At: n.At.UTC(), Kind: n.Kind, Text: n.Text, Call: n.Call}
	}), err
}

type changeJSON struct {
	ID   int64     `json:"id"`
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	What string    `json:"what"`
	Text string    `json:"text"`
}

// changes lists who changed what, newest first; before is the ID at which to go on.
func (a *API) changes(r *http.Request, v *backend.Visitor) (any, error) {
	limit, err := limitOf(r, 100, 500)
	if err != nil {
		return nil, err
	}
	before := int64(0)
	if text := r.FormValue("before"); text != "" {
		if before, err = strconv.ParseInt(text, 10, 64); err != nil || before < 1 {
			return nil, backend.RefuseAs(http.StatusBadRequest, "before is the ID of a change.")
		}
	}
	lines, err := a.Store.AuditLog(r.Context(), v.Household.Name, before, limit)
	return list(lines, func(l store.AuditLine) changeJSON {
		return changeJSON{ID: l.ID, At: l.At.UTC(), By: l.By, What: l.What, Text: l.Text}
	}), err
}
