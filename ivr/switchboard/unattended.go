package switchboard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/ivr"
)

// What takes longer to say than anybody may be left in silence is recorded by the dialplan, in contexts named after the values of
// ivr.Unattended. The leg is away meanwhile, and comes back with what the dialplan knows of how the recording ended.

// unattendedSlack is how much longer than the longest recording the leg is waited for. The tone before the recording is part of that.
const unattendedSlack = 10 * time.Second

func (l *leg) recordUnattended(ctx context.Context, spec ivr.RecordSpec) (ivr.Recording, error) {
	// The events of a channel that is not in Stasis have to be subscribed to.
	if err := l.s.subscribeChannel(ctx, l.id); err != nil {
		return ivr.Recording{}, err
	}
	limits := fmt.Sprintf("%d,%d", spec.Silence/time.Second, spec.Max/time.Second)
	if err := l.s.setVariable(ctx, l.id, "RF_LIMITS", limits); err != nil {
		return ivr.Recording{}, err
	}
	l.drain()
	l.recordedAs(ctx, l.id+map[ivr.Unattended]string{ivr.LeaveMessage: messageSuffix, ivr.OwnWords: ownWordsSuffix}[spec.Unattended])
	l.set(func() { l.away = true })
	if err := l.goOn(ctx, string(spec.Unattended), "s", 1); err != nil {
		l.set(func() { l.away = false })
		return ivr.Recording{}, err
	}
	select {
	case err := <-l.done:
		if err != nil {
			return ivr.Recording{}, err
		}
		return l.collect(ctx, nil)
	case <-l.gone:
		return l.collect(ctx, ivr.ErrGone)
	case <-ctx.Done():
		if errors.Is(context.Cause(ctx), ivr.ErrInterrupted) {
			l.fetchBack(context.WithoutCancel(ctx))
			l.settle(ctx)
		}
		return l.collect(ctx, context.Cause(ctx))
	case <-time.After(spec.Max + unattendedSlack):
		return ivr.Recording{}, errors.New("the end of a recording was never told")
	}
}

// fetchBack ends the recording of a message, which ARI cannot do. Nothing interrupts a household that records its own words.
func (l *leg) fetchBack(ctx context.Context) {
	l.s.logFault("stop recording", l.id, l.s.runInDialplan(ctx, "fetch-back", "s", map[string]string{"RF_CALLER": l.channel()}))
}

// cameBack takes a leg back from the dialplan, with the status of its recording. It is false where no script is waiting for it.
func (l *leg) cameBack(status string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.away {
		return false
	}
	l.away, l.handed, l.inStasis = false, false, true
	if status == "ERROR" { // Record()'s word for a file that cannot be written
		l.onFailed()
	} else {
		l.onFinished()
	}
	return true
}

// onRecorded takes a channel that comes back from a recording. Its script goes on; but if the channel belonged to an earlier run of the
// application, only a message is kept. The dialplan then tells the caller so, and a household that its own words are lost.
func (s *Switchboard) onRecorded(ctx context.Context, e *event, handler Handler) {
	if l := s.legOf(e.Channel.ID); l != nil && l.cameBack(argument(e.Args, 2)) {
		return
	}
	s.background(func() {
		err := s.keepMessage(ctx, handler, argument(e.Args, 1), e.Channel.ID)
		s.logFault("keep a message", e.Channel.ID, err)
		if err == nil {
			s.logFault("say that a message is kept", e.Channel.ID, s.setVariable(ctx, e.Channel.ID, "RF_KEPT", "1"))
		}
		s.deleteRecording(ctx, e.Channel.ID+ownWordsSuffix)
		s.giveBack(ctx, e.Channel.ID)
	})
}

// keepMessage moves the message left on a channel, if there is one, out of Asterisk to the handler.
func (s *Switchboard) keepMessage(ctx context.Context, handler Handler, household, channel string) error {
	return s.keep(ctx, channel+messageSuffix, func(left ivr.Recording) error { return handler.OnOrphanedMessage(ctx, household, channel, left) })
}

// keepName does the same with what a caller said of themselves.
func (s *Switchboard) keepName(ctx context.Context, handler Handler, channel string) error {
	return s.keep(ctx, channel+nameSuffix, func(left ivr.Recording) error { return handler.OnOrphanedName(ctx, channel, left) })
}

// keep moves a recording that no script is waiting for. One that cannot be kept now stays in Asterisk for the next time.
func (s *Switchboard) keep(ctx context.Context, name string, how func(ivr.Recording) error) error {
	left, err := s.fetchRecording(ctx, name)
	switch {
	case errors.Is(err, ivr.ErrGone):
		return nil
	case errors.Is(err, errUnreadable):
		s.log.Warn("a recording that was left over is no sound", "recording", name, "err", err)
	case err != nil:
		return err
	default:
		if err := how(left); err != nil {
			return err
		}
	}
	s.deleteRecording(ctx, name)
	return nil
}
