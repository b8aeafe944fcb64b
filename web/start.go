package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/people"
	"ringfence/web/backend"
)

// The first run: from a one-time address to a household that is looked after. Each step is saved when it is done, so that people can continue later,
// and each but the first can be skipped.

// startHandlers are for the first run, step by step.
type startHandlers struct{ *Server }

func (s startHandlers) routes() []route {
	return []route{
		{"GET /start/{token}", backend.Anybody, s.startPage},
		{"POST /start/{token}", backend.Anybody, s.startAccount},
		{"GET /h/{household}/start", backend.Own, s.startOn},
		{"GET /h/{household}/start/house", backend.Own, s.page(viewOf("start-house", "", "The household", s.startHouseOf))},
		{"POST /h/{household}/start/house", backend.Own, s.startHouseKept},
		{"GET /h/{household}/start/contacts", backend.Own, s.startContacts},
		{"POST /h/{household}/start/contacts", backend.Own, s.startContactsSaved},
		{"GET /h/{household}/start/test", backend.Own, s.page(s.testView())},
		{"POST /h/{household}/start/test", backend.Own, s.startTestCall},
		{"GET /h/{household}/start/test/live", backend.Own, s.streamTest},
		{"GET /h/{household}/start/outside", backend.Own, s.startOutside},
		{"GET /h/{household}/start/outside/live", backend.Own, s.streamOutside},
		{"GET /h/{household}/start/done", backend.Own, s.startDone},
		{"POST /h/{household}/start/done", backend.Own, s.startFinished},
	}
}

// startSteps are the steps in their order, as the head of each page shows them.
var startSteps = []struct{ Name, Title string }{
	{"account", "Your account"}, {"house", "The household"}, {"contacts", "First contacts"}, {"test", "A test call"},
	{"outside", "A call from outside"}, {"done", "Ready"},
}

// startProgress is how far the first run is.
type startProgress struct {
	Steps []startStep
	Here  int // from 1 on
	Title string
}

type startStep struct {
	Title         string
	Done, Current bool
}

func progress(step string) startProgress {
	var p startProgress
	for i, one := range startSteps {
		if one.Name == step {
			p.Here, p.Title = i+1, one.Title
		}
	}
	for i, one := range startSteps {
		p.Steps = append(p.Steps, startStep{one.Title, i+1 < p.Here, i+1 == p.Here})
	}
	return p
}

// ---- the account

type startAccountPage struct {
	startProgress
	Token, Name, Email string
}

// startToken says whether the address of the first run still works.
func (s startHandlers) startToken(r *http.Request) error {
	err := s.Store.CheckStartToken(r.Context(), r.PathValue("token"))
	switch {
	case errors.Is(err, store.ErrPeople):
		return backend.RefuseAs(http.StatusGone, "This address has been used: somebody has made the first account. If that was you, sign in with it; if not, ask whoever looks after this Ringfence.")
	case errors.Is(err, people.ErrLinkOver):
		return backend.RefuseAs(http.StatusGone, "This address is not the newest one. The one that opens is in what `ringfence serve` has written last.")
	}
	return err
}

func (s startHandlers) startPage(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if v.Person.ID != 0 && len(v.Households) > 0 { // this step is done already
		http.Redirect(w, r, v.Households[0].Path("start"), http.StatusSeeOther)
		return nil
	}
	if err := s.startToken(r); err != nil {
		return err
	}
	return s.show(w, r, v, "start-account", "", "Welcome", startAccountPage{progress("account"), r.PathValue("token"), "", ""})
}

func (s startHandlers) startAccount(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if err := s.startToken(r); err != nil {
		return err
	}
	p := startAccountPage{progress("account"), r.PathValue("token"), r.PostFormValue("name"), r.PostFormValue("email")}
	made, wrong, err := s.newPerson(r)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return s.showAgain(w, v, "start-account", "", "Welcome", p, wrong...)
	}
	var households []string
	for _, h := range s.Households() {
		households = append(households, h.Name)
	}
	person, err := s.people().Start(r.Context(), p.Token, made, households, v.Now)
	if errors.Is(err, store.ErrPeople) || errors.Is(err, people.ErrLinkOver) { // somebody else has used it
		return s.startToken(r)
	}
	if err != nil {
		return err
	}
	if err := s.account.LetIn(r, person.ID); err != nil {
		return err
	}
	for _, h := range s.Households() {
		http.Redirect(w, r, h.Path("start"), http.StatusSeeOther)
		return nil
	}
	return errors.New("there is no household")
}

// ---- where it is

// startOn leads to the step that comes next.
func (s startHandlers) startOn(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	about, err := s.Store.About(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	contacts, err := s.Store.Contacts(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	step := "test"
	switch {
	case !about.Finished.IsZero():
		step = "done"
	case about.Title == "":
		step = "house"
	case len(contacts) == 0:
		step = "contacts"
	}
	http.Redirect(w, r, v.Path("start", step), http.StatusSeeOther)
	return nil
}

// ---- the household

type startHousePage struct {
	startProgress
	Title   string
	Regions []option
	Modes   []option
	Number  string
	Was     string // what the page shows of the options and of the mode, for its form
	ModeWas string
}

func (s startHandlers) startHouseOf(r *http.Request, v *backend.Visitor) (startHousePage, error) {
	chosen, err := s.Admin(v).Chosen(r.Context())
	if err != nil {
		return startHousePage{}, err
	}
	region, _ := household.OptionByName("region")
	title, _ := household.OptionByName("title")
	p := startHousePage{
		startProgress: progress("house"), Title: chosen.About.Title, Regions: inputOf(region, chosen, nil).Offered, Modes: modeOptions(chosen.Mode)[:4],
		Was: chosen.Seen(title, region), ModeWas: s.Admin(v).SeenMode(chosen.Household),
	}
	if v.Household.Number != "" {
		p.Number = v.National(v.Household.Number)
	}
	return p, nil
}

func (s startHandlers) startHouseKept(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	ctx, a, mode := r.Context(), s.Admin(v), screening.Mode(r.FormValue("mode"))
	err := backend.Refuse("Please say what you call this household, such as Mum’s house.")
	if title := strings.TrimSpace(r.FormValue("title")); title != "" {
		err = s.Store.Together(ctx, func(ctx context.Context) error { // both, or neither
			_, err := a.SetOptions(ctx, r.PostFormValue("was"), map[string]string{"title": title, "region": r.FormValue("region")})
			if err == nil {
				_, err = a.SetMode(ctx, r.PostFormValue("mode-was"), mode, time.Time{})
			}
			return err
		})
	}
	if err != nil {
		return s.again(w, r, v, viewOf("start-house", "", "The household", func(r *http.Request, v *backend.Visitor) (startHousePage, error) {
			p, err := s.startHouseOf(r, v)
			p.Title, p.Modes = r.FormValue("title"), choose(mode, p.Modes...)
			return p, err
		}), err)
	}
	if err := s.Regions.Follow(ctx); err != nil {
		return err
	}
	return s.done(w, r, v.Path("start", "contacts"), "Saved.", "")
}

// ---- first contacts

// startRows is how many contacts can be typed at once.
const startRows = 6

type startContactsPage struct {
	startProgress
	Existing []string // existing contacts
	Rows     []startRow
}

type startRow struct {
	ID                  int // from 1 on
	Name, Number, Wrong string
}

func (s startHandlers) startContacts(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.startContactsOf(r.Context(), v)
	if err != nil {
		return err
	}
	for i := range startRows {
		p.Rows = append(p.Rows, startRow{ID: i + 1})
	}
	return s.show(w, r, v, "start-contacts", "", "First contacts", p)
}

func (s startHandlers) startContactsOf(ctx context.Context, v *backend.Visitor) (startContactsPage, error) {
	p := startContactsPage{startProgress: progress("contacts")}
	all, err := s.Store.Contacts(ctx, v.Household.Name)
	for _, c := range all {
		p.Existing = append(p.Existing, c.Called(v.Household.Region))
	}
	return p, err
}

// startContactsSaved saves the rows that can be saved, and shows the others again with what is wrong in them.
func (s startHandlers) startContactsSaved(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if err := r.ParseForm(); err != nil {
		return backend.Refuse("The form cannot be read. Please try again.")
	}
	names, numbers := r.PostForm["name"], r.PostForm["number"]
	var wrong []startRow
	for i := range min(len(names), len(numbers), startRows) {
		row := startRow{ID: len(wrong) + 1, Name: strings.TrimSpace(names[i]), Number: strings.TrimSpace(numbers[i])}
		if row.Name == "" && row.Number == "" {
			continue
		}
		why, _, err := backend.RefusalOf(s.startContact(r.Context(), v, row))
		if err != nil {
			return err
		}
		if row.Wrong = why; why != "" {
			wrong = append(wrong, row)
		}
	}
	if len(wrong) > 0 {
		p, err := s.startContactsOf(r.Context(), v)
		if err != nil {
			return err
		}
		p.Rows = wrong
		return s.showAgain(w, v, "start-contacts", "", "First contacts", p, "Some couldn't be saved, for the reasons below. The others are saved.")
	}
	return s.done(w, r, v.Path("start", "test"), "Kept.", "")
}

func (s startHandlers) startContact(ctx context.Context, v *backend.Visitor, row startRow) error {
	a := s.Admin(v)
	n, err := a.ReadContactNumber(row.Number)
	if err == nil {
		_, err = a.SaveContact(ctx, store.Contact{Name: row.Name, Numbers: []screening.Number{n}}, "", false)
	}
	return err
}
