package notify

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Outbox keeps alerts until they are sent. Its methods return within milliseconds.
type Outbox interface {
	// Waiting lists everybody for whom something is waiting, with all of it, except those who have paused or may no longer see the household.
	Waiting(ctx context.Context) ([]Recipient, error)
	// Address is where a recipient's messages go. Its URL is "" if the recipient has been removed meanwhile.
	Address(ctx context.Context, recipient int64) (Target, error)
	// Sent records that items were sent, and that the recipient is no longer failing.
	Sent(ctx context.Context, recipient int64, items []int64, at time.Time) error
	// Failed records that sending failed at a time, why, and when it will be retried.
	Failed(ctx context.Context, recipient int64, at, next time.Time, why *Failure) error
}

// Recipient is one address to which one person's alerts about one household go.
type Recipient struct {
	ID       int64
	Title    string         // the title of messages, such as "Ringfence: Mum's house"
	Zone     *time.Location // the household's, for the times in messages
	Plan     Plan
	Items    []Item
	LastSent map[string]time.Time // when topics were last sent

	Failures int       // in a row
	Failing  time.Time // since when; zero if it is not failing
	Next     time.Time // when to retry after a failure
}

// Target is where a message goes.
type Target struct {
	URL    string   // a shoutrrr URL, or one that byWebPush has built; a secret as a whole
	AtHome bool     // it may be in a home network; never so with Web Push
	Push   PushKeys // for Web Push
}

// Courier sends one message. Process is one.
type Courier interface {
	// Send returns within a limited time, whatever the service does. An error is a *Failure or the end of ctx.
	Send(ctx context.Context, to Target, m Message) error
}

// Sender sends what is due in the outbox. At most one message to each recipient is on its way, and only so many in all (see Places).
type Sender struct {
	Outbox Outbox
	By     Courier
	Log    *slog.Logger
	Now    func() time.Time
	Random func() float64 // from 0 to 1

	onTheirWay Places

	mu    sync.Mutex
	owed  map[int64][]int64 // items that were sent, but could not be recorded
	going sync.WaitGroup
}

// How many messages may be on their way.
const (
	places       = 3
	failedPlaces = 2
)

// look is how often to look into the outbox without being woken.
const look = 30 * time.Second

// Run sends until ctx ends, and then waits for messages on their way, which also end with ctx. It looks into the outbox when woken, when something is due, and
// every 30 seconds.
func (s *Sender) Run(ctx context.Context, wake <-chan struct{}) {
	s.onTheirWay.Most, s.onTheirWay.MostFailed = places, failedPlaces
	done := make(chan struct{}, 1)
	for ctx.Err() == nil {
		next, err := s.pass(ctx, done)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("what carers are to be told cannot be read; it is tried again", "err", err)
		}
		timer := time.NewTimer(s.until(next))
		select {
		case <-ctx.Done():
		case <-wake:
		case <-done:
		case <-timer.C:
		}
		timer.Stop()
	}
	s.going.Wait()
}

// until is how long there is nothing to do, as far as is known.
func (s *Sender) until(next time.Time) time.Duration {
	if next.IsZero() {
		return look
	}
	return min(max(next.Sub(s.Now()), time.Second), look)
}

// pass starts sending everything that is due and has a place. next is when the next thing is due. done gets a value when a message has been dealt with.
func (s *Sender) pass(ctx context.Context, done chan<- struct{}) (next time.Time, err error) {
	// A message on its way may be sent while the outbox is being read, and would then be sent again. So its recipient is left to the next pass, which its end
	// causes.
	before := s.onTheirWay.Taken()
	waiting, err := s.Outbox.Waiting(ctx)
	if err != nil {
		return time.Time{}, err
	}
	soonest := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	now := s.Now()
	for _, r := range waiting {
		if r.Next.After(now) && r.Next.Sub(now) <= r.wait(now, 0) { // if it is later than that, the clock was wrong
			soonest(r.Next)
			continue
		}
		ready, later := r.Plan.Ready(r.Items, r.LastSent, now)
		soonest(later)
		if len(ready) == 0 {
			continue
		}
		if settled, had := s.settle(ctx, r.ID); had {
			if settled {
				soonest(now)
			}
			continue
		}
		if _, on := before[r.ID]; on || !s.onTheirWay.Take(r.ID, r.Failures > 0) {
			continue
		}
		s.going.Go(func() {
			settled := s.send(ctx, r, ready)
			s.onTheirWay.Leave(r.ID)
			if !settled {
				return // it waits for the next look; retrying at once would go on for ever
			}
			select {
			case done <- struct{}{}:
			default: // the wake-up is pending already
			}
		})
	}
	return next, nil
}

// settle records what was sent before and could not be recorded then, if anything: nobody should get the same alert every 30 seconds because a disk
// is full.
func (s *Sender) settle(ctx context.Context, recipient int64) (settled, had bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	items := s.owed[recipient]
	if len(items) == 0 {
		return true, false
	}
	if err := s.Outbox.Sent(ctx, recipient, items, s.Now()); err != nil {
		return false, true
	}
	delete(s.owed, recipient)
	return true, true
}

// send sends what is due to one recipient, in one message, and records the result; settled says whether it could.
func (s *Sender) send(ctx context.Context, r Recipient, ready []Item) (settled bool) {
	to, err := s.Outbox.Address(ctx, r.ID)
	if err != nil || to.URL == "" {
		if err != nil && ctx.Err() == nil {
			s.Log.Error("an address cannot be read; it is tried again", "channel", r.ID, "err", err)
		}
		return false
	}
	err = s.By.Send(ctx, to, Compose(to.URL, r.Title, ready, r.Zone))
	if ctx.Err() != nil && err != nil {
		return false // it stays in the outbox
	}
	// The result is recorded even if the program is being stopped.
	if err := s.over(context.WithoutCancel(ctx), to.URL, r, ready, err); err != nil {
		s.Log.Error("the result of a message to a carer cannot be recorded; it is tried again", "channel", r.ID, "err", err)
		return false
	}
	return true
}

func (s *Sender) over(ctx context.Context, address string, r Recipient, ready []Item, err error) error {
	now := s.Now()
	if err == nil {
		var ids []int64
		for _, i := range ready {
			ids = append(ids, i.ID)
		}
		err := s.Outbox.Sent(ctx, r.ID, ids, now)
		if err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.owed == nil {
				s.owed = map[int64][]int64{}
			}
			s.owed[r.ID] = ids
		}
		return err
	}
	var f *Failure
	if !errors.As(err, &f) {
		f = failure(address, "broken", err.Error())
	}
	r.Failures++
	next := now.Add(r.wait(now, s.Random()))
	s.Log.Warn("a carer could not be told; it is tried again", "channel", r.ID, "service", schemeOf(address), "kind", f.Kind,
		"detail", f.Detail, "failures", r.Failures, "next", next)
	return s.Outbox.Failed(ctx, r.ID, now, next, f)
}

// wait is how long to wait after the last failure; see Wait.
func (r Recipient) wait(now time.Time, random float64) time.Duration {
	var failing time.Duration
	if !r.Failing.IsZero() {
		failing = now.Sub(r.Failing)
	}
	return Wait(r.Failures, failing, random)
}
