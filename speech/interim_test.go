package speech_test

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/sound"
	"ringfence/speech"
	"ringfence/speech/speechtest"
)

// soFar is the first four seconds of what the caller says.
func soFar(t *testing.T) []byte {
	t.Helper()
	_, said, err := sound.Read(caller(t))
	if err != nil {
		t.Fatal(err)
	}
	return sound.WAV(sound.Rate, said[:4*sound.BytesPerSecond])
}

// oneAtATime is a recogniser that takes that long for whatever it reads, one after the other, and drops what nobody waits for.
func oneAtATime(takes time.Duration, text string) speechtest.Func {
	one := make(chan struct{}, 1)
	return func(ctx context.Context, _ []byte) (speech.Words, error) {
		select {
		case one <- struct{}{}:
		case <-ctx.Done():
			return speech.Words{}, ctx.Err()
		}
		defer func() { <-one }()
		select {
		case <-time.After(takes):
			return speech.Words{Text: text}, nil
		case <-ctx.Done():
			return speech.Words{}, ctx.Err()
		}
	}
}

// However many callers are read while they speak, the words of one who has finished come as soon as if nobody were.
func TestFinalWordsNeverWaitForInterimOnes(t *testing.T) {
	whole, part := caller(t), soFar(t)
	synctest.Test(t, func(t *testing.T) {
		const takes = 800 * time.Millisecond
		reader := speech.NewReader(oneAtATime(takes, "Hello, this is Steve."))
		given := make(chan error)
		go func() {
			_, err := reader.Interim(t.Context(), part)
			given <- err
		}()
		synctest.Wait() // it is being read
		if _, err := reader.Interim(t.Context(), part); !errors.Is(err, speech.ErrBusy) {
			t.Errorf("a second one at the same time: %v", err)
		}
		began := time.Now()
		final := make(chan time.Duration)
		go func() {
			if words, err := reader.Read(t.Context(), whole); err != nil || words.Text == "" {
				t.Errorf("read %+v, %v", words, err)
			}
			final <- time.Since(began)
		}()
		if err := <-given; !errors.Is(err, speech.ErrGaveWay) || time.Since(began) != 0 {
			t.Errorf("after %v the interim reading ended with %v", time.Since(began), err)
		}
		synctest.Wait()
		if _, err := reader.Interim(t.Context(), part); !errors.Is(err, speech.ErrGaveWay) {
			t.Errorf("one that would begin beside it: %v", err)
		}
		if took := <-final; took != takes {
			t.Errorf("the final words came after %v", took)
		}
		if words, err := reader.Interim(t.Context(), part); err != nil || words.Text != "Hello, this is Steve." {
			t.Errorf("then: %+v, %v", words, err)
		}
	})
}

// What has been said so far is believed as little as the whole: nothing is read in silence, and not by a recogniser that hangs, fails or is missing.
func TestInterimWordsAreNoWorseThanFinalOnes(t *testing.T) {
	part, silence := soFar(t), sound.WAV(sound.Rate, bytes.Repeat([]byte{0}, 4*sound.BytesPerSecond))
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		for what, c := range map[string]struct {
			recogniser speech.Transcriber
			recording  []byte
			fault      bool
		}{
			"silence":      {speechtest.Says("Thank you for watching."), silence, false},
			"a loop":       {speechtest.Says("The first is the first is the first is the first is"), part, false},
			"fails":        {speechtest.Fails(errors.New("broken")), part, true},
			"hangs":        {speechtest.Hangs(release), part, true},
			"none":         {nil, part, false},
			"no recording": {speechtest.Says("Hello."), []byte("no recording"), true},
		} {
			reader := speech.NewReader(c.recogniser)
			if words, err := reader.Interim(t.Context(), c.recording); words.Text != "" || (err != nil) != c.fault {
				t.Errorf("%s: read %+v, %v", what, words, err)
			}
		}
		var none *speech.Reader
		if words, err := none.Interim(t.Context(), part); err != nil || words.Text != "" {
			t.Errorf("nil: read %+v, %v", words, err)
		}
	})
}

// A computer that is too busy to read along is left alone: a reading takes three seconds at most, and the next one is begun ten seconds later.
func TestBusyComputerIsNotAskedForInterimWords(t *testing.T) {
	part := soFar(t)
	synctest.Test(t, func(t *testing.T) {
		takes, asked := time.Minute, atomic.Int32{}
		reader := speech.NewReader(speechtest.Func(func(ctx context.Context, _ []byte) (speech.Words, error) {
			asked.Add(1)
			select {
			case <-time.After(takes):
				return speech.Words{Text: "Hello."}, nil
			case <-ctx.Done():
				return speech.Words{}, ctx.Err()
			}
		}))
		began := time.Now()
		if _, err := reader.Interim(t.Context(), part); !errors.Is(err, speech.ErrSlow) || time.Since(began) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		synctest.Wait() // it has been dropped
		takes = time.Second / 2
		if _, err := reader.Interim(t.Context(), part); !errors.Is(err, speech.ErrSlow) || asked.Load() != 1 {
			t.Errorf("at once: asked %d times, %v", asked.Load(), err)
		}
		time.Sleep(10 * time.Second)
		if words, err := reader.Interim(t.Context(), part); err != nil || words.Text != "Hello." {
			t.Errorf("then: %+v, %v", words, err)
		}
	})
}

// After any of that there is room for the next.
func TestInterimReadingsLeaveRoom(t *testing.T) {
	part := soFar(t)
	reader := speech.NewReader(speechtest.Says("Hello."))
	for range 3 {
		for _, recording := range [][]byte{nil, sound.WAV(sound.Rate, nil), part} {
			if _, err := reader.Interim(t.Context(), recording); errors.Is(err, speech.ErrBusy) {
				t.Error("there is no room")
			}
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := reader.Interim(gone, part); !errors.Is(err, context.Canceled) {
		t.Errorf("for a caller who has gone: %v", err)
	}
	if words, err := reader.Interim(t.Context(), part); err != nil || words.Text != "Hello." {
		t.Errorf("read %+v, %v", words, err)
	}
}
