package web

import (
	"net/http"
	"strconv"
	"strings"

	"ringfence/household"
	"ringfence/web/backend"
)

type keepingPage struct {
	Was   string // what the page shows, for its form
	Input optionInput
	Holds string // the days that are set
	Now   string // in words
	Days  string // that were chosen, if something would be deleted
	Words string // Days, as people say them
	// Asked is what would be deleted at once with Days; "" if nothing would be.
	Asked string
}

const keepingName, keepingTitle = "settings-keeping", "How long calls are kept"

func (s settingsHandlers) keepingData(r *http.Request, v *backend.Visitor) (keepingPage, error) {
	chosen, err := s.Admin(v).Chosen(r.Context())
	if err != nil {
		return keepingPage{}, err
	}
	o := optionsOf(household.PageKeeping)[0]
	return keepingPage{Was: chosen.Seen(o), Input: inputOf(o, chosen, nil), Now: o.Words(chosen), Holds: o.Word(chosen)}, nil
}

// setKeeping sets for how many days calls are kept. If that deletes something it first says what, and asks.
func (s settingsHandlers) setKeeping(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.keepingData(r, v)
	if err != nil {
		return err
	}
	typed := r.PostFormValue(p.Input.Name)
	a := s.Admin(v)
	a.Sure = r.PostFormValue("sure") == "yes"
	done, err := a.SetOptions(r.Context(), r.PostFormValue("was"), map[string]string{p.Input.Name: typed})
	if why, notSure, _ := backend.RefusalOf(err); notSure {
		days, err := strconv.Atoi(strings.TrimSpace(typed))
		if err != nil { // such as "toml", which the page does not offer
			return backend.Refuse("%s", why)
		}
		p.Days, p.Words, p.Asked = typed, household.DaysInWords(days), why
		return s.show(w, r, v, keepingName, "settings", keepingTitle, p)
	}
	if err != nil {
		if p.Input.Word = typed; backend.RefusedAs(err, household.Conflict) {
			p.Input.Word = p.Holds
		}
		shown := viewOf(keepingName, "settings", keepingTitle, func(*http.Request, *backend.Visitor) (keepingPage, error) { return p, nil })
		return s.again(w, r, v, shown, err)
	}
	return s.finish(w, r, v, v.Path("settings", "keeping"), done, nil)
}
