package alerts

import (
	"context"
	"errors"
	"time"

	"ringfence/notify"
	"ringfence/store"
	"ringfence/store/outbox"
)

// Messenger is notify as the page on which people choose their alerts uses it.
type Messenger struct {
	db      *store.Store
	by      notify.Courier
	contact string
}

// testLimit is how long somebody waits for the result of a test.
const testLimit = 25 * time.Second

// NewMessenger fails if the program that sends messages cannot be found. contact is as in Options.
func NewMessenger(db *store.Store, contact string) (Messenger, error) {
	by, err := newCourier(testLimit)
	return Messenger{db, by, contact}, err
}

// PushKey implements web.Messenger.
func (m Messenger) PushKey(ctx context.Context) (string, error) {
	keys, err := pushKeys(ctx, m.db, m.contact)
	return keys.Public, err
}

// Test implements web.Messenger. It sends even if the channel is paused, or during quiet hours. A success clears an earlier
// failure, so that what is waiting is sent too; a failure is shown on the page.
func (m Messenger) Test(ctx context.Context, c outbox.Channel) error {
	to, err := target(ctx, m.db, m.contact, c.ID)
	if err != nil {
		return err
	}
	if to.URL == "" && c.LastError != "" { // an address that was given up
		return errors.New(c.LastError)
	}
	if to.URL == "" {
		return outbox.ErrNoChannel
	}
	about, err := m.db.About(ctx, c.Household)
	if err != nil {
		return err
	}
	err = notify.Test(ctx, m.by, to, oneLine(about.Called()))
	now := time.Now()
	var failed *notify.Failure
	switch {
	case err == nil:
		return m.db.Outbox.ChannelSent(ctx, c.ID, nil, now)
	case errors.As(err, &failed):
		return errors.Join(err, channelFailed(ctx, m.db, c.ID, now, now.Add(notify.Wait(1, 0, 0)), failed))
	default:
		return err
	}
}
