package speech

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"ringfence/sound"
)

const (
	// MessageLimit is how long a message of two minutes may wait for calls and be read, on a slow computer.
	MessageLimit = 5 * time.Minute
	// pieceLimit is how long a recogniser may take for a piece of a message. It may have to start first.
	pieceLimit = time.Minute
	// tryAgain is how long after an error a piece is tried once more: what reads it may have ended, and start again.
	tryAgain = 2 * time.Second
	// mostMessages may wait to be read: each takes 2 MB.
	mostMessages = 16
)

// Patient reads recordings of any length, such as messages, whose words no call waits for: in pieces, one after the other. Calls go first: while a
// Reader's recording is being read, waits to be, or is expected, no piece is begun. It is safe for concurrent use.
type Patient struct{ reader *Reader }

// Patient is this Reader for what no call waits for.
func (r *Reader) Patient() Patient { return Patient{r} }

// Expect says that the words of a call are wanted soon, until over is called: a piece of a message that is begun now would be in their way.
func (r *Reader) Expect() (over func()) { return r.calls.begin() }

// lost stands for a piece that could not be read.
const lost = "…"

// Read returns what is said in the recording. A piece that cannot be read is tried twice; then "…" stands for it, and for all of what is left once
// ctx has no more time. It returns the error beside the words then, and no words where there are no others. Whoever cancels ctx wants no words.
func (p Patient) Read(ctx context.Context, recording []byte) (Words, error) {
	r := p.reader
	if r == nil || r.recogniser == nil {
		return Words{}, nil
	}
	rate, data, err := sound.Read(recording)
	if err != nil {
		return Words{}, err
	}
	select {
	case r.messages <- struct{}{}:
	default:
		return Words{}, ErrBusy
	}
	defer func() { <-r.messages }()
	var m message
	for _, piece := range pieces(data, rate) {
		piece := sound.WAV(rate, piece)
		spoken, err := measure(piece)
		if err != nil {
			return Words{}, err
		}
		if spoken < leastSpeech {
			continue
		}
		words, err := r.readTwice(ctx, piece, spoken)
		if errors.Is(err, ErrNone) {
			return Words{}, err // not a part either: later all of it can be read
		}
		m.add(words, err)
		if ctx.Err() != nil {
			break
		}
	}
	if cause := context.Cause(ctx); errors.Is(cause, context.Canceled) {
		return Words{}, cause
	}
	return m.words()
}

// message is what has been read of one.
type message struct {
	texts  []string
	unsure bool
	some   bool  // there are words
	fault  error // why something is lost
}

func (m *message) add(words Words, err error) {
	switch {
	case err != nil:
		m.fault, m.unsure = err, true
		if len(m.texts) == 0 || m.texts[len(m.texts)-1] != lost {
			m.texts = append(m.texts, lost)
		}
	case words.Text != "":
		m.texts, m.some = append(m.texts, words.Text), true
		m.unsure = m.unsure || words.Unsure
	}
}

func (m *message) words() (Words, error) {
	if !m.some {
		return Words{}, m.fault
	}
	return Words{Text: strings.Join(m.texts, " "), Unsure: m.unsure}, m.fault
}

// readTwice reads a piece, and tries once more after an error.
func (r *Reader) readTwice(ctx context.Context, piece []byte, spoken time.Duration) (Words, error) {
	words, err := r.readPiece(ctx, piece, spoken)
	if err == nil || errors.Is(err, ErrNone) {
		return words, err
	}
	select {
	case <-time.After(tryAgain):
		return r.readPiece(ctx, piece, spoken)
	case <-ctx.Done():
		return Words{}, err
	}
}

// readPiece reads a piece once no call needs the recogniser, and no other piece is being read.
func (r *Reader) readPiece(ctx context.Context, piece []byte, spoken time.Duration) (Words, error) {
	select {
	case r.piece <- struct{}{}:
	case <-ctx.Done():
		return Words{}, context.Cause(ctx)
	}
	if err := r.calls.wait(ctx); err != nil {
		<-r.piece
		return Words{}, err
	}
	words, err := r.ask(ctx, piece, pieceLimit, r.piece)
	if err != nil {
		return Words{}, err
	}
	return plausible(words, spoken), nil
}

// readings counts those that are under way for calls, or expected.
type readings struct {
	mu    sync.Mutex
	count int
	none  chan struct{} // closed once there is none any more
}

// begin counts one more, until end is called.
func (r *readings) begin() (end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count == 0 {
		r.none = make(chan struct{})
	}
	r.count++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.count--; r.count == 0 {
			close(r.none)
		}
	}
}

// wait waits until there is none.
func (r *readings) wait(ctx context.Context) error {
	for {
		r.mu.Lock()
		count, none := r.count, r.none
		r.mu.Unlock()
		if count == 0 {
			return nil
		}
		select {
		case <-none:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
