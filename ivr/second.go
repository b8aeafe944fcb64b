package ivr

import (
	"context"
	"errors"
	"sync"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/screening"
)

// Use is what a household's telephones are doing.
type Use int

// What they can be doing.
const (
	Free    Use = iota // nothing, or only ringing
	Talking            // with somebody who rang; *2 takes a second call
	Calling            // with somebody whom the household rang, or with one of our menus: no key takes a second call
	Helped             // with the emergency services or the alarm centre: none of our sounds may go in
)

// lobby holds the callers who wait while a household is talking, one for each household: with one telephone nobody could cope with more.
type lobby struct {
	mu      sync.Mutex
	waiting map[string]*waiting
}

type waiting struct {
	caller Leg
	inbox  *inbox        // of the caller's call
	taken  chan struct{} // closed by whoever takes the call
}

// enter returns false if somebody is waiting already.
func (l *lobby) enter(household string, caller Leg, keys *inbox) (*waiting, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting == nil {
		l.waiting = map[string]*waiting{}
	}
	if l.waiting[household] != nil {
		return nil, false
	}
	w := &waiting{caller: caller, inbox: keys, taken: make(chan struct{})}
	l.waiting[household] = w
	return w, true
}

// leave returns false if the caller has been taken.
func (l *lobby) leave(household string, w *waiting) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting[household] != w {
		return false
	}
	delete(l.waiting, household)
	return true
}

// take returns nil if nobody is waiting, or if a carer has just dealt with the caller on the page.
func (l *lobby) take(household string) *waiting {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.waiting[household]
	if w == nil || !w.inbox.turnsTo(whileTalking) {
		return nil
	}
	delete(l.waiting, household)
	return w
}

const (
	useEvery    = time.Second      // how often a waiting call checks whether the telephones are free
	signalEvery = 10 * time.Second // how often the household is reminded of it
)

// second handles a call that comes while the household is on another one. If the caller is known, the household hears beeps, unless it is on a call for help;
// any other may leave a message.
func (c *call) second(ctx context.Context, use Use) (calllog.Outcome, error) {
	c.step(calllog.SecondCall{Why: calllog.OnAnotherCall})
	if c.verdict.Action == screening.Ring && use == Helped {
		free, err := c.soonFree(ctx)
		switch {
		case err != nil:
			return "", err
		case free:
			return c.ring(ctx)
		}
	}
	if c.verdict.Action != screening.Ring || use == Helped {
		return c.takeMessage(ctx, calllog.Busy, prompts.OnAnotherCall)
	}
	w, alone := c.lobby.enter(c.Household, c.Leg, c.inbox)
	if !alone {
		return c.takeMessage(ctx, calllog.Busy, prompts.OnAnotherCall)
	}
	free, err := during(ctx, c, whileWaiting, func(ctx context.Context) (bool, error) {
		if err := c.Leg.Ring(ctx, soonRung); err != nil {
			return false, err
		}
		return c.waits(ctx, w)
	})
	switch {
	case !c.lobby.leave(c.Household, w):
		c.step(calllog.PickedUp{SecondCall: true})
		return c.talk(ctx, calllog.Talked, func(ctx context.Context) error { return c.Telephones.Follow(ctx, c.Leg) })
	case err != nil:
		return "", err
	case free:
		return c.ring(ctx)
	default:
		return c.takeMessage(ctx, calllog.Busy, prompts.OnAnotherCall)
	}
}

// soonFree looks once more, a moment later. Help rings back just when the household has hung up, and so does family that has heard: Asterisk may not have
// noticed the end yet, as it did not in a flood of calls (make faults).
func (c *call) soonFree(ctx context.Context) (bool, error) {
	if err := c.Leg.Ring(ctx, soonRung); err != nil {
		return false, err
	}
	select {
	case <-ctx.Done():
		return false, context.Cause(ctx)
	case <-time.After(useEvery):
		return c.areFree(ctx), nil
	}
}

// waits waits until the call is taken, the telephones are free, or the caller has waited long enough.
func (c *call) waits(ctx context.Context, w *waiting) (free bool, err error) {
	long := time.After(ringTime)
	look := time.NewTicker(useEvery)
	defer look.Stop()
	signalled := time.Time{}
	for {
		use, err := c.Telephones.Use(ctx, c.Household)
		if err != nil {
			return false, err
		}
		if use == Free {
			return true, nil
		}
		if time.Since(signalled) > signalEvery {
			sounds := c.sayHome(prompts.Waiting)
			if use == Talking && signalled.IsZero() {
				sounds = c.sayHome(prompts.Waiting, prompts.AnotherCall)
			}
			signalled = time.Now()
			// No telephone rings for the caller, so if this program ends they must not hear ringing for long.
			if err := c.Leg.Ring(ctx, signalEvery); err != nil {
				return false, err
			}
			if err := c.Telephones.Whisper(ctx, c.Household, sounds...); err != nil && ctx.Err() == nil {
				c.log.Error("a second call could not be signalled", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-w.taken:
			return false, nil
		case <-long:
			return false, nil
		case <-look.C:
		}
	}
}

// takeWaiting connects the telephone with the waiting caller; the dialplan puts the first caller on hold.
func (s *Screener) takeWaiting(ctx context.Context, p KeyInCall, say func(...prompts.ID) error) error {
	w := s.lobby.take(p.Household)
	if w == nil {
		return say(prompts.NobodyWaiting)
	}
	defer close(w.taken)
	err := s.Telephones.Next(ctx, p.Telephone, w.caller)
	if errors.Is(err, ErrGone) {
		return say(prompts.CallerGone)
	}
	return err
}
