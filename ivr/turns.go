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
// call busy. Whoever comes meanwhile may leave a message. One who rings and is not known makes room for one who is.
type turns struct {
	mu    sync.Mutex
	taken map[string][]*turn
	ended map[string]time.Time // when a screened caller's last turn ended
}

type turn struct {
	standing standing
	screened bool
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

// makeRoom ends the ringing for strangers, and tells whether there was any.
func (t *turns) makeRoom(ctx context.Context, household string) (made bool) {
	t.mu.Lock()
	taken := slices.Clone(t.taken[household])
	t.mu.Unlock()
	late := time.After(roomTime)
	for _, o := range taken {
		stopped := o.makeRoom()
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

// makeRoom is nil where nothing rings, or not for a stranger.
func (t *turn) makeRoom() (stopped <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.standing != stranger || t.stop == nil {
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
	mayBeHelp          // the household has rung for help, and this may be who calls back
	known              // whom the household knows, or expects
)

// standing is that of this caller. One who is blocked, or on a list, does not call back to help.
func (c *call) standing() standing {
	if c.verdict.Action != screening.Ring || c.caller.Forged {
		return stranger
	}
	has := func(codes ...screening.Code) bool {
		return slices.ContainsFunc(c.verdict.Reasons, func(r screening.Reason) bool { return slices.Contains(codes, r.Code) })
	}
	switch {
	case has(screening.CodeContact, screening.CodeSecondCall, screening.CodeDialled, screening.CodeExpected),
		c.verdict.Reasons[0].Code == screening.CodeNeverBlocked:
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
	if c.turn != nil {
		return nil // a carer has let them through, or a call that waited has become the only one
	}
	mine := &turn{standing: c.standing(), screened: c.verdict.Action == screening.Screen && c.trusted == "" && !c.admitted}
	if mine.screened {
		if use, err := c.Telephones.Use(ctx, c.Household); err != nil && ctx.Err() == nil {
			c.log.Error("it cannot be known what the telephones are doing", "err", err)
		} else if use != Free {
			c.step(ctx, "second-call", "the household was on another call")
			return ErrBusy
		}
	}
	if !c.turns.take(c.Household, mine, c.Now()) {
		c.step(ctx, "second-call", "the telephones were ringing for somebody else")
		return ErrBusy
	}
	c.turn = mine
	return nil
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

// ringMakingRoom rings, and once more where the telephones were busy ringing for a stranger, who makes room for one whom the household
// knows.
func (c *call) ringMakingRoom(ctx context.Context, spec RingSpec) (telephone Leg, err error) {
	telephone, err = c.ringOffHook(ctx, spec)
	if !errors.Is(err, ErrBusy) || c.standing() == stranger || !c.turns.makeRoom(ctx, c.Household) {
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
