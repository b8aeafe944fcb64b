package demo

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"ringfence/calllog"
	"ringfence/demo/testbed"
	"ringfence/prompts"
)

// microsoft has a swindler ring. Where a machine reads callers' words, they are on the telephone's display if they were read before it rang, and the
// household picks up when they have been read, so that it is warned of them on a slow computer, too.
func (h *house) microsoft(ctx context.Context) error {
	if h.noWords != "" {
		if err := h.tell("%s", h.noWords); err != nil {
			return err
		}
	}
	unread := h.testbed.Logged("what a caller has said could not be read")
	caller, err := h.asked(ctx, "“Steve”", scammerNumber, "microsoft")
	if err != nil {
		return err
	}
	household, err := h.rings(ctx)
	if err != nil {
		return err
	}
	return all(
		func() error { return h.showsWords(ctx, unread) },
		func() error { return household.picksUp(ctx) },
		func() error { return household.hearsAnnouncement(ctx, "microsoft") },
		func() error { return sentAway(ctx, caller, household) },
	)
}

// moreLooks is how often the log is looked at for what the words sound like, once they are in it: both come at once, unless the machine has misread them.
const moreLooks = 100

// showsWords waits until the words of the call that rings have been read, and tells them with what they sound like, as the daughter's page shows them.
func (h *house) showsWords(ctx context.Context, unread <-chan struct{}) error {
	if h.noWords != "" {
		return nil
	}
	var words, opinion string
	for looks := 0; opinion == "" && looks < moreLooks; {
		calls, err := h.calls(ctx)
		if err != nil {
			return err
		}
		if len(calls) > 0 {
			words, opinion = calls[0].heard()
		}
		if words != "" {
			looks++
		}
		select {
		case <-unread:
			return h.tell("the machine that reads callers' words was too slow, or failed: the call goes on without them")
		case <-ctx.Done():
			return fmt.Errorf("nobody has read what the caller said: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return all(
		func() error {
			return h.tell("a machine has read what he said, for the daughter's page: “%s”", words)
		},
		func() error { return h.tell("the machine's opinion: %s", cmp.Or(opinion, "nothing remarkable")) },
	)
}

// heard is what a machine has read of a caller's words, and what it makes of them, as far as both are in the log.
func (c call) heard() (words, opinion string) {
	for _, r := range c.Recordings {
		words += r.Words
	}
	for _, s := range c.Steps {
		if s.Step == calllog.KindScript {
			opinion = s.Detail
		}
	}
	return words, opinion
}

// hearsAnnouncement waits until the household has heard who is calling, after a warning if there is one.
func (p person) hearsAnnouncement(ctx context.Context, voice string) error {
	const callFrom = string(prompts.CallFrom)
	first, err := p.hearsOneOf(ctx, string(prompts.WarnSoundsScam), string(prompts.WarnMayBeScam), string(prompts.WarnSoundsSales), callFrom)
	if err == nil && first != callFrom {
		err = p.hears(ctx, callFrom)
	}
	if err != nil {
		return err
	}
	return p.hears(ctx, voice, string(prompts.Choices))
}

// SwindlersWords plays the scene of the swindler in a household whose Ringfence runs already, and reads callers' words.
func SwindlersWords(ctx context.Context, testbed *testbed.Testbed, out io.Writer) error {
	h := &house{out: out, testbed: testbed, called: "the household", began: time.Now()}
	defer h.leave()
	return all(
		func() error { return h.telephone(ctx) },
		func() error { return h.microsoft(ctx) },
	)
}
