package ivr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// turns are each household's callers for whom its telephones ring, or who are being announced or are talking. Screened callers come one at a time: a
// hundred of them must neither fill a telephone that can take several calls, nor keep one that takes a single call busy. Whoever rings meanwhile may
// leave a message; one who shows an official number waits. A caller for whom the telephones ring, and who is not known, makes room for one who is.
type turns struct {
	mu    sync.Mutex
	taken map[string][]*turn
	ended map[string]time.Time // when a screened caller's last turn ended
}

type turn struct {
	standing standing
	screened bool
	waiting  bool          // for the telephones to be free and for turns before it; guarded by the mutex of turns
	quiet    time.Duration // how long the telephones stay quiet before they ring

	mu      sync.Mutex
	stop    context.CancelCauseFunc // stops the ringing; nil while nothing rings
	stopped chan struct{}           // closed when the telephones have stopped ringing
}

// quietTime is how long the telephones stay quiet between two screened callers: long enough to pick up and get a dialling tone instead of the
// next caller.
const quietTime = 5 * time.Second

// roomTime is how long a known caller waits at most for the telephones to stop ringing for another.
const roomTime = 3 * time.Second

// errMadeRoom is the cause with which ringing ends to make room for a known caller. The leg of the caller who makes room is still there.
var errMadeRoom = fmt.Errorf("the phones ring for somebody whom the household knows: %w", ErrInterrupted)

// take returns false if mine is a screened caller's turn and there is another turn already.
func (t *turns) take(household string, mine *turn, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if mine.screened && len(t.taken[household]) > 0 {
		return false
	}
	t.add(household, mine)
	if mine.screened {
		mine.quiet = quietTime - now.Sub(t.ended[household])
	}
	return true
}

// wait adds a turn that is not refused, but comes last. It is called again when mine has made room.
func (t *turns) wait(household string, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine.waiting = true
	if !slices.Contains(t.taken[household], mine) {
		t.add(household, mine)
	}
}

// add is called with mu held.
func (t *turns) add(household string, mine *turn) {
	if t.taken == nil {
		t.taken, t.ended = map[string][]*turn{}, map[string]time.Time{}
	}
	t.taken[household] = append(t.taken[household], mine)
}

// begin returns false if somebody else has a turn, not counting those who wait behind mine.
func (t *turns) begin(household string, mine *turn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	behind := false
	for _, o := range t.taken[household] {
		if o == mine {
			behind = true
		} else if !behind || !o.waiting {
			return false
		}
	}
	mine.waiting = false
	return true
}

// isOnly says whether nobody else has a turn.
func (t *turns) isOnly(household string, mine *turn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !slices.ContainsFunc(t.taken[household], func(o *turn) bool { return o != mine })
}

func (t *turns) end(household string, mine *turn, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken[household] = slices.DeleteFunc(t.taken[household], func(o *turn) bool { return o == mine })
	if mine.screened {
		t.ended[household] = now
	}
}

// makeRoom stops the ringing for those who give way to a caller of that standing, and says whether there were any.
func (t *turns) makeRoom(ctx context.Context, household string, standing standing) (made bool) {
	t.mu.Lock()
	taken := slices.Clone(t.taken[household])
	t.mu.Unlock()
	late := time.After(roomTime)
	for _, o := range taken {
		stopped := o.makeRoom(standing)
		if stopped == nil {
			continue
		}
		made = true
		select {
		case <-stopped:
		case <-late:
			return true
		case <-ctx.Done():
			return false
		}
	}
	return made
}

// makeRoom returns nil if nothing rings for this turn, or it does not give way.
func (t *turn) makeRoom(standing standing) (stopped <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.standing > official || t.standing >= standing || t.stop == nil {
		return nil
	}
	t.stop(errMadeRoom)
	return t.stopped
}

// rings returns the context for ringing; left ends it.
func (t *turn) rings(ctx context.Context) (ringing context.Context, left func()) {
	ringing, cancel := context.WithCancelCause(ctx)
	stopped := make(chan struct{})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stop, t.stopped = cancel, stopped
	return ringing, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.stop = nil
		cancel(nil)
		close(stopped)
	}
}

// standing is the order in which callers go first when there is not room for all.
type standing int

const (
	stranger  standing = iota
	official           // shows a number that is never blocked, which anybody can: announced, but never turned away for lack of room
	mayBeHelp          // the household has rung for help, and this may be help calling back
	known              // the household knows or expects them
)

// standing is this caller's. Help that calls back is neither blocked nor on a list.
func (c *call) standing() standing {
	switch {
	case c.verdict.Official:
		return official
	case c.verdict.Action != screening.Ring, c.caller.Forged:
		return stranger
	}
	has := func(codes ...screening.Code) bool {
		return slices.ContainsFunc(c.verdict.Reasons, func(r screening.Reason) bool { return slices.Contains(codes, r.Code) })
	}
	switch {
	case has(screening.CodeContact, screening.CodeSecondCall, screening.CodeDialled, screening.CodeExpected, screening.CodeTelecare,
		screening.CodeCallBack, screening.CodeInternal):
		return known
	case has(screening.CodeEmergency) && !has(screening.CodeBlock, screening.CodeList):
		return mayBeHelp
	default:
		return stranger
	}
}

// takeTurn is called before the telephones ring for the caller. It returns ErrBusy if it is somebody else's turn, or if the household has begun
// to talk with somebody since this caller came.
func (c *call) takeTurn(ctx context.Context) error {
	if c.waitsForTurn() {
		return c.awaitTurn(ctx)
	}
	if c.turn != nil {
		return nil // a carer has let them through, or they have the turn from before
	}
	mine := &turn{standing: c.standing(), screened: c.verdict.Action == screening.Screen && c.trusted == "" && !c.admitted}
	if mine.screened && !c.areFree(ctx) {
		c.step(calllog.SecondCall{Why: calllog.OnAnotherCall})
		return ErrBusy
	}
	if !c.turns.take(c.Household, mine, c.Now()) {
		c.step(calllog.SecondCall{Why: calllog.RingingAlready})
		return ErrBusy
	}
	c.turn = mine
	return nil
}

// areFree says whether nobody is talking. If nobody can tell, the call rings.
func (c *call) areFree(ctx context.Context) bool {
	use, err := c.Telephones.Use(ctx, c.Household)
	if err != nil && ctx.Err() == nil {
		c.log.Error("it cannot be known what the telephones are doing", "err", err)
	}
	return err != nil || use == Free
}

// waitsForTurn says whether the caller waits for their turn to be announced. Whoever shows an official number may be the police, and is not sent
// to a message because a robot is ringing at that moment.
func (c *call) waitsForTurn() bool { return c.verdict.Official && c.trusted == "" && !c.admitted }

// awaitTurn is takeTurn for such a caller. It returns ErrBusy when they have waited long enough.
func (c *call) awaitTurn(ctx context.Context) error {
	if c.turn == nil {
		c.turn = &turn{standing: c.standing(), screened: true}
	}
	c.turns.wait(c.Household, c.turn)
	return c.during(ctx, whileRinging, func(ctx context.Context) error {
		long := time.After(ringTime)
		for logged := false; ; logged = true {
			why := calllog.OnAnotherCall
			if c.areFree(ctx) {
				if c.turns.begin(c.Household, c.turn) {
					return nil
				}
				why = calllog.RingingAlready
			}
			if !logged {
				c.step(calllog.SecondCall{Why: why})
			}
			c.turns.makeRoom(ctx, c.Household, c.turn.standing)
			// No telephone rings for the caller, so if this program ends they must not hear ringing for long.
			if err := c.Leg.Ring(ctx, signalEvery); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-long:
				return ErrBusy
			case <-time.After(useEvery):
			}
		}
	})
}

// ringOnTurn rings for a caller who will be announced. One who waits for their turn, and has made room for somebody else, waits again.
func (c *call) ringOnTurn(ctx context.Context) (Leg, error) {
	for {
		if err := c.takeTurn(ctx); err != nil {
			return nil, errors.Join(err, c.askToHold(ctx)) // or they would hear that nobody can take the call before they are thanked
		}
		telephone, err := c.pickUp(ctx, whileRinging, c.ringAndOffer)
		if !c.waitsForTurn() || !errors.Is(err, errMadeRoom) {
			return telephone, err
		}
	}
}

// onTurn rings once the telephones have been quiet for long enough. A known caller may come first.
func (c *call) onTurn(ctx context.Context, ring func(ctx context.Context) (Leg, error)) (Leg, error) {
	ctx, left := c.turn.rings(ctx)
	defer left()
	if c.turn.quiet > 0 {
		over := time.After(c.turn.quiet)
		if err := c.askToHold(ctx); err != nil {
			return nil, err
		}
		if err := c.Leg.Ring(ctx, c.turn.quiet); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-over:
		}
		if !c.turns.isOnly(c.Household, c.turn) {
			return nil, errMadeRoom
		}
	}
	return ring(ctx)
}

const (
	roomTries = 10 // how often to ring a telephone that takes a moment to notice that it has stopped ringing for somebody else
	roomEvery = 100 * time.Millisecond
)

// ringMakingRoom rings, and rings again if the telephones were busy ringing for somebody who makes room for this caller.
func (c *call) ringMakingRoom(ctx context.Context, spec RingSpec) (telephone Leg, err error) {
	telephone, err = c.ringOffHook(ctx, spec)
	if !errors.Is(err, ErrBusy) || !c.turns.makeRoom(ctx, c.Household, c.standing()) {
		return telephone, err
	}
	return ringAgain(ctx, roomTries, roomEvery, func() (Leg, error) { return c.ringOffHook(ctx, spec) })
}

// ringAgain rings until the telephones are not busy any more, so many times at most.
func ringAgain(ctx context.Context, times int, every time.Duration, ring func() (Leg, error)) (telephone Leg, err error) {
	for range times {
		if telephone, err = ring(); !errors.Is(err, ErrBusy) {
			break
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(every):
		}
	}
	return telephone, err
}

// endTurn lets the telephones ring for others.
func (c *call) endTurn() {
	if c.turn != nil {
		c.turns.end(c.Household, c.turn, c.Now())
		c.turn = nil
	}
}
