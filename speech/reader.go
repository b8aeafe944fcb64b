package speech

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// Limit is how long a recogniser may take. After that nobody waits for the words any more: the phone is ringing.
	Limit = 5 * time.Second
	// mostPending is how many readings may be under way: one that hangs holds its place until it gives up.
	mostPending = 4
)

// Why a Reader has no words although somebody spoke.
var (
	ErrSlow = errors.New("speech recognition did not answer in time")
	ErrBusy = errors.New("speech recognition has too much to do")
)

// Reader is a Transcriber that lets a recogniser hear speech alone, and believes nothing that it cannot have heard. It reads what callers say while
// their calls go on, and what they have said so far (Interim); Patient reads the rest. It is safe for concurrent use.
type Reader struct {
	recogniser Transcriber
	pending    chan struct{} // has room for the readings that may be under way
	calls      readings
	finals     finals
	interim    chan struct{} // has room for the one interim reading

	messages, piece chan struct{} // have room for the messages that are read or wait, and for the piece that is read (see Patient)
}

// NewReader returns a Reader for a recogniser. Without one (nil) it never has words.
func NewReader(recogniser Transcriber) *Reader {
	return &Reader{
		recogniser: recogniser, pending: make(chan struct{}, mostPending), interim: make(chan struct{}, 1),
		messages: make(chan struct{}, mostMessages), piece: make(chan struct{}, 1),
	}
}

// Read returns what is said in the recording, within Limit even if the recogniser hangs. No words and no error: nobody said anything that can be read.
func (r *Reader) Read(ctx context.Context, recording []byte) (Words, error) {
	if r == nil || r.recogniser == nil {
		return Words{}, nil
	}
	defer r.calls.begin()()
	defer r.finals.begin()()
	spoken, err := measure(recording)
	if err != nil || spoken < leastSpeech {
		return Words{}, err
	}
	select {
	case r.pending <- struct{}{}:
	default:
		return Words{}, ErrBusy
	}
	words, err := r.ask(ctx, recording, Limit, r.pending)
	if err != nil {
		return Words{}, err
	}
	return plausible(words, spoken), nil
}

// ask waits for the recogniser's answer until the limit, whatever the recogniser does. The place that the reading has taken is free again when the
// recogniser has given up, too.
func (r *Reader) ask(ctx context.Context, recording []byte, limit time.Duration, place <-chan struct{}) (Words, error) {
	limited, cancel := context.WithTimeoutCause(ctx, limit, ErrSlow)
	defer cancel()
	type answer struct {
		words Words
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		defer func() { <-place }()
		defer func() {
			if p := recover(); p != nil {
				answers <- answer{err: fmt.Errorf("speech recognition failed: %v", p)}
			}
		}()
		words, err := r.recogniser.Read(limited, recording)
		answers <- answer{words, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil && limited.Err() != nil && errors.Is(context.Cause(limited), ErrSlow) {
			return Words{}, ErrSlow
		}
		return a.words, a.err
	case <-limited.Done():
		return Words{}, context.Cause(limited)
	}
}
