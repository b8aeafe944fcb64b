package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// telephonesBook has somebody new, a contact, a scammer, somebody without a number, and a blocked number.
const telephonesBook = `BEGIN:VCARD
VERSION:2.1
N:Smith;Joan
TEL;CELL:07700 900123
TEL;HOME:020 7946 0001
TEL;WORK:12
END:VCARD
BEGIN:VCARD
FN:Daughter
TEL:07700 900456
END:VCARD
BEGIN:VCARD
FN:SCAM do not answer
TEL:020 7946 0777
END:VCARD
BEGIN:VCARD
FN:Only e-mail
EMAIL:x@example.org
END:VCARD
BEGIN:VCARD
FN:Microsoft
TEL:020 7946 0666
END:VCARD
`

func TestImportingAnAddressBook(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	dir := t.TempDir()
	phone := filepath.Join(dir, "phone.vcf")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(phone, strings.ReplaceAll(telephonesBook, "\n", "\r\n"))
	h.says(0, "", "contact", "add", "Daughter", "02079460009")
	h.says(0, "", "block", "add", "020 7946 0666")

	code, out, errOut := h.run("contact", "import", phone, "--dry-run")
	for _, words := range []string{
		"line 1: Joan Smith a new contact: 07700 900123, 020 7946 0001", "line 8: Daughter goes to the contact Daughter: 07700 900456",
		"Nothing was changed. What would be done: of 5 people in the file, new contacts: 1; contacts with more numbers: 1; there already: 0; without a phone number: 1. Unwanted names: 1; lines refused: ",
	} {
		if code != 0 || !strings.Contains(out, words) {
			t.Errorf("exit %d, no %q in:\n%s", code, words, out)
		}
	}
	for _, words := range []string{"line 6: Joan Smith: \"12\"", "line 12: \"SCAM do not answer\" sounds like", "line 22: Microsoft: 020 7946 0666 is blocked"} {
		if !strings.Contains(errOut, words) {
			t.Errorf("no %q in:\n%s", words, errOut)
		}
	}
	if out := h.says(0, "Daughter", "contact", "list"); strings.Contains(out, "Joan") {
		t.Error("a dry run has changed something")
	}
	if code, out, _ := h.run("contact", "import", phone); code != 0 || !strings.Contains(out, "Done: of 5 people in the file, new contacts: 1; contacts with more numbers: 1") {
		t.Errorf("exit %d: %s", code, out)
	}
	h.says(0, "Daughter: 020 7946 0009, 07700 900456\nJoan Smith: 020 7946 0001, 07700 900123", "contact", "list")
	h.says(0, "would be turned away", "lookup", "020 7946 0666")
	if code, out, _ := h.run("contact", "import", phone); code != 0 || !strings.Contains(out, "new contacts: 0; contacts with more numbers: 0; there already: 2") {
		t.Errorf("the second time: exit %d: %s", code, out)
	}

	// What goes out comes back into an empty household.
	for _, file := range []string{filepath.Join(dir, "out.vcf"), filepath.Join(dir, "out.csv")} {
		h.says(0, "has 2 contacts", "contact", "export", file)
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
		other := newHome(t, usualSettings)
		other.says(0, "new contacts: 2", "contact", "import", file)
		other.says(0, "Daughter: 020 7946 0009, 07700 900456\nJoan Smith: 020 7946 0001, 07700 900123", "contact", "list")
	}
	h.says(0, "FN:Joan Smith", "contact", "export")
	h.says(0, "Name,Phone 1,Phone 2,Notes", "contact", "export", "--format", "csv")
	h.says(2, "", "contact", "export", "--format", "pdf")
	h.says(1, "cannot be written", "contact", "export", filepath.Join(dir, "no", "such", "folder.vcf"))
	h.says(1, "cannot be read", "contact", "import", phone+".gone")
	write(phone, "PK\x03\x04")
	h.says(1, "this is a ZIP file: unpack it first", "contact", "import", phone)
}

// A FRITZ!Box's phone book becomes contacts or a list, as people ask, and contacts become one.
func TestAFritzBoxsPhoneBook(t *testing.T) {
	t.Parallel()
	const book = `<?xml version="1.0" encoding="utf-8"?>
<phonebooks><phonebook owner="1" name="Telefonbuch"><contact><category>1</category><person><realName>Tante Erna</realName></person><telephony nid="2">` +
		`<number type="home" prio="1" id="0">020 7946 0123</number><number type="mobile" id="1">07700 900123</number></telephony><services /><setup /></contact></phonebook></phonebooks>`
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.xml"), filepath.Join(dir, "out.xml")
	if err := os.WriteFile(in, []byte(book), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHome(t, usualSettings)
	h.says(0, "new contacts: 1", "contact", "import", in)
	h.says(0, "Tante Erna: 020 7946 0123, 07700 900123", "contact", "list")
	h.says(0, "has 1 contact", "contact", "export", "--format", "fritzbox", out)
	other := newHome(t, usualSettings)
	other.says(0, "new contacts: 1", "contact", "import", out)
	other.says(0, "in.xml is a FRITZ!Box phone book, with 2 numbers", "list", "import", in, "--dry-run")
	other.says(0, "has 2 numbers", "list", "import", out)
}
