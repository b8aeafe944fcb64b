package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"ringfence/screening"
	"ringfence/sharing"
	"ringfence/sharing/addressbook"
	"ringfence/sharing/columns"
	"ringfence/web/backend"
)

// upload is an address book that somebody has sent and not imported yet.
type upload struct {
	source   string // the file's name
	book     addressbook.Book
	file     []byte            // of a table that is not too large, so that somebody can choose its columns; nil otherwise
	question *columns.Question // what has to be said before there is a book; nil: nothing
}

// importPage is the form for an address book.
type importPage struct {
	Action string
	MaxMB  int
}

func importView() view {
	return viewOf("contact-import", "contacts", "Import an address book", func(_ *http.Request, v *backend.Visitor) (importPage, error) {
		return importPage{v.Path("contacts", "import"), addressbook.MaxFile >> 20}, nil
	})
}

// upload reads an address book as it arrives, without a file in between, and keeps the contents until somebody has looked at them.
func (s contactHandlers) upload(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if err := receive(w, r, addressbook.MaxFile, uploadTime); err != nil {
		return err
	}
	one, err := uploadedBook(r, v)
	if err != nil {
		return s.again(w, r, v, importView(), err)
	}
	path := []string{"contacts", "import", "preview", s.uploads.put(v, one)}
	if one.question != nil {
		path = append(path, "columns")
	}
	http.Redirect(w, r, v.Path(path...), http.StatusSeeOther)
	return nil
}

func uploadedBook(r *http.Request, v *backend.Visitor) (one upload, err error) {
	file, err := nextFile(r, "file", "Choose the file with the address book first.")
	if err != nil {
		return one, err
	}
	one.source = screening.CleanLine(file.FileName(), 60)
	var text kept
	one.book, err = addressbook.Read(io.TeeReader(file, &text), addressbook.Options{Region: v.Household.Region})
	if one.question = askOf(err); one.question != nil && !text.over || len(one.book.Choice.All) > 0 {
		one.file = text.text.Bytes()
	}
	if one.question != nil && one.file != nil {
		return one, nil
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		err = backend.Refuse("The file is larger than %d MB: export the address book without photographs, or in parts.", addressbook.MaxFile>>20)
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errHalfFile
	case err != nil:
		err = backend.Because(err)
	}
	return one, err
}

// bookPage is the preview of an import.
type bookPage struct {
	Action, Again string
	Source        string
	Form          string // vCard or CSV
	Choose        string // where the columns of a table can be chosen; "" if they cannot
	Took, Not     string // which columns of a table have the numbers, and which have somebody else's
	People        int
	Mark          string // of the plan, so that only what was previewed is imported
	New, Added    []stepRow
	Joined        []stepRow
	Existing      []stepRow
	Refused       []sharing.Refusal
	MoreRefused   int
	NoNumber      int
	Unwanted      int
	Contacts      int // after the import
}

// stepRow is one row of the preview.
type stepRow struct {
	addressbook.Step
	Shown   string
	Spoken  string // the name of a language; "" for the household's
	Numbers []string
	Taken   bool
}

// shownLines is how many of the faulty lines are listed; all are counted.
const shownLines = 200

// uploaded is what somebody has uploaded.
func (s contactHandlers) uploaded(r *http.Request, v *backend.Visitor) (upload, error) {
	one, there := s.uploads.find(v, r.PathValue("upload"))
	if !there {
		return one, backend.RefuseAs(http.StatusNotFound,
			"This address book has gone: you imported it already, or half an hour has passed. Nothing is lost: choose the file again.")
	}
	return one, nil
}

// planned finds an upload, and plans its import into the household as it is now.
func (s contactHandlers) planned(ctx context.Context, r *http.Request, v *backend.Visitor) (upload, addressbook.Household, addressbook.Plan, error) {
	one, err := s.uploaded(r, v)
	if err != nil {
		return one, addressbook.Household{}, addressbook.Plan{}, err
	}
	house, err := s.Admin(v).AddressBook(ctx)
	if err != nil {
		return one, house, addressbook.Plan{}, err
	}
	return one, house, addressbook.Make(one.book, house), nil
}

func (s contactHandlers) preview(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	one, _, plan, err := s.planned(r.Context(), r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "contact-preview", "contacts", "Preview", s.stepsOf(v, r.PathValue("upload"), one, plan))
}

func (s contactHandlers) stepsOf(v *backend.Visitor, key string, one upload, plan addressbook.Plan) bookPage {
	p := bookPage{
		Action: v.Path("contacts", "import", "preview", key), Again: v.Path("contacts", "import"), Source: one.source, Form: one.book.Form,
		Took: one.book.Choice.From(), Not: one.book.Choice.NotTaken(),
		People: len(plan.Steps), Mark: markOf(plan.Steps), Refused: plan.Refusals(), NoNumber: plan.Count(addressbook.NoNumber), Contacts: len(plan.Contacts()),
	}
	if one.file != nil {
		p.Choose = v.Path("contacts", "import", "preview", key, "columns")
	}
	if more := len(p.Refused) - shownLines; more > 0 {
		p.Refused, p.MoreRefused = p.Refused[:shownLines], more
	}
	byKind := map[addressbook.Kind]*[]stepRow{addressbook.New: &p.New, addressbook.Added: &p.Added, addressbook.Joined: &p.Joined, addressbook.Existing: &p.Existing}
	for _, step := range plan.Steps {
		row := stepRow{Step: step, Shown: step.Name, Spoken: s.languageName(step.Language), Taken: !step.Unwanted}
		if n := screening.Number(step.Name); n.Key() != 0 {
			row.Shown = "No name: " + v.National(n)
		}
		if n := screening.Number(step.Into); n.Key() != 0 {
			row.Into = v.National(n)
		}
		for _, n := range step.Numbers {
			row.Numbers = append(row.Numbers, v.National(n))
		}
		if rows := byKind[step.Kind]; rows != nil {
			*rows = append(*rows, row)
		}
		if step.Unwanted && len(step.Numbers) > 0 {
			p.Unwanted++
		}
	}
	return p
}

// markOf is a hash of what a page shows, which tells a form from an older page from one of the present page.
func markOf(seen any) string {
	text, err := json.Marshal(seen)
	if err != nil {
		return "" // cannot happen for texts and numbers
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// maxTicks is how large the preview's form can be, in bytes: a line number for each row.
const maxTicks = 1 << 20

// importSelected imports the rows that are selected, unless the household has changed since the preview.
func (s contactHandlers) importSelected(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	one, house, plan, err := s.planned(r.Context(), r, v)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxTicks)
	if err := r.ParseForm(); err != nil {
		return backend.Refuse("That could not be read: go back, and try once more.")
	}
	again := func(why string) error {
		return s.showAgain(w, v, "contact-preview", "contacts", "Preview", s.stepsOf(v, r.PathValue("upload"), one, plan), why)
	}
	if r.PostForm.Get("mark") != markOf(plan.Steps) {
		return again("Somebody changed the contacts or blocks meanwhile, so nothing was imported. Please look at it once more.")
	}
	contacts := selected(one.book, house, plan, r.PostForm["take"]).Contacts()
	if len(contacts) == 0 {
		return again("Select somebody to import first.")
	}
	done, err := s.Admin(v).ImportContacts(r.Context(), one.source, one.book.Choice.From(), contacts)
	if why, _, _ := backend.RefusalOf(err); why != "" {
		return again(why)
	}
	if err == nil {
		s.uploads.drop(r.PathValue("upload"))
	}
	return s.finish(w, r, v, v.Path("contacts"), done, err)
}

// selected is the plan for the rows that are selected.
func selected(book addressbook.Book, house addressbook.Household, plan addressbook.Plan, take []string) addressbook.Plan {
	out := map[int]bool{}
	for _, step := range plan.Steps {
		out[step.Line] = true
	}
	for _, text := range take {
		if line, err := strconv.Atoi(text); err == nil {
			delete(out, line)
		}
	}
	return addressbook.Make(book.Without(out), house)
}
