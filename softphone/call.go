package softphone

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"ringfence/softphone/audio"
	"ringfence/softphone/recognise"
)

var errCallOver = errors.New("the call is over")

// Call is one call of a telephone, dialled or received. Its methods are safe for several goroutines.
type Call struct {
	station  *Station
	incoming bool
	dialled  string
	shown    CallerID
	began    time.Time // dialled, or began to ring
	sound    *sound
	invite   *sip.Request

	hangup   chan struct{} // closed when a call that is not answered is to end
	gone     chan struct{} // closed when this side vanishes
	ringing  chan struct{} // closed when the other end rings, or this one
	audible  chan struct{} // closed when sound begins to flow
	answered chan struct{}
	acked    chan struct{}
	over     chan struct{}
	ends     sync.Once

	tx sip.ServerTransaction // of an incoming call

	mu        sync.Mutex
	dialog    *dialog // from the answer on
	talkAt    time.Time
	ending    Ending
	events    []Event
	keys      string
	changed   chan struct{} // closed and renewed when keys are heard
	listening *recognise.Listener
}

// enter opens what a call needs and adds it to the telephone's calls. The fields that describe the call are set already. refused is the status with
// which the telephone refuses it, or 0.
func (s *Station) enter(c *Call) (refused int, err error) {
	c.station, c.began = s, time.Now()
	for _, ch := range []*chan struct{}{&c.hangup, &c.gone, &c.ringing, &c.audible, &c.answered, &c.acked, &c.over, &c.changed} {
		*ch = make(chan struct{})
	}
	if c.sound, err = newSound(s.address.Addr(), c.keyHeard); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case isClosed(s.closed):
		c.sound.close()
		return 0, ErrClosed
	case c.incoming && s.refuse != 0:
		refused = s.refuse
	case c.incoming && s.single && len(s.current()) > 0:
		refused = sip.StatusBusyHere
	}
	if refused != 0 {
		c.sound.close()
		return refused, nil
	}
	s.calls[c.invite.CallID().Value()] = c
	return 0, nil
}

// Dialled is the number that was dialled: the user part of the request's address.
func (c *Call) Dialled() string { return c.dialled }

// CallerID is the caller ID that came with the call.
func (c *Call) CallerID() CallerID { return c.shown }

// Header is a header of the call's INVITE, or "" if it has none.
func (c *Call) Header(name string) string {
	if h := c.invite.GetHeader(name); h != nil {
		return h.Value()
	}
	return ""
}

// Events are what has happened in this call so far.
func (c *Call) Events() []Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.events)
}

// Ringing waits until the other end rings (180, or 183 with its own sound).
func (c *Call) Ringing(ctx context.Context) error {
	return c.await(ctx, c.ringing, "rang")
}

// ringPeriod is how often a British bell rings: 0.4 s on, 0.2 off, 0.4 on, 2.0 off.
const ringPeriod = 3 * time.Second

// RingsTimes waits until the bell of this telephone begins to ring for the nth time.
func (c *Call) RingsTimes(ctx context.Context, n int) error {
	enough := make(chan struct{})
	timer := time.AfterFunc(time.Until(c.began.Add(time.Duration(n-1)*ringPeriod)), func() { close(enough) })
	defer timer.Stop()
	return c.await(ctx, enough, fmt.Sprintf("rang %d times", n))
}

// Answered waits until the call is answered.
func (c *Call) Answered(ctx context.Context) error {
	return c.await(ctx, c.answered, "was answered")
}

// await waits for something that can no longer happen once the call is over.
func (c *Call) await(ctx context.Context, what chan struct{}, name string) error {
	select {
	case <-what:
		return nil
	case <-c.over:
		if isClosed(what) {
			return nil
		}
		return fmt.Errorf("%s: %s before it %s", c, c.ending, name)
	case <-ctx.Done():
		return fmt.Errorf("%s: waiting until it %s: %w", c, name, ctx.Err())
	}
}

// Ended waits until the call is over and returns how it ended.
func (c *Call) Ended(ctx context.Context) (Ending, error) {
	select {
	case <-c.over:
		return c.ending, nil
	case <-ctx.Done():
		return Ending{}, fmt.Errorf("%s has not ended: %w; heard so far: %s", c, ctx.Err(), c.Transcript())
	}
}

// AnsweredAt is when the call was answered; zero if it was not.
func (c *Call) AnsweredAt() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.talkAt
}

// String names the call in errors.
func (c *Call) String() string {
	if c.incoming {
		return fmt.Sprintf("%s's call from %s", c.station.config.Name, c.shown)
	}
	return fmt.Sprintf("%s's call to %s", c.station.config.Name, c.dialled)
}

// Hangup ends the call: with BYE if it was answered, with CANCEL if it was dialled and not answered, with 480 if it is ringing here. It returns when the
// other side has confirmed.
func (c *Call) Hangup(ctx context.Context) error {
	if isClosed(c.over) || c.vanished() {
		return nil
	}
	if c.incoming && !isClosed(c.answered) {
		return c.Decline(ctx, sip.StatusTemporarilyUnavailable)
	}
	if !c.giveUp() {
		return c.bye(ctx)
	}
	_, err := c.Ended(ctx)
	return err
}

// giveUp asks for a dialled call to be cancelled, if it is not answered yet.
func (c *Call) giveUp() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if isClosed(c.answered) {
		return false
	}
	if !isClosed(c.hangup) {
		c.ending.At = time.Now()
		close(c.hangup)
	}
	return true
}

func (c *Call) bye(ctx context.Context) error {
	c.mu.Lock()
	req := c.dialog.next(sip.BYE)
	c.mu.Unlock()
	ending := Ending{At: time.Now(), By: Us, Code: 200, Phrase: "OK"}
	c.sound.mute.Store(true)
	res, err := c.station.do(ctx, req)
	c.end(ending)
	if err != nil {
		return fmt.Errorf("%s: hanging up: %w", c, err)
	}
	// 481: the other side hung up at the same moment.
	if !res.IsSuccess() && res.StatusCode != sip.StatusCallTransactionDoesNotExists {
		return fmt.Errorf("%s: hanging up: %s", c, res.StartLine())
	}
	return nil
}

// Vanish makes this side disappear, as when a line is cut: it sends no more sound, and neither sends nor answers SIP messages. It still hears what
// arrives.
func (c *Call) Vanish() {
	c.once(c.gone)
	c.sound.mute.Store(true)
	if c.tx != nil && !isClosed(c.answered) {
		c.tx.Terminate()
	}
}

func (c *Call) vanished() bool { return isClosed(c.gone) }

// Say speaks a recording and returns at its end.
func (c *Call) Say(ctx context.Context, recording audio.Sound) error {
	if err := c.await(ctx, c.audible, "could be talked on"); err != nil {
		return err
	}
	c.station.emit(Event{Call: c, Kind: Says, Text: fmt.Sprintf("%.1f s", recording.Length().Seconds())})
	if err := c.sound.say(ctx, recording); err != nil {
		return fmt.Errorf("%s: speaking: %w", c, err)
	}
	return nil
}

// HoldUp makes everything that this side sends, silence too, arrive at once after a while, like a network that holds packets up.
func (c *Call) HoldUp(while time.Duration) {
	c.sound.mu.Lock()
	defer c.sound.mu.Unlock()
	c.sound.heldUntil = time.Now().Add(while)
}

// Press presses keys (0 to 9, *, #, A to D), one after another, and returns when the last is released.
func (c *Call) Press(ctx context.Context, keys string) error {
	if err := c.await(ctx, c.audible, "could be talked on"); err != nil {
		return err
	}
	c.station.emit(Event{Call: c, Kind: Pressed, Text: keys})
	if err := c.sound.press(ctx, keys); err != nil {
		return fmt.Errorf("%s: pressing %s: %w", c, keys, err)
	}
	return nil
}

// Keys are the keys that the other side has pressed so far.
func (c *Call) Keys() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.keys
}

// HearsKeys waits until the other side has pressed these keys, in a row, at any time.
func (c *Call) HearsKeys(ctx context.Context, keys string) error {
	for {
		c.mu.Lock()
		heard, changed := c.keys, c.changed
		c.mu.Unlock()
		if strings.Contains(heard, keys) {
			return nil
		}
		select {
		case <-changed:
		case <-c.over:
			return fmt.Errorf("%s: %s before the keys %s were heard; heard %q", c, c.ending, keys, heard)
		case <-ctx.Done():
			return fmt.Errorf("%s: waiting for the keys %s, heard %q: %w", c, keys, heard, ctx.Err())
		}
	}
}

func (c *Call) keyHeard(key string, at time.Time) {
	c.mu.Lock()
	c.keys += key
	close(c.changed)
	c.changed = make(chan struct{})
	c.mu.Unlock()
	c.station.emit(Event{At: at, Call: c, Kind: KeyHeard, Text: key})
}

// connect lets sound flow to where the other side wants it.
func (c *Call) connect(to session, codec Codec) {
	if c.sound.connect(to.at, codec, to.events, c.station.config.Library) {
		c.once(c.audible)
	}
}

func (c *Call) pickedUp(d *dialog) {
	c.mu.Lock()
	c.dialog, c.talkAt = d, time.Now()
	c.mu.Unlock()
	c.once(c.answered)
	c.station.emit(Event{Call: c, Kind: Answered})
}

// end closes the call. The first ending counts; one that was asked for keeps the time of the request.
func (c *Call) end(e Ending) {
	c.ends.Do(func() {
		c.mu.Lock()
		if e.At.IsZero() {
			e.At = time.Now()
		}
		if !c.ending.At.IsZero() {
			e.At = c.ending.At
		}
		c.ending = e
		c.mu.Unlock()
		c.sound.close()
		kind := Ended
		if c.incoming && !isClosed(c.answered) {
			kind = StopsRinging
		}
		c.station.emit(Event{At: e.At, Call: c, Kind: kind, Code: e.Code, Text: e.String()})
		close(c.over)
		c.station.forget(c)
	})
}

func (c *Call) note(e Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, e)
}

// once closes a channel unless it is closed already.
func (c *Call) once(ch chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !isClosed(ch) {
		close(ch)
	}
}

// heardTrack is what this call has heard; nil before sound began to flow.
func (c *Call) heardTrack() *recognise.Track {
	if !isClosed(c.audible) {
		return nil
	}
	return c.sound.incoming
}

// SaveWAV writes what was heard to a file, for listening.
func (c *Call) SaveWAV(path string) error {
	ear := c.heardTrack()
	if ear == nil {
		return fmt.Errorf("%s: nothing was heard", c)
	}
	return os.WriteFile(path, ear.Sound().WAV(), 0o600)
}
