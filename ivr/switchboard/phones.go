package switchboard

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"ringfence/ivr"
)

// What a household does with its telephones: keys during a conversation, and feature codes; and what a second caller needs to know
// of them.

// onKeyInCall serves a key that was pressed during a conversation. The telephone's channel is in Stasis only for as long as that takes;
// then the conversation goes on.
func (s *Switchboard) onKeyInCall(ctx context.Context, e *event, handler Handler) {
	l, _, leave := s.enter(ctx, e, telephoneGrace)
	defer leave()
	l.answered = true
	caller := argument(e.Args, 3)
	if !strings.HasPrefix(l.id, "rf-") || caller == "" {
		s.log.Error("a key was pressed on a channel that is no telephone's", "channel", l.id)
		s.giveBack(ctx, l.id)
		return
	}
	err := handler.OnKeyInCall(ctx, ivr.KeyInCall{Household: argument(e.Args, 1), What: argument(e.Args, 2), Channel: caller, Telephone: l})
	if err != nil && !errors.Is(err, ivr.ErrLost) {
		s.log.Error("a key in a conversation could not be served", "channel", l.id, "err", err)
	}
	s.logFault("go on talking", l.id, l.goOn(context.WithoutCancel(ctx), "", "", 0))
}

// onCode serves a feature code that a telephone has dialled.
func (s *Switchboard) onCode(ctx context.Context, e *event, handler Handler) {
	l, here, leave := s.enter(ctx, e, telephoneGrace)
	defer leave()
	l.answered = true
	err := handler.OnCodeDialled(here, ivr.DialledCode{Household: argument(e.Args, 1), Code: argument(e.Args, 2), Telephone: l})
	if err != nil && !errors.Is(err, ivr.ErrLost) {
		s.log.Error("a feature code could not be served", "channel", l.id, "code", argument(e.Args, 2), "err", err)
	}
	l.deleteRecording(context.WithoutCancel(ctx))
	if l.here() {
		s.logFault("hang up", l.id, l.Hangup(context.WithoutCancel(ctx)))
	}
}

// endpointOf is the endpoint in a channel's name: "home-hall" in "PJSIP/home-hall-00000001".
func endpointOf(name string) string {
	_, rest, _ := strings.Cut(name, "/")
	if i := strings.LastIndex(rest, "-"); i >= 0 {
		return rest[:i]
	}
	return rest
}

// Use implements ivr.Telephones.
func (s *Switchboard) Use(ctx context.Context, household string) (ivr.Use, error) {
	use := ivr.Free
	err := s.inUse(ctx, household, func(channel *ari.ChannelData) {
		now := ivr.Calling
		switch {
		case isForHelp(channel):
			now = ivr.Helped
		case strings.HasPrefix(channel.ID, "rf-") && !s.listens(channel.ID):
			now = ivr.Talking
		}
		use = max(use, now)
	})
	return use, err
}

// isForHelp says whether a call goes to an emergency number or an alarm centre, or may be help calling back.
func isForHelp(channel *ari.ChannelData) bool {
	if channel.Dialplan == nil {
		return false
	}
	in, _, _ := strings.Cut(channel.Dialplan.Context, "-") // in the dialplan of an earlier version the household followed
	return in == "emergency" || in == "help"
}

// listens says whether a script of ours has the channel, for example because an announcement is being played to it.
func (s *Switchboard) listens(channel string) bool {
	l := s.legOf(channel)
	return l != nil && l.here()
}

// inUse calls do with every channel of the household's telephones that is up or dialling out.
func (s *Switchboard) inUse(ctx context.Context, household string, do func(*ari.ChannelData)) error {
	for _, endpoint := range s.options.Telephones()[household] {
		data, err := s.endpointData(ctx, endpoint)
		if err != nil {
			return err
		}
		for _, id := range data.ChannelIDs {
			channel, err := s.channelData(ctx, id)
			if errors.Is(err, ivr.ErrGone) {
				continue
			}
			if err != nil {
				return err
			}
			// One of our channels that is not up is only ringing.
			if channel.State == "Up" || !strings.HasPrefix(id, "rf-") {
				do(channel)
			}
		}
	}
	return nil
}

// whisperID names the channel that whispers into another.
func whisperID(channel string) string { return "whisper-" + channel }

// Whisper implements ivr.Telephones.
func (s *Switchboard) Whisper(ctx context.Context, household string, sounds ...ivr.Sound) error {
	var talking []string
	err := s.inUse(ctx, household, func(channel *ari.ChannelData) {
		if channel.State == "Up" && !isForHelp(channel) && !s.listens(channel.ID) {
			talking = append(talking, channel.ID)
		}
	})
	for _, id := range talking {
		err = errors.Join(err, s.whisper(ctx, id, sounds))
	}
	return err
}

func (s *Switchboard) whisper(ctx context.Context, into string, sounds []ivr.Sound) error {
	l := s.newLeg(whisperID(into), telephoneGrace)
	l.answered = true
	s.add(l)
	defer s.forget(l.id)
	err := within(ctx, func() error {
		_, err := s.ari.Channel().Snoop(channelKey(into), l.id, &ari.SnoopOptions{
			App: s.options.App, AppArgs: "whisper", Spy: ari.DirectionNone, Whisper: ari.DirectionOut,
		})
		return err
	})
	if err != nil {
		return err
	}
	defer func() {
		s.hangUp(context.WithoutCancel(ctx), "stop whispering", l.id)
	}()
	select {
	case <-l.entered:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(requestLimit):
		return fmt.Errorf("the channel that whispers into %s did not come", into)
	}
	_, err = l.playAll(ctx, "", sounds)
	return err
}

// Next implements ivr.Telephones.
func (s *Switchboard) Next(ctx context.Context, telephone, caller ivr.Leg) error {
	c, t, err := s.pair(ctx, caller, telephone)
	if err != nil {
		return err
	}
	return c.handOver(func() error { return s.setVariable(ctx, t.id, "RF_NEXT", c.channel()) })
}

// Follow implements ivr.Telephones.
func (s *Switchboard) Follow(ctx context.Context, caller ivr.Leg) error {
	return caller.(*leg).untilEnded(ctx)
}

// callBackTime is how long a telephone rings that has asked to be rung, and how long it is tried again while it is off the hook.
const callBackTime = 30 * time.Second

// CallBack implements ivr.Telephones. Whoever listened has yet to put the telephone down, and until then it is busy.
func (s *Switchboard) CallBack(ctx context.Context, household string, ended ivr.Leg) (ivr.Leg, error) {
	t := ended.(*leg)
	// A channel that cannot be subscribed to has gone already, and one that goes meanwhile may not say so.
	if err := s.subscribeChannel(ctx, t.id); err == nil {
		select {
		case <-t.ended:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(stopTime):
		}
	}
	endpoint := endpointOf(t.channel())
	spec := ivr.RingSpec{Household: household, AtMost: callBackTime, ShowName: "Ringfence"}
	tries, over := time.NewTicker(stopTime), time.After(callBackTime)
	defer tries.Stop()
	for try := 1; ; try++ {
		l := s.newLeg(fmt.Sprintf("rf-test-%s-%d-%s", t.id, try, endpoint), telephoneGrace)
		// RF_CALLER is empty: if this program died now, the dialplan would say that the caller has gone.
		err := s.ringOne(ctx, l, endpoint, "", spec)
		if !errors.Is(err, ivr.ErrBusy) {
			return l, err
		}
		select {
		case <-tries.C:
		case <-over:
			return nil, err
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
