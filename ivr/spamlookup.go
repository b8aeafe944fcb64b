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
	// LookupSpam returns in a sentence what they know of a number, "" if they were not asked. spam says that they call it a scam.
	LookupSpam(ctx context.Context, household string, n screening.Number) (said string, spam bool)
}

// spamLookupTime is how long they are waited for, beside the call. Nobody says who they are in less than that.
const spamLookupTime = 5 * time.Second

// startSpamLookup asks them beside the call, which does not wait for the answer. The answer goes into the call's log even if the caller has gone
// meanwhile, so that people can see what has left the house. enough ends the asking.
func (c *call) startSpamLookup(ctx context.Context) (enough func()) {
	if c.SpamLookup == nil || !screening.MayAskOthers(screening.Call{At: c.At, Caller: c.caller}, c.house, c.known, c.verdict) {
		return func() {}
	}
	warned := make(chan bool, 1)
	c.warned = warned
	ctx, enough = context.WithTimeout(ctx, spamLookupTime)
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
	return enough
}

// hearSpamLookup adds the warning for a reported number if they have called it a scam by now. What they say turns nobody away and lets nobody
// through.
func (c *call) hearSpamLookup() {
	select {
	case spam := <-c.warned:
		if spam && !slices.Contains(c.verdict.Warnings, screening.WarnReported) {
			c.verdict.Warnings = slices.Insert(c.verdict.Warnings, 0, screening.WarnReported)
		}
	default: // nothing yet
	}
}
