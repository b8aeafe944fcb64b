package screening

import (
	"errors"
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

func TestCounted(t *testing.T) {
	for n, want := range map[int]string{0: "0 calls", 1: "1 call", 2: "2 calls", 1200: "1,200 calls", 1234567: "1,234,567 calls", -123: "-123 calls", -1234: "-1,234 calls"} {
		if got := Counted(n, "call", "calls"); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestSentence(t *testing.T) {
	for text, want := range map[string]string{"the disk is full": "The disk is full.", "Élise is gone.": "Élise is gone.", "élise": "Élise.", "“x” is wrong": "“x” is wrong."} {
		if got := Sentence(errors.New(text)); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
