package household

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"ringfence/sound"
	"ringfence/store"
)

// A browser that leaves once the file is written cuts nothing off: there are the recording and its line, or neither.
func TestWhoeverLeavesAPhraseBehind(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{nil, errors.New("a disk that is full")} {
		f := newFilled(t)
		ctx, leave := context.WithCancel(t.Context())
		_, err := f.phrase(ctx, "", store.PhraseGreeting, func(ctx context.Context, _ bool) (change, error) {
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
	result := make(chan error, 1)
	err := f.Store.Together(ctx, func(ctx context.Context) error {
		go func() {
			_, err := f.SetPhrase(t.Context(), SeenPhrase(""), store.PhraseGreeting, aSound())
			result <- err
		}()
		time.Sleep(100 * time.Millisecond) // a deed that looks before its turn does so now
		return f.Store.SetPhrase(ctx, "home", store.PhraseGreeting, other)
	})
	if err != nil {
		t.Fatal(err)
	}
	var refusal *Refusal
	if err := <-result; !errors.As(err, &refusal) || refusal.Kind != Conflict {
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
