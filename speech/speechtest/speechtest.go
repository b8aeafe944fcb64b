// Package speechtest has recognisers for tests.
package speechtest

import (
	"context"

	"ringfence/speech"
)

// Func is a recogniser made of a function.
type Func func(ctx context.Context, recording []byte) (speech.Words, error)

// Read calls the function.
func (f Func) Read(ctx context.Context, recording []byte) (speech.Words, error) {
	return f(ctx, recording)
}

// Says is a recogniser that reads the same in every recording.
func Says(text string) Func {
	return func(context.Context, []byte) (speech.Words, error) { return speech.Words{Text: text}, nil }
}

// Fails is a recogniser that never has an answer.
func Fails(err error) Func {
	return func(context.Context, []byte) (speech.Words, error) { return speech.Words{}, err }
}

// Hangs is a recogniser that ignores its limit until release is closed.
func Hangs(release <-chan struct{}) Func {
	return func(context.Context, []byte) (speech.Words, error) {
		<-release
		return speech.Words{Text: "too late"}, nil
	}
}
