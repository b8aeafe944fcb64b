package web

import (
	"net/http"
	"strconv"

	"ringfence/store"
	"ringfence/web/backend"
)

// changesOnAPage is how many a page has.
const changesOnAPage = 50

// changesPage is what a page of the log has, the newest first, by days.
type changesPage struct {
	Days    []changesDay
	Machine bool
	// MayMachine says that the person may also see what concerns the whole machine.
	MayMachine bool
	Older      string // the address of the page before; "" where there is none
}

type changesDay struct {
	Day     string
	Changes []store.AuditLine
}

func (s peopleHandlers) changes(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.showChanges(w, r, v, v.Household.Name, v.Path("changes"), "people")
}

func (s peopleHandlers) machineChanges(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	owns, err := s.Store.OwnsMachine(r.Context(), v.Person.ID)
	if err != nil {
		return err
	}
	if !owns {
		return backend.ErrNotThere
	}
	if len(v.Households) > 0 {
		v.Household.Zone = v.Households[0].Zone
	}
	return s.showChanges(w, r, v, "", "/changes", "")
}

func (s peopleHandlers) showChanges(w http.ResponseWriter, r *http.Request, v *backend.Visitor, household, path, section string) error {
	ctx := r.Context()
	before, _ := strconv.ParseInt(r.FormValue("before"), 10, 64) // the newest where it is none
	all, err := s.Store.AuditLog(ctx, household, max(before, 0), changesOnAPage+1)
	if err != nil {
		return err
	}
	p := changesPage{Machine: household == ""}
	if p.MayMachine, err = s.Store.OwnsMachine(ctx, v.Person.ID); err != nil {
		return err
	}
	if len(all) > changesOnAPage {
		all = all[:changesOnAPage]
		p.Older = path + "?before=" + strconv.FormatInt(all[changesOnAPage-1].ID, 10)
	}
	for _, c := range all {
		day := v.Day(c.At)
		if n := len(p.Days); n == 0 || p.Days[n-1].Day != day {
			p.Days = append(p.Days, changesDay{Day: day})
		}
		last := &p.Days[len(p.Days)-1]
		last.Changes = append(last.Changes, c)
	}
	return s.show(w, r, v, "changes", section, "Who changed what", p)
}
