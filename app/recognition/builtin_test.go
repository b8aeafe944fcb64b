package recognition

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/config"
	"ringfence/speech"
	"ringfence/speech/modelfiles"
)

// running is a process that reads while it runs, and keeps others waiting while it does not, as that of the built-in recogniser does.
type running struct{ runs atomic.Bool }

func (r *running) Run(ctx context.Context) {
	r.runs.Store(true)
	<-ctx.Done()
	r.runs.Store(false)
}

func (r *running) Read(ctx context.Context, _ []byte) (speech.Words, error) {
	if r.runs.Load() {
		return speech.Words{Text: "Hello."}, nil
	}
	<-ctx.Done()
	return speech.Words{}, ctx.Err()
}

// Whoever installs, removes and installs the built-in recogniser again need not restart anything, and no call waits for one that is not there.
func TestBuiltInIsUsedWhileItIsInstalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var installed atomic.Bool
		p := &running{}
		b := newBuiltIn(p, func() error {
			if installed.Load() {
				return nil
			}
			return modelfiles.ErrMissing
		}, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			b.run(ctx)
		}()
		for i, is := range []bool{false, true, false, true} {
			installed.Store(is)
			time.Sleep(lookAgain + time.Second)
			synctest.Wait()
			began := time.Now()
			wait, giveUp := context.WithTimeout(t.Context(), speech.Limit)
			words, err := b.Read(wait, nil)
			giveUp()
			if errors.Is(err, speech.ErrNone) == is || err != nil && is || (words.Text != "") != is || p.runs.Load() != is || time.Since(began) != 0 {
				t.Errorf("%d: installed %t, read %+v, %v after %v, running %t", i, is, words, err, time.Since(began), p.runs.Load())
			}
		}
		cancel()
		<-ended
		if p.runs.Load() {
			t.Error("the process runs on")
		}
	})
}

// Where recognition is switched off, nothing runs: nobody looks for the built-in recogniser, and no process is started, installed or not.
func TestNothingRunsWhereRecognitionIsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(config.Speech{Reader: config.SpeechNone}, "/there/is/none", slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithTimeout(t.Context(), 2*lookAgain)
		defer cancel()
		r.Run(ctx)
		if ctx.Err() != nil || r.HasInterim() {
			t.Error("it runs")
		}
	})
}

// A message that waits from before the start is not taken for one without words, because nobody has looked yet whether there is a recogniser.
func TestBuiltInThatIsInstalledIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBuiltIn(&running{}, func() error { return nil }, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := b.Read(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("before it runs: %v", err)
		}
	})
}
