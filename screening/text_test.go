package screening

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever takes the fast path would not be changed by cleaning; and what is clean takes it.
func TestCleanTextIsLeftAsItIs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("ab~! \t\x7f\x1f\u00a0é\u202e")), 0, 12, -1),
			rapid.StringOfN(rapid.SampledFrom([]rune("a b")), 0, 12, -1)).Draw(r, "text")
		clean := rapid.StringMatching("[!-~]( ?[!-~]){0,8}").Draw(r, "clean")
		if !isCleanASCII(clean, len(clean)) {
			r.Errorf("%q is not taken as it is", clean)
		}
		limit := rapid.IntRange(0, 12).Draw(r, "limit")
		for _, text := range []string{text, clean} {
			if got, want := CleanLine(text, limit), cleaned(text, limit); got != want {
				r.Errorf("%q cut to %d is %q, want %q", text, limit, got, want)
			}
		}
	})
	for _, plain := range []string{"", "a", "says that the computer is broken", strings.Repeat("~", 64)} {
		if !isCleanASCII(plain, maxText) {
			t.Errorf("%q is not taken as it is", plain)
		}
	}
}
