package switchboard

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/CyCoreSystems/ari/v5/client/native"

	"ringfence/ivr"
)

// Handler receives the calls.
type Handler interface {
	// Handle takes one call; see ivr.Screener.
	Handle(ctx context.Context, a ivr.Arrival) error
	// OnRangUnscreened reports a call for which the dialplan rang without the application, or after the application had given it back.
	OnRangUnscreened(ctx context.Context, r ivr.UnscreenedCall) error
	// OpenChannels lists the channels of calls whose end is not known.
	OpenChannels(ctx context.Context) (channels []string, err error)
	// OnOrphanedCall reports a call that an earlier run of the application held; the household is being rung for it.
	OnOrphanedCall(channel string)
	// OnCallGone reports that such a channel has gone.
	OnCallGone(ctx context.Context, channel string) error
	// OnKeyInCall serves a key that a telephone has pressed in a conversation; see ivr.Screener.
	OnKeyInCall(ctx context.Context, p ivr.KeyInCall) error
	// OnCodeDialled serves a feature code.
	OnCodeDialled(ctx context.Context, d ivr.DialledCode) error
	// OnDialplanReport reports what the dialplan has seen a household dial.
	OnDialplanReport(ctx context.Context, t ivr.DialplanReport) error
	// MayCallOut says whether a call that a household is making may go out.
	MayCallOut(ctx context.Context, o ivr.OutgoingCall) (bool, error)
	// DialGuards are the households for whose calls MayCallOut has to be asked.
	DialGuards(ctx context.Context) ([]string, error)
	// MessageCounts has the households that have messages.
	MessageCounts(ctx context.Context) (map[string]ivr.MessageCount, error)
	// OnOrphanedName brings what a caller said of themselves to an application that ended before it could keep it.
	OnOrphanedName(ctx context.Context, channel string, said ivr.Recording) error
	// OnOrphanedMessage brings a message that was left while no application was there, or that it could not keep in time. household is ""
	// where the dialplan has not named it.
	OnOrphanedMessage(ctx context.Context, household, channel string, left ivr.Recording) error
}

// Options say where Asterisk is and which telephones each household has.
type Options struct {
	Address    string // ARI's host and port, such as "127.0.0.1:8088"
	User       string
	Password   string
	App        string                     // the name under which the dialplan calls Stasis()
	Telephones func() map[string][]string // PJSIP endpoints by household; they may change during calls. nil: there are none
	// Fixed are the SIP addresses of telephones that have a fixed one, by endpoint. They are rung there, whatever Asterisk thinks of them. It may be nil.
	Fixed func() map[string]string
	// Outbound is a household's way to a carer's telephone. Its answer may change during calls.
	Outbound func(household string) OutboundRoute
	Log      *slog.Logger
	// OnOldDialplan is called when a call comes from a dialplan of an earlier version, and must return at once. It may be nil.
	OnOldDialplan func()
	// OnChange is called whenever State or an Endpoint has changed, and must return at once. It may be nil.
	OnChange func()
}

// OutboundRoute is how calls of a household go out.
type OutboundRoute struct {
	Trunk   string // PJSIP endpoint
	Contact string // the SIP address of the trunk's other side; "" is the endpoint's
	Number  string // the caller ID of calls through it
	Region  string // the region in whose format numbers are dialled
	// Language is what a carer hears who picks up.
	Language string
}

// Switchboard connects to Asterisk and brings calls to a handler.
type Switchboard struct {
	options Options
	log     *slog.Logger
	ari     *native.Client
	extra   *rest

	wire atomic.Pointer[wire] // of the present connection; nil before the first

	unanswered time.Time // when an attempt to connect last went unanswered; only Run uses it
	ghosts     bool      // such an attempt may still reach Asterisk, so the next connection is made twice; only Run uses it

	mu       sync.Mutex
	legs     map[string]*leg
	inStasis map[string]bool // channels that entered Stasis on this connection and are still there
	state    State
	tried    time.Time // when the latest attempt to connect began, or the connection was lost
	follows  sync.WaitGroup

	endpoints map[string]Endpoint

	lookAgainAfter time.Duration // see Ring
}

// State is whether the switchboard is connected, and since when.
type State struct {
	Connected bool
	Since     time.Time
}

// New makes a switchboard; Run connects it.
func New(o Options) *Switchboard {
	if o.Telephones == nil {
		o.Telephones = func() map[string][]string { return nil }
	}
	if o.Fixed == nil {
		o.Fixed = func() map[string]string { return nil }
	}
	base := "http://" + o.Address + "/ari"
	return &Switchboard{
		options:  o,
		log:      o.Log,
		ari:      native.New(&native.Options{Application: o.App, URL: base, Username: o.User, Password: o.Password}),
		extra:    newRest(base, o.User, o.Password),
		legs:     map[string]*leg{},
		inStasis: map[string]bool{},

		state: State{Since: time.Now()}, tried: time.Now(), endpoints: map[string]Endpoint{}, lookAgainAfter: lookAgainAfter,
	}
}

// State tells whether Asterisk is connected.
func (s *Switchboard) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Idle is for how long there has been neither a connection to Asterisk nor an attempt to make one, as where Run waits for something that never ends.
func (s *Switchboard) Idle() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Connected {
		return 0
	}
	return time.Since(s.tried)
}

// HasCalls tells whether the application has a call in its hands: one that is being screened or announced, not one that Asterisk has joined.
func (s *Switchboard) HasCalls() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.inStasis) > 0
}

func (s *Switchboard) setState(connected bool) {
	s.mu.Lock()
	changed := s.state.Connected != connected
	if changed { // not on every failed attempt
		s.state = State{Connected: connected, Since: time.Now()}
		s.tried = s.state.Since
	}
	s.mu.Unlock()
	if !connected {
		s.forgetEndpoints()
	}
	if changed {
		s.onChange()
	}
}

func (s *Switchboard) dispatch(ctx context.Context, w *wire, e *event, handler Handler) error {
	switch e.Type {
	case "RESTResponse":
		w.onAnswer(e)
	case "StasisStart":
		s.onStasisStart(ctx, e, handler)
	case "StasisEnd":
		s.set(func() { delete(s.inStasis, e.Channel.ID) })
		s.tell(e.Channel.ID, (*leg).onLeft)
	case "ChannelHangupRequest":
		s.tell(e.Channel.ID, (*leg).onHangupRequest)
	case "ChannelDestroyed":
		s.tell(e.Channel.ID, func(l *leg) { l.onDestroyed(e.Cause) })
		s.set(func() { delete(s.inStasis, e.Channel.ID); delete(s.legs, e.Channel.ID) })
	case "ChannelDtmfReceived":
		s.tell(e.Channel.ID, func(l *leg) { l.onKey(e.Digit) })
	case "ChannelTalkingStarted":
		s.tell(e.Channel.ID, (*leg).onTalkingStarted)
	case "ChannelTalkingFinished":
		s.tell(e.Channel.ID, (*leg).onTalkingFinished)
	case "PlaybackFinished":
		s.tell(channelOf(e.Playback.Target), (*leg).onFinished)
	case "RecordingFinished":
		s.tell(channelOf(e.Recording.Target), (*leg).onFinished)
	case "RecordingFailed":
		s.tell(channelOf(e.Recording.Target), (*leg).onFailed)
	case "Dial":
		s.onForwarded(ctx, e)
	case "ApplicationReplaced":
		return ErrReplaced
	}
	return nil
}

func channelOf(target string) string { return strings.TrimPrefix(target, "channel:") }

func (s *Switchboard) tell(channel string, what func(*leg)) {
	if l := s.legOf(channel); l != nil {
		what(l)
	}
}

// legOf is the leg of a channel, or nil if the channel is not one of ours.
func (s *Switchboard) legOf(channel string) *leg {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.legs[channel]
}

// set changes what mu guards.
func (s *Switchboard) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *Switchboard) add(l *leg) { s.set(func() { s.legs[l.id] = l }) }

func (s *Switchboard) forget(channel string) { s.set(func() { delete(s.legs, channel) }) }

// ours says whether a channel arrived on this connection, or was created or is followed on it.
func (s *Switchboard) ours(channel string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inStasis[channel] || s.legs[channel] != nil
}

func (s *Switchboard) forgetAll() {
	s.set(func() { s.legs, s.inStasis = map[string]*leg{}, map[string]bool{} })
}

// onStasisStart takes a channel that the dialplan has sent to Stasis. The first argument says what for.
func (s *Switchboard) onStasisStart(ctx context.Context, e *event, handler Handler) {
	as := argument(e.Args, 0)
	if as != "phone" { // one of our telephones has a leg already; any other was left over together with its caller
		// Noted as soon as the event is read, so that the search for left-over calls does not take it for one.
		s.set(func() { s.inStasis[e.Channel.ID] = true })
	}
	switch as {
	case inbound, crowded:
		s.onArrival(ctx, e, handler)
	case "phone":
		if l := s.legOf(e.Channel.ID); l != nil {
			l.onStasis(e.Channel.Name)
			return
		}
		// A telephone that an earlier run of the application rang: the dialplan connects it with its caller.
		s.background(func() { s.giveBack(ctx, e.Channel.ID) })
	case "in-call":
		s.background(func() { s.onKeyInCall(ctx, e, handler) })
	case "code":
		s.background(func() { s.onCode(ctx, e, handler) })
	case "whisper":
		s.tell(e.Channel.ID, func(l *leg) { l.onStasis(e.Channel.Name) })
	case "recorded":
		s.onRecorded(ctx, e, handler)
	case "told":
		s.background(func() { s.onReport(ctx, e, handler) })
	case "dial":
		s.background(func() { s.onCallOut(ctx, e, handler) })
	case "unlogged":
		s.background(func() { s.onUnscreenedCall(ctx, e, handler) })
	case "incoming", "crowded":
		s.onOldDialplan(ctx, e)
	default:
		s.log.Error("a channel came with words that are not known", "channel", e.Channel.ID, "args", len(e.Args))
		s.background(func() { s.giveBack(ctx, e.Channel.ID) })
	}
}

// incoming brings one call to the handler, and back to the dialplan if the handler cannot take it. The context named call ends with the call.
func (s *Switchboard) incoming(ctx, call context.Context, l *leg, e *event, handler Handler) {
	err := handler.Handle(call, l.arrival(e))
	if goesOn := l.close(context.WithoutCancel(ctx), err); goesOn && ctx.Err() == nil {
		s.follow(ctx, handler, l.id)
	}
}
