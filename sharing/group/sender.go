package group

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"ringfence/screening"
	"ringfence/store/outbox"
)

// Sender sends reports to the groups that households are in.
type Sender struct {
	Groups
	Log    *slog.Logger
	Random func() float64 // from 0 up to 1, so that not all households try again at the same moment
	OnSent func()         // called after something was sent, or could not be; may be nil

	lookedAtAll time.Time
}

const (
	// lookEvery is how often to look for things to send without being woken: the hour of a report may be over, or a command may have changed something.
	lookEvery = time.Minute
	// allEvery is how often to look at all groups, for what only the settings say: that a number has become an emergency number, for example.
	allEvery = 24 * time.Hour
	// atOnce is how many hubs are served at a time, so that a slow one does not hold up the others.
	atOnce = 8

	shortest = time.Minute
	longest  = 24 * time.Hour
)

// Run sends until ctx ends. changed says that there may be something to send; it may be nil.
func (s *Sender) Run(ctx context.Context, changed <-chan struct{}) {
	tick := time.NewTicker(min(lookEvery, max(s.Hold/2, time.Second)))
	defer tick.Stop()
	for ctx.Err() == nil {
		s.look(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-changed:
		}
	}
}

// look sends each group what is to be sent now.
func (s *Sender) look(ctx context.Context) {
	all, err := s.groups(ctx)
	if err != nil {
		s.failed(ctx, "no reports to send could be read; trying again", err)
		return
	}
	var sending sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for _, g := range all {
		if g.Paused || resting(g, s.Now()) {
			continue
		}
		slots <- struct{}{}
		sending.Go(func() {
			defer func() { <-slots }()
			defer func() { // a panic must not end the program, which has calls to handle
				if fault := recover(); fault != nil {
					s.Log.Error("sending reports has found a fault in Ringfence; please report it", "household", g.Household, "group", g.ID,
						"fault", fault, "stack", string(debug.Stack()))
				}
			}()
			if err := s.sendAll(ctx, g); err != nil {
				s.failed(ctx, "reports could not be sent; trying again", err, "household", g.Household, "group", g.ID)
			}
		})
	}
	sending.Wait()
}

// groups are those that there may be something to send to.
func (s *Sender) groups(ctx context.Context) ([]outbox.Group, error) {
	now := s.Now()
	if at := now.Truncate(allEvery); !at.Equal(s.lookedAtAll) {
		all, err := s.Store.Outbox.JoinedGroups(ctx)
		if err == nil {
			s.lookedAtAll = at
		}
		return all, err
	}
	return s.Store.Outbox.GroupsToSend(ctx, now.Add(-oldest))
}

func (s *Sender) failed(ctx context.Context, what string, err error, about ...any) {
	if ctx.Err() == nil {
		s.Log.Error(what, append(about, "err", err)...)
	}
}

// sendAll sends a group what is to be sent now, until something fails. It looks again before each report, because somebody may have withdrawn it, or
// left the group, while the one before was being sent.
func (s *Sender) sendAll(ctx context.Context, g outbox.Group) error {
	tried := map[screening.Number]bool{}
	for {
		one, g, err := s.next(ctx, g, tried)
		if err != nil || one.say == "" {
			return err
		}
		tried[one.Number] = true
		if err := s.send(ctx, g, one); err != nil {
			return s.later(ctx, g, err)
		}
		s.tell()
	}
}

// next is the next thing to send to a group, of a number that has not been tried. If its say is "", there is nothing.
func (s *Sender) next(ctx context.Context, g outbox.Group, tried map[screening.Number]bool) (Standing, outbox.Group, error) {
	g, err := s.Store.Outbox.Group(ctx, g.Household, g.ID)
	if err != nil {
		return Standing{}, g, err
	}
	all, err := s.Standings(ctx, g)
	for _, one := range all {
		if one.say != "" && !tried[one.Number] {
			return one, g, err
		}
	}
	return Standing{}, g, err
}

func (s *Sender) send(ctx context.Context, g outbox.Group, one Standing) error {
	key, err := s.Store.Outbox.GroupKey(ctx, g.ID)
	if err != nil {
		return err
	}
	now := s.Now()
	category, text, err := bodyOf(one.GroupReport, one.say, now)
	if err != nil {
		return err
	}
	sent := outbox.SentReport{Number: one.Number, Kind: one.say, Category: category, Body: text, At: now}
	var no refused
	if err := s.Client.report(ctx, g.URL, key, text); errors.As(err, &no) {
		sent.Refused = no.why
		s.Log.Warn("a group does not take a report", "household", g.Household, "group", g.ID)
	} else if err != nil {
		return err
	}
	// It has been sent, which has to be recorded even if the program is ending.
	return s.Store.Outbox.ReportSent(context.WithoutCancel(ctx), g.ID, sent)
}

// later records why nothing can be sent, and when to retry.
func (s *Sender) later(ctx context.Context, g outbox.Group, err error) error {
	if ctx.Err() != nil || errors.Is(err, outbox.ErrNoGroup) {
		return nil // the program is ending, or the household has just left
	}
	var f *Failure
	if !errors.As(err, &f) {
		return err
	}
	next := s.Now().Add(wait(g.Failures, f.After, s.Random()))
	s.Log.Warn("a group's hub could not be sent a report; it is tried again", "household", g.Household, "group", g.ID, "err", f.Sentence, "detail", f.Detail, "next", next)
	defer s.tell()
	return s.Store.Outbox.GroupFailed(ctx, g.ID, f.Sentence, next)
}

func (s *Sender) tell() {
	if s.OnSent != nil {
		s.OnSent()
	}
}

// wait is how long to leave a hub alone after a failure, given the number of failures in a row before it: a minute, then twice as long each time, up to a day;
// or as long as the hub has asked for, if that is longer; plus a random part of up to a quarter.
func wait(failures int, asked time.Duration, random float64) time.Duration {
	d := longest
	if failures < 11 { // 2^11 minutes are more than a day
		d = min(longest, shortest<<failures)
	}
	d = min(max(d, asked), longest)
	return d + time.Duration(random*float64(d)/4)
}
