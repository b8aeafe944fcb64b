package switchboard

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"ringfence/ivr"
)

func TestNamesAreReadAsWellAsTheyCanBe(t *testing.T) {
	const address = "<sip:+442079460009@provider.example>"
	for _, c := range []struct{ told, asserted, from, want string }{
		{"Ann Price", "", `"Ann Price" ` + address, "Ann Price"},
		{"Zoë", "", `"Zoë" ` + address, "Zoë"},
		{"M\uFFFDller", "", "\"M\xfcller\" " + address, "Müller"},
		{"M\uFFFDller", "\"M\xfcller\" " + address, `"Somebody else" ` + address, "Müller"},
		{"M\uFFFDller", address, "\"M\xfcller\" " + address, "Müller"},
		{"M\uFFFDller", "M\xfcller " + address, "", "Müller"},
		{"", "\"M\xfcller\" " + address, "", "Müller"}, // an older Asterisk
		{"", address, address, ""},
		{"", "", "", ""},
		{"M\uFFFDller", "", "", "Mller"},
		{"M\uFFFDller", "", `"Ann Price" ` + address, "Mller"},         // it came from another header, such as Remote-Party-ID
		{"M\uFFFDller (shop", "", "\"M\xfcller _shop", "Müller _shop"}, // the rest was cut off
		{"\uFFFD\uFFFD", "", "\"\xed\xa0\x80\" " + address, ""},
		{`a\"b` + "\uFFFD", "", "\"a\\\"b\xfc\" <sip:x>", `a\"bü`},
	} {
		if got := name(c.told, c.asserted, c.from); got != c.want {
			t.Errorf("told %q, from %q and %q it is %q, not %q", c.told, c.asserted, c.from, got, c.want)
		}
	}
}

func TestForged(t *testing.T) {
	const plain = `"Ann" <sip:+442079460009@provider.example>;tag=1`
	const failed = `<sip:+442079460009@provider.example;verstat=TN-Validation-Failed>`
	for _, c := range []struct {
		asserted, from string
		want           bool
	}{
		{"", plain, false},
		{failed, plain, true},
		{"", failed, true},
		{strings.ReplaceAll(failed, "Failed", "Passed"), plain, false},
		{"", "", true},                           // too long for the dialplan to read
		{"", strings.Repeat("x", 1000), true},    // the end is hidden
		{strings.Repeat("x", 1000), plain, true}, // the same
	} {
		if forged(c.asserted, c.from) != c.want {
			t.Errorf("%.80q and %.80q: not %v", c.asserted, c.from, c.want)
		}
	}
}

// A dialplan of an earlier version has none of the contexts to which this program sends phones. So its calls go back to it, and it rings.
func TestACallFromADialplanOfAnEarlierVersion(t *testing.T) {
	a, told := newFakeAsterisk(t), 0
	a.options.OnOldDialplan = func() { told++ }
	a.handler.handle = func(context.Context, ivr.Arrival) error { t.Error("it was taken"); return nil }
	for _, as := range []string{"incoming", "crowded"} {
		a.sends(`{"type":"StasisStart","args":["` + as + `","home","allowed"],"channel":{"id":"` + as + `","name":"PJSIP/trunk-1"}}`)
		a.follows.Wait()
		if went := a.wentTo(as); went != "back" {
			t.Errorf("%s: it went to %q", as, went)
		}
	}
	if told != 2 {
		t.Errorf("it was told of %d times", told)
	}
}

// Whatever is handed over, what becomes of it is UTF-8.
func FuzzArrival(f *testing.F) {
	f.Add("M\uFFFDller", "+442079460009", "\"M\xfcller\" <sip:+442079460009@provider.example>", `"x" <sip:y>`)
	f.Add("", "", "\"\\", "<")
	f.Add("\uFFFD", "0207946\xff0009", "", "\xed\xa0\x80 <sip:x>")
	f.Fuzz(func(t *testing.T, told, number, asserted, from string) {
		told = strings.ToValidUTF8(told, "\uFFFD")
		e := &event{Args: []string{"inbound", "home", "allowed", "", url.PathEscape(number), url.PathEscape(asserted), url.PathEscape(from)}}
		e.Channel.Caller.Name = told
		id := (&leg{}).arrival(e).Identity
		if !utf8.ValidString(id.Name) || !utf8.ValidString(id.Number) {
			t.Errorf("%q is read as %+v", e.Args, id)
		}
		for i := range e.Args { // also where the dialplan's escapes were cut
			e.Args[i] = e.Args[i][:len(e.Args[i])/2]
		}
		(&leg{}).arrival(e)
	})
}
