package speech

import (
	"context"
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
	// mostMessages may wait to be read: each takes 2 MB.
	mostMessages = 16
)

// Patient reads recordings of any length, such as messages, whose words no call waits for: in pieces, one after the other. Calls go first: while a
// Reader's recording is being read, or waits to be, no piece is begun. It is safe for concurrent use.
type Patient struct{ reader *Reader }

// Patient is this Reader for what no call waits for.
func (r *Reader) Patient() Patient { return Patient{r} }

// Read returns what is said in the recording. If a piece cannot be read, it returns an error with what was read before that.
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
	var texts []string
	var all Words
	for _, piece := range pieces(data, rate) {
		words, err := r.readPiece(ctx, sound.WAV(rate, piece))
		if err != nil && len(texts) > 0 {
			return Words{Text: strings.Join(texts, " ") + " …", Unsure: true}, err
		}
		if err != nil {
			return Words{}, err
		}
		if words.Text != "" {
			texts = append(texts, words.Text)
			all.Unsure = all.Unsure || words.Unsure
		}
	}
	all.Text = strings.Join(texts, " ")
	return all, nil
}

// readPiece reads a piece once no call needs the recogniser, and no other piece is being read.
func (r *Reader) readPiece(ctx context.Context, piece []byte) (Words, error) {
	spoken, err := measure(piece)
	if err != nil || spoken < leastSpeech {
		return Words{}, err
	}
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

// readings counts those that are under way for calls.
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
