package ivr

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"ringfence/screening"
)

// turns are the callers of each household for whom its telephones ring, or who are announced or talk. Of callers who are screened
// there is one at a time: a hundred of them must neither fill a telephone that can take several calls, nor keep one that takes a single
// call busy. Whoever comes meanwhile may leave a message, or waits where they show an official number. One who rings and is not known makes room for
// one who is.
type turns struct {
	mu    sync.Mutex
	taken map[string][]*turn
	ended map[string]time.Time // when a screened caller's last turn ended
}

type turn struct {
	standing standing
	screened bool
	waiting  bool          // until the telephones are free and nobody before it rings; wants the mutex of turns
	quiet    time.Duration // for how long the telephones are still to be quiet before they ring

	mu      sync.Mutex
	stop    context.CancelCauseFunc // ends the ringing; nil while nothing rings
	stopped chan struct{}           // closed when the telephones ring no more
}

// quietTime is for how long the telephones are quiet between two callers who are screened: time enough to pick up and find a dialling
// tone, not the next of them.
const quietTime = 5 * time.Second

// roomTime is for how long a known caller waits at most until the telephones have stopped ringing for another.
const roomTime = 3 * time.Second

// madeRoom is the cause of the end of ringing that made room for a known caller. The caller's leg is still there.
type madeRoom struct{}

func (madeRoom) Error() string        { return "the telephones ring for somebody whom the household knows" }
func (madeRoom) Is(target error) bool { return target == ErrInterrupted }

var errMadeRoom error = madeRoom{}

// take is false where a screened caller would not be the only one.
func (t *turns) take(household string, mine *turn, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if mine.screened && len(t.taken[household]) > 0 {
		return false
	}
	if t.taken == nil {
		t.taken, t.ended = map[string][]*turn{}, map[string]time.Time{}
	}
	t.taken[household] = append(t.taken[household], mine)
	if mine.screened {
		mine.quiet = quietTime - now.Sub(t.ended[household])
	}
	return true
}

// wait gives a turn that is not refused, but comes after all that there are; again where mine has made room.
func (t *turns) wait(household string, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken == nil {
		t.taken, t.ended = map[string][]*turn{}, map[string]time.Time{}
	}
	mine.waiting = true
	if !slices.Contains(t.taken[household], mine) {
		t.taken[household] = append(t.taken[household], mine)
	}
}

// begin is false where somebody else has a turn, but for those who wait behind mine.
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

// isOnly tells whether nobody else has a turn.
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

// makeRoom ends the ringing for those who give way to one of that standing, and tells whether there were any.
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

// makeRoom is nil where nothing rings, or for somebody who does not give way.
func (t *turn) makeRoom(standing standing) (stopped <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.standing > official || t.standing >= standing || t.stop == nil {
		return nil
	}
	t.stop(errMadeRoom)
	return t.stopped
}

// rings is the context of ringing, which left ends.
func (t *turn) rings(ctx context.Context) (ringing context.Context, left func()) {
	ringing, stop := context.WithCancelCause(ctx)
	stopped := make(chan struct{})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stop, t.stopped = stop, stopped
	return ringing, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.stop = nil
		stop(nil)
		close(stopped)
	}
}

// standing is who goes first when there is not room for all.
type standing int

const (
	stranger  standing = iota
	official           // who shows a number that is never blocked, which anybody can: announced, but never turned away for want of room
	mayBeHelp          // the household has rung for help, and this may be who calls back
	known              // whom the household knows, or expects
)

// standing is that of this caller. One who is blocked, or on a list, does not call back to help.
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
		screening.CodeCallBack):
		return known
	case has(screening.CodeEmergency) && !has(screening.CodeBlock, screening.CodeList):
		return mayBeHelp
	default:
		return stranger
	}
}

// takeTurn is called before the telephones ring for the caller. ErrBusy: it is somebody else's turn, or the household has begun to talk
// with somebody since this caller came.
func (c *call) takeTurn(ctx context.Context) error {
	if c.waitsForTurn() {
		return c.awaitTurn(ctx)
	}
	if c.turn != nil {
		return nil // a carer has let them through, or a call that waited has become the only one
	}
	mine := &turn{standing: c.standing(), screened: c.verdict.Action == screening.Screen && c.trusted == "" && !c.admitted}
	if mine.screened && !c.areFree(ctx) {
		c.step(ctx, "second-call", talkingElsewhere)
		return ErrBusy
	}
	if !c.turns.take(c.Household, mine, c.Now()) {
		c.step(ctx, "second-call", ringingElsewhere)
		return ErrBusy
	}
	c.turn = mine
	return nil
}

const (
	talkingElsewhere = "the household was on another call"
	ringingElsewhere = "the telephones were ringing for somebody else"
)

// areFree tells whether nobody talks. That it cannot be known must not keep a call from ringing.
func (c *call) areFree(ctx context.Context) bool {
	use, err := c.Telephones.Use(ctx, c.Household)
	if err != nil && ctx.Err() == nil {
		c.log.Error("it cannot be known what the telephones are doing", "err", err)
	}
	return err != nil || use == Free
}

// waitsForTurn tells whether the caller is one of those who are announced, and who wait for their turn: who shows an official number may be the
// police, and is not sent to a message because a robot rings at that moment.
func (c *call) waitsForTurn() bool { return c.verdict.Official && c.trusted == "" && !c.admitted }

// awaitTurn is takeTurn for such a caller. ErrBusy: they have waited for long enough.
func (c *call) awaitTurn(ctx context.Context) error {
	if c.turn == nil {
		c.turn = &turn{standing: c.standing(), screened: true}
	}
	c.turns.wait(c.Household, c.turn)
	return c.during(ctx, whileRinging, func(ctx context.Context) error {
		long := time.After(ringTime)
		for logged := false; ; logged = true {
			why := talkingElsewhere
			if c.areFree(ctx) {
				if c.turns.begin(c.Household, c.turn) {
					return nil
				}
				why = ringingElsewhere
			}
			if !logged {
				c.step(ctx, "second-call", why)
			}
			c.turns.makeRoom(ctx, c.Household, c.turn.standing)
			// Nobody is rung for them: where this program ends, they must not hear ringing for long.
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

// ringOnTurn rings for a caller who is announced. One who waits for their turn, and has made room for somebody else, waits once more.
func (c *call) ringOnTurn(ctx context.Context) (Leg, error) {
	for {
		if err := c.takeTurn(ctx); err != nil {
			return nil, err
		}
		telephone, err := c.pickUp(ctx, whileRinging, c.ringAndOffer)
		if !c.waitsForTurn() || !errors.Is(err, errMadeRoom) {
			return telephone, err
		}
	}
}

// onTurn rings when the telephones have been quiet for long enough. A caller whom the household knows may come first.
func (c *call) onTurn(ctx context.Context, ring func(ctx context.Context) (Leg, error)) (Leg, error) {
	ctx, left := c.turn.rings(ctx)
	defer left()
	if c.turn.quiet > 0 {
		if err := c.Leg.Ring(ctx, c.turn.quiet); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(c.turn.quiet):
		}
		if !c.turns.isOnly(c.Household, c.turn) {
			return nil, errMadeRoom
		}
	}
	return ring(ctx)
}

const (
	roomTries = 10 // how often a known caller rings a telephone that takes a moment to notice that it rings for nobody else
	roomEvery = 100 * time.Millisecond
)

// ringMakingRoom rings, and once more where the telephones were busy ringing for somebody who makes room for this caller.
func (c *call) ringMakingRoom(ctx context.Context, spec RingSpec) (telephone Leg, err error) {
	telephone, err = c.ringOffHook(ctx, spec)
	if !errors.Is(err, ErrBusy) || !c.turns.makeRoom(ctx, c.Household, c.standing()) {
		return telephone, err
	}
	for range roomTries {
		if telephone, err = c.ringOffHook(ctx, spec); !errors.Is(err, ErrBusy) {
			break
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(roomEvery):
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
