package switchboard

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"ringfence/ivr"
)

// recoverLeftovers runs first on every connection. Whatever an earlier run of the application, or this one before it lost its connection, has
// left in Asterisk goes back to the dialplan, or into the log.
func (s *Switchboard) recoverLeftovers(ctx context.Context, handler Handler) {
	for _, step := range []func(){
		func() { s.giveOrphansBack(ctx, handler, s.leftovers(ctx)) },
		func() { s.sweepRecordings(ctx, handler) },
		func() { s.askForUnlogged(ctx) },
		func() { s.followOpen(ctx, handler) },
	} {
		if ctx.Err() != nil {
			return
		}
		step()
	}
}

// eventDelay is how long we wait for the event of a channel that Asterisk already lists as ours. Listing it and sending the event are
// steps of one thread in Asterisk, so a moment is enough even on a busy machine.
const eventDelay = 250 * time.Millisecond

// leftovers lists the channels that were in Stasis before this connection was made. Of later ones Asterisk sends an event, but a call that
// arrives at this very moment may be listed before its event has been read. So channels that are not known yet are given a moment, and
// then Asterisk is asked something: once the answer has been read, so have the events before it.
func (s *Switchboard) leftovers(ctx context.Context) []string {
	held := s.held(ctx)
	if len(held) == 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(eventDelay):
	}
	if w := s.wire.Load(); w != nil && w.usable() {
		if err := w.ask(ctx, http.MethodGet, "asterisk/ping"); err != nil && ctx.Err() == nil {
			s.log.Warn("Asterisk does not answer while calls that were left over are looked for", "err", err)
		}
	}
	return slices.DeleteFunc(held, s.ours)
}

// held lists the channels in Stasis that are not ours.
func (s *Switchboard) held(ctx context.Context) []string {
	data, err := fetch(ctx, func() (*ari.ApplicationData, error) {
		return s.ari.Application().Data(ari.NewKey(ari.ApplicationKey, s.options.App))
	})
	if err != nil {
		s.log.Error("Asterisk does not say which calls were left over", "err", err)
		return nil
	}
	return slices.DeleteFunc(data.ChannelIDs, s.ours)
}

// giveOrphansBack frees channels that stayed in Stasis, silent, when the application that had them died: no event tells the next one of
// them (docs/asterisk.md). Telephones that ring for nobody stop; one that was picked up is connected with its caller; for all other
// callers the household is rung. That is done within three seconds of our return.
func (s *Switchboard) giveOrphansBack(ctx context.Context, handler Handler, held []string) {
	var telephones, callers []string
	for _, id := range held {
		switch {
		case strings.HasPrefix(id, "whisper-"):
			s.hangUp(ctx, "stop whispering", id)
		case strings.HasPrefix(id, "rf-"):
			// The list also has channels to whose events we had only subscribed, such as telephones that are ringing.
			if s.isUp(ctx, id) {
				telephones = append(telephones, id)
			}
		default:
			callers = append(callers, id)
		}
	}
	s.stopRinging(ctx)
	for _, id := range telephones {
		s.log.Warn("a telephone was left over; it is connected with its caller", "leg", id)
		s.giveBack(ctx, id)
	}
	for _, id := range callers {
		if belongsToAny(id, telephones) {
			continue // its telephone has been connected with it
		}
		s.log.Warn("a call was left over; the household's telephones ring", "channel", id)
		s.giveBack(ctx, id)
		handler.OnOrphanedCall(id)
	}
}

func belongsToAny(caller string, telephones []string) bool {
	return slices.ContainsFunc(telephones, func(id string) bool { return strings.HasPrefix(id, telephonesOf(caller)) })
}

// stopRinging ends the ringing that an earlier run of the application began, so that the dialplan finds the telephones free.
func (s *Switchboard) stopRinging(ctx context.Context) {
	all, err := s.channels(ctx)
	if err != nil {
		s.log.Error("Asterisk does not list its channels", "err", err)
		return
	}
	for _, key := range all {
		if !strings.HasPrefix(key.ID, "rf-") || s.ours(key.ID) || s.isUp(ctx, key.ID) {
			continue
		}
		s.hangUp(ctx, "stop ringing", key.ID)
	}
}

// giveBack continues a channel in the dialplan. What it plays or records has to end first, because Asterisk runs the commands to a
// channel one after another.
func (s *Switchboard) giveBack(ctx context.Context, channel string) {
	ctx = context.WithoutCancel(ctx)
	stops := []func() error{
		func() error { return s.ari.Playback().Stop(ari.NewKey(ari.PlaybackKey, soundOf(channel))) },
		func() error { return s.ari.LiveRecording().Stop(ari.NewKey(ari.LiveRecordingKey, channel+nameSuffix)) },
	}
	for _, stop := range stops {
		s.logFault("be quiet", channel, within(ctx, stop))
	}
	s.logFault("go back to the dialplan", channel, s.goOn(ctx, channel, "", "", 0))
}

// sweepRecordings moves what callers said to an application that died out of Asterisk, into the log of their calls. What the dialplan is
// still recording comes by itself when it ends.
func (s *Switchboard) sweepRecordings(ctx context.Context, handler Handler) {
	var there []*ari.Key
	stored, err := fetch(ctx, func() ([]*ari.Key, error) { return s.ari.StoredRecording().List(nil) })
	if err == nil && len(stored) > 0 {
		there, err = s.channels(ctx)
	}
	if err != nil {
		s.log.Error("Asterisk does not list its recordings", "err", err)
		return
	}
	for _, key := range stored {
		if channel, is := strings.CutSuffix(key.ID, nameSuffix); is && !s.ours(channel) {
			s.logFault("keep what was said", channel, s.keepName(ctx, handler, channel))
		}
		if channel, is := strings.CutSuffix(key.ID, messageSuffix); is && !listed(there, channel) {
			s.logFault("keep a message", channel, s.keepMessage(ctx, handler, "", channel))
		}
		if channel, is := strings.CutSuffix(key.ID, ownWordsSuffix); is && !listed(there, channel) {
			s.deleteRecording(ctx, key.ID)
		}
	}
}

func listed(channels []*ari.Key, id string) bool {
	return slices.ContainsFunc(channels, func(key *ari.Key) bool { return key.ID == id })
}

// askForUnlogged starts the extension that hands over, one after another, the calls for which the dialplan rang by itself.
func (s *Switchboard) askForUnlogged(ctx context.Context) {
	if err := s.runInDialplan(ctx, "unlogged", "hand-over", nil); err != nil {
		s.log.Error("Asterisk does not hand over the calls that it has rung by itself", "err", err)
	}
}

// onUnscreenedCall takes one such call: its channel, then household, time, presentation, number, how it ended, its seconds, and why the dialplan
// rang by itself, which is missing from calls that an earlier version noted.
func (s *Switchboard) onUnscreenedCall(ctx context.Context, e *event, handler Handler) {
	const least = 8 // the last is for how many seconds they have talked
	if len(e.Args) < least {
		s.log.Error("a call that rang without the application has the wrong number of words", "words", len(e.Args))
		s.giveBack(ctx, e.Channel.ID)
		return
	}
	channel := e.Args[1]
	at, _ := strconv.ParseInt(e.Args[3], 10, 64)
	r := ivr.UnscreenedCall{
		Channel: channel, Household: e.Args[2], At: time.Unix(at, 0), Presentation: e.Args[4], Number: e.Args[5],
		Status: e.Args[6], Why: ivr.WhyUnscreened(argument(e.Args, least)),
	}
	// After a stalled connection all events come at once, and the call's own script may be about to log it.
	if l := s.legOf(channel); l != nil && l.onLeave != nil {
		s.logFault("hang up", e.Channel.ID, s.goOn(ctx, e.Channel.ID, "hang-up", "s", 1))
		return
	}
	if err := handler.OnRangUnscreened(ctx, r); err != nil {
		s.log.Error("a call that rang without the application cannot be logged; it is asked for again later", "err", err)
		s.logFault("hang up", e.Channel.ID, s.goOn(ctx, e.Channel.ID, "hang-up", "s", 1))
		return
	}
	if r.Status == "RINGING" && !s.ours(channel) {
		s.background(func() { s.follow(ctx, handler, channel) })
	}
	s.giveBack(ctx, e.Channel.ID)
}

// followOpen follows the calls that were under way when an earlier run of the application ended, conversations among them.
func (s *Switchboard) followOpen(ctx context.Context, handler Handler) {
	open, err := handler.OpenChannels(ctx)
	if err != nil {
		s.log.Error("the calls without an end cannot be read", "err", err)
		return
	}
	for _, channel := range open {
		if !s.ours(channel) {
			s.background(func() { s.follow(ctx, handler, channel) })
		}
	}
}

// follow waits for the end of a channel that the dialplan has, and tells the handler. Then it asks the dialplan how the call ended, in
// case it is one for which the dialplan rang by itself.
func (s *Switchboard) follow(ctx context.Context, handler Handler, channel string) {
	l := s.newLeg(channel, callerGrace)
	s.add(l)
	defer s.forget(channel)
	if err := s.subscribeChannel(ctx, channel); err == nil {
		select {
		case <-l.ended:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return // the next connection tries again
	}
	s.forget(channel)
	if err := s.keepMessage(ctx, handler, "", channel); err != nil {
		s.logFault("keep a message", channel, err)
		return // likewise: until the call has an end, its message can still be kept with it
	}
	s.askForUnlogged(ctx)
	s.over(ctx, handler, channel)
}

func (s *Switchboard) over(ctx context.Context, handler Handler, channel string) {
	if err := handler.OnCallGone(context.WithoutCancel(ctx), channel); err != nil && !errors.Is(err, context.Canceled) {
		s.log.Error("the end of a call cannot be logged", "channel", channel, "err", err)
	}
}
