package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ringfence/screening"
	"ringfence/sharing/addressbook"
	"ringfence/store"
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
	Now      store.Contact // as it is kept; ID 0: a new one
	Was      string        // the mark of the contact that somebody has seen who fills this in; "" for a new one
	Speaks   []Language
	Usual    string // the household's language, by its name
	EvenSo   bool   // what is in the way has been said: it can be saved all the same
	Calls    string // address of the contact's calls
}

// leastNumbers is how many fields for numbers there are at least; one of them is empty.
const leastNumbers = 2

func (s *Server) newContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := s.formOf(v, store.Contact{})
	form.Name.Value = screening.CleanLine(r.URL.Query().Get("name"), store.MaxContactName)
	if n, err := screening.ParseNumber(r.URL.Query().Get("number"), v.Household.Region); err == nil {
		form.Numbers[0].Value = v.National(n)
	}
	return s.show(w, r, v, "contact", "contacts", "Add a contact", form)
}

func (s *Server) contact(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.contactOf(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "contact", "contacts", v.contactRow(c).Shown, s.formOf(v, c))
}

// contactOf is the contact of an address.
func (s *Server) contactOf(r *http.Request, v *visit) (store.Contact, error) {
	id, err := strconv.ParseInt(r.PathValue("contact"), 10, 64)
	if err != nil {
		return store.Contact{}, errNotThere
	}
	c, err := s.Store.Contact(r.Context(), v.Household.Name, id)
	if errors.Is(err, store.ErrNoContact) {
		return c, errNotThere
	}
	return c, err
}

// formOf is the form of a contact as it is kept.
func (s *Server) formOf(v *visit, c store.Contact) contactForm {
	form := contactForm{
		ID: c.ID, Path: v.Path("contacts", "new"), Language: c.Language, Code: "none", Now: c, Speaks: s.Languages, Usual: cmp.Or(s.languageName(v.Household.Language), "the household’s language"),
	}
	// A language that is not spoken any more is kept as long as nobody chooses another.
	if c.Language != "" && s.languageName(c.Language) == "" {
		form.Speaks = append(slices.Clone(form.Speaks), Language{c.Language, c.Language})
	}
	name := c.Name
	if c.ID != 0 {
		form.Path, form.Was = v.Path("contacts", strconv.FormatInt(c.ID, 10)), markOfContact(c)
		if nameless(c) {
			name = ""
		}
		form.Calls = v.Path("calls") + "?who=" + strings.TrimPrefix(string(c.Numbers[0]), "+")
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

// markOfContact is another one for everything that the form of a contact can change. Two carers may have the same contact open: a
// form, or an undo, that was made from another state of it would take away what the other has saved since.
func markOfContact(c store.Contact) string {
	return markOf([]any{c.Name, c.Numbers, c.Notes, c.Language, c.PassCode.Code})
}

// changedSince says whether what was sent was made from another state of a contact than the one that has this mark.
func changedSince(r *http.Request, mark string) bool {
	return r.PostForm.Has("was") && r.PostFormValue("was") != mark
}

// asItIs says to somebody who has filled in the form of a contact what another has made of it meanwhile.
func asItIs(v *visit, now store.Contact) string {
	row := v.contactRow(now)
	told := "This contact has been changed meanwhile, so nothing is saved yet. It is now: " + row.Shown + ", " + strings.Join(row.Numbers, ", ") + "."
	if now.Notes != "" {
		told += " The notes are: “" + strings.Join(strings.Fields(now.Notes), " ") + "”."
	}
	return told + " If you save once more, it becomes what stands below."
}

// fill puts texts into the fields, with room for one more number, and for so many at least.
func (f *contactForm) fill(name string, numbers []string, notes string, least int) {
	f.Name = field.New("name", "Name", name).Required()
	f.Notes = field.New("notes", "Notes", notes).Lines().Hint("For you and the other carers, such as when they can be reached. The telephone does not use them.")
	f.Numbers = nil
	for i := 0; i < max(len(numbers)+1, least) && i < store.MaxContactNumbers; i++ {
		number := field.New("number-"+strconv.Itoa(i), "Telephone number", "").As("tel").Keys("tel").Fill("off")
		if i > 0 {
			number.Label = "Another number"
		} else {
			number.Needed = true
		}
		if i < len(numbers) {
			number.Value = numbers[i]
		}
		f.Numbers = append(f.Numbers, number)
	}
}

// languageName is what a language is called; "" for one that nothing can be said in.
func (s *Server) languageName(code string) string {
	for _, l := range s.Languages {
		if l.Code == code {
			return l.Name
		}
	}
	return ""
}

// maxContactForm is how large the form of a contact can be, in bytes.
const maxContactForm = 256 << 10

// typed reads the form of a contact into its fields, and into a contact; wrong is what cannot be kept, also beside its field.
func (s *Server) typed(r *http.Request, v *visit, form *contactForm) (c store.Contact, wrong []string) {
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
	house := addressbook.Household{Region: v.Household.Region, Own: v.Household.Number}
	for i, text := range numbers {
		n, err := screening.ParseNumber(text, v.Household.Region)
		if err == nil {
			if why := addressbook.Fit(n, house).Refused; why != "" {
				err = errors.New(why)
			}
		}
		if err != nil {
			form.Numbers[i] = form.Numbers[i].Error(sentence(err))
			wrong = append(wrong, sentence(err))
			continue
		}
		c.Numbers = append(c.Numbers, n)
	}
	if !slices.ContainsFunc(form.Speaks, func(l Language) bool { return l.Code == c.Language }) && c.Language != "" {
		wrong = append(wrong, "Nothing can be said in that language: choose one from the list.")
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

// saveContact saves a new contact, or one that is there.
func (s *Server) saveContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxContactForm)
	if err := r.ParseForm(); err != nil {
		return refused("That is too much for a contact: write less into the notes.")
	}
	var now store.Contact
	title := "Add a contact"
	if r.PathValue("contact") != "" {
		var err error
		if now, err = s.contactOf(r, v); err != nil {
			return err
		}
		title = v.contactRow(now).Shown
	}
	form := s.formOf(v, now)
	c, wrong := s.typed(r, v, &form)
	changed := changedSince(r, form.Was)
	if r.PostFormValue("more") != "" { // room for another number
		if changed {
			form.Was = r.PostFormValue("was") // the form is not a new one
		}
		return s.write(w, http.StatusOK, page{Visit: v, Name: "contact", Section: "contacts", Title: title, Data: form})
	}
	if changed {
		wrong = append(wrong, asItIs(v, now))
	}
	if len(wrong) == 0 {
		saved, err := s.Store.SaveContact(r.Context(), v.Household.Name, c, r.PostFormValue("even-so") != "")
		if err == nil {
			return s.contactSaved(w, r, v, now, saved)
		}
		if form.EvenSo, wrong, err = inTheWay(v, err); err != nil {
			return err
		}
	}
	return s.showAgain(w, v, "contact", "contacts", title, form, wrong...)
}

// inTheWay says why a contact was not saved, and whether it can be all the same; err is what is no fault of the form.
func inTheWay(v *visit, fault error) (evenSo bool, wrong []string, err error) {
	var collision *store.CollisionError
	var unfit *store.UnfitContactError
	switch {
	case errors.As(fault, &collision):
		for _, c := range collision.Collisions {
			switch number := v.National(c.Number); {
			case c.Number == "":
				wrong = append(wrong, "There is a contact called "+c.Contact.Name+" already. If you save this all the same, there are two.")
			case c.Blocked && c.Note != "":
				wrong = append(wrong, number+" is blocked ("+c.Note+"). If you save this all the same, the block is lifted and it rings.")
			case c.Blocked:
				wrong = append(wrong, number+" is blocked. If you save this all the same, the block is lifted and it rings.")
			default:
				wrong = append(wrong, number+" is the number of "+c.Contact.Name+". If you save this all the same, it moves here.")
			}
		}
		return true, wrong, nil
	case errors.Is(fault, store.ErrNoContact):
		return false, nil, errNotThere
	case errors.As(fault, &unfit):
		return false, []string{sentence(fault)}, nil
	default:
		return false, nil, fault
	}
}

// contactSaved says what was saved. A new contact can be taken back, and an old one put back to what it was.
func (s *Server) contactSaved(w http.ResponseWriter, r *http.Request, v *visit, before, saved store.Contact) error {
	shown := v.contactRow(saved).Shown
	what, told := "contact-added", shown+" is one of the contacts now, and always rings."
	back := &undo{v.Path("contacts", strconv.FormatInt(saved.ID, 10), "remove"), map[string]string{"undo": "add"}}
	if before.ID != 0 {
		kept, err := json.Marshal(before)
		if err != nil {
			return err
		}
		what, told = "contact-changed", shown+" is saved."
		back = &undo{v.Path("contacts", strconv.FormatInt(saved.ID, 10), "restore"), map[string]string{"contact": string(kept), "was": markOfContact(saved)}}
	}
	if err := s.changed(r.Context(), v, what, shown+": "+strings.Join(v.contactRow(saved).Numbers, ", ")); err != nil {
		return err
	}
	if saved.PassCode.Code != "" && saved.PassCode.Code != before.PassCode.Code {
		told += " The pass code is " + saved.PassCode.Code + "."
	}
	house := addressbook.Household{Region: v.Household.Region}
	for _, n := range saved.Numbers {
		if warning := addressbook.Fit(n, house).Warning; warning != "" && !slices.Contains(before.Numbers, n) {
			told += " " + warning
		}
	}
	return s.done(w, r, v.Path("contacts"), told, back)
}

func (s *Server) removeContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.contactOf(r, v)
	if err != nil {
		return err
	}
	gone, err := s.Store.RemoveContactByID(r.Context(), v.Household.Name, c.ID)
	if errors.Is(err, store.ErrNoContact) {
		return errNotThere
	}
	if err != nil {
		return err
	}
	shown := v.contactRow(gone).Shown
	told, what := shown+" is no contact any more.", "contact-removed"
	if r.PostFormValue("undo") != "" {
		told, what = "Undone: "+told, "undone"
	}
	if err := s.changed(r.Context(), v, what, told); err != nil {
		return err
	}
	kept, err := json.Marshal(gone)
	if err != nil {
		return err
	}
	return s.done(w, r, v.Path("contacts"), told, &undo{v.Path("contacts", strconv.FormatInt(gone.ID, 10), "restore"), map[string]string{"contact": string(kept)}})
}

// restoreContact undoes a change or a removal. What it gets is no secret and need not be true: whoever may undo may do all of
// it anyway.
func (s *Server) restoreContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	var c store.Contact
	id, err := strconv.ParseInt(r.PathValue("contact"), 10, 64)
	if wrong := json.Unmarshal([]byte(r.PostFormValue("contact")), &c); err != nil || wrong != nil {
		return fault{http.StatusNotFound, "There is nothing to undo."}
	}
	if len(c.Language) > store.MaxContactLanguage {
		return refused("There is no such language.")
	}
	c.ID = id
	wanted := len(c.Numbers)
	now, err := s.Store.Contact(r.Context(), v.Household.Name, id)
	switch {
	case err == nil && changedSince(r, markOfContact(now)):
		return fault{http.StatusConflict, "That cannot be undone any more: " + v.contactRow(now).Shown + " has been changed meanwhile, and that would be lost."}
	case err == nil:
		c, err = s.Store.SaveContact(r.Context(), v.Household.Name, c, false)
	case errors.Is(err, store.ErrNoContact):
		c, err = s.Store.RestoreContact(r.Context(), v.Household.Name, c)
	}
	var collision *store.CollisionError
	var unfit *store.UnfitContactError
	switch {
	case errors.As(err, &collision):
		return fault{http.StatusConflict, "That cannot be undone any more: " + v.National(collision.Collisions[0].Number) + " has been given to somebody else or blocked meanwhile."}
	case errors.As(err, &unfit):
		return refused("%s", sentence(err))
	case err != nil:
		return err
	}
	told := "Undone: " + v.contactRow(c).Shown + " is as before."
	if len(c.Numbers) < wanted {
		told = "Undone: " + v.contactRow(c).Shown + " is back, but without what has been given to somebody else or blocked meanwhile."
	}
	if err := s.changed(r.Context(), v, "undone", told); err != nil {
		return err
	}
	return s.done(w, r, v.Path("contacts"), told, nil)
}
