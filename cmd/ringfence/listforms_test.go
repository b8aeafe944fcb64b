package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What an import would change can be seen first, and is then what it changes.
func TestImportingAListDryFirst(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	file := filepath.Join(t.TempDir(), "parish.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.says(0, "", "contact", "add", "Anna", "020 7946 0123")
	write("number,note\n020 7946 0666,Microsoft\n0161 496 0666,bank\n020 7946 0667,\n")
	if code, out, _ := h.run("list", "import", file, "--dry-run"); code != 0 || !strings.Contains(out, "Nothing was changed.") ||
		!strings.Contains(out, "is a table (CSV), with 3 numbers. It would add 3") {
		t.Errorf("exit %d, %q", code, out)
	}
	h.says(0, "There are no lists yet", "list", "show")
	h.says(0, "Added: 3, changed: 0, removed: 0, unchanged: 0.", "list", "import", file)
	write("number,note\n020 7946 0666,Windows\n0161 496 0666,bank\n020 7946 0123,\nrubbish,\n")
	code, out, errOut := h.run("list", "import", file, "--dry-run")
	for _, want := range []string{"with 3 numbers. It would add 1, change 1, leave 1 unchanged, and remove 1 other. 1 line is refused.",
		"020 7946 0123  100%  would be added", "020 7946 0666  100%  Windows  would change", "020 7946 0667  100%  would be removed"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit %d, without %q: %q", code, want, out)
		}
	}
	if !strings.Contains(errOut, "line 5: ") || !strings.Contains(errOut, "ring all the same: Anna.") {
		t.Errorf("%q", errOut)
	}
	h.says(0, "Microsoft", "list", "show", "parish")
	h.says(0, "Added: 1, changed: 1, removed: 1, unchanged: 1.", "list", "import", file)
	h.says(0, "Windows", "list", "show", "parish")
	// What kind of file it is can be said; one that is none is wrong usage.
	write("2015550123 2015550124\n")
	h.says(0, "now has 2 numbers", "list", "import", file, "--form", "ncid-blacklist", "--name", "ncid")
	h.says(2, "form", "list", "import", file, "--form", "rubbish")
}

// A list that was exported as a table comes back as it was; devices that block outright get what the household turns away.
func TestExportingAList(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	dir := t.TempDir()
	file := filepath.Join(dir, "parish.csv")
	text := "number,confidence,category,note\n020 7946 0666,0.9,tech-support,\"=1+1\"\n0161 496 0666,0.2,bank,\n020 7946 0123,1,,\n0909 879*,1,,\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	h.says(0, "", "contact", "add", "Anna", "020 7946 0123")
	h.says(0, "now has 4 numbers", "list", "import", file)
	out := filepath.Join(dir, "out.csv")
	h.says(0, "has 4 numbers", "list", "export", "parish", out)
	h.says(0, "change 0, leave 4 unchanged", "list", "import", out, "--name", "parish", "--dry-run")
	code, cards, errOut := h.run("list", "export", "parish", "--form", "vcard")
	if code != 0 || strings.Count(cards, "BEGIN:VCARD") != 1 || !strings.Contains(cards, "TEL;TYPE=VOICE:+442079460666") {
		t.Errorf("exit %d, %q", code, cards)
	}
	for _, want := range []string{"1 with too little confidence", "1 that mean all numbers starting with these digits", "1 of contacts, or of others who must always get through"} {
		if !strings.Contains(errOut, want) {
			t.Errorf("%q does not say %q", errOut, want)
		}
	}
	if _, commands, _ := h.run("list", "export", "parish", "--form", "astdb", "--sure", "10"); commands !=
		"database put blacklist 01614960666 \"bank\"\ndatabase put blacklist 02079460666 \"tech-support 1+1\"\n" {
		t.Errorf("%q", commands)
	}
	h.says(1, "there is no list called", "list", "export", "gone", out)
	h.says(2, "between 0 and 100", "list", "export", "parish", "--sure", "101")
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("%v %v", left, err)
	}
	h.says(0, "change 0, leave 4 unchanged", "list", "import", out, "--name", "parish", "--dry-run") // a failure leaves the file
}

func TestProgress(t *testing.T) {
	var to bytes.Buffer
	r := &progress{to: &to, terminal: true, all: 4 << 20, began: time.Now().Add(-time.Second)}
	if _, err := r.Write(make([]byte, 1<<20)); err != nil || to.String() != "\r[#######.......................]  25% of 4.2 MB" {
		t.Errorf("%q %v", to.String(), err)
	}
	if r.end(); !strings.HasSuffix(to.String(), "\r\033[K") {
		t.Errorf("%q", to.String())
	}
	to.Reset()
	r = &progress{to: &to, began: time.Now().Add(-time.Minute)}
	if _, err := r.Write(make([]byte, 3<<20)); err != nil || to.String() != "… 3.1 MB read\n" {
		t.Errorf("%q %v", to.String(), err)
	}
	if file, err := os.Open("list.go"); err != nil || newProgress(&to, file).all == 0 {
		t.Errorf("a file's size is not known: %v", err)
	}
}
