package alerts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"ringfence/notify"
	"ringfence/store"
	"ringfence/store/outbox"
	"ringfence/web/backend"
)

// Strangers alerts carers while a stranger is on the line, so that they can step in. Each time that something has changed it compares what each of them was
// sent with what there is to say by now: a first alert when the caller has spoken, the same with their words once these have been read, and in the end
// how it went. No call waits for it, and what can't be sent within the call is not sent afterwards: it is in the log of calls.
type Strangers struct {
	Options
	by  deliverer
	now func() time.Time

	onTheirWay notify.Places

	mu    sync.Mutex
	tries map[strangerKey]tries
	going sync.WaitGroup
}

// deliverer sends a message that can be replaced. notify.Process is one.
type deliverer interface {
	Deliver(ctx context.Context, to notify.Target, m notify.Message) (receipt string, err error)
}

// strangerKey is a call as one channel has it.
type strangerKey struct{ channel, call int64 }

// tries is how often the same text could not be sent.
type tries struct {
	shown string
	n     int
	next  time.Time
}

const (
	// strangerLimit is how long a message may take. A caller waits for a minute and a half at most.
	strangerLimit = 20 * time.Second
	// How often, and how soon, a message is tried again.
	strangerTries, strangerPause = 3, 5 * time.Second
	// How many messages may be on their way, to channels that work and to those that have failed.
	strangerPlaces, strangerFailedPlaces = 4, 2
	// longestWait is more than any caller waits to be answered.
	longestWait = 30 * time.Minute
	// breath is the least time between two looks: calls come first.
	breath = 50 * time.Millisecond
)

// NewStrangers fails if the program that sends messages cannot be found.
func NewStrangers(o Options) (*Strangers, error) {
	by, err := newCourier(strangerLimit)
	if err != nil {
		return nil, err
	}
	return newStrangers(o, by, time.Now), nil
}

func newStrangers(o Options, by deliverer, now func() time.Time) *Strangers {
	return &Strangers{
		Options: o, by: by, now: now, onTheirWay: notify.Places{Most: strangerPlaces, MostFailed: strangerFailedPlaces}, tries: map[strangerKey]tries{},
	}
}

// Run looks and sends until ctx ends. changed says that something has happened in a call.
func (s *Strangers) Run(ctx context.Context, changed <-chan struct{}) {
	defer s.going.Wait()
	sent := make(chan struct{}, 1)
	for ctx.Err() == nil {
		again, err := s.look(ctx, sent)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("carers cannot be alerted to strangers on the line; it is tried again", "err", err)
		}
		timer := time.NewTimer(again)
		select {
		case <-ctx.Done():
		case <-sent:
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
		select {
		case <-ctx.Done():
		case <-time.After(breath):
		}
	}
}

// look starts sending what is to be sent now, and says when to look again if nothing happens before.
func (s *Strangers) look(ctx context.Context, sent chan<- struct{}) (again time.Duration, err error) {
	again = pollEvery
	// What is on its way now may be over as the database is read; it is left to the look that its end causes.
	before := s.onTheirWay.Taken()
	channels, err := s.Store.Outbox.ChannelsForStrangers(ctx)
	if err != nil {
		return again, err
	}
	alerts, err := s.openAlerts(ctx)
	if err != nil || len(channels) == 0 && len(alerts) == 0 {
		return again, err
	}
	calls, err := s.calls(ctx, alerts)
	if err != nil {
		return again, err
	}
	for _, c := range calls {
		for _, ch := range channels {
			if _, on := before[ch.ID]; on || ch.Household != c.home.name {
				continue
			}
			if wait, err := s.consider(ctx, ch, c, alerts, sent); err != nil {
				return again, err
			} else if wait > 0 {
				again = min(again, wait)
			}
		}
	}
	return again, nil
}

// openAlerts are those of which more may have to be sent. Those of long ago are closed, without another message: the end of their call has been lost, or nothing
// could be sent since.
func (s *Strangers) openAlerts(ctx context.Context) (open []outbox.StrangerAlert, err error) {
	all, err := s.Store.Outbox.StrangerAlerts(ctx)
	for _, a := range all {
		if s.now().Sub(a.At) <= longestWait {
			open = append(open, a)
			continue
		}
		s.forget(strangerKey{a.Channel, a.Call})
		a.Over = true
		err = errors.Join(err, s.Store.Outbox.KeepStrangerAlert(ctx, a))
	}
	return open, err
}

// strangersCall is a call that may be a stranger's.
type strangersCall struct {
	home  home
	title string
	store.LoggedCall
}

// calls are those in progress, and those that have been alerted to and not been completed.
func (s *Strangers) calls(ctx context.Context, alerts []outbox.StrangerAlert) (all []strangersCall, err error) {
	waiting, err := s.Store.ScreenedInProgress(ctx, s.now().Add(-longestWait))
	if err != nil {
		return nil, err
	}
	seen, households := map[int64]bool{}, s.Households()
	for _, a := range alerts {
		waiting = append(waiting, store.Waiting{Household: a.Household, Call: a.Call})
	}
	for _, w := range waiting {
		if seen[w.Call] || !slices.Contains(households, w.Household) {
			continue
		}
		seen[w.Call] = true
		call, err := s.Store.Call(ctx, w.Household, w.Call)
		if errors.Is(err, store.ErrNoCall) { // deleted meanwhile
			continue
		}
		if err != nil {
			return nil, err
		}
		about, err := s.Store.About(ctx, w.Household)
		if err != nil {
			return nil, err
		}
		all = append(all, strangersCall{home{w.Household, s.Line(w.Household)}, oneLine(about.Called()), call})
	}
	return all, nil
}

// consider sends one channel what there is to say about one call, if it has not been sent that. wait is how long until it is tried again.
func (s *Strangers) consider(ctx context.Context, ch outbox.StrangerChannel, c strangersCall, alerts []outbox.StrangerAlert, sent chan<- struct{}) (wait time.Duration, err error) {
	was, before := alertOf(alerts, ch.ID, c.ID)
	text, is := aboutStranger(c.home, c.title, c.LoggedCall, before, ch.GetsWords)
	if !is {
		return 0, nil
	}
	if !before {
		if text.Answered || !s.wants(ch, c) {
			s.forget(strangerKey{ch.ID, c.ID})
			return 0, nil
		}
		if known, err := s.Store.Outbox.WasAlerted(ctx, ch.ID, c.ID); known || err != nil { // and can't be replaced
			return 0, err
		}
		was = outbox.StrangerAlert{Channel: ch.ID, Household: ch.Household, Call: c.ID}
	}
	over := !c.Ended.IsZero()
	if was.Shown == text.hash() {
		if over {
			was.Over = true
			return 0, s.Store.Outbox.KeepStrangerAlert(ctx, was)
		}
		return 0, nil
	}
	if wait := s.takeTurn(strangerKey{ch.ID, c.ID}, text.hash(), ch.Failures > 0); wait != 0 {
		return max(wait, 0), nil
	}
	s.going.Go(func() {
		defer func() {
			s.onTheirWay.Leave(ch.ID)
			select {
			case sent <- struct{}{}:
			default: // it is to look again already
			}
		}()
		if err := s.send(ctx, ch, c, was, text, over); err != nil && ctx.Err() == nil {
			s.Log.Error("what a carer was sent about a stranger on the line cannot be noted", "channel", ch.ID, "err", err)
		}
	})
	return 0, nil
}

func alertOf(alerts []outbox.StrangerAlert, channel, call int64) (outbox.StrangerAlert, bool) {
	i := slices.IndexFunc(alerts, func(a outbox.StrangerAlert) bool { return a.Channel == channel && a.Call == call })
	if i < 0 {
		return outbox.StrangerAlert{}, false
	}
	return alerts[i], true
}

// wants says whether somebody wants to know of a call at this hour. One message a day is no use for a call in progress, so that it comes at once.
func (s *Strangers) wants(ch outbox.StrangerChannel, c strangersCall) bool {
	made := !c.At.Before(ch.Made) || ch.Made.After(s.now()) // the latter: the clock was ahead
	return made && !planOf(ch.Choices, c.home.Zone).Quiet(s.now())
}

// takeTurn gives a channel a place for a text. wait is how long until there may be one; below zero, a message that ends causes another look.
func (s *Strangers) takeTurn(k strangerKey, shown string, failed bool) (wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tries[k]; t.shown == shown && t.next.After(s.now()) {
		return t.next.Sub(s.now())
	}
	if !s.onTheirWay.Take(k.channel, failed) {
		return -1
	}
	return 0
}

// send sends a text, and notes that.
func (s *Strangers) send(ctx context.Context, ch outbox.StrangerChannel, c strangersCall, was outbox.StrangerAlert, text strangerText, over bool) error {
	to, err := target(ctx, s.Store, s.Contact, ch.ID)
	if err != nil || to.URL == "" {
		return err
	}
	m := notify.Message{
		Title: text.Title, Text: text.Text, Link: s.link(ch.Household, c.ID), Thread: fmt.Sprintf("%s/%d/%d", ch.Household, c.ID, c.At.UnixMilli()),
		Receipt: was.Receipt, Quiet: text.Answered || saysTheyWait(was.Shown), Expires: strangerExpiry, Stays: !text.Answered,
	}
	if text.Answered {
		m.Expires = answeredExpiry
	}
	receipt, err := s.by.Deliver(ctx, to, m)
	if ctx.Err() != nil && err != nil {
		return nil // after a restart it is sent, or completed
	}
	ctx = context.WithoutCancel(ctx) // the result is noted even if the program is being stopped
	k, now := strangerKey{ch.ID, c.ID}, s.now()
	if err != nil {
		return s.failed(ctx, k, was, text, err)
	}
	s.forget(k)
	was.Receipt, was.Shown, was.Over = receipt, text.hash(), over || receipt == ""
	s.heard(true)
	return errors.Join(s.Store.Outbox.KeepStrangerAlert(ctx, was), s.Store.Outbox.ChannelSent(ctx, ch.ID, nil, now))
}

// How long a push service keeps an alert for a phone that is out of reach: while the stranger may wait, and once they wait no longer. Nobody wants to read
// days later that they don't.
const strangerExpiry, answeredExpiry = time.Minute, time.Hour

// failed notes that a text could not be sent, and when it is tried again.
func (s *Strangers) failed(ctx context.Context, k strangerKey, was outbox.StrangerAlert, text strangerText, err error) error {
	why := asFailure(err)
	if why.Kind == notify.KindNotReplaced { // the carer has deleted the alert: the channel works
		s.Log.Info("an alert to a stranger on the line cannot be changed any more", "channel", k.channel, "call", k.call, "detail", why.Detail)
		s.forget(k)
		was.Over = true
		return s.Store.Outbox.KeepStrangerAlert(ctx, was)
	}
	s.mu.Lock()
	t := s.tries[k]
	if t.shown != text.hash() {
		t = tries{shown: text.hash()}
	}
	t.n++
	t.next = s.now().Add(strangerPause)
	s.tries[k] = t
	s.mu.Unlock()
	s.heard(false)
	s.Log.Warn("a carer could not be alerted to a stranger on the line", "channel", k.channel, "call", k.call, "kind", why.Kind, "detail", why.Detail, "try", t.n)
	err = channelFailed(ctx, s.Store, k.channel, s.now(), s.now().Add(notify.Wait(1, 0, 0)), why)
	if t.n >= strangerTries || why.Kind == notify.KindGone {
		s.forget(k)
		was.Over = true
		return errors.Join(err, s.Store.Outbox.KeepStrangerAlert(ctx, was))
	}
	return err
}

func (s *Strangers) forget(k strangerKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tries, k)
}

// link is the address that opens the call, for whoever is signed in; "" where no pages are served.
func (s *Strangers) link(household string, call int64) string {
	if s.Pages == "" {
		return ""
	}
	return s.Pages + backend.Household{Name: household}.Path("calls", strconv.FormatInt(call, 10), "now")
}
