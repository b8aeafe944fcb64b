package ivr

import (
	"context"
	"runtime/debug"
	"slices"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// SpamLookup asks services about a stranger, if the household wants that.
type SpamLookup interface {
	// LookupSpam returns in a sentence what they know about a number, "" if they were not asked. spam means that they call it a scam.
	LookupSpam(ctx context.Context, household string, n screening.Number) (said string, spam bool)
}

// spamLookupTime is how long to wait for them, beside the call. Nobody says who they are in less than that.
const spamLookupTime = 5 * time.Second

// startSpamLookup asks them beside the call, which does not wait for the answer. The answer goes into the call's log even if the caller has gone
// meanwhile, so that people can see what has left the house. cancel ends the look-up.
func (c *call) startSpamLookup(ctx context.Context) (cancel func()) {
	if c.SpamLookup == nil || !screening.MayLookupSpam(screening.Call{At: c.At, Caller: c.caller}, c.house, c.known, c.verdict) {
		return func() {}
	}
	warned := make(chan bool, 1)
	c.warned = warned
	ctx, cancel = context.WithTimeout(ctx, spamLookupTime)
	go func() {
		defer func() {
			if fault := recover(); fault != nil {
				c.log.Error("asking others of a caller has found a fault; please report it", "fault", fault, "stack", string(debug.Stack()))
			}
		}()
		said, spam := c.SpamLookup.LookupSpam(ctx, c.Household, c.caller.Number)
		if said == "" {
			return
		}
		warned <- spam
		c.step(calllog.SpamLookup{Text: said})
	}()
	return cancel
}

// hearSpamLookup adds the warning for a reported number if they have called it a scam by now. Their answer neither turns anybody away nor lets
// anybody through.
func (c *call) hearSpamLookup() {
	select {
	case spam := <-c.warned:
		if spam && !slices.Contains(c.verdict.Warnings, screening.WarnReported) {
			c.verdict.Warnings = slices.Insert(c.verdict.Warnings, 0, screening.WarnReported)
		}
	default: // nothing yet
	}
}
