package ivrstore

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ringfence/prompts"
	"ringfence/sound"
	"ringfence/store"
)

// What a program that was killed has lent to Asterisk goes with the next start, of every household that there ever was. Their own words stay.
func TestWhatWasLentIsTakenBackAtTheStart(t *testing.T) {
	s, ctx := open(t), t.Context()
	wav := sound.WAV(sound.Rate, []byte(strings.Repeat("ab", sound.Rate)))
	must(t, s.SetPhrase(ctx, "home", prompts.ID(store.PhraseAskName), wav))
	for _, household := range []string{"home", "moved away"} {
		for _, name := range []string{"said-7", "message-8"} {
			if _, _, err := s.Sounds.Lend(household, name, wav); err != nil {
				t.Fatal(err)
			}
		}
	}
	half := filepath.Join(s.Sounds.Folder, "own", "home", "said-9.wav.new")
	if err := os.WriteFile(half, wav, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := s.Sounds.PublishAll(ctx, []string{"home"}); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(s.Sounds.Folder, "own", "*", "*"))
	if want := []string{s.Sounds.path("home", store.PhraseAskName)}; err != nil || !slices.Equal(left, want) {
		t.Errorf("%q are left, and should be %q: %v", left, want, err)
	}
}
