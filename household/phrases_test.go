package household

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"ringfence/sound"
	"ringfence/store"
)

// A browser that leaves once the file is written cuts nothing off: there are the recording and its line, or neither.
func TestWhoeverLeavesAPhraseBehind(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{nil, errors.New("a disk that is full")} {
		f := newFilled(t)
		ctx, leave := context.WithCancel(t.Context())
		_, err := f.phrase(ctx, "", store.PhraseGreeting, func(ctx context.Context, _ []byte) (change, error) {
			err := f.Store.SetPhrase(ctx, "home", store.PhraseGreeting, aSound())
			leave()
			return change{word: PhraseSet, sentence: "Callers hear it."}, errors.Join(err, failure)
		})
		if !errors.Is(err, failure) {
			t.Error(err)
		}
		_, _, there, err := f.Store.Phrase(t.Context(), "home", store.PhraseGreeting)
		if lines := f.lines(t); err != nil || there != (failure == nil) || there != (lines == 1) {
			t.Errorf("%v: recorded is %v, with %d lines: %v", failure, there, lines, err)
		}
	}
}

// What somebody else records while a deed waits for its turn is neither lost to a form that did not show it, nor to putting back.
func TestPhraseRecordedWhileADeedWaits(t *testing.T) {
	t.Parallel()
	f, ctx := newFilled(t), t.Context()
	other := sound.WAV(sound.Rate, bytes.Repeat([]byte{1, 2}, 16000))
	err := f.whileWaiting(t, func(ctx context.Context) error {
		return f.Store.SetPhrase(ctx, "home", store.PhraseGreeting, other)
	}, func() error {
		_, err := f.SetPhrase(ctx, SeenPhrase(""), store.PhraseGreeting, aSound())
		return err
	})
	if !refusedAs(err, Conflict) {
		t.Errorf("not refused: %v", err)
	}
	path, _, _, err := f.Store.Phrase(ctx, "home", store.PhraseGreeting)
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(path); err != nil || !bytes.Equal(kept, other) {
		t.Errorf("%d bytes are kept of %d: %v", len(kept), len(other), err)
	}
}
