package web

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ringfence/sharing/addressbook"
	"ringfence/store/people"
	"ringfence/web/backend"
)

// telephoneBook is what a telephone's export may have in it.
var telephoneBook = strings.ReplaceAll(`BEGIN:VCARD
VERSION:3.0
N:Patel;Priya;;Dr;
FN:Dr Priya Patel
ORG:Elm Surgery
TEL;TYPE=WORK:0116 496 0123
TEL;TYPE=CELL:07700 900111
NOTE:Reception opens at 8
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ
 AAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQN
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Anna Taylor
TEL;TYPE=CELL:07700 900222
END:VCARD
BEGIN:VCARD
VERSION:2.1
N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=C3=96zil;Ay=C5=9Fe
TEL;CELL:+44 7700 900333
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Dr Priya Patel
TEL;TYPE=HOME:020 7946 0301
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:"><script>document.title='taken'</script> Ltd
TEL:020 7946 0302
TEL:12
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:SCAM do not answer
TEL:020 7946 0303
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Home
TEL:020 7946 0100
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Only e-mail
EMAIL:x@example.org
END:VCARD
`, "\n", "\r\n")

// A telephone's address book is sent, looked at, brought in without whom nobody wants, and undone.
func TestImportingAnAddressBookInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	file := filepath.Join(t.TempDir(), "mothers-telephone.vcf")
	s.ok(os.WriteFile(file, []byte(telephoneBook), 0o600))
	b := s.browse("carer", "/h/mum/contacts")
	b.press("Address book")
	b.press("Import an address book")
	b.sees("How do I get such a file?")
	b.shot("contact-import")
	b.axe()
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#f-file"), []string{file}))
	b.press("Preview")
	b.sees("8 people (vCard). Nothing is changed yet.")
	b.sees("4 become contacts")
	b.sees("1 adds to contacts that you have")
	b.sees("goes to Anna Taylor.")
	b.sees("goes to Dr Priya Patel (line 1).")
	b.sees("Line 31 \"><script>document.title='taken'</script> Ltd: \"12\" is too short for a phone number")
	b.sees("Home: 020 7946 0100 is this household's own number")
	b.sees("One name in the file looks unwanted")
	b.sees(hostileName)
	b.shot("contact-preview")
	b.axe()
	b.fits()
	b.keyboard()
	if _, there := s.contactNamed("Dr Priya Patel"); there {
		t.Fatal("a preview has changed something")
	}
	b.press("Tick none")
	b.press("Tick all")
	eval[chromedp.Void](b, `document.querySelectorAll("input[name=take]").forEach((e) => { if (e.closest("li").innerText.includes("SCAM")) e.click(); })`)
	b.press("Import selected contacts")
	b.sees("Imported 4 contacts with 6 numbers from mothers-telephone.vcf.")
	b.shot("contacts-imported")
	doctor, there := s.contactNamed("Dr Priya Patel")
	if !there || len(doctor.Numbers) != 3 || doctor.Notes != "Elm Surgery\nReception opens at 8" {
		t.Errorf("%+v", doctor)
	}
	if _, there := s.contactNamed("SCAM do not answer"); there {
		t.Error("who is not wanted is a contact")
	}
	if anna, _ := s.contactNamed("Anna Taylor"); len(anna.Numbers) != 2 {
		t.Errorf("%+v", anna)
	}
	b.press("Undo")
	b.sees("Undone: 6 numbers and 3 contacts of the import are gone again.")
	if anna, _ := s.contactNamed("Anna Taylor"); len(anna.Numbers) != 1 {
		t.Errorf("%+v", anna)
	}
}

// Without script an address book is sent and brought in too.
func TestImportingWithoutScriptInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	file := filepath.Join(t.TempDir(), "people.csv")
	s.ok(os.WriteFile(file, []byte("name,number\nJoan,020 7946 0401\n"), 0o600))
	b := s.browse("carer", "/h/mum/contacts/import")
	b.withoutScript()
	b.open("/h/mum/contacts/import")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#f-file"), []string{file}))
	b.clickNode("main form button")
	b.hasText("One person")
	b.clickNode("main form button.main")
	b.hasText("Imported 1 contact with 1 number from people.csv")
	b.open("/h/mum/contacts/new")
	b.clickNode("noscript button")
	b.hasText(`name="number-2"`)
}

// What is not an address book, or too large a one, is refused in a sentence; and nobody gets what somebody else has sent.
func TestUploadsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	for content, want := range map[string]string{
		"":                            "There is nobody in this file",
		"PK\x03\x04":                  "This is a ZIP file: unpack it first",
		"\xff\xd8\xff\xe0photograph":  "photograph",
		"<html><script>alert(1)":      "web page",
		"name,town\nJoan,\"><script>": "No column is certain to have phone numbers",
		"BEGIN:VCARD\nPHOTO:" + strings.Repeat("A", addressbook.MaxFile): "larger than 50 MB",
	} {
		a := c.sendFile("/h/mum/contacts/import", "file", `..\..\x"><b>.vcf`, []byte(content))
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) || strings.Contains(a.body, "<b>") {
			t.Errorf("%.20q answered %d without %q", content, a.status, want)
		}
	}
	if a := c.post("/h/mum/contacts/import", "file", "x"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose the file with the address book first.") {
		t.Errorf("no file answered %d", a.status)
	}
	a := c.sendFile("/h/mum/contacts/import", "file", "a.vcf", []byte(telephoneBook))
	kept := a.header.Get("Location")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(kept, "/h/mum/contacts/import/preview/") {
		t.Fatalf("answered %d, %s", a.status, kept)
	}
	for who, path := range map[string]string{"both": kept, "owner": kept, "carer": strings.Replace(kept, "preview/", "preview/x", 1)} {
		if a := s.as(who).get(path); a.status != http.StatusNotFound {
			t.Errorf("%s sees what the carer has sent: %d", who, a.status)
		}
	}
	// A second file takes the place of the first.
	again := c.sendFile("/h/mum/contacts/import", "file", "a.vcf", []byte(telephoneBook)).header.Get("Location")
	if a := c.get(kept); a.status != http.StatusNotFound {
		t.Errorf("the first file is still kept: %d", a.status)
	}
	// What is brought in is what was looked at.
	s.ok(s.db.AddContact(t.Context(), "mum", "Dr Priya Patel", "+441164960123"))
	if a := c.post(again, "mark", "0000", "take", "1"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "changed the contacts or blocks meanwhile") {
		t.Errorf("answered %d", a.status)
	}
	if doctor, _ := s.contactNamed("Dr Priya Patel"); len(doctor.Numbers) != 1 {
		t.Errorf("%+v", doctor)
	}
}

// Only so many things are kept at the same time, none for long, and each for its sender alone.
func TestShelf(t *testing.T) {
	t.Parallel()
	of := func(person int64, household string, now time.Time) *backend.Visitor {
		return &backend.Visitor{Person: people.Person{ID: person}, Household: backend.Household{Name: household}, Now: now}
	}
	shelf := shelf[string]{busy: func(what string) bool { return what == "busy" }}
	first, busy := shelf.put(of(1, "mum", siteNow), "first"), shelf.put(of(1, "mum", siteNow), "busy")
	if what, there := shelf.find(of(1, "mum", siteNow.Add(shelfLife)), first); !there || what != "first" {
		t.Errorf("%q, %v", what, there)
	}
	for name, other := range map[string]*backend.Visitor{
		"another household": of(1, "gran", siteNow), "another person": of(2, "mum", siteNow), "too late": of(1, "mum", siteNow.Add(shelfLife+1)),
	} {
		if _, there := shelf.find(other, first); there {
			t.Errorf("%s gets it", name)
		}
	}
	for range shelfMost {
		shelf.put(of(2, "mum", siteNow), "more")
	}
	if _, there := shelf.find(of(1, "mum", siteNow), first); there || len(shelf.kept) != shelfMost {
		t.Errorf("%d are kept", len(shelf.kept))
	}
	shelf.put(of(2, "mum", siteNow.Add(2*shelfLife)), "last")
	if len(shelf.kept) != 2 {
		t.Errorf("%d are kept after a long time", len(shelf.kept))
	}
	shelf.drop(busy)
	if len(shelf.kept) != 1 {
		t.Errorf("%d are kept after one was dropped", len(shelf.kept))
	}
}
