package ivr

import (
	"context"
	"runtime/debug"
	"slices"
	"time"

	"ringfence/screening"
)

// Others are asked of a caller whom nobody in the house knows, where the household wants that.
type Others interface {
	// AskOf says in a sentence what they know of a number; "" where they were not asked. spam says that they call it a scam.
	AskOf(ctx context.Context, household string, n screening.Number) (said string, spam bool)
}

// othersTime is for how long they are waited for, beside the call: nobody says who they are in less.
const othersTime = 5 * time.Second

// askOthers asks others beside the call, which goes on at once, whatever becomes of that. What they say goes into the call's log, even
// where the caller has gone meanwhile: people are to see what has left the house. enough ends the asking.
func (c *call) askOthers(ctx context.Context) (enough func()) {
	if c.Others == nil || !screening.MayAskOthers(screening.Call{At: c.At, Caller: c.caller}, c.house, c.known, c.verdict) {
		return func() {}
	}
	warned := make(chan bool, 1)
	c.warned = warned
	ctx, enough = context.WithTimeout(ctx, othersTime)
	go func() {
		defer func() {
			if fault := recover(); fault != nil {
				c.log.Error("asking others of a caller has found a fault; please report it", "fault", fault, "stack", string(debug.Stack()))
			}
		}()
		said, spam := c.Others.AskOf(ctx, c.Household, c.caller.Number)
		if said == "" {
			return
		}
		warned <- spam
		c.step(ctx, "others", said)
	}()
	return enough
}

// hearOthers takes in what others have said, if they have by now: the household is warned as of a number that a list has reported. It
// neither turns anybody away nor lets them through.
func (c *call) hearOthers() {
	select {
	case spam := <-c.warned:
		if spam && !slices.Contains(c.verdict.Warnings, screening.WarnReported) {
			c.verdict.Warnings = slices.Insert(c.verdict.Warnings, 0, screening.WarnReported)
		}
	default: // nothing yet
	}
}
