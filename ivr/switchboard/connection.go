package switchboard

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"

	"ringfence/ivr"
)

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
	handler = contained{handler, s.log}
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
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(parent))
	defer cancel(ivr.ErrLost)
	s.set(func() { s.tried = time.Now() })
	ws, err := s.dial(parent)
	if err != nil {
		return err
	}
	defer func() { _ = ws.CloseNow() }() // closed properly before, if that was possible
	w := newWire(ws)
	defer close(w.closed)
	s.wire.Store(w)
	s.forgetAll()

	// Events are read until the scripts have ended, because the scripts wait for some of them.
	pinging, cancelPinging := context.WithCancel(context.WithoutCancel(parent))
	defer cancelPinging()
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
	s.background(func() { s.recoverLeftovers(ctx, handler) })
	s.background(func() { s.keepGuards(ctx, handler) })
	s.background(func() { s.keepLamps(ctx, handler) })

	select {
	case <-parent.Done():
		cancel(ivr.ErrLost) // scripts end while events are still read
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
		return nil, errors.New("Asterisk refuses the ARI password: restart it to make it read its latest configuration (`sudo systemctl restart ringfence-asterisk`)")
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
	var events dedup
	endless := context.WithoutCancel(ctx)
	for {
		_, message, err := w.ws.Read(endless)
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
		if events.isRepeated(message) {
			continue
		}
		var e event
		if err := json.Unmarshal(message, &e); err != nil {
			s.log.Warn("an event could not be read", "err", err)
			continue
		}
		if err := s.dispatch(ctx, w, &e, handler); err != nil {
			return err
		}
	}
}
