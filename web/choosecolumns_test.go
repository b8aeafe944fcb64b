package web

import (
	"net/http"
	"strings"
	"testing"
)

// twoColumns is a table in which two columns could have the callers' numbers.
const twoColumns = "Number,Phone\n02079460671,07700900171\n02079460672,07700900172\n"

// A list in which two columns could be meant is kept, and read once somebody has chosen one. Nothing is sent twice.
func TestChoosingTheColumnOfAList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	ask := c.upload("calls", "calls.csv", twoColumns).header.Get("Location")
	if !strings.HasSuffix(ask, "/columns") {
		t.Fatalf("leads to %q", ask)
	}
	a := c.get(ask)
	for _, want := range []string{"More than one column could have the callers’ numbers.", "02079460671", "07700900171", `value="2"`} {
		if a.status != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("%d, without %s", a.status, want)
		}
	}
	if a := c.post(ask); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose a column first.") {
		t.Errorf("without an answer: %d", a.status)
	}
	if a := s.as("owner").get(ask); a.status != http.StatusNotFound {
		t.Errorf("another person sees it: %d", a.status)
	}
	preview := c.read(c.post(ask, "column", "1")).header.Get("Location")
	a = c.get(preview)
	if a.status != http.StatusOK || !strings.Contains(a.body, "from the column “Number”") || !strings.Contains(a.body, "2 numbers") {
		t.Fatalf("%s: %d %s", preview, a.status, a.body)
	}
	// It can still be another one.
	preview = c.read(c.post(preview+"/columns", "column", "2")).header.Get("Location")
	if a := c.get(preview); !strings.Contains(a.body, "from the column “Phone”") {
		t.Fatalf("%s: %d", preview, a.status)
	}
	if a := c.post(preview); a.status != http.StatusSeeOther {
		t.Errorf("importing it answered %d", a.status)
	}
	if all, err := s.db.Lists.All(t.Context(), "mum"); err != nil || len(all) != 1 || all[0].Entries != 2 {
		t.Errorf("%+v %v", all, err)
	}
}

// A column that may say that some numbers are no scam is asked about.
func TestAllRowsOfAList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	ask := c.upload("scores", "scores.csv", "Number,Score\n02079460671,1\n02079460672,5\n").header.Get("Location")
	if a := c.get(ask); a.status != http.StatusOK || !strings.Contains(a.body, "<h1>Import all rows?</h1>") || strings.Contains(a.body, "Which column has") {
		t.Fatalf("%s: %d", ask, a.status)
	}
	if a := c.post(ask); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without an answer: %d", a.status)
	}
	if a := c.get(c.read(c.post(ask, "all_rows", "1")).header.Get("Location")); !strings.Contains(a.body, "2 numbers") {
		t.Errorf("%d", a.status)
	}
}

// So is an address book with somebody else's numbers alone; and what has numbers of a policy is imported without them, and says so.
func TestChoosingTheColumnsOfAnAddressBook(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	send := func(text string) string {
		return c.sendFile("/h/mum/contacts/import", "file", "clients.csv", []byte(text)).header.Get("Location")
	}
	ask := send("Name,Emergency contact phone,NHS number\nAnn,07700900171,943 476 5919\n")
	if a := c.get(ask); a.status != http.StatusOK || !strings.Contains(a.body, "Emergency contact phone") {
		t.Fatalf("%s: %d", ask, a.status)
	}
	if a := c.post(ask); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without an answer: %d", a.status)
	}
	preview := c.post(ask, "column", "2").header.Get("Location")
	if a := c.get(preview); a.status != http.StatusOK || !strings.Contains(a.body, "from the column “Emergency contact phone”") {
		t.Errorf("%s: %d", preview, a.status)
	}
	preview = send("Name,Phone,Policy number\nBob,02079460671,1764320000\n")
	a := c.get(preview)
	if !strings.Contains(a.body, "from the column “Phone”") || strings.Contains(a.body, "01764") || !strings.Contains(a.body, preview+"/columns") {
		t.Errorf("%s: %d %s", preview, a.status, a.body)
	}
	if a := c.get(preview + "/columns"); a.status != http.StatusOK || !strings.Contains(a.body, "no phone numbers, by its heading") {
		t.Errorf("%d", a.status)
	}
}
