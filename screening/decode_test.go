package screening_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"ringfence/screening"
)

func TestDecode(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		"Ann Price":               "Ann Price",
		"Zoë Müller 電話 📞":         "Zoë Müller 電話 📞",
		"M\xfcller":               "Müller",
		"Andr\xe9":                "André", // nothing shows that this is UTF-8 with its end cut off
		"Ren\xe9e Andr\xe9":       "Renée André",
		"Zoë \xe9\x9b":            "Zoë ", // here something does
		"\xf0\x9f\x93":            "",
		"\xff":                    "ÿ",
		"\xff\xfe":                "ÿþ",
		"\xc0\xaf":                "À¯", // an overlong "/" is no UTF-8
		"\xed\xa0\x80":            "",   // nor is a surrogate, and Latin-1 it is not either
		"\x93Dr\x94":              "",   // Windows-1252
		"Zoë M\xfcller":           "ZoÃ« Müller",
		strings.Repeat("\x80", 9): "",
	} {
		if got := screening.Decode(text); got != want {
			t.Errorf("%q is read as %q, not %q", text, got, want)
		}
	}
}

// Whatever comes, the result is UTF-8 with at most one character for each byte, and UTF-8 stays as it is.
func FuzzDecode(f *testing.F) {
	for _, seed := range append(seeds, "M\xfcller", "Andr\xe9", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\x93x\x94") {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := screening.Decode(text)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > len(text) {
			t.Errorf("%q is read as %q", text, got)
		}
		if utf8.ValidString(text) && got != text {
			t.Errorf("%q is UTF-8, and is read as %q", text, got)
		}
	})
}
