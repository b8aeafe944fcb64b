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

// Reader is a Transcriber that lets a recogniser hear speech alone, and believes nothing that it cannot have heard. It is safe for concurrent use.
type Reader struct {
	recogniser Transcriber
	limit      time.Duration
	pending    chan struct{}
}

// NewReader returns a Reader for a recogniser. Without one (nil) it never has words.
func NewReader(recogniser Transcriber) *Reader {
	return &Reader{recogniser: recogniser, limit: Limit, pending: make(chan struct{}, mostPending)}
}

// Within is the same Reader with another limit than Limit, for whoever has no call waiting.
func (r *Reader) Within(limit time.Duration) *Reader {
	return &Reader{recogniser: r.recogniser, limit: limit, pending: r.pending}
}

// Read returns what is said in the recording, within its limit even if the recogniser hangs. No words and no error: nobody said anything that can be read.
func (r *Reader) Read(ctx context.Context, recording []byte) (Words, error) {
	if r == nil || r.recogniser == nil {
		return Words{}, nil
	}
	spoken, err := measure(recording)
	if err != nil || spoken < leastSpeech {
		return Words{}, err
	}
	words, err := r.ask(ctx, recording)
	if err != nil {
		return Words{}, err
	}
	return plausible(words, spoken), nil
}

// ask waits for the recogniser's answer until the limit, whatever the recogniser does.
func (r *Reader) ask(ctx context.Context, recording []byte) (Words, error) {
	select {
	case r.pending <- struct{}{}:
	default:
		return Words{}, ErrBusy
	}
	limited, cancel := context.WithTimeoutCause(ctx, r.limit, ErrSlow)
	defer cancel()
	type answer struct {
		words Words
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		defer func() { <-r.pending }()
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
