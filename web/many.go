package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/ready"
	"ringfence/web/backend"
)

// manyHandlers are for changes in many households at once. Each has a preview first.
type manyHandlers struct{ *Server }

func (s manyHandlers) routes() []route {
	return []route{
		{"GET /many", backend.SignedIn, s.kinds},
		{"GET /many/{change}", backend.SignedIn, s.form},
		{"POST /many/{change}/preview", backend.SignedIn, s.preview},
		{"POST /many/{change}", backend.SignedIn, s.change},
		{"POST /many/undo", backend.SignedIn, s.undo},
	}
}

// manyKinds is the page on which somebody chooses what to change.
type manyKinds struct {
	placeChoice
	Kinds []household.Value
	Count int
}

func (s manyHandlers) kinds(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	choice, chosen, err := s.choose(r.Context(), r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "many", "", "Change several households", manyKinds{choice, household.KindsForMany(), len(chosen)})
}

// manyForm is the form of one kind of change, with the households to choose from.
type manyForm struct {
	placeChoice
	Kind    household.Value
	Wanted  household.ForMany
	Rows    []areaRow // the households, with those that are ticked
	Ticked  int
	Modes   []household.Value
	Options []optionToChoose // where none is chosen yet
	Option  *household.Option
	Ready   []ready.List
	Lists   []string // that the households are subscribed to
}

type optionToChoose struct {
	household.Option
	To string // the address of its form
}

// With is the query of the form's address with another value of one name.
func (f manyForm) With(name, value string) string {
	values := url.Values{}
	for n, v := range map[string]string{"find": f.Find, "area": f.Area, "option": f.Wanted.Option} {
		if v != "" && n != name {
			values.Set(n, v)
		}
	}
	if value != "" {
		values.Set(name, value)
	}
	return "?" + values.Encode()
}

// kindOfMany is the kind of change that an address names.
func kindOfMany(r *http.Request) (household.Value, error) {
	for _, k := range household.KindsForMany() {
		if k.Word == r.PathValue("change") {
			return k, nil
		}
	}
	return household.Value{}, backend.ErrNotFound
}

// wanted is the change that a form, or the address of one, asks for.
func wantedForMany(r *http.Request) household.ForMany {
	return household.ForMany{
		Kind: r.PathValue("change"), Value: r.FormValue("value"), Option: r.FormValue("option"), Name: strings.TrimSpace(r.FormValue("name")),
		Number: strings.TrimSpace(r.FormValue("number")), Note: strings.TrimSpace(r.FormValue("note")), List: strings.TrimSpace(r.FormValue("list")),
	}
}

func (s manyHandlers) formOf(r *http.Request, v *backend.Visitor) (f manyForm, err error) {
	ctx := r.Context()
	if f.Kind, err = kindOfMany(r); err != nil {
		return f, err
	}
	f.Wanted = wantedForMany(r)
	var chosen []backend.Place
	if f.placeChoice, chosen, err = s.choose(ctx, r, v); err != nil {
		return f, err
	}
	none := r.FormValue("tick") == "none"
	for _, p := range chosen {
		in := !none && mayChange(p)
		if r.Method == http.MethodPost {
			in = slices.Contains(r.PostForm["household"], p.Name)
		}
		f.Rows = append(f.Rows, areaRow{p, in})
		if in {
			f.Ticked++
		}
	}
	slices.SortStableFunc(f.Rows, func(a, b areaRow) int { return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)) })
	switch f.Kind.Word {
	case household.ManyMode:
		f.Modes = household.Modes()
	case household.ManyOption:
		f.setOption()
	case household.ManyReady:
		f.Ready, err = readyFor(chosen)
	case household.ManyUnsubscribe:
		f.Lists, err = s.Store.SubscribedLists(ctx, v.Person.ID)
	}
	return f, err
}

// setOption is the option that was chosen, or all there are to choose from.
func (f *manyForm) setOption() {
	if o, known := household.OptionByName(f.Wanted.Option); known && o.ForMany() {
		f.Option = &o
		return
	}
	for _, o := range household.Options() {
		if o.ForMany() {
			f.Options = append(f.Options, optionToChoose{o, "/many/option" + f.With("option", o.Name)})
		}
	}
}

// readyFor are the lists that come with Ringfence for any of the households' countries.
func readyFor(places []backend.Place) (all []ready.List, err error) {
	for _, p := range places {
		some, err := ready.For(p.Region)
		if err != nil {
			return nil, err
		}
		for _, l := range some {
			if !slices.ContainsFunc(all, func(have ready.List) bool { return have.ID == l.ID }) {
				all = append(all, l)
			}
		}
	}
	return all, nil
}

func (s manyHandlers) view() view {
	return viewOf("many-form", "", "Change several households", s.formOf)
}

func (s manyHandlers) form(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.page(s.view())(w, r, v)
}

// manyResult is what a change would do, or has done, in each household.
type manyResult struct {
	Kind    household.Value
	Wanted  household.ForMany
	Preview bool
	Groups  []manyGroup // those that change first
	Change  []backend.Place
	Undo    []string // what undoes it: household and line of the audit log
}

// manyGroup are the households in which it goes the same way.
type manyGroup struct {
	Kind     household.OutcomeKind
	Sentence string
	Places   []backend.Place
}

func (s manyHandlers) preview(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.inMany(w, r, v, true)
}

func (s manyHandlers) change(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.inMany(w, r, v, false)
}

// inMany makes the change of a form in the households that are ticked, or says what it would do. It goes on if the browser goes away: half of it is
// what nobody has asked for.
func (s manyHandlers) inMany(w http.ResponseWriter, r *http.Request, v *backend.Visitor, preview bool) error {
	kind, err := kindOfMany(r)
	if err != nil {
		return err
	}
	wanted, ctx := wantedForMany(r), r.Context()
	if !preview {
		ctx = context.WithoutCancel(ctx)
	}
	places := placesOf(v, r.PostForm["household"])
	outcomes, err := s.InMany(ctx, v, places, wanted, preview)
	if err != nil {
		return s.again(w, r, v, s.view(), err)
	}
	result := manyResult{Kind: kind, Wanted: wanted, Preview: preview}
	for i, o := range outcomes {
		result.add(places[i], o)
	}
	slices.SortStableFunc(result.Groups, func(a, b manyGroup) int { return cmp.Compare(orderOfOutcomes[a.Kind], orderOfOutcomes[b.Kind]) })
	return s.show(w, r, v, "many-result", "", map[bool]string{true: "Preview", false: "Done"}[preview], result)
}

var orderOfOutcomes = map[household.OutcomeKind]int{household.OutcomeFailed: 0, household.OutcomeDone: 1, household.OutcomeSkipped: 2, household.OutcomeAlready: 3}

func (m *manyResult) add(p backend.Place, o household.Outcome) {
	if o.Kind == household.OutcomeDone {
		m.Change = append(m.Change, p)
		if o.Done.CanUndo {
			m.Undo = append(m.Undo, p.Name+" "+strconv.FormatInt(o.Done.Line, 10))
		}
	}
	at := slices.IndexFunc(m.Groups, func(g manyGroup) bool { return g.Kind == o.Kind && g.Sentence == o.Sentence })
	if at < 0 {
		at, m.Groups = len(m.Groups), append(m.Groups, manyGroup{Kind: o.Kind, Sentence: o.Sentence})
	}
	m.Groups[at].Places = append(m.Groups[at].Places, p)
}

// placesOf are the visitor's households of some names. Those that they do not belong to do not exist for them.
func placesOf(v *backend.Visitor, names []string) []backend.Place {
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	return slices.DeleteFunc(slices.Clone(v.Households), func(p backend.Place) bool { return !wanted[p.Name] })
}

// undo undoes a change in all households in which it was just made.
func (s manyHandlers) undo(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	ctx := context.WithoutCancel(r.Context())
	undone, refused := 0, []string{}
	for _, one := range r.PostForm["line"] {
		name, line, _ := strings.Cut(one, " ")
		id, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			return backend.ErrNotFound
		}
		for _, a := range s.Admins(v, placesOf(v, []string{name})) {
			switch _, err := a.Undo(ctx, id); {
			case err == nil:
				undone++
			default:
				why, _, failed := backend.RefusalOf(err)
				if failed != nil && why == "" {
					s.Log.Error("a change of many could not be undone in one household", "household", a.Household, "err", err)
					why = "Something went wrong."
				}
				refused = append(refused, a.Household+": "+why)
			}
		}
	}
	if err := s.Regions.Follow(ctx); err != nil {
		return err
	}
	sentence := "Undone in " + screening.Counted(undone, "household", "households") + "."
	if len(refused) > 0 {
		sentence += " Not undone: " + strings.Join(refused, " ")
	}
	return s.done(w, r, "/", sentence, "")
}
