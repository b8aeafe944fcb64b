package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
	"ringfence/web/field"
)

// Options are chosen on several pages, which are all made from the table in household.

// optionsOn are the routes of a page of the settings that has options.
func (s settingsHandlers) optionsOn(page, title string) []route {
	path := "/h/{household}/settings/" + page
	viewWith := func(sent map[string]string) view {
		return viewOf("settings-"+page, "settings", title, func(r *http.Request, v *backend.Visitor) (optionsPage, error) {
			return s.optionsOf(r, v, page, sent)
		})
	}
	return []route{{"GET " + path, backend.See, s.page(viewWith(nil))}, {"POST " + path, backend.Change, func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		some := optionsFor(v, page)
		done, shown, err := s.doOrTry(w, r, v, slices.Contains(pagesTried, page), setOptions(some...))
		if shown {
			return err
		}
		if err != nil {
			return s.again(w, r, v, viewWith(typedAgain(err, sentOptions(r, some...))), err)
		}
		if err := s.Regions.Follow(r.Context()); err != nil {
			return err
		}
		return s.finish(w, r, v, v.Path("settings", page), done, nil)
	}}}
}

// pagesTried are the pages whose options decide about calls, so that their changes are tried unasked.
var pagesTried = []string{household.PageChecks}

// optionsOf are the options of a page.
func optionsOf(page string) (some []household.Option) {
	for _, o := range household.Options() {
		if o.Page == page {
			some = append(some, o)
		}
	}
	return some
}

// optionsFor are those of a page without the ones that only somebody else may choose.
func optionsFor(v *backend.Visitor, page string) []household.Option {
	return slices.DeleteFunc(optionsOf(page), func(o household.Option) bool { return !v.Actor().MayChoose(o) })
}

// sentOptions are the values in a form. A switch that is off sends nothing.
func sentOptions(r *http.Request, some ...household.Option) map[string]string {
	sent := map[string]string{}
	for _, o := range some {
		if value := r.PostFormValue(o.Name); r.PostForm.Has(o.Name) {
			sent[o.Name] = value
		} else if o.Input == household.Switch {
			sent[o.Name] = "off"
		}
	}
	return sent
}

// typedAgain is what a form shows again: what was sent, unless the form was stale.
func typedAgain(err error, sent map[string]string) map[string]string {
	if backend.RefusedAs(err, household.Conflict) {
		return nil
	}
	return sent
}

// optionsPage is a page of the settings that has options.
type optionsPage struct {
	Was      string // what the page shows, for its form
	Sections []optionSection
	Sent     bool                  // it was sent, and is shown again
	Hits     map[string]store.Hits // how many calls each kind of callers has decided, by its option's name
	// Emergencies
	Numbers  []string
	Telecare []string
	Country  string
	// The house
	Number, Name, Fault string
}

type optionSection struct {
	Title  string
	Inputs []optionInput
}

// Folds says whether few need the section, and nothing is chosen in it.
func (s optionSection) Folds() bool {
	return s.Title == household.SectionLevels && !slices.ContainsFunc(s.Inputs, func(in optionInput) bool { return in.Present() != "" })
}

func (s settingsHandlers) optionsOf(r *http.Request, v *backend.Visitor, page string, sent map[string]string) (optionsPage, error) {
	chosen, err := s.Admin(v).Chosen(r.Context())
	if err != nil {
		return optionsPage{}, err
	}
	some := optionsFor(v, page)
	p := optionsPage{
		Was: chosen.Seen(some...), Sent: sent != nil, Numbers: screening.EmergencyNumbers(v.Household.Region), Country: screening.InCountry(v.Household.Region),
		Name: v.Household.Name, Fault: s.Regions.Fault(),
	}
	if page == household.PageChecks {
		if p.Hits, err = s.kindHits(r.Context(), v); err != nil {
			return p, err
		}
	}
	if v.Household.Number != "" {
		p.Number = v.National(v.Household.Number)
	}
	for _, n := range v.Household.Telecare {
		p.Telecare = append(p.Telecare, v.National(n))
	}
	for _, o := range some {
		if n := len(p.Sections); n == 0 || p.Sections[n-1].Title != o.Section {
			p.Sections = append(p.Sections, optionSection{Title: o.Section})
		}
		last := &p.Sections[len(p.Sections)-1]
		last.Inputs = append(last.Inputs, inputOf(o, chosen, sent))
	}
	return p, nil
}

// kindHits are how many calls each kind of callers has decided.
func (s settingsHandlers) kindHits(ctx context.Context, v *backend.Visitor) (map[string]store.Hits, error) {
	kinds, err := s.Store.Kinds(ctx, v.Household.Name)
	hits := map[string]store.Hits{}
	for _, k := range kinds {
		hits[string(k.Code)] = k.Hits
	}
	return hits, err
}

// optionInput is an option in a form.
type optionInput struct {
	household.Option
	Word    string // present, or as it was sent
	Offered []option
}

// inputOf is an option as it is set, or as it was sent.
func inputOf(o household.Option, chosen household.Chosen, sent map[string]string) optionInput {
	in := optionInput{Option: o, Word: o.Word(chosen)}
	if word, is := sent[o.Name]; is {
		in.Word = word
	} else if o.Input == household.PhoneNumber && chosen.CarerNumber == "" {
		in.Word = ""
	}
	values := o.Values
	if o.Input == household.Country {
		values = countries()
	}
	for _, value := range values {
		in.Offered = append(in.Offered, option{Value: value.Word, Words: value.Words, More: value.More})
	}
	if holds := o.Word(chosen); len(values) > 0 && !slices.ContainsFunc(in.Offered, func(one option) bool { return one.Value == holds }) {
		in.Offered = append(in.Offered, option{Value: holds, Words: screening.Capital(o.Words(chosen)) + ", as it is now"})
	}
	in.Offered = choose(in.Word, in.Offered...)
	return in
}

// How says which part of a form the input is: a switch, radios, a list to select from, or a field.
func (in optionInput) How() string {
	switch {
	case in.Input == household.Switch:
		return "switch"
	case slices.ContainsFunc(in.Values, func(v household.Value) bool { return v.More != "" }):
		return "radios"
	case len(in.Offered) > 0:
		return "select"
	}
	return "field"
}

// Present is what is chosen, in words; "" where a kind of callers is treated as usual.
func (in optionInput) Present() string {
	for i, o := range in.Offered {
		if o.Chosen && i == 0 && in.Kind != "" {
			return ""
		}
		if o.Chosen {
			return o.Words
		}
	}
	return ""
}

// Field is the input of an option that is typed.
func (in optionInput) Field() field.Field {
	f := field.New(in.Name, in.Title, in.Word).Hint(in.Hint)
	switch in.Input {
	case household.PhoneNumber:
		return f.Keys("tel").Fill("tel")
	case household.Days:
		return f.As("number").Keys("numeric").Required()
	}
	return f
}

// Select is the list of an option that is chosen from a list.
func (in optionInput) Select() optionField {
	f := newOptions(in.Name, in.Offered)
	if in.Hint != "" {
		f.Described = "h-" + in.Name
	}
	return f
}

// countries are all countries by their names.
func countries() (all []household.Value) {
	for _, code := range screening.Regions() {
		all = append(all, household.Value{Word: code, Words: screening.CountryName(code)})
	}
	slices.SortFunc(all, func(a, b household.Value) int { return cmp.Compare(a.Words, b.Words) })
	return all
}

// changedInShort says how many options of a page are not as usual.
func changedInShort(chosen household.Chosen, page string) string {
	changed := 0
	for _, o := range optionsOf(page) {
		if o.Word(chosen) != o.Values[0].Word {
			changed++
		}
	}
	if changed == 0 {
		return "as usual"
	}
	return strconv.Itoa(changed) + " changed"
}
