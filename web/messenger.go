package web

import (
	"context"

	"ringfence/store/outbox"
)

// Messenger sends alerts.
type Messenger interface {
	// Test sends a message now and waits for the result, half a minute at most. The error is a sentence for people.
	Test(ctx context.Context, c outbox.Channel) error
	// PushKey is the key that a browser has to be told for its alerts.
	PushKey(ctx context.Context) (string, error)
}
