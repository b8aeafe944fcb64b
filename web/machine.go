package web

import (
	"context"
	"net/http"
	"strings"

	"ringfence/household/cell"
	"ringfence/web/backend"
)

// machineHandlers are for the lines and households of the machine. They are for people who own all of its households.
type machineHandlers struct{ *Server }

func (s machineHandlers) routes() []route {
	return []route{
		{"GET /households", backend.Machine, s.page(s.householdsView())},
		{"POST /households", backend.Machine, s.addHousehold},
		{"GET /households/{home}", backend.Machine, s.home(s.showHome)},
		{"POST /households/{home}", backend.Machine, s.home(s.changeHome)},
		{"POST /households/{home}/phones", backend.Machine, s.home(s.addPhone)},
		{"POST /households/{home}/phones/{phone}/password", backend.Machine, s.home(s.newPhonePassword)},
		{"POST /households/{home}/phones/{phone}/remove", backend.Machine, s.home(s.removePhone)},
		{"POST /households/{home}/remove", backend.Machine, s.home(s.removeHome)},
		{"POST /lines", backend.Machine, s.addTrunk},
		{"POST /lines/{trunk}", backend.Machine, s.changeTrunk},
		{"POST /lines/{trunk}/remove", backend.Machine, s.removeTrunk},
	}
}

func (s machineHandlers) householdsView() view {
	return viewOf("households", "", "Households", func(*http.Request, *backend.Visitor) (householdsPage, error) {
		return householdsPage{Site: s.Site()}, nil
	})
}

// householdsPage is all lines and households, and an empty line for the form of a new one.
type householdsPage struct {
	cell.Site
	NewLine cell.Trunk
}

// lineFields are the fields of a line; their names begin with ID.
type lineFields struct {
	ID string
	cell.Trunk
}

// homePage is the page of one household.
type homePage struct {
	cell.Household
	Trunks     []cell.Trunk
	InDatabase bool
}

// home finds the household that a request is about.
func (s machineHandlers) home(serve func(http.ResponseWriter, *http.Request, *backend.Visitor, homePage) error) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		site := s.Site()
		for _, h := range site.Households {
			if h.Name == r.PathValue("home") {
				return serve(w, r, v, homePage{h, site.Trunks, site.InDatabase})
			}
		}
		return backend.ErrNotFound
	}
}

func (s machineHandlers) homeView(p homePage) view {
	return viewOf("household", "", p.Name, func(*http.Request, *backend.Visitor) (homePage, error) { return p, nil })
}

func (s machineHandlers) showHome(w http.ResponseWriter, r *http.Request, v *backend.Visitor, p homePage) error {
	return s.show(w, r, v, "household", "", p.Name, p)
}

// loginsPage shows passwords, once.
type loginsPage struct {
	Sentence string
	Logins   []cell.Login
	Back     string
}

// finishHome answers after a deed: with the passwords of new phones, if there are any.
func (s machineHandlers) finishHome(w http.ResponseWriter, r *http.Request, v *backend.Visitor, at view, back string, do func(ctx context.Context, as cell.Admin) (cell.Done, error)) error {
	done, err := do(r.Context(), s.Cell(v.Actor(), v.Now))
	switch {
	case err != nil:
		return s.again(w, r, v, at, err)
	case len(done.Logins) > 0:
		return s.show(w, r, v, "household-logins", "", "How the phone registers", loginsPage{done.Sentence, done.Logins, back})
	}
	sentence := done.Sentence
	if len(done.Alone) > 0 {
		sentence += " " + strings.Join(done.Alone, ", ") + " looked after nothing else, and can still sign in."
	}
	return s.done(w, r, back, sentence, "")
}

// fieldsOf are the settings in a form, by their names in ringfence.toml.
func fieldsOf(r *http.Request, names ...string) cell.Fields {
	fields := cell.Fields{}
	for _, name := range names {
		if _, sent := r.PostForm[name]; sent {
			fields[name] = strings.TrimSpace(r.PostFormValue(name))
		}
	}
	return fields
}

func pathOf(home string) string { return "/households/" + home }

func (s machineHandlers) addHousehold(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	name := strings.TrimSpace(r.PostFormValue("name"))
	return s.finishHome(w, r, v, s.householdsView(), "/households", func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.AddHousehold(ctx, name, fieldsOf(r, "trunk", "number"), []cell.PhoneChange{{Name: strings.TrimSpace(r.PostFormValue("phone"))}})
	})
}

func (s machineHandlers) changeHome(w http.ResponseWriter, r *http.Request, v *backend.Visitor, p homePage) error {
	return s.finishHome(w, r, v, s.homeView(p), pathOf(p.Name), func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.ChangeHousehold(ctx, p.Name, fieldsOf(r, "trunk", "number", "region", "language", "timezone", "telecare"), nil)
	})
}

// changePhone is what happens to the phone that the address names.
func (s machineHandlers) changePhone(w http.ResponseWriter, r *http.Request, v *backend.Visitor, p homePage, change cell.PhoneChange) error {
	return s.finishHome(w, r, v, s.homeView(p), pathOf(p.Name), func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.ChangeHousehold(ctx, p.Name, nil, []cell.PhoneChange{change})
	})
}

func (s machineHandlers) addPhone(w http.ResponseWriter, r *http.Request, v *backend.Visitor, p homePage) error {
	return s.changePhone(w, r, v, p, cell.PhoneChange{Name: strings.TrimSpace(r.PostFormValue("phone")), Fields: fieldsOf(r, "address")})
}

func (s machineHandlers) newPhonePassword(w http.ResponseWriter, r *http.Request, v *backend.Visitor, p homePage) error {
	return s.changePhone(w, r, v, p, cell.PhoneChange{Name: r.PathValue("phone"), NewPassword: true})
}

func (s machineHandlers) removePhone(w http.ResponseWriter, r *http.Request, v *backend.Visitor, p homePage) error {
	return s.changePhone(w, r, v, p, cell.PhoneChange{Name: r.PathValue("phone"), Remove: true})
}

func (s machineHandlers) removeHome(w http.ResponseWriter, r *http.Request, v *backend.Visitor, p homePage) error {
	forget := r.PostFormValue("history") == "delete"
	if forget && r.PostFormValue("sure") == "" {
		return s.again(w, r, v, s.homeView(p), backend.RefuseAs(http.StatusUnprocessableEntity, "Nothing has been removed yet. Tick “I’m sure” if all that is kept about "+p.Name+" is to go for good."))
	}
	return s.finishHome(w, r, v, s.homeView(p), "/households", func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.RemoveHousehold(ctx, p.Name, forget)
	})
}

// trunkFields are the settings of a line that the page has; `ringfence household trunk` has all.
var trunkFields = []string{"address", "register", "user", "password", "calls"}

func trunkFieldsOf(r *http.Request) cell.Fields {
	fields := fieldsOf(r, trunkFields...)
	if fields["password"] == "" {
		delete(fields, "password") // the page doesn't show it, so an empty field leaves it
	}
	if fields["register"] == "" {
		fields["register"] = nil
	}
	return fields
}

func (s machineHandlers) addTrunk(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.finishHome(w, r, v, s.householdsView(), "/households", func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.AddTrunk(ctx, strings.TrimSpace(r.PostFormValue("name")), trunkFieldsOf(r))
	})
}

func (s machineHandlers) changeTrunk(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.finishHome(w, r, v, s.householdsView(), "/households", func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.ChangeTrunk(ctx, r.PathValue("trunk"), trunkFieldsOf(r))
	})
}

func (s machineHandlers) removeTrunk(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.finishHome(w, r, v, s.householdsView(), "/households", func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.RemoveTrunk(ctx, r.PathValue("trunk"))
	})
}
