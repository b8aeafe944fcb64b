package api

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"ringfence/household"
	"ringfence/web/backend"
)

// manyAPI is for a program that looks after many households: it sees what needs attention in all of them, and changes many at once, as the pages do.
type manyAPI struct{ *API }

func (a manyAPI) routes() []Route {
	return []Route{
		{"GET /api/v1/attention", backend.SignedIn, a.attention},
		{"GET /api/v1/areas", backend.SignedIn, a.areas},
		{"POST /api/v1/many/preview", backend.SignedIn, func(r *http.Request, v *backend.Visitor) (any, error) { return a.inMany(r, v, true) }},
		{"POST /api/v1/many", backend.SignedIn, func(r *http.Request, v *backend.Visitor) (any, error) { return a.inMany(r, v, false) }},
	}
}

type attentionJSON struct {
	Household string              `json:"household"`
	Title     string              `json:"title"`
	Items     []attentionItemJSON `json:"items"`
}

type attentionItemJSON struct {
	What     string     `json:"what"`
	Level    string     `json:"level"`
	Sentence string     `json:"sentence"`
	Since    *time.Time `json:"since,omitempty"`
	Page     string     `json:"page"`
}

// attention says in which households somebody should look at something, the most urgent first.
func (a manyAPI) attention(r *http.Request, v *backend.Visitor) (any, error) {
	if len(v.Households) > 0 {
		v.Household.Zone = v.Households[0].Zone
	}
	o, err := a.Overview(r.Context(), v, v.Households)
	answer := struct {
		Machine    string          `json:"machine"`
		Households []attentionJSON `json:"households"`
		Well       int             `json:"well"`
	}{Households: []attentionJSON{}, Well: len(o.Well)}
	if o.Machine.Level != "ok" {
		answer.Machine = o.Machine.Sentence
	}
	for _, one := range o.Attention {
		h := attentionJSON{Household: one.Name, Title: one.Title}
		for _, i := range one.Items {
			h.Items = append(h.Items, attentionItemJSON{What: i.What, Level: i.Level, Sentence: i.Sentence, Since: moment(i.Since), Page: i.Path})
		}
		answer.Households = append(answer.Households, h)
	}
	return answer, err
}

type areaJSON struct {
	Name       string   `json:"name"`
	Households []string `json:"households"`
}

// areas are the areas of the program's households, with those of them that are in each.
func (a manyAPI) areas(r *http.Request, v *backend.Visitor) (any, error) {
	of, err := a.Store.AreasOf(r.Context())
	byName := map[string]*areaJSON{}
	var names []string
	for _, p := range v.Households {
		for _, name := range of[p.Name] {
			if byName[name] == nil {
				byName[name] = &areaJSON{Name: name}
				names = append(names, name)
			}
			byName[name].Households = append(byName[name].Households, p.Name)
		}
	}
	slices.Sort(names)
	return list(names, func(name string) areaJSON { return *byName[name] }), err
}

// manyJSON is a change for many households: those that are named, or those of the program's that are in an area.
type manyJSON struct {
	Households []string `json:"households"`
	Area       string   `json:"area"`
	Change     string   `json:"change"`
	Value      string   `json:"value"`
	Option     string   `json:"option"`
	Name       string   `json:"name"`
	Number     string   `json:"number"`
	Note       string   `json:"note"`
	List       string   `json:"list"`
}

type outcomeJSON struct {
	Household string                `json:"household"`
	Outcome   household.OutcomeKind `json:"outcome"`
	Sentence  string                `json:"sentence"`
	Line      int64                 `json:"line,omitempty"` // of the audit log; in a preview 0
}

// inMany makes a change in many households, or says what it would do.
func (a manyAPI) inMany(r *http.Request, v *backend.Visitor, preview bool) (any, error) {
	var sent manyJSON
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	if (len(sent.Households) == 0) == (sent.Area == "") {
		return nil, backend.Refuse("Say which households: either their names, or an area.")
	}
	of, err := a.Store.AreasOf(r.Context())
	if err != nil {
		return nil, err
	}
	places := slices.DeleteFunc(slices.Clone(v.Households), func(p backend.Place) bool {
		if sent.Area != "" {
			return !slices.ContainsFunc(of[p.Name], func(area string) bool { return strings.EqualFold(area, sent.Area) })
		}
		return !slices.Contains(sent.Households, p.Name)
	})
	for _, name := range sent.Households {
		if !slices.ContainsFunc(places, func(p backend.Place) bool { return p.Name == name }) {
			return nil, backend.Refuse("There is no household %s.", name)
		}
	}
	outcomes, err := a.InMany(r.Context(), v, places, household.ForMany{
		Kind: sent.Change, Value: sent.Value, Option: strings.ReplaceAll(sent.Option, "_", "-"), Name: sent.Name, Number: sent.Number, Note: sent.Note, List: sent.List,
	}, preview)
	if err != nil {
		return nil, err
	}
	return list(outcomes, func(o household.Outcome) outcomeJSON {
		one := outcomeJSON{Household: o.Household, Outcome: o.Kind, Sentence: o.Sentence}
		if !preview {
			one.Line = o.Done.Line
		}
		return one
	}), nil
}
