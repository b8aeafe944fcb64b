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
	db *store.Store
	by notify.Courier
}

// testLimit is how long somebody waits for the result of a test.
const testLimit = 25 * time.Second

// NewMessenger fails if the program that sends messages cannot be found.
func NewMessenger(db *store.Store) (Messenger, error) {
	by, err := newCourier(testLimit)
	return Messenger{db, by}, err
}

// Test implements web.Messenger. It sends even if the channel is paused, or during quiet hours. A success clears an earlier
// failure, so that what is waiting is sent too; a failure is shown on the page.
func (m Messenger) Test(ctx context.Context, c outbox.Channel) error {
	var to notify.Target
	var err error
	if to.URL, to.AtHome, err = m.db.Outbox.ChannelAddress(ctx, c.ID); err != nil {
		return err
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
		return errors.Join(err, m.db.Outbox.ChannelFailed(ctx, c.ID, now, now.Add(notify.Wait(1, 0, 0)), failed.Sentence))
	default:
		return err
	}
}
