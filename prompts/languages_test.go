package prompts

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What every language's pack has to keep to. That it has every phrase and no other is seen to by "go generate", and that
// each has its recordings by the compiler; both are tested in build_test.go and internal/phrases.

func TestEveryPackSaysWhereItsRecordingsComeFrom(t *testing.T) {
	for _, language := range Languages() {
		words, err := os.ReadFile(language + ".toml")
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := bytes.Cut(words, []byte("\n\n"))
		for _, want := range []string{"The recordings are machine-made", "the voice is Kokoro-82M, style ", "Apache-2.0"} {
			if !bytes.Contains(head, []byte(want)) {
				t.Errorf("the comment at the top of %s.toml does not say %q", language, want)
			}
		}
	}
}

// A recording whose phrase is gone would be carried along for ever, since nothing names it.
func TestNoRecordingIsLeftOver(t *testing.T) {
	for _, language := range Languages() {
		entries, err := os.ReadDir(language)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !slices.Contains(All, ID(strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())))) {
				t.Errorf("%s/%s has no phrase: remove it", language, e.Name())
			}
		}
	}
}

// The original leads into a recording or a digit without a full stop; so must every other language, and the other way round.
func TestEveryLanguageLeadsOnWhereTheOriginalDoes(t *testing.T) {
	computes(t)
	for _, language := range Languages() {
		for _, id := range All {
			text := Text(language, id)
			if strings.HasSuffix(text, ".") != strings.HasSuffix(Text("en-GB", id), ".") {
				t.Errorf("%s in %s is %q, and in en-GB %q: one of them ends, the other leads on", id, language, text, Text("en-GB", id))
			}
		}
	}
}

// A phrase that was copied from the original and not translated, and a recording that was.
func TestFrenchIsNotEnglish(t *testing.T) {
	alike := []ID{N6, Plus} // "six" and "plus" are words of both
	for _, id := range All {
		if Text("fr-FR", id) == Text("en-GB", id) && !slices.Contains(alike, id) {
			t.Errorf("%s is %q in French", id, Text("fr-FR", id))
		}
		for _, language := range []string{"en-US", "fr-FR"} {
			if bytes.Equal(Recording(language, id, Narrow), Recording("en-GB", id, Narrow)) {
				t.Errorf("%s has the recording of en-GB for %s", language, id)
			}
		}
	}
}

func TestAmericanEnglishHasNoBritishWords(t *testing.T) {
	computes(t)
	british := []string{"hash", "dialled", "hold the line", "midday", "premium rate", "telephone"}
	for _, id := range All {
		for _, word := range british {
			if strings.Contains(strings.ToLower(Text("en-US", id)), word) {
				t.Errorf("%s has the British word %q in American English", id, word)
			}
		}
	}
}

// computes leaves a test out with -short, which is how the race detector runs: it computes, on its own, and takes ten times as long with it.
func computes(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs without -short, and so without the race detector")
	}
}
