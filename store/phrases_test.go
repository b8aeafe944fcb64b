package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/sound"
)

func TestPhrasesInTheHouseholdsOwnVoice(t *testing.T) {
	s, path := open(t)
	ctx := t.Context()
	if _, _, ok, err := s.Phrase(ctx, "home", PhraseGreeting); ok || err != nil {
		t.Error(ok, err)
	}
	second := bytes.Repeat([]byte{1, 2}, 8000)
	must(t, s.SetPhrase(ctx, "home", PhraseGreeting, sound.WAV(sound.Rate, bytes.Repeat(second, 60))))
	must(t, s.SetPhrase(ctx, "home", PhraseGreeting, sound.WAV(sound.Rate, second))) // instead
	must(t, s.SetPhrase(ctx, "other", PhraseGreeting, sound.WAV(sound.Rate, bytes.Repeat(second, 2))))
	file, length, ok, err := s.Phrase(ctx, "home", PhraseGreeting)
	if !ok || err != nil || length != time.Second || filepath.Dir(file) != filepath.Join(filepath.Dir(path), "phrases") {
		t.Error(file, length, ok, err)
	}
	for path, mode := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", path, info, err)
		}
	}
	if kept, err := os.ReadFile(file); err != nil || !bytes.Equal(kept, sound.WAV(sound.Rate, second)) {
		t.Error("it is not what was recorded", err)
	}
	if _, _, ok, err := s.Phrase(ctx, "home", PhraseAskName); ok || err != nil {
		t.Error(ok, err)
	}
	for range 2 {
		must(t, s.RemovePhrase(ctx, "home", PhraseGreeting))
		if _, _, ok, err := s.Phrase(ctx, "home", PhraseGreeting); ok || err != nil {
			t.Error(ok, err)
		}
		must(t, s.SettlePhrases(ctx))
	}
	if _, length, ok, err := s.Phrase(ctx, "other", PhraseGreeting); !ok || err != nil || length != 2*time.Second {
		t.Errorf("another household's: %v %v %v", length, ok, err)
	}
}

// Programs write more into a WAV file than the sound; only the sound is kept.
func TestOnlyTheSoundOfAPhraseIsKept(t *testing.T) {
	s, _ := open(t)
	plain := sound.WAV(sound.Rate, []byte{1, 0, 2, 0})
	full := append([]byte{}, plain[:12]...)
	full = append(full, "LIST\x05\x00\x00\x00Joan!\x00"...) // an odd size, with a byte behind it
	full = append(full, plain[12:]...)
	full = append(full, "id3 \x02\x00\x00\x00hi"...)
	must(t, s.SetPhrase(t.Context(), "home", PhraseInspection, full))
	file, _, _, err := s.Phrase(t.Context(), "home", PhraseInspection)
	must(t, err)
	if kept, err := os.ReadFile(file); err != nil || !bytes.Equal(kept, plain) {
		t.Errorf("%q %v", kept, err)
	}
}

func TestPhrasesThatAreRefused(t *testing.T) {
	s, _ := open(t)
	good := sound.WAV(sound.Rate, bytes.Repeat([]byte{1, 0}, 100))
	changed := func(at int, value byte) []byte {
		wav := bytes.Clone(good)
		wav[at] = value
		return wav
	}
	for what, test := range map[string]struct {
		wav   []byte
		words string
	}{
		"nothing":        {nil, "not a WAV file"},
		"no WAV":         {[]byte(strings.Repeat("ID3 music ", 20)), "not a WAV file"},
		"two channels":   {changed(22, 2), "8000 Hz"},
		"16 kHz":         {changed(25, 0x3e), "8000 Hz"},
		"8 bit":          {changed(34, 8), "8000 Hz"},
		"A-law":          {changed(20, 6), "8000 Hz"},
		"half a sample":  {changed(40, 199), "8000 Hz"},
		"sound first":    {append(bytes.Clone(good[:12]), good[36:]...), "8000 Hz"},
		"cut off":        {good[:len(good)-1], "cut off"},
		"a head only":    {good[:36], "not a WAV file"},
		"a huge chunk":   {changed(19, 0xff), "cut off"},
		"an empty sound": {sound.WAV(sound.Rate, nil), "no sound"},
		"silence":        {sound.WAV(sound.Rate, make([]byte, 1000)), "no sound"},
		"too long":       {sound.WAV(sound.Rate, bytes.Repeat([]byte{1, 0}, 60*8000+1)), "longer than 60 seconds"},
	} {
		err := s.SetPhrase(t.Context(), "home", PhraseGreeting, test.wav)
		if err == nil || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v, not %q", what, err, test.words)
		}
	}
	if err := s.SetPhrase(t.Context(), "home", "../ringfence", good); err == nil {
		t.Error("a phrase of any name was kept")
	}
	if _, _, ok, err := s.Phrase(t.Context(), "home", PhraseGreeting); ok || err != nil {
		t.Error("one of them was kept", err)
	}
	must(t, s.SetPhrase(t.Context(), "home", PhraseGreeting, good))
}

// What is in force is what the database says, whenever the program has died: before a recording is moved to its place, while it is, or before that is
// noted. What a deed has left that was never done goes in time.
func TestPhrasesOutliveACrash(t *testing.T) {
	s, path := open(t)
	ctx := t.Context()
	first, second := sound.WAV(sound.Rate, []byte{1, 0, 2, 0}), sound.WAV(sound.Rate, []byte{3, 0, 4, 0})
	heard := func(when string, want []byte) {
		t.Helper()
		file, _, there, err := s.Phrase(ctx, "home", PhraseGreeting)
		must(t, err)
		if !there {
			file = "/dev/null"
		}
		if kept, err := os.ReadFile(file); err != nil || !bytes.Equal(kept, want) {
			t.Errorf("%s: %q is heard: %v", when, kept, err)
		}
	}
	must(t, s.SetPhrase(ctx, "home", PhraseGreeting, first))
	heard("before it is moved", first)
	beside, _, _, err := s.Phrase(ctx, "home", PhraseGreeting)
	must(t, err)
	must(t, os.Rename(beside, s.phrasePath(1, PhraseGreeting)))
	heard("moved, and not noted", first)
	must(t, s.SettlePhrases(ctx))
	heard("noted", first)
	failed := errors.New("the power")
	err = s.Together(ctx, func(ctx context.Context) error {
		return errors.Join(s.SetPhrase(ctx, "home", PhraseGreeting, second), failed)
	})
	if !errors.Is(err, failed) {
		t.Error(err)
	}
	heard("recorded, and never done", first)
	must(t, s.SettlePhrases(ctx))
	heard("likewise, later", first)
	must(t, s.RemovePhrase(ctx, "home", PhraseGreeting))
	heard("removed", nil)
	must(t, s.SetPhrase(ctx, "home", PhraseGreeting, second))
	must(t, s.SettlePhrases(ctx))
	heard("again", second)
	files := func() []string {
		all, err := filepath.Glob(filepath.Join(filepath.Dir(path), "phrases", "*"))
		must(t, err)
		return all
	}
	if all := files(); len(all) != 3 { // the one before, too, and the one that was never done
		t.Errorf("there are %q", all)
	}
	for _, left := range files() {
		must(t, os.Chtimes(left, time.Time{}, time.Now().Add(-2*orphanAge)))
	}
	must(t, s.Expire(ctx, time.Now().AddDate(0, 0, -90)))
	heard("after the night", second)
	if all := files(); len(all) != 2 {
		t.Errorf("there are %q", all)
	}
}

// The recording before the present one is kept for as long as it can be restored.
func TestTheRecordingBeforeIsKeptForAMonth(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	first, second := sound.WAV(sound.Rate, bytes.Repeat([]byte("\x10\x20"), sound.Rate)), sound.WAV(sound.Rate, bytes.Repeat([]byte("\x30\x20"), sound.Rate))
	for _, wav := range [][]byte{first, second} {
		must(t, s.SetPhrase(ctx, "home", PhraseGreeting, wav))
		must(t, s.SettlePhrases(ctx))
	}
	for _, age := range []time.Duration{UndoAge - time.Hour, UndoAge + time.Hour} {
		path, _, _, err := s.Phrase(ctx, "home", PhraseGreeting)
		must(t, err)
		if err := os.Chtimes(keptPath(path), time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
		must(t, s.Expire(ctx, time.Now().AddDate(0, 0, -90)))
		if before, err := s.PhraseBefore(ctx, "home", PhraseGreeting); err != nil || bytes.Equal(before, first) != (age < UndoAge) {
			t.Errorf("after %v the one before is %d bytes: %v", age, len(before), err)
		}
	}
}
