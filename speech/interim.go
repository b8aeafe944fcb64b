package speech

import (
	"context"
	"errors"
	"sync"
)

// ErrGaveWay says that what somebody has said so far was not read, because words that decide were wanted.
var ErrGaveWay = errors.New("speech recognition is needed for a caller who has finished")

// Interim reads what somebody has said so far, who goes on speaking. Its words are shown until there are those of the whole, which may be others. It
// gives way to every other reading of a caller's words: while there is one it is not begun, and if one begins meanwhile it is dropped. So it is only for
// a recogniser that is free again as soon as its ctx ends. One is read at a time; another gets ErrBusy, as it will be longer in a moment anyway.
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
	words, err := r.ask(ctx, recording, Limit, r.interim)
	if err != nil {
		return Words{}, err
	}
	return plausible(words, spoken), nil
}

// finals counts the readings that others give way to, and drops the one that does.
type finals struct {
	mu    sync.Mutex
	count int
	drop  context.CancelCauseFunc // nil for none
}

// begin counts one more, until end is called.
func (f *finals) begin() (end func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	if f.drop != nil {
		f.drop(ErrGaveWay)
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
	dropped, drop := context.WithCancelCause(ctx)
	if f.count > 0 {
		drop(ErrGaveWay)
	}
	f.drop = drop
	return dropped, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.drop = nil
		drop(nil)
	}
}
