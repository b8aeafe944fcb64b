package web

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ringfence/screening"
)

// A carer asks why a number is blocked, reads it, and allows, blocks or reports it, each with its undo.
func TestWhyInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	b := s.browse("carer", "/h/mum/why")
	b.shot("why-empty")
	b.axe()
	b.fill("Phone number", "020 7946 0333")
	b.press("Look up")
	b.sees("020 7946 0333 would be turned away.")
	b.sees("It is 90% sure, and callers are turned away at 50% or more.")
	b.sees(hostileName)
	b.sees("90% sure: tech support. Enough to turn away")
	b.shot("why")
	b.axe()
	b.fits()

	b.fill("Who is it?", "Mrs Price")
	b.press("Always allow")
	b.sees("Mrs Price (020 7946 0333) is one of your contacts now, and always gets through.")
	b.sees("020 7946 0333 would ring.")
	b.shot("why-allowed")
	b.axe()
	b.press("Undo")
	b.sees("isn't a contact any more.")
	b.sees("020 7946 0333 would be turned away.")

	b.fill("What did they want?", "bank")
	b.press("Report")
	b.sees("020 7946 0333 is reported as: “Your bank”.")
	b.sees("The household itself reported this number on")
	b.press("Undo")
	b.sees("Undone: 020 7946 0333 isn't reported any more.")

	b.fill("Note", "rude")
	b.press("Block")
	b.sees("020 7946 0333 is blocked: it won't ring any more.")
	b.sees(`The household has blocked this number, with the note "rude".`)
	b.fill("Who is it?", "Mrs Price")
	b.press("Always allow") // which lifts the block
	b.sees("Mrs Price (020 7946 0333) is one of your contacts now")
	b.press("Undo")
	b.sees("and 020 7946 0333 is blocked again.")
	b.sees(`with the note "rude"`)
	b.press("Remove the block")
	b.sees("020 7946 0333 isn't blocked any more.")
}

// For any text that somebody types there is an answer, the very verdict that the store gives, and none of it is HTML.
func TestWhyAnswersAnything(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	c := s.as("viewer")
	for _, typed := range []string{
		"020 7946 0333", "020 7946 0123", "020 7946 0334", "+44 20 7946 0999", "0909 879 1234", "withheld", "unavailable", "999", "101", "12345678901234567",
		"+1 201 555 0123", "020 7946 0100", hostileName, "sip:x@example", strings.Repeat("9", 4000), "\x00\xff", "hello", "0000000000", "anonymous",
	} {
		a := c.get("/h/mum/why?number=" + url.QueryEscape(typed))
		want, err := s.db.Lookup(t.Context(), "mum", s.Options.Households()[0].Line, strings.TrimSpace(typed), siteNow)
		text := html.UnescapeString(a.body)
		if err != nil { // it is no phone number
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(text, screening.Sentence(err)) || strings.Contains(a.body, "<script>d") {
				t.Errorf("%.50q: %d, without %q", typed, a.status, err)
			}
			if !strings.Contains(a.body, `id="f-number"`) || typed != "\x00\xff" && len(typed) < 60 && !strings.Contains(a.body, `value="`+html.EscapeString(strings.TrimSpace(typed))) {
				t.Errorf("%.50q: the form has not kept what was typed", typed)
			}
			continue
		}
		if a.status != http.StatusOK || !strings.Contains(text, want.Verdict.Sentence(want.Caller, "GB")) || strings.Contains(a.body, "<script>d") {
			t.Errorf("%.50q: %d, without %q", typed, a.status, want.Verdict.Sentence(want.Caller, "GB"))
		}
		for _, r := range want.Verdict.Reasons {
			if !strings.Contains(text, r.Text) {
				t.Errorf("%.50q: without %q", typed, r.Text)
			}
		}
	}
}

func TestWhatIsRefusedOfANumber(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	for name, test := range map[string]struct {
		path, number string
		status       int
	}{
		"allow the police":           {"allow", "101", http.StatusUnprocessableEntity},
		"allow nobody":               {"allow", "", http.StatusUnprocessableEntity},
		"block a contact":            {"block", "02079460123", http.StatusUnprocessableEntity},
		"block the police":           {"block", "101", http.StatusUnprocessableEntity},
		"report a contact":           {"report", "02079460123", http.StatusConflict},
		"report the police":          {"report", "101", http.StatusConflict},
		"report as nothing":          {"report", "02079460444", http.StatusUnprocessableEntity},
		"block what is not a number": {"block", hostileName, http.StatusUnprocessableEntity},
	} {
		category := ""
		if strings.HasPrefix(name, "report") && name != "report as nothing" {
			category = "bank"
		}
		if a := c.post("/h/mum/why/"+test.path, "number", test.number, "category", category); a.status != test.status {
			t.Errorf("%s answered %d, not %d", name, a.status, test.status)
		}
	}
	if a := c.post("/h/mum/why/allow", "number", "02079460444", "name", strings.Repeat("n", 101)); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a name of 101 characters answered %d", a.status)
	}
	if _, known, err := s.db.Situation(t.Context(), "mum", screening.Number("+442079460444")); err != nil || known.Contact != nil || known.Block != nil || !known.Reported.IsZero() {
		t.Errorf("%+v %v", known, err)
	}
}

// A router's own phones and door bell can be typed wherever a number can.
func TestRoutersPhonesCanBeTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.rest.router = true
	c := s.as("carer")
	for _, test := range []struct {
		path, says string
		status     int
		fields     []string
	}{
		{"why/allow", "", http.StatusSeeOther, []string{"number", "**610", "name", "Study"}},
		{"why/block", "your own router", http.StatusUnprocessableEntity, []string{"number", "**611"}},
		{"why/report", "your own router", http.StatusConflict, []string{"number", "**611", "category", "bank"}},
		{"reports/**611/withdraw", "This report isn", http.StatusNotFound, nil},
	} {
		if a := c.post("/h/mum/"+test.path, test.fields...); a.status != test.status || !strings.Contains(a.body, test.says) {
			t.Errorf("%s answered %d: %s", test.path, a.status, a.body)
		}
	}
	for find, want := range map[string]bool{"**610": true, "**6": true, "610": true, "study **610": true, "**7": false, "study **7": false} {
		if a := c.get("/h/mum/contacts?find=" + url.QueryEscape(find)); strings.Contains(a.body, "No contacts found") == want {
			t.Errorf("%q: %t expected", find, want)
		}
	}
	if a := c.get("/h/mum/calls?who=" + url.QueryEscape("**610")); a.status != http.StatusOK {
		t.Errorf("the calls answered %d", a.status)
	}
}
