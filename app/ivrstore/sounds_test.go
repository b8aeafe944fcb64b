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

// A recording that was deleted while the program did not run is taken from Asterisk at the start, and one that was made then is brought to it.
func TestOwnWordsAreBroughtToAsteriskAtTheStart(t *testing.T) {
	s, ctx := open(t), t.Context()
	wav := sound.WAV(sound.Rate, []byte(strings.Repeat("ab", sound.Rate)))
	must(t, s.SetPhrase(ctx, "home", prompts.ID(store.PhraseAskName), wav))
	must(t, s.Store.RemovePhrase(ctx, "home", store.PhraseAskName))
	must(t, s.Store.SetPhrase(ctx, "home", store.PhraseInspection, wav))
	must(t, s.Sounds.put("home", store.PhraseGreeting, wav))
	must(t, s.Store.EnsureHousehold(ctx, "next door"))
	must(t, s.Store.SetPhrase(ctx, "next door", store.PhraseGreeting, wav))
	must(t, s.Store.SettlePhrases(ctx))
	must(t, s.Sounds.PublishAll(ctx, []string{"home", "next door"}))
	left, err := filepath.Glob(filepath.Join(s.Sounds.Folder, "own", "*", "*"))
	want := []string{s.Sounds.path("home", store.PhraseInspection), s.Sounds.path("next door", store.PhraseGreeting)}
	if err != nil || !slices.Equal(left, want) {
		t.Errorf("Asterisk has %q, and should have %q: %v", left, want, err)
	}
}
