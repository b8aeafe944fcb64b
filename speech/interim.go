package speech

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// interimLimit is how long such a reading may take. A computer that needs longer is busy, and calls have it first. One with a fifth of the speed of
	// today's desktops needs up to two seconds (cmd/bench/speech).
	interimLimit = 3 * time.Second
	// interimRest is how long none is begun after one that took longer: for the rest of what that caller says.
	interimRest = 10 * time.Second
)

// ErrGaveWay says that what somebody has said so far was not read, because words that decide were wanted.
var ErrGaveWay = errors.New("speech recognition is needed for a caller who has finished")

// Interim reads what somebody has said so far, who goes on speaking. Its words are shown until there are those of the whole, which may be others. It
// gives way to every other reading of a caller's words: while there is one it is not begun, and if one begins meanwhile it is dropped. So it is only for
// a recogniser that is free again as soon as its ctx ends. One is read at a time; another gets ErrBusy, as it will be longer in a moment anyway. One that
// takes too long is dropped, and there are none for a while.
func (r *Reader) Interim(ctx context.Context, recording []byte) (Words, error) {
	if r == nil || r.recogniser == nil {
		return Words{}, nil
	}
	select {
	case r.interim <- struct{}{}:
	default:
		return Words{}, ErrBusy
	}
	ctx, over := r.finals.givingWay(ctx)
	defer over()
	spoken, err := measure(recording)
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil || spoken < leastSpeech {
		<-r.interim
		return Words{}, err
	}
	words, err := r.ask(ctx, recording, interimLimit, r.interim)
	if errors.Is(err, ErrSlow) {
		r.finals.rest()
	}
	if err != nil {
		return Words{}, err
	}
	return plausible(words, spoken), nil
}

// finals counts the readings that others give way to, and drops the one that does.
type finals struct {
	mu     sync.Mutex
	count  int
	cancel context.CancelCauseFunc // of the one that gives way; nil for none
	rests  time.Time               // until when there is none that gives way
}

// begin counts one more, until end is called.
func (f *finals) begin() (end func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	if f.cancel != nil {
		f.cancel(ErrGaveWay)
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.count--
	}
}

// givingWay returns a context that ends with ErrGaveWay when there is a reading to give way to. There is one such context at a time, until over is called.
func (f *finals) givingWay(ctx context.Context) (dropped context.Context, over func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	dropped, cancel := context.WithCancelCause(ctx)
	if f.count > 0 {
		cancel(ErrGaveWay)
	}
	if time.Now().Before(f.rests) {
		cancel(ErrSlow)
	}
	f.cancel = cancel
	return dropped, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.cancel = nil
		cancel(nil)
	}
}

// rest has none begin for a while.
func (f *finals) rest() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rests = time.Now().Add(interimRest)
}
