package web

import (
	"net/http"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

func (s apiHandlers) apiHouseholdRoutes() []route {
	return []route{
		{"GET /api/v1/households", signedIn, s.apiHouseholds},
		{"GET /api/v1/households/{household}", see, s.apiHousehold},
		{"GET /api/v1/households/{household}/line", see, s.apiLine},
		{"GET /api/v1/households/{household}/lookup", see, s.apiLookup},
	}
}

type apiHousehold struct {
	Name     string     `json:"name"`
	Title    string     `json:"title"`
	Role     store.Role `json:"role"`
	Hears    bool       `json:"hears"`
	Region   string     `json:"region"`
	Language string     `json:"language"`
	Timezone string     `json:"timezone"`
}

func (p place) api() apiHousehold {
	return apiHousehold{p.Name, p.Title, p.role, p.hears, p.Region, p.Language, p.Zone.String()}
}

func (s apiHandlers) apiHouseholds(w http.ResponseWriter, _ *http.Request, v *visit) error {
	all := []apiHousehold{}
	for _, p := range v.Households {
		all = append(all, p.api())
	}
	return s.give(w, http.StatusOK, all)
}

func (s apiHandlers) apiHousehold(w http.ResponseWriter, _ *http.Request, v *visit) error {
	return s.give(w, http.StatusOK, place{v.Household, v.Title, v.Role, v.Hears}.api())
}

type apiPart struct {
	Name  string     `json:"name"`
	Up    bool       `json:"up"`
	Known bool       `json:"known"`
	Since *time.Time `json:"since,omitempty"`
}

func (p Part) api() apiPart { return apiPart{p.Name, p.Up, p.Known, moment(p.Since)} }

// apiLine tells how the line is, with the sentence that Today begins with.
func (s apiHandlers) apiLine(w http.ResponseWriter, _ *http.Request, v *visit) error {
	l := s.Switchboard.Line(v.Household.Name)
	phones := []apiPart{}
	for _, p := range l.Phones {
		phones = append(phones, p.api())
	}
	state := stateOf(l)
	return s.give(w, http.StatusOK, struct {
		Level    string    `json:"level"`
		Sentence string    `json:"sentence"`
		Asterisk apiPart   `json:"asterisk"`
		Trunk    apiPart   `json:"trunk"`
		Phones   []apiPart `json:"phones"`
	}{state.Level, state.Sentence, l.Asterisk.api(), l.Trunk.api(), phones})
}

type apiEntry struct {
	List       string  `json:"list"`
	Confidence float64 `json:"confidence"`
	Category   string  `json:"category"`
	Note       string  `json:"note"`
	Prefix     bool    `json:"prefix"`
	OnlyWarns  bool    `json:"only_warns"`
}

// apiLookup is `ringfence lookup --json`, and what the lists say.
func (s apiHandlers) apiLookup(w http.ResponseWriter, r *http.Request, v *visit) error {
	found, err := s.Store.Lookup(r.Context(), v.Household.Name, v.Household.Line, r.FormValue("number"), v.Now)
	if err != nil {
		return err
	}
	answer := struct {
		screening.Answer
		Sentence string     `json:"sentence"`
		Contact  string     `json:"contact"`
		Entries  []apiEntry `json:"entries"`
	}{Answer: found.Verdict.Answer(found.Caller.Number), Sentence: found.Verdict.Sentence(found.Caller, v.Household.Region), Entries: []apiEntry{}}
	if found.Known.Contact != nil {
		answer.Contact = found.Known.Contact.Name
	}
	for _, e := range found.Known.Entries {
		if e.Counts(v.Now) {
			answer.Entries = append(answer.Entries, apiEntry{e.List, e.Confidence, e.Category, e.Note, e.Prefix, e.OnlyWarns(v.Now)})
		}
	}
	return s.give(w, http.StatusOK, answer)
}
