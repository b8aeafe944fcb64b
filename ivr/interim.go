package ivr

import (
	"context"
	"sync"

	"ringfence/speech"
)

// Interim reads what somebody has said so far, who goes on speaking (see speech.Reader).
type Interim interface {
	Interim(ctx context.Context, recording []byte) (speech.Words, error)
	// HasInterim says whether anything is there that can.
	HasInterim() bool
}

// saying is what a machine has read so far in a recording that is being made. Pages show it until there are the words of the whole. Nothing keeps it, and
// it warns of nothing; at most a caller is asked for a key because of it (see wordsSay).
type saying struct {
	mu    sync.Mutex
	words speech.Words
	over  bool // the words of the whole are there, or there will be none
}

// now is what has been read by now. y may be nil.
func (y *saying) now() speech.Words {
	if y == nil {
		return speech.Words{}
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.words
}

// set says what has been read, unless ctx has ended, as it does with the recording.
func (y *saying) set(ctx context.Context, words speech.Words) (changed bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if ctx.Err() != nil || y.over || y.words == words {
		return false
	}
	y.words = words
	return true
}

// end says that it is over, and whether something had been read. y may be nil.
func (y *saying) end() (had bool) {
	if y == nil {
		return false
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	had = y.words.Text != ""
	y.words, y.over = speech.Words{}, true
	return had
}

// Saying is what a caller is saying at this moment, as far as a machine has read it; no words if nothing is known.
func (s *Screener) Saying(household string, id int64) speech.Words {
	found, _ := s.underWay.Load(id)
	if c, is := found.(*call); is && c.Household == household {
		return c.saying.Load().now()
	}
	return speech.Words{}
}

// readsAlong returns what reads a recording while it is made, for RecordSpec.Growing; nil where there is nothing that can.
func (c *call) readsAlong() func(ctx context.Context, soFar []byte) {
	c.saying.Swap(nil).end()
	if c.Interim == nil || !c.Interim.HasInterim() {
		return nil
	}
	now := &saying{}
	c.saying.Store(now)
	return func(ctx context.Context, soFar []byte) {
		defer logFault(c.log, "reading what a caller is saying has found a fault; please report it")
		words, err := c.Interim.Interim(ctx, soFar)
		if err != nil { // the next may go better, and whoever reads the whole says what is wrong
			c.log.Debug("what a caller has said so far is not read", "err", err)
			return
		}
		if now.set(ctx, words) {
			c.OnSaying()
		}
	}
}
