package web

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/sharing/addressbook"
	"ringfence/store"
)

// fillContacts gives mum's house an import, and an address book that its owner has sent and not looked at yet.
func (s *site) fillContacts() {
	s.t.Helper()
	done, err := s.db.ImportContacts(s.t.Context(), "mum", "phone.vcf", []store.Contact{{Name: hostileName, Notes: hostileName + "\n\u202eback", Numbers: []screening.Number{"+447700900321"}}})
	s.ok(err)
	s.imported = done.ID
	all, err := s.db.Contacts(s.t.Context(), "mum")
	s.ok(err)
	for _, c := range all {
		if c.Name == "Anna Taylor" {
			s.contact = c.ID
		}
	}
}

// upload has the owner of mum's house send an address book.
func (s *site) upload() {
	s.t.Helper()
	book, err := addressbook.Read(strings.NewReader(telephoneBook), addressbook.Options{Region: "GB"})
	s.ok(err)
	s.uploaded = s.uploads.put(s.visitor("owner"), upload{source: hostileName + ".vcf", book: book})
}

func (s *site) contactNamed(name string) (store.Contact, bool) {
	s.t.Helper()
	all, err := s.db.Contacts(s.t.Context(), "mum")
	s.ok(err)
	for _, c := range all {
		if c.Name == name {
			return c, true
		}
	}
	return store.Contact{}, false
}

// A carer adds somebody who rang, gives them another number, a language and a pass code, takes a number from another contact
// only after being asked, removes the contact, and has it back.
//
// Long: one story, each step of which rests on those before it.
func TestContactsInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("carer", "/h/mum/contacts")
	b.sees("Recent callers")
	b.sees(hostileName)
	b.shot("contacts")
	b.axe()
	b.fits()

	b.press("Add Surgery to the contacts")
	b.sees("Add a contact")
	b.fill("Name", "The surgery")
	b.press("Add another number")
	b.until("another field", `document.querySelectorAll("input[name^=number-]").length === 3`)
	b.fill("Another number", "020 7946 0123") // which is Anna's
	b.press("Language and pass code")
	b.fill("Language Ringfence speaks to them", "fr-FR")
	b.press("Make a new one for me")
	b.shot("contact-new")
	b.axe()
	b.press("Save")
	b.sees("020 7946 0123 is the number of Anna Taylor. If you save anyway, it moves here.")
	b.shot("contact-collision")
	b.axe()
	b.fill("Another number", "nonsense")
	b.press("Save")
	b.sees("nonsense")
	b.axe()
	b.fill("Another number", "07700 900555")
	b.press("Save")
	b.sees("is one of your contacts now, and always gets through. The pass code is ")
	c, there := s.contactNamed("The surgery")
	if !there || c.Language != "fr-FR" || len(c.PassCode.Code) != 6 || len(c.Numbers) != 2 || c.Numbers[0] != "+442079460666" {
		t.Fatalf("kept: %+v", c)
	}

	b.press("The surgery")
	b.sees("Keep " + c.PassCode.Code)
	b.fill("Notes", "Opens at 8.\nAsk for Priya.")
	b.shot("contact-edit")
	b.axe()
	b.press("Save")
	b.sees("The surgery is saved.")
	b.sees("Ask for Priya.")
	b.press("Undo")
	b.sees("Undone: The surgery is as before.")
	if again, _ := s.contactNamed("The surgery"); again.Notes != "" || again.PassCode.Code != c.PassCode.Code {
		t.Errorf("after undoing: %+v", again)
	}

	b.press("The surgery")
	b.press("Remove this contact")
	b.sees("The surgery isn't a contact any more.")
	if _, there := s.contactNamed("The surgery"); there {
		t.Error("the contact is still there")
	}
	b.press("Undo")
	b.sees("Undone: The surgery is as before.")
	if again, _ := s.contactNamed("The surgery"); again.PassCode.Code != c.PassCode.Code || again.ID != c.ID || len(again.Numbers) != 2 {
		t.Errorf("brought back: %+v", again)
	}

	b.fill("Name or number", "900555")
	b.press("Find")
	b.until("what was looked for alone", `location.search.includes("find=900555") && document.querySelector(".person a")?.innerText === "The surgery" && document.querySelectorAll(".person").length === 1`)
}

// Names that are hostile, endless or turned around are text on every page, and in what is saved for elsewhere.
func TestHostileContacts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	if a := c.post("/h/mum/contacts/new", "name", strings.Repeat("x", 4000), "number-0", "020 7946 0501", "code", "none"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "at most 100 characters") {
		t.Errorf("a name of 4,000 characters answered %d", a.status)
	}
	for _, fields := range [][]string{
		{"name", hostileName + "\u202e\u0000x", "number-0", "020 7946 0501", "notes", "=1+1\u2066"},
		{"name", "=HYPERLINK(\"http://x\")", "number-0", "020 7946 0502"},
		{"name", "\u05d0\u05d1\u05d2", "number-0", "\u202a+1 201-555-0123\u202c"},
	} {
		if a := c.post("/h/mum/contacts/new", fields...); a.status != http.StatusSeeOther {
			t.Errorf("%q answered %d: %s", fields, a.status, a.body)
		}
	}
	for _, path := range []string{"/h/mum/contacts", "/h/mum/contacts?find=%22%3E%3Cscript%3E"} {
		if a := c.get(path); strings.Contains(a.body, "<script>document") || strings.ContainsRune(a.body, '\u202e') {
			t.Errorf("%s has script or turned writing in it", path)
		}
	}
	csv := c.get("/h/mum/contacts/export?form=csv")
	if !strings.Contains(csv.body, "\"'=HYPERLINK(") || !strings.Contains(csv.body, ",'=1+1") || !strings.Contains(csv.body, "(+1) 201-555-0123") {
		t.Errorf("formulas are not made harmless: %s", csv.body)
	}
	for _, a := range []answer{csv, c.get("/h/mum/contacts/export?form=vcard")} {
		if !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("shown in the browser: %v", a.header)
		}
		book, err := addressbook.Read(strings.NewReader(a.body), addressbook.Options{Region: "GB"})
		if plan := addressbook.Make(book, addressbook.Household{Region: "GB"}); err != nil || plan.Count(addressbook.New) != 5 {
			t.Errorf("does not come back: %v, %d", err, plan.Count(addressbook.New))
		}
	}
	if a := c.post("/h/mum/contacts/new", "name", "x", "number-0", "020 7946 0100"); !strings.Contains(a.body, "own number") {
		t.Error("the line's own number is a contact")
	}
	if a := c.post("/h/mum/contacts/new", "name", "x", "number-0", "020 7946 0505", "code", "none", "own-code", "48213375"); !strings.Contains(a.body, "is chosen: choose") {
		t.Error("a pass code that was typed is lost")
	}
	if a := c.post("/h/mum/contacts/new", "name", "x", "number-0", "999"); !strings.Contains(a.body, "Anyone can fake that number") {
		t.Error("999 is a contact")
	}
	if a := c.post("/h/mum/contacts/new", "name", "x", "number-0", "020 7946 0503", "language", "xx-XX"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a language that nobody speaks answered %d", a.status)
	}
	if a := c.post("/h/mum/contacts/new", "name", "x", "number-0", "0909 879 0124"); a.status != http.StatusSeeOther || !strings.Contains(c.get("/h/mum/contacts").body, "premium-rate number") {
		t.Errorf("a premium-rate number answered %d", a.status)
	}
	if a := c.post("/h/mum/contacts/new", "name", "x", "number-0", "020 7946 0504", "notes", strings.Repeat("x", 2*maxContactForm)); a.status != http.StatusUnprocessableEntity {
		t.Errorf("too much answered %d", a.status)
	}
	if strings.Contains(s.log.String(), "207946") {
		t.Errorf("a number is in the log: %s", s.log)
	}
}

// A viewer sees contacts, but neither their pass codes nor a way to change them.
func TestContactsOfAViewer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c, err := s.db.Contact(t.Context(), "mum", s.contact)
	s.ok(err)
	c.PassCode.Code, c.Notes = "48213375", "sister"
	_, err = s.db.SaveContact(t.Context(), "mum", c, false)
	s.ok(err)
	v := s.as("viewer")
	for _, path := range []string{"/h/mum/contacts", "/h/mum/contacts/" + itoa(s.contact), "/h/mum/contacts/export?form=vcard", "/h/mum/contacts/export?form=csv"} {
		a := v.get(path)
		if a.status != http.StatusOK || !strings.Contains(a.body, "sister") || strings.Contains(a.body, "48213375") || strings.Contains(a.body, "/remove") {
			t.Errorf("%s answered %d: %s", path, a.status, a.body)
		}
	}
	if body := s.as("carer").get("/h/mum/contacts/" + itoa(s.contact)).body; !strings.Contains(body, "48213375") {
		t.Error("a carer cannot read the pass code")
	}
}

// What is done with contacts is in the log of changes.
func TestContactsInTheLogOfChanges(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	path := "/h/mum/contacts/" + itoa(s.contact)
	c.post(path, "name", "Anna Brown", "number-0", "020 7946 0123", "code", "none")
	c.post(path + "/remove")
	c.post("/h/mum/contacts/imports/" + itoa(s.imported) + "/undo")
	if a := c.post("/h/mum/contacts/imports/" + itoa(s.imported) + "/undo"); a.status != http.StatusNotFound {
		t.Errorf("undone twice: %d", a.status)
	}
	changes, err := s.db.AuditLog(t.Context(), "mum", 0, 10)
	s.ok(err)
	var said []string
	for _, c := range changes {
		said = append(said, c.What+": "+c.Text)
	}
	want := "undone: Undone: 1 number and 1 contact of the import are gone again. Contacts that you have changed since are still there.; " +
		"contact-removed: Anna Brown isn't a contact any more.; contact-changed: Anna Brown is saved."
	if got := strings.Join(said, "; "); got != want {
		t.Errorf("%s\nnot %s", got, want)
	}
}

// Of a whole telephone's contacts one letter is on the page, which stays small; all can be found.
func TestManyContactsInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var many []store.Contact
	for i := range 5000 {
		many = append(many, store.Contact{Name: fmt.Sprintf("%c-person %d", 'B'+i%20, i), Numbers: []screening.Number{screening.Number(fmt.Sprintf("+4477019%05d", i))}})
	}
	_, err := s.db.ImportContacts(t.Context(), "mum", "office.csv", many)
	s.ok(err)
	b := s.browse("viewer", "/h/mum/contacts?letter=C")
	b.sees("C-person 1")
	b.shot("contacts-many")
	b.axe()
	b.fits()
	if n := eval[int](b, `document.querySelectorAll(".person").length`); n != 250 {
		t.Errorf("%d contacts on a page", n)
	}
	b.press("D")
	b.sees("D-person 2")
	b.fill("Name or number", "person 4999")
	b.press("Find")
	b.until("the one", `document.querySelectorAll(".person").length === 1`)
	if a := s.as("viewer").get("/h/mum/contacts?find=person"); !strings.Contains(a.body, "find=person&amp;letter=C") || len(a.body) > 300_000 {
		t.Errorf("%d bytes", len(a.body))
	}
}

// A contact keeps a language in which nothing can be said any more, as long as nobody chooses another.
func TestALanguageThatIsGone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	anna, err := s.db.Contact(t.Context(), "mum", s.contact)
	s.ok(err)
	anna.Language = "de-DE"
	_, err = s.db.SaveContact(t.Context(), "mum", anna, true)
	s.ok(err)
	c := s.as("carer")
	path := "/h/mum/contacts/" + itoa(s.contact)
	if a := c.get(path); !strings.Contains(a.body, `value="de-DE" selected`) {
		t.Error("the language is not chosen")
	}
	if a := c.post(path, "name", "Anna Taylor", "number-0", "020 7946 0123", "language", "de-DE", "code", "none"); a.status != http.StatusSeeOther {
		t.Errorf("answered %d", a.status)
	}
	if anna, _ := s.contactNamed("Anna Taylor"); anna.Language != "de-DE" {
		t.Errorf("%+v", anna)
	}
}

func TestFindingContacts(t *testing.T) {
	t.Parallel()
	c := store.Contact{Name: "Dr Priya Patel", Notes: "Elm Surgery", Numbers: []screening.Number{"+441164960123", "+12015550123"}}
	for find, want := range map[string]bool{
		"": true, "patel": true, "PRIYA dr": true, "elm": true, "0116": true, "0116 496": true, "(0116) 496-0123": true, "+44 116": true, "0044116": true,
		"201-555": true, "patel 0116": true, "patel 0117": false, "0207": false, "jones": false, "0": false,
	} {
		if found(c, find) != want {
			t.Errorf("%q: %v", find, !want)
		}
	}
}

// Contacts can be downloaded for every device that the command knows, by everybody who sees them, and are read again.
func TestContactsForDevices(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.as("viewer")
	page := v.get("/h/mum/contacts").body
	for _, format := range addressbook.Formats() {
		if format.For == "" || !strings.Contains(page, `<option value="`+format.Name+`">`+html.EscapeString(format.For)+"</option>") {
			t.Errorf("%s is not offered as %q", format.Name, format.For)
		}
		a := v.get("/h/mum/contacts/export?form=" + format.Name)
		book, err := addressbook.Read(strings.NewReader(a.body), addressbook.Options{Region: "GB"})
		if plan := addressbook.Make(book, addressbook.Household{Region: "GB"}); a.status != http.StatusOK || err != nil || plan.Count(addressbook.New) != 2 || !strings.Contains(a.body, "Anna Taylor") {
			t.Errorf("%s answered %d: %v %s", format.Name, a.status, err, a.body)
		}
		if said := a.header.Get("Content-Disposition"); !strings.HasPrefix(said, "attachment") || !strings.Contains(said, "contacts"+format.Ending) || a.header.Get("Content-Type") != format.MIME {
			t.Errorf("%s: %v", format.Name, a.header)
		}
	}
	for _, form := range []string{"", "doc", "panasonic"} {
		if a := v.get("/h/mum/contacts/export?form=" + form); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%q answered %d", form, a.status)
		}
	}
	if a := s.as("granowner").get("/h/mum/contacts/export?form=vcard"); a.status != http.StatusNotFound {
		t.Errorf("another household answered %d", a.status)
	}
}
