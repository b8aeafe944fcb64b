package screening

import "testing"

// A number is found however it is written, and never in another one.
func TestMentions(t *testing.T) {
	const n = Number("+442079460123")
	for text, want := range map[string]bool{
		"020 7946 0123 is blocked: it won't ring any more.":  true,
		"Daughter, 020 7946 0301, 020 7946 0123, with notes": true,
		"+44 20 7946 0123":    true,
		"+44 (0)20 7946 0123": true,
		"(020) 7946-0123":     true,
		"0044 20 7946 0123":   true,
		"+442079460123":       true,
		`{"what":"block-added","made":{"digits":"442079460123"}}`: true,
		"turned-away +442079460123":                               true,
		"2 020 7946 0123":                                         true,
		"02079460123.":                                            true,
		"020 7946 0124 is blocked":                                false,
		"020 7946 01234":                                          false,
		"1020 7946 0123":                                          false,
		"Every number starting 020 7946":                          false,
		`{"digits":"4420794601230"}`:                              false,
		"7 contacts with 9 numbers":                               false,
		"":                                                        false,
		"on 24 November 2026 at 10:31, 020 7946 0199, 020 7946 0198 too": false,
	} {
		if got := n.Mentions(text, "GB"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if !Number("+12015550123").Mentions("+1 201-555-0123 is blocked", "GB") || !Number("+12015550123").Mentions("(201) 555-0123", "US") {
		t.Error("a foreign number is not found")
	}
	if Number("101").Mentions("101 contacts", "GB") || Number("").Mentions("", "GB") {
		t.Error("a short number is taken for a person's")
	}
}
