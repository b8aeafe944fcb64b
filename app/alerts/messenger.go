package alerts

import (
	"context"
	"errors"
	"time"

	"ringfence/notify"
	"ringfence/store"
	"ringfence/store/outbox"
	"ringfence/web"
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

// Services implements web.Messenger.
func (Messenger) Services() (all []web.Service) {
	for _, s := range notify.Services() {
		shown := web.Service{ID: s.ID, Name: s.Name, Hint: s.Hint, AnyAddress: s.AnyAddress}
		for _, f := range s.Fields {
			shown.Fields = append(shown.Fields, web.ServiceField(f))
		}
		all = append(all, shown)
	}
	return all
}

// Address implements web.Messenger.
func (Messenger) Address(service string, filled map[string]string) (address, where string, err error) {
	s, there := notify.ServiceOf(service)
	if !there {
		return "", "", web.ServiceFault{Sentence: "There is no such way of being told."}
	}
	a, err := s.Build(filled)
	var fault notify.FieldError
	if errors.As(err, &fault) {
		return "", "", web.ServiceFault(fault)
	}
	return a.URL, a.Where, err
}

// CheckTimes implements web.Messenger.
func (Messenger) CheckTimes(c outbox.Choices, household *time.Location) error {
	return planOf(c, household).Validate()
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
