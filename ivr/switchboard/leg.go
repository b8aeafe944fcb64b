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
	"github.com/CyCoreSystems/ari/v5/client/native"

	"ringfence/ivr"
	"ringfence/screening"
)

const (
	// How long past a step Asterisk waits before it takes a caller back. The longest step in which a caller hears nothing is the
	// recording of a name; with this nobody is in silence for twenty seconds.
	callerGrace = 8 * time.Second
	// The same for a caller who hears ringing. It is longer than all that the telephone that they wait for may take meanwhile, whose
	// deadline must be the first of the two.
	ringGrace      = 15 * time.Second
	telephoneGrace = 6 * time.Second // the same for a telephone

	// answerPause is between picking up and the first word. The network needs it to open the way for sound, and a person
	// to bring the receiver to the ear; without it the first syllable is lost.
	answerPause = 400 * time.Millisecond
)

// leg is one channel. Its fields below mu are written by the goroutine that reads events.
type leg struct {
	s         *Switchboard
	id        string // Asterisk's unique id
	household string // which the dialplan has named, or ""
	grace     time.Duration
	outside   bool   // a carer's telephone
	request   string // which INVITE it is the call of; "" for legs that we make, and where that is not known
	// These belong to the script.
	answered bool
	ringing  bool
	recorded string // the name of the recording that is in Asterisk; "" where there is none
	onLeave  func() // called once when the channel leaves Stasis without having been handed on

	mu       sync.Mutex
	name     string // Asterisk's name of the channel, such as "PJSIP/line-00000001"
	inStasis bool
	handed   bool // to the dialplan, by us
	away     bool // and the dialplan brings it back when it has recorded
	playing  bool
	rungFor  time.Time // until then telephones ring for this caller, whatever becomes of this program; zero: none does
	hungUp   bool
	cause    int // Q.850 cause of the end
	up       chan struct{}
	gone     chan struct{} // closed when the channel has left Stasis, or has ended
	over     chan struct{} // closed when the channel has ended
	keys     chan rune
	typed    []rune     // all keys since the script last asked
	done     chan error // a playback or a recording has finished
}

func (s *Switchboard) newLeg(id string, grace time.Duration) *leg {
	return &leg{
		s: s, id: id, grace: grace,
		up: make(chan struct{}), gone: make(chan struct{}), over: make(chan struct{}),
		keys: make(chan rune, 64), done: make(chan error, 8),
	}
}

func (l *leg) key() *ari.Key { return channelKey(l.id) }

func channelKey(id string) *ari.Key { return ari.NewKey(ari.ChannelKey, id) }

// What has happened to the leg, as the events tell it.

func (l *leg) arrived(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.name, l.inStasis = name, true
	closeOnce(l.up)
}

func (l *leg) hangupAsked() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hungUp = true
}

func (l *leg) left() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inStasis = false
	if l.handed {
		return
	}
	l.leave()
}

func (l *leg) destroyed(cause int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inStasis, l.cause = false, cause
	closeOnce(l.over)
	l.leave()
}

// leave wants mu.
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

// typedMost is how many keys are remembered of somebody who leans on them.
const typedMost = 64

func (l *leg) pressed(digit string) {
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

func (l *leg) finished() { l.finish(nil) }
func (l *leg) failed()   { l.finish(errNotRecorded) }

func (l *leg) finish(err error) {
	select {
	case l.done <- err:
	default: // nobody has waited for the last eight: the script has gone
	}
}

// What a script does with the leg.

// allow lets Asterisk take the leg back when the step, and the grace, have passed; but not as long as telephones may ring for it:
// the dialplan, which rings them then, would find them busy.
func (l *leg) allow(ctx context.Context, step time.Duration) error {
	l.mu.Lock()
	ringing := time.Until(l.rungFor)
	l.mu.Unlock()
	return l.takeBackAfter(ctx, max(step+l.grace, ringing))
}

func (l *leg) setRungFor(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rungFor = until
}

func (l *leg) setPlaying(playing bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.playing = playing
}

func (l *leg) isPlaying() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.playing
}

// takeBackAfter sets the deadline.
func (l *leg) takeBackAfter(ctx context.Context, pause time.Duration) error {
	seconds := int(math.Ceil(pause.Seconds()))
	err := within(ctx, func() error {
		return l.s.ari.Channel().SetVariable(l.key(), "TIMEOUT(absolute)", strconv.Itoa(seconds))
	})
	// Asterisk refuses a variable with 400 on a channel that is about to go (measured: a telephone put down under a sound). Whether it was that is
	// told a moment later.
	var answer native.RequestError
	if errors.As(err, &answer) && answer.Code() == http.StatusBadRequest {
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
	// An unanswered leg's ringing was made by the network, and ends with the answer.
	l.answered, l.ringing = true, false
	return l.wait(ctx, time.After(answerPause))
}

// Ring implements ivr.Leg.
func (l *leg) Ring(ctx context.Context, atMost time.Duration) error {
	if err := l.takeBackAfter(ctx, atMost+ringGrace); err != nil || l.ringing {
		return err
	}
	l.ringing = true
	return within(ctx, func() error { return l.s.ari.Channel().Ring(l.key()) })
}

// quiet ends the ringing that an answered leg hears.
func (l *leg) quiet(ctx context.Context) error {
	if !l.ringing {
		return nil
	}
	l.ringing = false
	return within(ctx, func() error { return l.s.ari.Channel().StopRing(l.key()) })
}

// wait until the pause has passed.
func (l *leg) wait(ctx context.Context, pause <-chan time.Time) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-l.gone:
		return ivr.ErrGone
	case <-pause:
		return nil
	}
}

// Pressed implements ivr.Leg. Keys that no Ask has taken yet are gone with it.
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

// goOn lets the leg go on in the dialplan: at an extension, or with "" where it called Stasis(). That it leaves may be
// told before the request is answered, and must not look as if the caller had hung up.
func (l *leg) goOn(ctx context.Context, where, extension string, priority int) error {
	l.setHanded(true)
	err := l.s.goOn(ctx, l.id, where, extension, priority)
	if err != nil {
		l.setHanded(false)
	}
	return err
}

// setHanded notes that the leg is the dialplan's, by our own doing.
func (l *leg) setHanded(handed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handed = handed
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

// LivesOn implements ivr.Leg. Asterisk tells of a hang-up before it tells that the channel has left; of a deadline it tells
// nothing but that the channel has left.
func (l *leg) LivesOn() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.hungUp
}

// here tells whether the leg is ours: in Stasis, and not handed to the dialplan.
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

// close is called when the script of a caller has ended. A caller who is still here goes back to the dialplan, which
// rings: that is so when the desk has returned an error, or when the script has forgotten the caller. It tells whether
// the call goes on without us.
func (l *leg) close(ctx context.Context, err error) (goesOn bool) {
	here := l.here()
	if errors.Is(err, ivr.ErrLost) {
		return false // with the other calls, and after the telephones that were picked up: see giveOrphansBack
	}
	if here {
		l.s.log.Warn("a call goes back to the dialplan", "channel", l.id, "err", err)
		l.s.giveBack(ctx, l.id)
	}
	l.deleteRecording(ctx)
	return here || errors.Is(err, ivr.ErrTakenBack)
}

func soundOf(channel string) string { return channel + "-sound" }
