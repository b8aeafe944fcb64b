package switchboard

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"ringfence/ivr"
)

// contained is a Handler whose panics are errors. Whoever calls it meets an error by letting the telephones ring, or the call go on; a panic would
// end the program, and with it every other call.
type contained struct {
	Handler
	log *slog.Logger
}

// catch is deferred; err is what the method returns.
func (c contained) catch(doing, channel string, err *error) {
	if fault := recover(); fault != nil {
		*err = fmt.Errorf("fault in a script: %v", fault)
		c.log.Error("a script has failed; the call goes on without it", "doing", doing, "channel", channel, "fault", fault, "stack", string(debug.Stack()))
	}
}

func (c contained) Handle(ctx context.Context, a ivr.Arrival) (err error) {
	defer c.catch("take a call", a.Channel, &err)
	return c.Handler.Handle(ctx, a)
}

func (c contained) OnRangUnscreened(ctx context.Context, r ivr.UnscreenedCall) (err error) {
	defer c.catch("log a call that rang unscreened", r.Channel, &err)
	return c.Handler.OnRangUnscreened(ctx, r)
}

func (c contained) OpenChannels(ctx context.Context) (channels []string, err error) {
	defer c.catch("list the calls whose end is not known", "", &err)
	return c.Handler.OpenChannels(ctx)
}

func (c contained) OnOrphanedCall(channel string) {
	var err error // logged by catch
	defer c.catch("note a call of an earlier run", channel, &err)
	c.Handler.OnOrphanedCall(channel)
}

func (c contained) OnCallGone(ctx context.Context, channel string) (err error) {
	defer c.catch("log the end of a call", channel, &err)
	return c.Handler.OnCallGone(ctx, channel)
}

func (c contained) OnKeyInCall(ctx context.Context, p ivr.KeyInCall) (err error) {
	defer c.catch("serve a key", p.Channel, &err)
	return c.Handler.OnKeyInCall(ctx, p)
}

func (c contained) OnCodeDialled(ctx context.Context, d ivr.DialledCode) (err error) {
	defer c.catch("serve a feature code", d.Household, &err)
	return c.Handler.OnCodeDialled(ctx, d)
}

func (c contained) OnDialplanReport(ctx context.Context, t ivr.DialplanReport) (err error) {
	defer c.catch("keep what the dialplan reports", t.Key, &err)
	return c.Handler.OnDialplanReport(ctx, t)
}

func (c contained) MayCallOut(ctx context.Context, o ivr.OutgoingCall) (goes bool, err error) {
	defer c.catch("look up a number that is dialled", o.Household, &err)
	return c.Handler.MayCallOut(ctx, o)
}

func (c contained) DialGuards(ctx context.Context) (households []string, err error) {
	defer c.catch("list who wants calls out to be checked", "", &err)
	return c.Handler.DialGuards(ctx)
}

func (c contained) MessageCounts(ctx context.Context) (counts map[string]ivr.MessageCount, err error) {
	defer c.catch("count messages", "", &err)
	return c.Handler.MessageCounts(ctx)
}

func (c contained) OnOrphanedName(ctx context.Context, channel string, said ivr.Recording) (err error) {
	defer c.catch("keep a name", channel, &err)
	return c.Handler.OnOrphanedName(ctx, channel, said)
}

func (c contained) OnOrphanedMessage(ctx context.Context, household, channel string, left ivr.Recording) (err error) {
	defer c.catch("keep a message", channel, &err)
	return c.Handler.OnOrphanedMessage(ctx, household, channel, left)
}
