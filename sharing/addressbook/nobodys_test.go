package addressbook

import (
	"strings"
	"testing"
)

// Digits that stand for no number and the line's own are refused, and a router's own phones are contacts on its line.
func TestNumbersThatNobodyCanHave(t *testing.T) {
	for _, c := range []struct{ written, elsewhere, withRouter string }{
		{"0000000000", "in place of a number", "in place of a number"},
		{"+266696687", "in place of a number", "in place of a number"},
		{"1234567890", "in place of a number", "in place of a number"},
		{"020 7946 0100", "this household's own number", "this household's own number"},
		{"+44 (0)20 7946 0100", "this household's own number", "this household's own number"},
		{"**610", "isn't part of a phone number", ""},
		{"**91", "isn't part of a phone number", ""},
		{"**999", "isn't part of a phone number", "isn't part of a phone number"},
	} {
		for _, router := range []bool{false, true} {
			h, want := house(), c.elsewhere
			if h.Router = router; router {
				want = c.withRouter
			}
			s := Make(Book{Rows: []Row{{Line: 1, Name: "Somebody", Numbers: []Number{{Line: 1, Text: c.written}}}}}, h).Steps[0]
			if want == "" && len(s.Numbers) == 1 || want != "" && len(s.Refused) == 1 && strings.Contains(s.Refused[0].Why, want) {
				continue
			}
			t.Errorf("%s, with a router %v: %+v", c.written, router, s)
		}
	}
}
