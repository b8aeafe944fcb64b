package household

import (
	"context"
	"errors"
	"testing"
)

// A message that cannot be read at the moment is not called gone.
func TestMessageThatCannotBeRead(t *testing.T) {
	f := newFilled(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var refusal *Refusal
	if _, _, err := f.Message(ctx, f.call); err == nil || errors.As(err, &refusal) {
		t.Errorf("%v", err)
	}
}
