package api

import (
	"net/http"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

type householdJSON struct {
	Name     string     `json:"name"`
	Title    string     `json:"title"`
	Role     store.Role `json:"role"`
	Hears    bool       `json:"hears"`
	Region   string     `json:"region"`
	Language string     `json:"language"`
	Timezone string     `json:"timezone"`
}

func toHousehold(p backend.Place) householdJSON {
	return householdJSON{
		Name: p.Name, Title: p.Title, Role: p.Role, Hears: p.Hears, Region: p.Region, Language: p.Language, Timezone: p.Zone.String(),
	}
}

func households(_ *http.Request, v *backend.Visitor) (any, error) {
	return list(v.Households, toHousehold), nil
}

func ofHousehold(_ *http.Request, v *backend.Visitor) (any, error) {
	return toHousehold(backend.Place{Household: v.Household, Title: v.Title, Role: v.Role, Hears: v.Hears}), nil
}

type partJSON struct {
	Name  string     `json:"name"`
	Up    bool       `json:"up"`
	Known bool       `json:"known"`
	Since *time.Time `json:"since,omitempty"`
}

func toPart(p backend.Part) partJSON { return partJSON{p.Name, p.Up, p.Known, moment(p.Since)} }

// line says how the line is, with the sentence that Today begins with.
func (a *API) line(_ *http.Request, v *backend.Visitor) (any, error) {
	l := a.Switchboard.Line(v.Household.Name)
	state := l.State()
	return struct {
		Level    string     `json:"level"`
		Sentence string     `json:"sentence"`
		Asterisk partJSON   `json:"asterisk"`
		Trunk    partJSON   `json:"trunk"`
		Phones   []partJSON `json:"phones"`
	}{state.Level, state.Sentence, toPart(l.Asterisk), toPart(l.Trunk), list(l.Phones, toPart)}, nil
}

type entryJSON struct {
	List       string  `json:"list"`
	Confidence float64 `json:"confidence"`
	Category   string  `json:"category"`
	Note       string  `json:"note"`
	Prefix     bool    `json:"prefix"`
	OnlyWarns  bool    `json:"only_warns"`
}

// lookup is `ringfence lookup --json`, and what the lists say.
func (a *API) lookup(r *http.Request, v *backend.Visitor) (any, error) {
	found, err := a.Store.Lookup(r.Context(), v.Household.Name, v.Household.Line, r.FormValue("number"), v.Now)
	if err != nil {
		return nil, backend.Because(err)
	}
	answer := struct {
		screening.Answer
		Sentence string      `json:"sentence"`
		Contact  string      `json:"contact"`
		Entries  []entryJSON `json:"entries"`
	}{Answer: found.Verdict.Answer(found.Caller.Number), Sentence: found.Verdict.Sentence(found.Caller, v.Household.Region), Entries: []entryJSON{}}
	if found.Known.Contact != nil {
		answer.Contact = found.Known.Contact.Name
	}
	for _, e := range found.Known.Entries {
		if e.Counts(v.Now) {
			answer.Entries = append(answer.Entries, entryJSON{
				List: e.List, Confidence: e.Confidence, Category: e.Category, Note: e.Note, Prefix: e.Prefix, OnlyWarns: e.OnlyWarns(v.Now),
			})
		}
	}
	return answer, nil
}

// export sends everything that is kept about the household. Its line in the audit log is why a token that may only read is not enough.
func (a *API) export(r *http.Request, v *backend.Visitor) (any, error) {
	return written(func(w http.ResponseWriter) error { return a.SendExport(w, r, v) }), nil
}
