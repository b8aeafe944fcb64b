// Package speech is what a caller said in a recording, as text. It knows nothing of calls and households: a recording goes in, words come out.
//
// A recogniser is a Transcriber; its kinds are packages below this one. Reader stands before all of them, because all of them are wrong in the same
// ways: they invent words for noise, repeat themselves, answer late or not at all. Whatever goes wrong, there are no words, and the call goes on.
// Patient, beside it, reads what takes longer, and lets the calls go first.
package speech

import (
	"context"
	"errors"
)

// Words are what a machine read in a recording. They are a guess that stands beside the recording, never instead of it.
type Words struct {
	Text   string // "" where nobody spoke, or nothing was understood
	Unsure bool   // the machine itself doubts it
}

// ErrNone says that there is no recogniser at this moment, which is nobody's fault: it may not be installed yet, or not any more. What it would have read can
// be read later.
var ErrNone = errors.New("there is no speech recognition")

// Transcriber reads what is said in a recording: a WAV file of 8 or 16 kHz, 16 bit and one channel. It gives up when ctx ends.
type Transcriber interface {
	Read(ctx context.Context, recording []byte) (Words, error)
}
