package switchboard

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"ringfence/internal/repeat"
	"ringfence/ivr"
	"ringfence/prompts"
	"ringfence/screening"
)

// Q.850 causes of a telephone's end, as Asterisk maps them from SIP (res_pjsip: 486 and 600 to 17, 603 to 21).
const (
	causeBusy     = 17
	causeRejected = 21
)

// tried is the result of ringing one telephone.
type tried struct {
	leg *leg
	err error // nil: picked up
}

// Where no telephone is registered, Ring tries again: one whose registration was lost, because Asterisk was restarted or the clock was set, is
// back within seconds (asterisk.Keeper). A telephone that was there and failed may have rung, and does not ring again.
const (
	lookAgain      = 3
	lookAgainAfter = 2 * time.Second
)

// Ring implements ivr.Telephones.
func (s *Switchboard) Ring(ctx context.Context, spec ivr.RingSpec) (ivr.Leg, error) {
	if caller, is := spec.Caller.(*leg); is {
		// Not after each try: what they are told by the next one has a deadline of its own, which is not put off.
		defer caller.set(func() { caller.rungFor = time.Time{} })
	}
	for again := 0; ; again++ {
		leg, err := s.ring(ctx, spec)
		if !errors.Is(err, ivr.ErrOffline) || again == lookAgain || spec.Caller == nil {
			return leg, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(s.lookAgainAfter):
		}
	}
}

// ring is one attempt of Ring.
func (s *Switchboard) ring(ctx context.Context, spec ivr.RingSpec) (ivr.Leg, error) {
	id, name := "test-"+strconv.FormatInt(time.Now().UnixNano(), 36), ""
	if spec.Caller != nil {
		caller := spec.Caller.(*leg)
		id, name = caller.id, caller.channel()
		if spec.CarerOnly {
			ended, cancel := context.WithCancelCause(ctx)
			defer s.keepPuttingOff(ended, caller)()
			defer cancel(ivr.ErrInterrupted) // so that a request under way is waited for: it must not overtake the next step's deadline
		} else {
			until := time.Now().Add(spec.AtMost + ringGrace)
			caller.set(func() { caller.rungFor = until })
			s.putOff(ctx, caller) // before a telephone rings: what came before may have left too little time
		}
	}
	begin(spec)
	var rung []*leg
	telephones := s.options.Telephones()[spec.Household]
	results := make(chan tried, len(telephones)+1)
	if !spec.CarerOnly {
		for _, endpoint := range telephones {
			l := s.newLeg(telephoneID(id, endpoint), telephoneGrace)
			rung = append(rung, l)
			go func() { results <- tried{l, s.ringOne(ctx, l, endpoint, name, spec)} }()
		}
	}
	if spec.Carer != "" {
		l := s.newLeg(telephoneID(id, s.options.Outbound(spec.Household).Trunk), telephoneGrace)
		l.outside = true
		rung = append(rung, l)
		go func() { results <- tried{l, s.ringOutside(ctx, l, name, spec)} }()
	}
	failed := ivr.ErrOffline
	if spec.CarerOnly {
		failed = ivr.ErrUnreachable
	}
	for range rung {
		select {
		case <-ctx.Done():
			s.release(ctx, rung, nil)
			if spec.Caller == nil || errors.Is(context.Cause(ctx), ivr.ErrInterrupted) {
				s.untilStopped(rung)
			}
			return nil, context.Cause(ctx)
		case r := <-results:
			if r.err == nil {
				s.release(ctx, rung, r.leg)
				return r.leg, nil
			}
			if !r.leg.outside || !errors.Is(r.err, ivr.ErrUnreachable) { // a carer who cannot be reached says nothing about the telephones at home
				failed = worse(failed, r.err)
			}
			if !isExpected(r.err) {
				s.log.Error("a telephone could not be rung", "leg", r.leg.id, "err", r.err)
			}
		}
	}
	s.release(ctx, rung, nil)
	return nil, failed
}

// begin says that telephones are about to ring.
func begin(spec ivr.RingSpec) {
	if spec.OnBegin != nil {
		spec.OnBegin()
	}
}

// renewEvery is how often the deadline is put off for a caller for whom no telephone in the home is ringing.
const renewEvery = 3 * time.Second

// keepPuttingOff keeps the dialplan from ringing the household for a caller until ctx ends, but only while this program lives: if it
// dies, a carer's telephone that rings in another town must not keep the house from ringing. The function returned waits for its end.
func (s *Switchboard) keepPuttingOff(ctx context.Context, caller *leg) (wait func()) {
	s.putOff(ctx, caller) // before that telephone rings: what came before may have left too much time
	over := make(chan struct{})
	go func() {
		defer close(over)
		repeat.Later(ctx, renewEvery, func() { s.putOff(ctx, caller) })
	}()
	return func() { <-over }
}

// putOff puts off the deadline of a caller for whom telephones ring.
func (s *Switchboard) putOff(ctx context.Context, caller *leg) {
	if caller.isPlaying() {
		return // which has a deadline of its own, and the request would wait for its end
	}
	if err := caller.allow(ctx, renewEvery); ctx.Err() == nil {
		s.logFault("put a deadline off", caller.id, err)
	}
}

// untilStopped waits until released telephones have stopped ringing, so that the next call finds them free.
func (s *Switchboard) untilStopped(rung []*leg) {
	late := time.After(stopTime)
	for _, l := range rung {
		if !s.ours(l.id) {
			continue // it never rang, or its end has been reported
		}
		select {
		case <-l.ended:
		case <-late:
			return
		}
	}
}

// untilEventsCame waits for the endpoint's events that say how ringing a telephone ended. They have to be subscribed to until then.
func (s *Switchboard) untilEventsCame(l *leg) {
	w := s.wire.Load()
	select {
	case <-l.entered:
	case <-l.ended:
	case <-w.closed:
	case <-time.After(stopTime):
	}
}

// stopTime is ample for a telephone on the same network to stop ringing, and short for a caller who waits for that.
const stopTime = 2 * time.Second

// worse chooses what to tell the caller if several telephones failed. If one of them rang unanswered, nobody came to the phone, whatever the others
// did; else, if one is busy, somebody is at home.
func worse(a, b error) error {
	for _, err := range []error{ivr.ErrNoAnswer, ivr.ErrBusy} {
		if errors.Is(a, err) || errors.Is(b, err) {
			return err
		}
	}
	if errors.Is(a, ivr.ErrOffline) && errors.Is(b, ivr.ErrOffline) {
		return ivr.ErrOffline
	}
	return ivr.ErrUnreachable
}

func isExpected(err error) bool {
	return errors.Is(err, ivr.ErrNoAnswer) || errors.Is(err, ivr.ErrBusy) || errors.Is(err, ivr.ErrUnreachable) ||
		errors.Is(err, context.Canceled) || errors.Is(err, ivr.ErrGone) || errors.Is(err, ivr.ErrLost) || errors.Is(err, ivr.ErrInterrupted)
}

// telephoneID names the leg to a telephone after its caller, so that a later run of the application knows whose it is.
func telephoneID(caller, endpoint string) string { return telephonesOf(caller) + endpoint }

func telephonesOf(caller string) string { return "rf-" + caller + "-" }

// ringOne rings one telephone until it is picked up or stops ringing; Asterisk keeps the time. name is the caller's channel in Asterisk.
func (s *Switchboard) ringOne(ctx context.Context, l *leg, endpoint, name string, spec ivr.RingSpec) error {
	to := "PJSIP/" + endpoint
	if address, fixed := s.options.Fixed()[endpoint]; fixed { // it may answer calls, and no OPTIONS
		to += "/" + address
	} else if s.isOffline(ctx, endpoint) {
		return ivr.ErrOffline
	}
	return s.originate(ctx, l, endpoint, to, name, callerID(spec.ShowName, spec.ShowNumber), spec)
}

// ringOutside rings the carer's telephone. It shows the household's number, because the network refuses any other.
func (s *Switchboard) ringOutside(ctx context.Context, l *leg, name string, spec ivr.RingSpec) error {
	route := s.options.Outbound(spec.Household)
	return s.originate(ctx, l, route.Trunk, "PJSIP/"+route.toCarer(spec), name, callerID("", route.Number), spec)
}

// originate rings the address to at an endpoint. It subscribes to the endpoint's events first, which say how that ends: a channel's own
// can only be subscribed to once it exists, and by then a telephone may have declined.
func (s *Switchboard) originate(ctx context.Context, l *leg, endpoint, to, name, shown string, spec ivr.RingSpec) error {
	source := "endpoint:PJSIP/" + endpoint
	if err := s.subscribe(ctx, source); err != nil {
		return err
	}
	defer s.background(func() {
		s.untilEventsCame(l)
		s.logFault("no events any more", l.id, within(context.WithoutCancel(ctx), func() error {
			return s.ari.Application().Unsubscribe(ari.NewKey(ari.ApplicationKey, s.options.App), source)
		}))
	})
	s.add(l)
	where := "picked-up"
	if spec.Help {
		where = "help"
	}
	// If the telephone is picked up while this program is away, the dialplan connects it with RF_CALLER.
	variables := map[string]string{"RF_CALLER": name, "RF_HOUSE": spec.Household}
	if l.outside { // a phone at home has the household's language already
		variables["RF_LANGUAGE"] = s.options.Outbound(spec.Household).Language
	}
	err := within(ctx, func() error {
		_, err := s.ari.Channel().Originate(nil, ari.OriginateRequest{
			Endpoint: to, ChannelID: l.id,
			Timeout: int(spec.AtMost / time.Second), CallerID: shown,
			Context: where, Extension: "s", Priority: 1, Variables: variables,
		})
		return err
	})
	if err != nil {
		s.forget(l.id)
		return errors.Join(ivr.ErrOffline, err)
	}
	select {
	case <-l.entered:
		l.answered = true
		return nil
	case <-l.ended:
		return l.ending()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ending says why a telephone was not picked up.
func (l *leg) ending() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.cause {
	case causeBusy:
		return ivr.ErrBusy
	case causeRejected, 0, 16, 18, 19, 26, 102:
		// in this order: rejected by hand, not known, cancelled, no user responding, no answer, answered elsewhere, timer expired
		return ivr.ErrNoAnswer
	default:
		return ivr.ErrUnreachable
	}
}

// onForwarded ends a call that Asterisk makes because a telephone has answered with a 302. A plain number leads nowhere (pjsip.conf,
// FORWARD_CONTEXT), but an address such as "PJSIP/number@trunk" is dialled as it stands, and ARI has no way to forbid that.
func (s *Switchboard) onForwarded(ctx context.Context, e *event) {
	if e.Forwarded.ID == "" {
		return
	}
	s.log.Warn("a telephone wanted to send a call elsewhere; it is not followed", "channel", e.Forwarded.ID)
	s.background(func() { s.hangUp(context.WithoutCancel(ctx), "not follow a phone elsewhere", e.Forwarded.ID) })
}

// release stops all telephones but one. It does not depend on ctx, whose caller may have gone.
func (s *Switchboard) release(ctx context.Context, rung []*leg, but *leg) {
	lost := errors.Is(context.Cause(ctx), ivr.ErrLost)
	ctx = context.WithoutCancel(ctx)
	for _, l := range rung {
		if l == but {
			continue
		}
		s.background(func() { s.releaseOne(ctx, l, lost) })
	}
}

func (s *Switchboard) releaseOne(ctx context.Context, l *leg, lost bool) {
	switch {
	case lost && s.isUp(ctx, l.id):
		// It was picked up just as the connection was lost: the dialplan connects it.
		return
	case l.here():
		s.log.Info("a second telephone was picked up; it is let go", "leg", l.channel())
		s.logFault("let go", l.id, l.Hangup(ctx))
	default:
		s.hangUp(ctx, "stop ringing", l.id)
	}
}

// hangUp ends a channel, wherever it is.
func (s *Switchboard) hangUp(ctx context.Context, what, channel string) {
	s.logFault(what, channel, within(ctx, func() error { return s.ari.Channel().Hangup(channelKey(channel), "normal") }))
}

func (s *Switchboard) logFault(what, channel string, err error) {
	if err != nil && !errors.Is(err, ivr.ErrGone) && !errors.Is(err, ivr.ErrLost) {
		s.log.Error("a leg did not do as it was told", "what", what, "channel", channel, "err", err)
	}
}

// isUp says whether a channel has been answered.
func (s *Switchboard) isUp(ctx context.Context, channel string) bool {
	data, err := s.channelData(ctx, channel)
	return err == nil && data.State == "Up"
}

// Talk implements ivr.Telephones: the telephone's leg continues in the dialplan, which bridges it with RF_CALLER.
func (s *Switchboard) Talk(ctx context.Context, caller, telephone ivr.Leg) error {
	c, t, err := s.pair(ctx, caller, telephone)
	if err != nil {
		return err
	}
	// Bridge() takes the caller out of Stasis.
	if err := c.handOver(func() error { return t.goOn(ctx, "", "", 0) }); err != nil {
		return err
	}
	return c.untilEnded(ctx)
}

// SendAway implements ivr.Telephones. The dialplan does it: neither of the two is in Stasis, and ARI cannot move other channels.
func (s *Switchboard) SendAway(ctx context.Context, caller ivr.Leg, words screening.Farewell, phrase prompts.ID) error {
	c := caller.(*leg)
	select {
	case <-c.ended:
		return ivr.ErrGone
	default:
	}
	return s.runInDialplan(ctx, "send-away", "s", map[string]string{
		"RF_CALLER": c.channel(), "RF_WORDS": string(words), "RF_PHRASE": string(phrase),
	})
}

// pair prepares a caller for a conversation with a telephone: it subscribes to the caller's end, and ends the ringing tone.
func (s *Switchboard) pair(ctx context.Context, caller, telephone ivr.Leg) (c, t *leg, err error) {
	c, t = caller.(*leg), telephone.(*leg)
	if err := s.subscribeChannel(ctx, c.id); err != nil {
		return nil, nil, err
	}
	return c, t, c.quiet(ctx)
}

// untilEnded waits for the end of a channel that the dialplan has and whose events are subscribed to.
func (l *leg) untilEnded(ctx context.Context) error {
	select {
	case <-l.ended:
		return nil
	case <-ctx.Done(): // only the loss of the connection ends it now, not the caller's leaving
		return context.Cause(ctx)
	}
}

// callerID writes a caller ID in Asterisk's form, without characters that could end its quotes or brackets.
func callerID(name, number string) string {
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune("\"<>\\", r) || r < ' ' {
			return -1
		}
		return r
	}, name)
	digits := strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
	if digits == "" {
		digits = "anonymous"
	}
	return fmt.Sprintf("%q <%s>", clean, digits)
}
