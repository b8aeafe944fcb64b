package web

import (
	"net/http"
	"strconv"
	"time"

	"ringfence/store"
	"ringfence/web/backend"
)

// changesOnAPage is how many changes a page has.
const changesOnAPage = 50

// changesPage is a page of the audit log, newest first, by days.
type changesPage struct {
	Days    []day[store.AuditLine]
	Machine bool
	// MayMachine says that the visitor may also see what concerns the whole machine.
	MayMachine bool
	Older      string // the address of the next page; "" if there is none
}

func (s peopleHandlers) changes(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.showChanges(w, r, v, v.Household.Name, v.Path("changes"), "people")
}

func (s peopleHandlers) machineChanges(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if len(v.Households) > 0 {
		v.Household.Zone = v.Households[0].Zone
	}
	return s.showChanges(w, r, v, "", "/changes", "")
}

func (s peopleHandlers) showChanges(w http.ResponseWriter, r *http.Request, v *backend.Visitor, household, path, section string) error {
	ctx := r.Context()
	owns, err := s.Store.OwnsMachine(ctx, v.Person.ID)
	if err != nil {
		return err
	}
	p := changesPage{Machine: household == "", MayMachine: owns}
	before, _ := strconv.ParseInt(r.FormValue("before"), 10, 64) // anything else: the newest
	all, err := s.Store.AuditLog(ctx, household, max(before, 0), changesOnAPage+1)
	if err != nil {
		return err
	}
	if len(all) > changesOnAPage {
		all = all[:changesOnAPage]
		p.Older = path + "?before=" + strconv.FormatInt(all[changesOnAPage-1].ID, 10)
	}
	for i := range all {
		if !v.Actor().MayUndo(all[i]) {
			all[i].Undo = ""
		}
	}
	p.Days = byDay(v, all, func(l store.AuditLine) time.Time { return l.At })
	return s.show(w, r, v, "changes", section, "Who changed what", p)
}
