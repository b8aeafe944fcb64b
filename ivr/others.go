package ivr

import (
	"context"
	"runtime/debug"
	"slices"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// Others are services that are asked about a stranger, if the household wants that.
type Others interface {
	// AskOf returns in a sentence what they know of a number, "" if they were not asked. spam says that they call it a scam.
	AskOf(ctx context.Context, household string, n screening.Number) (said string, spam bool)
}

// othersTime is how long they are waited for, beside the call. Nobody says who they are in less than that.
const othersTime = 5 * time.Second

// askOthers asks others beside the call, which does not wait for the answer. The answer goes into the call's log even if the caller has gone
// meanwhile, so that people can see what has left the house. enough ends the asking.
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
		c.step(ctx, calllog.OthersSaid{Text: said})
	}()
	return enough
}

// hearOthers adds the warning for a reported number if others have called it a scam by now. What they say turns nobody away and lets nobody
// through.
func (c *call) hearOthers() {
	select {
	case spam := <-c.warned:
		if spam && !slices.Contains(c.verdict.Warnings, screening.WarnReported) {
			c.verdict.Warnings = slices.Insert(c.verdict.Warnings, 0, screening.WarnReported)
		}
	default: // nothing yet
	}
}
