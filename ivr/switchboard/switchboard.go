package switchboard

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/CyCoreSystems/ari/v5/client/native"
	"github.com/coder/websocket"

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
	OnOrphanedCall(ctx context.Context, channel string) error
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
	// ChecksCallsOut says whether MayCallOut has to be asked about a household's calls.
	ChecksCallsOut(ctx context.Context, household string) (bool, error)
	// CountMessages counts a household's messages.
	CountMessages(ctx context.Context, household string) (unheard, heard int, err error)
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
	App        string              // the name under which the dialplan calls Stasis()
	Telephones map[string][]string // PJSIP endpoints by household
	// Line is a household's way to a carer's telephone. Its answer may change during calls.
	Line func(household string) Line
	Log  *slog.Logger
	// Changed is called whenever State or an Endpoint has changed, and must return at once. It may be nil.
	Changed func()
}

// Line is a household's way out.
type Line struct {
	Trunk  string // PJSIP endpoint
	Number string // the caller ID of calls through it
	Region string // the region in whose format numbers are dialled
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

	mu      sync.Mutex
	legs    map[string]*leg
	came    map[string]bool // channels that entered Stasis on this connection and are still there
	state   State
	follows sync.WaitGroup

	endpoints map[string]Endpoint
}

// State is whether the switchboard is connected, and since when.
type State struct {
	Connected bool
	Since     time.Time
}

// New makes a switchboard; Run connects it.
func New(o Options) *Switchboard {
	base := "http://" + o.Address + "/ari"
	return &Switchboard{
		options: o,
		log:     o.Log,
		ari:     native.New(&native.Options{Application: o.App, URL: base, Username: o.User, Password: o.Password}),
		extra:   newRest(base, o.User, o.Password),
		legs:    map[string]*leg{},
		came:    map[string]bool{},

		state: State{Since: time.Now()}, endpoints: map[string]Endpoint{},
	}
}

// State tells whether Asterisk is connected.
func (s *Switchboard) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

func (s *Switchboard) setState(connected bool) {
	s.mu.Lock()
	changed := s.state.Connected != connected
	if changed { // not on every failed attempt
		s.state = State{Connected: connected, Since: time.Now()}
	}
	s.mu.Unlock()
	if !connected {
		s.forgetEndpoints()
	}
	if changed {
		s.changed()
	}
}

// ErrReplaced says that another application has taken the same name, and all calls with it.
var ErrReplaced = errors.New("another ringfence has taken over this Asterisk: stop one of the two")

const (
	firstPause = 100 * time.Millisecond // before the first attempt to reconnect
	longPause  = 2 * time.Second        // at most: orphaned calls are given back within 3 s of our return
	pingEvery  = 5 * time.Second        // a connection that has died silently is noticed within twice that
	// An attempt to connect that was never answered may reach Asterisk late and replace the connection that came after it (docs/asterisk.md: a
	// network that held everything back for 40 s). For this long after one, being replaced is not taken for another ringfence's doing.
	ownGhosts = time.Minute
	// When such a late attempt ends, Asterisk may conclude that the application has gone, although our connection stands. So the first connection
	// after one is made again once the late attempts must be over.
	ghostsGone = 3 * time.Second
)

// Run keeps a connection to Asterisk and brings its calls to the handler until ctx ends, or another application takes over.
// When it returns, every call that was under way is back in the dialplan.
func (s *Switchboard) Run(ctx context.Context, handler Handler) error {
	pause := firstPause
	for {
		began := time.Now()
		err := s.connection(ctx, handler)
		s.setState(false)
		s.follows.Wait()
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, ErrReplaced) && time.Since(s.unanswered) > ownGhosts {
			return err
		}
		if time.Since(began) > time.Minute {
			pause = firstPause
		}
		s.log.Warn("no connection to Asterisk; it rings the household by itself meanwhile", "err", err, "again", pause)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(pause*2, longPause)
	}
}

// connection is one websocket, from dialling it to losing it. Scripts that are running when it is lost end with ivr.ErrLost.
func (s *Switchboard) connection(parent context.Context, handler Handler) error {
	// Scripts see the end of the connection, not the parent's: they still have to leave their calls to Asterisk when the program stops.
	ctx, end := context.WithCancelCause(context.WithoutCancel(parent))
	defer end(ivr.ErrLost)
	ws, err := s.dial(parent)
	if err != nil {
		return err
	}
	defer func() { _ = ws.CloseNow() }() // a proper close, where possible, has come before
	w := newWire(ws)
	defer close(w.gone)
	s.wire.Store(w)
	s.forgetAll()

	// Events are read until the scripts have ended, because the scripts wait for some of them.
	pinging, enough := context.WithCancel(context.WithoutCancel(parent))
	defer enough()
	lost := make(chan error, 2)
	go func() { lost <- s.read(ctx, w, handler) }()
	go func() { lost <- ping(pinging, ws) }()
	if err := w.greet(ctx); err != nil {
		return fmt.Errorf("greet Asterisk: %w", err)
	}
	if err := s.extra.filterEvents(ctx, s.options.App); err != nil {
		return fmt.Errorf("choose the events: %w", err)
	}
	s.setState(true)
	s.log.Info("connected to Asterisk", "address", s.options.Address)
	var again <-chan time.Time
	if s.ghosts {
		again = time.After(ghostsGone)
	}
	s.background(func() { s.takeStock(ctx, handler) })
	s.background(func() { s.keepGuards(ctx, handler) })
	s.background(func() { s.keepLamps(ctx, handler) })
	s.background(func() { s.watchTrunks(ctx) })

	select {
	case <-parent.Done():
		end(ivr.ErrLost) // scripts end while events are still read
		s.follows.Wait()
		s.forgetAll()
		last := context.WithoutCancel(parent)
		s.giveOrphansBack(last, handler, s.held(last))
		_ = ws.Close(websocket.StatusNormalClosure, "stopping") // Asterisk may be gone as well
		return nil
	case <-again:
		s.ghosts = false
		return errOnceMore
	case err := <-lost:
		return err
	}
}

var errOnceMore = errors.New("attempts that were not answered may have reached Asterisk late")

// background runs f in a goroutine that Run waits for before it reconnects or returns.
func (s *Switchboard) background(f func()) {
	s.follows.Add(1)
	go func() {
		defer s.follows.Done()
		f()
	}()
}

func (s *Switchboard) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	login := base64.StdEncoding.EncodeToString([]byte(s.options.User + ":" + s.options.Password))
	address := "ws://" + s.options.Address + "/ari/events?app=" + url.QueryEscape(s.options.App)
	ws, answer, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Basic " + login}},
	})
	if answer != nil && answer.StatusCode == http.StatusUnauthorized {
		return nil, errors.New("Asterisk refuses the ARI password: write its configuration anew with `ringfence asterisk config` and restart it")
	}
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			s.unanswered, s.ghosts = time.Now(), true
		}
		return nil, fmt.Errorf("connect to Asterisk at %s: %w", s.options.Address, err)
	}
	ws.SetReadLimit(1 << 20)
	return ws, nil
}

func ping(ctx context.Context, ws *websocket.Conn) error {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			answer, cancel := context.WithTimeout(ctx, pingEvery)
			err := ws.Ping(answer)
			cancel()
			if err != nil {
				return fmt.Errorf("asterisk does not answer a ping: %w", err)
			}
		}
	}
}

// read takes events from the wire in order. It never waits for a script, which runs until ctx ends: a leg only notes what has
// happened to it. It ends when the websocket is closed; reading with a context that can end would cost twice as much.
func (s *Switchboard) read(ctx context.Context, w *wire, handler Handler) error {
	var seen twice
	endless := context.WithoutCancel(ctx)
	for {
		_, message, err := w.ws.Read(endless)
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
		if seen.before(message) {
			continue
		}
		var e event
		if err := json.Unmarshal(message, &e); err != nil {
			s.log.Warn("an event could not be read", "err", err)
			continue
		}
		if err := s.take(ctx, w, &e, handler); err != nil {
			return err
		}
	}
}

func (s *Switchboard) take(ctx context.Context, w *wire, e *event, handler Handler) error {
	switch e.Type {
	case "RESTResponse":
		w.answered(e)
	case "StasisStart":
		s.start(ctx, e, handler)
	case "StasisEnd":
		s.gone(e.Channel.ID)
		s.note(e.Channel.ID, (*leg).left)
	case "ChannelHangupRequest":
		s.note(e.Channel.ID, (*leg).hangupAsked)
	case "ChannelDestroyed":
		s.gone(e.Channel.ID)
		s.note(e.Channel.ID, func(l *leg) { l.destroyed(e.Cause) })
		s.forget(e.Channel.ID)
	case "ChannelDtmfReceived":
		s.note(e.Channel.ID, func(l *leg) { l.pressed(e.Digit) })
	case "PlaybackFinished":
		s.note(channelOf(e.Playback.Target), (*leg).finished)
	case "RecordingFinished":
		s.note(channelOf(e.Recording.Target), (*leg).finished)
	case "RecordingFailed":
		s.note(channelOf(e.Recording.Target), (*leg).failed)
	case "Dial":
		s.forwarded(ctx, e)
	case "ApplicationReplaced":
		return ErrReplaced
	}
	return nil
}

func channelOf(target string) string { return strings.TrimPrefix(target, "channel:") }

func (s *Switchboard) note(channel string, what func(*leg)) {
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

func (s *Switchboard) forget(channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.legs, channel)
}

// arrived notes a channel as soon as its event is read, so that the search for left-over calls does not take it for one.
func (s *Switchboard) arrived(channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.came[channel] = true
}

func (s *Switchboard) gone(channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.came, channel)
}

// ours says whether a channel arrived on this connection, or was created or is followed on it.
func (s *Switchboard) ours(channel string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.came[channel] || s.legs[channel] != nil
}

func (s *Switchboard) forgetAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.legs = map[string]*leg{}
	s.came = map[string]bool{}
}

func (s *Switchboard) add(l *leg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.legs[l.id] = l
}

// start takes a channel that the dialplan has sent to Stasis. The first argument says what for.
func (s *Switchboard) start(ctx context.Context, e *event, handler Handler) {
	as := ""
	if len(e.Args) > 0 {
		as = e.Args[0]
	}
	if as != "phone" { // one of our telephones has a leg already; any other was left over together with its caller
		s.arrived(e.Channel.ID)
	}
	switch as {
	case "incoming", "crowded":
		s.arrive(ctx, e, handler)
	case "phone":
		if l := s.legOf(e.Channel.ID); l != nil {
			l.arrived(e.Channel.Name)
			return
		}
		// A telephone that an earlier run of the application rang: the dialplan connects it with its caller.
		s.background(func() { s.giveBack(ctx, e.Channel.ID) })
	case "in-call":
		s.background(func() { s.inCall(ctx, e, handler) })
	case "code":
		s.background(func() { s.code(ctx, e, handler) })
	case "whisper":
		s.note(e.Channel.ID, func(l *leg) { l.arrived(e.Channel.Name) })
	case "recorded":
		s.recorded(ctx, e, handler)
	case "told":
		s.background(func() { s.told(ctx, e, handler) })
	case "dial":
		s.background(func() { s.outgoing(ctx, e, handler) })
	case "unlogged":
		s.background(func() { s.unlogged(ctx, e, handler) })
	default:
		s.log.Error("a channel came with words that are not known", "channel", e.Channel.ID, "args", len(e.Args))
		s.background(func() { s.giveBack(ctx, e.Channel.ID) })
	}
}

// incoming brings one call to the handler, and back to the dialplan if the handler cannot take it. The context named call ends with the call.
func (s *Switchboard) incoming(ctx, call context.Context, l *leg, e *event, handler Handler) {
	err := s.handle(call, handler, l.arrival(e))
	if goesOn := l.close(context.WithoutCancel(ctx), err); goesOn && ctx.Err() == nil {
		s.follow(ctx, handler, l.id)
		return
	}
	s.forget(l.id)
}

// handle keeps a panic in a script from taking the program down, and every other call with it.
func (s *Switchboard) handle(ctx context.Context, handler Handler, a ivr.Arrival) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("fault in a script: %v", fault)
			s.log.Error("a script has failed; the household's telephones ring", "channel", a.Channel, "fault", fault)
		}
	}()
	return handler.Handle(ctx, a)
}
