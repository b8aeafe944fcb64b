package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
	"ringfence/web/field"
)

// contactForm is a contact as it is shown and filled in.
type contactForm struct {
	ID       int64 // 0: a new one
	Path     string
	Name     field.Field
	Numbers  []field.Field
	Notes    field.Field
	Language string
	Code     string // what is chosen of the pass code: keep, none, make or own
	OwnCode  string
	Now      store.Contact // as it is stored; ID 0: a new one
	Was      string        // the mark of the contact as the form showed it; "" for a new one
	Speaks   []backend.Language
	Usual    string // the household's language, by its name
	EvenSo   bool   // the user has been told what is in the way, and can save it all the same
	Calls    string // address of the contact's calls
}

// leastNumbers is how many fields for numbers there are at least; one of them is empty.
const leastNumbers = 2

func (s contactHandlers) newContact(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	form := s.formOf(v, store.Contact{})
	form.Name.Value = screening.CleanLine(r.URL.Query().Get("name"), store.MaxContactName)
	if n, err := v.Household.ParseNumber(r.URL.Query().Get("number")); err == nil {
		form.Numbers[0].Value = v.National(n)
	}
	return s.show(w, r, v, "contact", "contacts", "Add a contact", form)
}

func (s contactHandlers) contact(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	c, err := s.Contact(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "contact", "contacts", toContactRow(v, c).Shown, s.formOf(v, c))
}

// formOf is the form of a contact as it is stored.
func (s contactHandlers) formOf(v *backend.Visitor, c store.Contact) contactForm {
	form := contactForm{
		ID: c.ID, Path: v.Path("contacts", "new"), Language: c.Language, Code: "none", Now: c, Speaks: s.Languages, Usual: cmp.Or(s.languageName(v.Household.Language), "the household’s language"),
	}
	// A language that is no longer available is kept until somebody chooses another.
	if c.Language != "" && s.languageName(c.Language) == "" {
		form.Speaks = append(slices.Clone(form.Speaks), backend.Language{Code: c.Language, Name: c.Language})
	}
	name := c.Name
	if c.ID != 0 {
		form.Path, form.Was = v.Path("contacts", strconv.FormatInt(c.ID, 10)), household.Mark(c)
		if c.Nameless() {
			name = ""
		}
		form.Calls = v.Path("calls") + "?who=" + c.Numbers[0].Digits()
	}
	if c.PassCode.Code != "" {
		form.Code = "keep"
	}
	var numbers []string
	for _, n := range c.Numbers {
		numbers = append(numbers, v.National(n))
	}
	form.fill(name, numbers, c.Notes, leastNumbers)
	return form
}

// fill puts texts into the fields, with room for one more number, and for so many at least.
func (f *contactForm) fill(name string, numbers []string, notes string, least int) {
	f.Name = field.New("name", "Name", name).Required()
	f.Notes = field.New("notes", "Notes", notes).Lines().Hint("Such as the best time to ring.")
	f.Numbers = nil
	for i := 0; i < max(len(numbers)+1, least) && i < store.MaxContactNumbers; i++ {
		number := field.New("number-"+strconv.Itoa(i), "Phone number", "").As("tel").Keys("tel").Fill("off")
		if i > 0 {
			number.Label = "Another number"
		} else {
			number.Needed = true
			number = number.Hint("For a whole hospital or council: the first digits, then *, such as 01753 63*.")
		}
		if i < len(numbers) {
			number.Value = numbers[i]
		}
		f.Numbers = append(f.Numbers, number)
	}
}

// languageName is what a language is called; "" for one without recordings.
func (s contactHandlers) languageName(code string) string {
	for _, l := range s.Languages {
		if l.Code == code {
			return l.Name
		}
	}
	return ""
}

// maxContactForm is how large the form of a contact can be, in bytes.
const maxContactForm = 256 << 10

// typed reads the form of a contact into its fields, and into a contact; wrong is what cannot be saved, and is also shown beside its field.
func (s contactHandlers) typed(r *http.Request, v *backend.Visitor, form *contactForm) (c store.Contact, wrong []string) {
	var numbers []string
	for i := range store.MaxContactNumbers {
		if text := strings.TrimSpace(r.PostFormValue("number-" + strconv.Itoa(i))); text != "" {
			numbers = append(numbers, text)
		}
	}
	least := leastNumbers
	if r.PostFormValue("more") != "" {
		for least <= store.MaxContactNumbers && r.PostForm.Has("number-"+strconv.Itoa(least-1)) {
			least++
		}
	}
	form.fill(strings.TrimSpace(r.PostFormValue("name")), numbers, r.PostFormValue("notes"), least)
	form.Language, form.Code, form.OwnCode = r.PostFormValue("language"), r.PostFormValue("code"), strings.TrimSpace(r.PostFormValue("own-code"))
	c = store.Contact{ID: form.ID, Name: form.Name.Value, Notes: form.Notes.Value, Language: form.Language}
	admin := s.Admin(v)
	for i, text := range numbers {
		n, err := admin.ReadContactNumber(text)
		if err != nil {
			form.Numbers[i] = form.Numbers[i].Error(err.Error())
			wrong = append(wrong, err.Error())
			continue
		}
		c.Numbers = append(c.Numbers, n)
	}
	if form.OwnCode != "" && form.Code == "none" {
		wrong = append(wrong, "There is a pass code in the field, but “none” is chosen: choose “This one”, or empty the field.")
	}
	switch form.Code {
	case "keep":
		c.PassCode.Code = form.Now.PassCode.Code
	case "make":
		c.PassCode.Code = store.MakePassCode
	case "own":
		if c.PassCode.Code = form.OwnCode; form.OwnCode == "" {
			wrong = append(wrong, "Write the pass code, or have one made.")
		}
	}
	return c, wrong
}

// saveContact saves a new contact, or an existing one.
func (s contactHandlers) saveContact(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxContactForm)
	if err := r.ParseForm(); err != nil {
		return backend.Refuse("That is too much for a contact: write less into the notes.")
	}
	var now store.Contact
	title := "Add a contact"
	if r.PathValue("contact") != "" {
		var err error
		if now, err = s.Contact(r, v); err != nil {
			return err
		}
		title = toContactRow(v, now).Shown
	}
	form := s.formOf(v, now)
	c, wrong := s.typed(r, v, &form)
	seen := r.PostFormValue("was")
	if r.PostFormValue("more") != "" { // room for another number
		if seen != "" {
			form.Was = seen // the form is not a new one
		}
		return s.write(w, http.StatusOK, page{Visitor: v, Name: "contact", Section: "contacts", Title: title, Data: form})
	}
	if len(wrong) == 0 {
		done, err := s.Admin(v).SaveContact(r.Context(), c, seen, r.PostFormValue("even-so") != "")
		if err == nil {
			return s.contactSaved(w, r, v, now, done)
		}
		why, notSure, err := backend.RefusalOf(err)
		if err != nil {
			return err
		}
		form.EvenSo, wrong = notSure, []string{why}
	}
	return s.showAgain(w, v, "contact", "contacts", title, form, wrong...)
}

// contactSaved says what was saved, and the pass code that was made, which the audit log does not have.
func (s contactHandlers) contactSaved(w http.ResponseWriter, r *http.Request, v *backend.Visitor, before store.Contact, done household.Done) error {
	saved, err := s.Store.Contact(r.Context(), v.Household.Name, done.ID)
	if err == nil && saved.PassCode.Code != "" && saved.PassCode.Code != before.PassCode.Code {
		done.Sentence += " The pass code is " + saved.PassCode.Code + "."
	}
	return s.finish(w, r, v, v.Path("contacts"), done, err)
}

func removeContact(r *http.Request, a household.Admin) (household.Done, error) {
	id, err := backend.PathID(r, "contact")
	if err != nil {
		return household.Done{}, err
	}
	return a.RemoveContact(r.Context(), id, r.PostFormValue("was"))
}
