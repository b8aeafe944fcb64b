package web

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/store"
)

// was is what a form has been made from, in a field that a page does not show.
func was(t *testing.T, body string) string {
	t.Helper()
	return wasAbout(t, body, "")
}

// wasAbout is the same of a page with several forms: of the first that has this word.
func wasAbout(t *testing.T, body, word string) string {
	t.Helper()
	for _, found := range regexp.MustCompile(`<input type="hidden" name="was" value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if seen := html.UnescapeString(found[1]); strings.Contains(seen, word) {
			return seen
		}
	}
	t.Fatalf("the page does not say what its form about %q was made from", word)
	return ""
}

// undoOf is the address by which what a page tells of is undone.
func undoOf(t *testing.T, body string) string {
	t.Helper()
	found := regexp.MustCompile(`action="(/h/mum/undo/[0-9]+)"`).FindStringSubmatch(body)
	if found == nil {
		t.Fatal("the page offers no undo")
	}
	return found[1]
}

// Two carers have the same contact open. What the first has saved is not lost to the second's form without a word, and not to
// an undo either: a number that is lost does not ring any more.
func TestTwoCarersChangeOneContact(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := "/h/mum/contacts/" + itoa(s.contact)
	anna, ben := s.as("owner"), s.as("carer")
	first, second := was(t, anna.get(path).body), was(t, ben.get(path).body)

	save := []string{"was", first, "name", "Anna Taylor", "number-0", "020 7946 0123", "number-1", "07700 900456", "notes", "The hospital’s ward", "code", "none"}
	if a := anna.post(path, save...); a.status != http.StatusSeeOther {
		t.Fatalf("the first answered %d: %s", a.status, a.body)
	}
	stale := []string{"was", second, "name", "Anna Taylor-Jones", "number-0", "020 7946 0123", "code", "none"}
	more := ben.post(path, append(slices.Clone(stale), "more", "1")...) // without script; it must not make the form a new one
	if was(t, more.body) != second {
		t.Error("a form with another field for a number counts as made anew")
	}
	a := ben.post(path, stale...)
	text := html.UnescapeString(a.body)
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(text, "just changed this contact") || !strings.Contains(text, "07700 900456") ||
		!strings.Contains(text, "The hospital’s ward") || !strings.Contains(text, `value="Anna Taylor-Jones"`) {
		t.Errorf("the second answered %d, without what the first has saved, or what was typed", a.status)
	}
	if c, _ := s.contactNamed("Anna Taylor"); !slices.Contains(c.Numbers, "+447700900456") {
		t.Errorf("what the first has saved is lost: %+v", c)
	}
	if a := ben.post(path, stale...); a.status != http.StatusUnprocessableEntity {
		t.Errorf("the same form once more answered %d", a.status)
	}
	stale[1] = was(t, a.body) // who has seen it may save
	if a := ben.post(path, stale...); a.status != http.StatusSeeOther {
		t.Errorf("who has seen it: %d %s", a.status, a.body)
	}

	// The first one's undo comes too late: it would take the second's work away.
	if a := anna.post(undoOf(t, anna.get("/h/mum/contacts").body)); a.status != http.StatusConflict {
		t.Errorf("the undo answered %d", a.status)
	}
	if _, there := s.contactNamed("Anna Taylor-Jones"); !there {
		t.Error("the undo took away what was changed after it")
	}
}

// Two owners have the same page open. What the first saves of a block, or of what somebody may do, is not lost to the second's form without a word.
func TestTwoOwnersChangeOneBlockAndOneRole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(s.db.AddBlock(t.Context(), "mum", screening.Block{Digits: "442079460877", Note: "rang at night"}, "Anna"))
	blocks, err := s.db.Blocks(t.Context(), "mum")
	s.ok(err)
	block := slices.IndexFunc(blocks, func(b store.Block) bool { return b.Note == "rang at night" })
	owner := s.as("owner")
	for _, form := range []struct {
		page, path, was string
		first, second   []string
		now             string
	}{
		{"/h/mum/blocks", "/h/mum/blocks/" + itoa(blocks[block].ID), "rang at night", []string{"note", "rang twice"}, []string{"note", "rude"}, "rang twice"},
		{"/h/mum/people", "/h/mum/people/" + itoa(s.people["viewer"].ID), "viewer", []string{"role", "carer", "hears", "on"}, []string{"role", "viewer"}, "a carer"},
	} {
		seen := wasAbout(t, owner.get(form.page).body, form.was)
		if a := owner.post(form.path, append(form.first, "was", seen)...); a.status != http.StatusSeeOther {
			t.Errorf("%s: the first answered %d: %s", form.path, a.status, a.body)
		}
		a := owner.post(form.path, append(form.second, "was", seen)...)
		if a.status < http.StatusBadRequest || !strings.Contains(a.body, "Somebody else has just changed this") || !strings.Contains(a.body, form.now) {
			t.Errorf("%s: the second answered %d: %s", form.path, a.status, faultIn(a.body))
		}
	}
}

// Who blocks or reports what is blocked or reported already leaves the other carer's note and category as they are, and an undo
// does not lift what stood before.
func TestTwoCarersBlockAndReportOneNumber(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx, ben := t.Context(), s.as("carer")
	const n = screening.Number("+442079460877")
	s.ok(s.db.AddBlock(ctx, "mum", screening.Block{Digits: "442079460877", Note: "rang at night", Farewell: screening.NotWanted}, "Anna"))
	s.ok(s.db.AddBlock(ctx, "mum", screening.Block{Digits: "44121496", Prefix: true, Note: "all of it"}, "Anna"))
	for path, fields := range map[string][]string{
		"/h/mum/blocks":    {"number", "020 7946 0877"},
		"/h/mum/why/block": {"number", "020 7946 0877"},
	} {
		if a := ben.post(path, fields...); a.status != http.StatusSeeOther {
			t.Errorf("%s answered %d: %s", path, a.status, a.body)
		}
		if body := ben.get("/h/mum/blocks").body; !strings.Contains(body, "is blocked already") || strings.Contains(body, ">Undo<") {
			t.Errorf("%s: an undo is offered that would lift another's block, or it is not said that there is one", path)
		}
	}
	if a := ben.post("/h/mum/blocks", "number", "0121 496", "which", "prefix", "sure", "yes"); a.status != http.StatusSeeOther {
		t.Errorf("a beginning answered %d: %s", a.status, a.body)
	}
	blocks, err := s.db.Blocks(ctx, "mum")
	s.ok(err)
	for note, digits := range map[string]string{"rang at night": "442079460877", "all of it": "44121496"} {
		if !slices.ContainsFunc(blocks, func(b store.Block) bool { return b.Digits == digits && b.Note == note }) {
			t.Errorf("the note %q is lost: %+v", note, blocks)
		}
	}

	call := s.call("mum", siteNow, screening.Caller{Number: n, Presentation: screening.Allowed}, screening.Verdict{}, "turned-away")
	s.ok(s.db.ReportNumber(ctx, "mum", n, "bank", "Anna"))
	if a := ben.post("/h/mum/calls/" + itoa(call) + "/report"); a.status != http.StatusSeeOther {
		t.Errorf("a report answered %d", a.status)
	}
	if body := ben.get("/h/mum/blocks").body; !strings.Contains(body, "is reported already") || strings.Contains(body, ">Undo<") {
		t.Error("an undo is offered that would withdraw another's report")
	}
	if a := ben.post("/h/mum/why/report", "number", "020 7946 0877", "category", "tax"); a.status != http.StatusSeeOther {
		t.Errorf("another category answered %d", a.status)
	}
	if a := ben.post(undoOf(t, ben.get("/h/mum/blocks").body)); a.status != http.StatusSeeOther {
		t.Errorf("its undo answered %d", a.status)
	}
	reports, err := s.db.Reports(ctx, "mum")
	s.ok(err)
	if i := slices.IndexFunc(reports, func(r store.Report) bool { return r.Number == n }); i < 0 || reports[i].Category != "bank" {
		t.Errorf("the report is not as it was: %+v", reports)
	}
}
