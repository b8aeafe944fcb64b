package switchboard

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"ringfence/ivr"
	"ringfence/screening"
)

const (
	// How long after the end of a step Asterisk takes a caller back. The longest step in which a caller hears nothing is the recording
	// of a name; with this grace nobody is in silence for twenty seconds.
	callerGrace = 8 * time.Second
	// The same for a caller who hears ringing. It is longer than any step of the telephone they are waiting for, whose deadline must
	// come first.
	ringGrace      = 15 * time.Second
	telephoneGrace = 6 * time.Second // the same for a telephone

	// answerPause lies between picking up and the first word. The network needs it to open the sound path, and a person to bring
	// the receiver to the ear; without it the first syllable is lost.
	answerPause = 400 * time.Millisecond
)

// leg is one channel. Its fields below mu are written by the goroutine that reads events.
type leg struct {
	s       *Switchboard
	id      string // Asterisk's unique id
	grace   time.Duration
	outside bool   // a carer's telephone
	request string // the INVITE that made this call (see requestOf); "" for legs that we make, and where it is not known
	// These belong to the script.
	answered bool
	ringing  bool
	recorded string // the name of the recording that is in Asterisk; "" if there is none
	onLeave  func() // called once when the channel leaves Stasis without having been handed on

	mu       sync.Mutex
	name     string // Asterisk's name of the channel, such as "PJSIP/line-00000001"
	inStasis bool
	handed   bool // to the dialplan, by us
	away     bool // handed, and the dialplan brings it back after a recording
	playing  bool
	rungFor  time.Time // until then telephones ring for this caller even if this program dies; zero if none rings
	hungUp   bool
	cause    int           // Q.850 cause of the end
	entered  chan struct{} // closed when the channel has entered Stasis
	gone     chan struct{} // closed when the channel has left Stasis, or has ended
	ended    chan struct{} // closed when the channel has ended
	keys     chan rune
	talking  talking
	typed    []rune     // all keys since the script last asked
	done     chan error // a playback or a recording has finished
}

func (s *Switchboard) newLeg(id string, grace time.Duration) *leg {
	return &leg{
		s: s, id: id, grace: grace,
		entered: make(chan struct{}), gone: make(chan struct{}), ended: make(chan struct{}),
		keys: make(chan rune, 64), done: make(chan error, 8),
	}
}

func (l *leg) key() *ari.Key { return channelKey(l.id) }

func channelKey(id string) *ari.Key { return ari.NewKey(ari.ChannelKey, id) }

// The methods from here on note what events say has happened to the leg.

func (l *leg) onStasis(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.name, l.inStasis = name, true
	closeOnce(l.entered)
}

// set changes fields below mu.
func (l *leg) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

func (l *leg) onHangupRequest() { l.set(func() { l.hungUp = true }) }

func (l *leg) onLeft() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inStasis = false
	if l.handed {
		return
	}
	l.leave()
}

func (l *leg) onDestroyed(cause int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inStasis, l.cause = false, cause
	closeOnce(l.ended)
	l.leave()
}

// leave is called with mu held.
func (l *leg) leave() {
	if closeOnce(l.gone) && l.onLeave != nil {
		l.onLeave()
	}
}

func closeOnce(c chan struct{}) bool {
	select {
	case <-c:
		return false
	default:
		close(c)
		return true
	}
}

// typedMost bounds the keys that are remembered when somebody leans on them.
const typedMost = 64

func (l *leg) onKey(digit string) {
	for _, key := range digit {
		l.mu.Lock()
		if len(l.typed) < typedMost {
			l.typed = append(l.typed, key)
		}
		l.mu.Unlock()
		select {
		case l.keys <- key:
		default: // somebody leans on the keys
		}
	}
}

func (l *leg) onFinished() { l.finish(nil) }
func (l *leg) onFailed()   { l.finish(errNotRecorded) }

func (l *leg) finish(err error) {
	select {
	case l.done <- err:
	default: // nobody took the last eight: the script has gone
	}
}

// The methods from here on are what a script does with the leg.

// allow sets the deadline at which Asterisk takes the leg back: the length of the step plus the grace.
func (l *leg) allow(ctx context.Context, step time.Duration) error {
	return l.takeBackAfter(ctx, step+l.grace)
}

func (l *leg) isPlaying() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.playing
}

// takeBackAfter sets the deadline. It is not before the telephones that ring for this leg have stopped, because the dialplan rings them
// then and would find them busy.
func (l *leg) takeBackAfter(ctx context.Context, pause time.Duration) error {
	l.mu.Lock()
	ringing := time.Until(l.rungFor)
	l.mu.Unlock()
	seconds := int(math.Ceil(max(pause, ringing).Seconds()))
	err := l.s.setVariable(ctx, l.id, "TIMEOUT(absolute)", strconv.Itoa(seconds))
	// Asterisk refuses a variable with 400 on a channel that is about to go, such as a telephone that is put down during a sound
	// (docs/asterisk.md). The event that says whether it was that follows a moment later.
	if status(err) == http.StatusBadRequest {
		select {
		case <-l.gone:
			return ivr.ErrGone
		case <-time.After(settleTime):
		}
	}
	return err
}

// Answer implements ivr.Leg.
func (l *leg) Answer(ctx context.Context) error {
	if l.answered {
		return nil
	}
	if err := l.allow(ctx, answerPause); err != nil {
		return err
	}
	if err := within(ctx, func() error { return l.s.ari.Channel().Answer(l.key()) }); err != nil {
		return err
	}
	// The ringing of an unanswered leg is made by the network, and ends with the answer.
	l.answered, l.ringing = true, false
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-l.gone:
		return ivr.ErrGone
	case <-time.After(answerPause):
		return nil
	}
}

// Ring implements ivr.Leg.
func (l *leg) Ring(ctx context.Context, next time.Duration) error {
	if err := l.takeBackAfter(ctx, next+ringGrace); err != nil || l.ringing {
		return err
	}
	l.ringing = true
	return within(ctx, func() error { return l.s.ari.Channel().Ring(l.key()) })
}

// Stay implements ivr.Leg.
func (l *leg) Stay(ctx context.Context, next time.Duration) error { return l.allow(ctx, next) }

// quiet ends the ringing tone that an answered leg hears.
func (l *leg) quiet(ctx context.Context) error {
	if !l.ringing {
		return nil
	}
	l.ringing = false
	return within(ctx, func() error { return l.s.ari.Channel().StopRing(l.key()) })
}

// Pressed implements ivr.Leg. It also discards keys that no Ask has taken yet.
func (l *leg) Pressed() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	typed := string(l.typed)
	l.typed = nil
	for len(l.keys) > 0 {
		<-l.keys
	}
	return typed
}

// SendAway implements ivr.Leg.
func (l *leg) SendAway(ctx context.Context, words screening.Farewell) error {
	if words == "" {
		words = screening.Inspection
	}
	if err := l.quiet(ctx); err != nil {
		return err
	}
	return l.goOn(ctx, "turn-away", string(words), 1)
}

// goOn continues the leg in the dialplan: at an extension, or, with "", after the Stasis() that brought it here.
func (l *leg) goOn(ctx context.Context, where, extension string, priority int) error {
	return l.handOver(func() error { return l.s.goOn(ctx, l.id, where, extension, priority) })
}

// handOver makes a request with which the dialplan takes the leg. The event that the leg has left may come before the answer to the request,
// and must not look as if the other side had hung up: so handed is set first.
func (l *leg) handOver(request func() error) error {
	l.set(func() { l.handed = true })
	err := request()
	if err != nil {
		l.set(func() { l.handed = false })
	}
	return err
}

// Hangup implements ivr.Leg. It goes through the dialplan, because ARI lets only channels in Stasis continue there: a
// script that wakes up late must not hang up on two people whom the dialplan has connected meanwhile.
func (l *leg) Hangup(ctx context.Context) error {
	return l.goOn(ctx, "hang-up", "s", 1)
}

// Refuse implements ivr.Leg.
func (l *leg) Refuse(ctx context.Context) error {
	return l.goOn(ctx, "refuse", "s", 1)
}

// Outside implements ivr.Leg.
func (l *leg) Outside() bool { return l.outside }

// LivesOn implements ivr.Leg. Asterisk reports a hang-up before it reports that the channel has left Stasis; for a deadline it reports only the
// latter.
func (l *leg) LivesOn() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.hungUp
}

// here says whether the leg is ours: in Stasis, and not handed to the dialplan.
func (l *leg) here() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inStasis && !l.handed
}

// channel is Asterisk's name of the leg's channel.
func (l *leg) channel() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.name
}

// close is called when a caller's script has ended. If the caller is still here, because the handler has returned an error or the script has
// forgotten them, they go back to the dialplan, which rings the household. goesOn says whether the call continues without us.
func (l *leg) close(ctx context.Context, err error) (goesOn bool) {
	here := l.here()
	if errors.Is(err, ivr.ErrLost) {
		return false // it is given back with the other calls, after the telephones that were picked up: see giveOrphansBack
	}
	if here {
		l.s.log.Warn("a call goes back to the dialplan", "channel", l.id, "err", err)
		l.s.giveBack(ctx, l.id)
	}
	l.deleteRecording(ctx)
	return here || errors.Is(err, ivr.ErrTakenBack)
}

func soundOf(channel string) string { return channel + "-sound" }
