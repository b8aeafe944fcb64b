package alerts

import (
	"context"
	"slices"
	"time"

	"ringfence/notify"
	"ringfence/store/outbox"
)

// queues are the queues of the outbox as notify uses them.
type queues struct{ *Dispatcher }

// Waiting implements notify.Outbox.
func (q queues) Waiting(ctx context.Context) ([]notify.Recipient, error) {
	households := q.Households()
	waiting, err := q.Store.Outbox.Queues(ctx)
	var all []notify.Recipient
	for _, w := range waiting {
		if !slices.Contains(households, w.Household) { // one that the settings no longer have
			continue
		}
		about, err := q.Store.About(ctx, w.Household)
		if err != nil {
			return nil, err
		}
		zone := q.Line(w.Household).Zone
		r := notify.Recipient{
			ID: w.ID, Title: "Ringfence: " + oneLine(about.Called()), Zone: zone, Plan: planOf(w.Choices, zone), LastSent: w.LastSent,
			Failures: w.Failures, Failing: w.Failing, Next: w.Next,
		}
		for _, i := range w.Alerts {
			r.Items = append(r.Items, notify.Item{ID: i.ID, At: i.At, Text: i.Text, Urgent: i.Urgent, Topic: i.Topic})
		}
		all = append(all, r)
	}
	return all, err
}

// planOf is when somebody wants their alerts. A time zone that no longer exists is replaced by the household's.
func planOf(c outbox.Choices, household *time.Location) notify.Plan {
	zone := household
	if c.Zone != "" {
		if own, err := time.LoadLocation(c.Zone); err == nil {
			zone = own
		}
	}
	return notify.Plan{QuietFrom: c.QuietFrom, QuietTo: c.QuietTo, BreakQuiet: c.BreakQuiet, Digest: c.Digest, Zone: zone}
}

// Address implements notify.Outbox.
func (q queues) Address(ctx context.Context, recipient int64) (notify.Target, error) {
	return target(ctx, q.Store, q.Contact, recipient)
}

// Sent implements notify.Outbox.
func (q queues) Sent(ctx context.Context, recipient int64, items []int64, at time.Time) error {
	q.heard(true)
	return q.Store.Outbox.ChannelSent(ctx, recipient, items, at)
}

// Failed implements notify.Outbox.
func (q queues) Failed(ctx context.Context, recipient int64, at, next time.Time, why *notify.Failure) error {
	q.heard(false)
	return channelFailed(ctx, q.Store, recipient, at, next, why)
}

func (o Options) heard(sent bool) {
	if o.OnMessage != nil {
		o.OnMessage(sent)
	}
}
