package softphone

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ringfence/softphone/audio"
	"ringfence/softphone/recognise"
)

// Hears waits until one of some recordings or tones is heard, beginning after the last one that Hears or HearsOut returned. It returns as soon as the
// sound is recognised, within about 0.7 s of its beginning.
func (c *Call) Hears(ctx context.Context, names ...string) (recognise.Heard, error) {
	return c.listen(ctx, (*recognise.Listener).Hears, names)
}

// HearsOut waits like Hears, but until the recording has ended, by itself or because it was cut short.
func (c *Call) HearsOut(ctx context.Context, names ...string) (recognise.Heard, error) {
	return c.listen(ctx, (*recognise.Listener).HearsOut, names)
}

func (c *Call) listen(ctx context.Context, hears func(*recognise.Listener, context.Context, ...string) (recognise.Heard, error), names []string) (recognise.Heard, error) {
	what := strings.Join(names, " or ")
	if err := c.await(ctx, c.audible, "could be heard"); err != nil {
		return recognise.Heard{}, err
	}
	h, err := hears(c.listener(), ctx, names...)
	if errors.Is(err, recognise.ErrOver) {
		<-c.over
		return h, fmt.Errorf("%s: %s before %q was heard; heard: %s", c, c.ending, what, c.Transcript())
	}
	if err != nil {
		return h, fmt.Errorf("%s: waiting to hear %q: %w; heard so far: %s", c, what, err, c.Transcript())
	}
	return c.sinceAnswer(h), nil
}

// Narrate calls tell with every sound that is recognised, one after another, each when it has ended, until the call is over. It does not disturb Hears.
func (c *Call) Narrate(ctx context.Context, tell func(recognise.Heard)) error {
	if err := c.await(ctx, c.audible, "could be heard"); err != nil {
		return err
	}
	for listener := c.sound.incoming.Listen(); ; {
		h, err := listener.HearsOut(ctx)
		if errors.Is(err, recognise.ErrOver) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c, err)
		}
		tell(c.sinceAnswer(h))
	}
}

func (c *Call) listener() *recognise.Listener {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listening == nil {
		c.listening = c.sound.incoming.Listen()
	}
	return c.listening
}

// sinceAnswer makes the time relative to the answer. What was heard before it has a negative time.
func (c *Call) sinceAnswer(h recognise.Heard) recognise.Heard {
	if at := c.AnsweredAt(); !at.IsZero() {
		h.At -= at.Sub(c.sound.begun)
	}
	return h
}

// Heard is all that was heard so far, in order, with times since the answer.
func (c *Call) Heard() []recognise.Heard {
	ear := c.heardTrack()
	if ear == nil {
		return nil
	}
	heard := ear.Heard()
	for i, h := range heard {
		heard[i] = c.sinceAnswer(h)
	}
	return heard
}

// Silences are the stretches of at least a length, from the answer until the end or until now, in which nothing was
// heard, with times since the answer.
func (c *Call) Silences(least time.Duration) []recognise.Silence {
	from, until, ok := c.answeredPart()
	if !ok {
		return nil
	}
	silences := c.sound.incoming.Silences(least, from, until)
	for i := range silences {
		silences[i].At -= from
	}
	return silences
}

// LongestSilence is the longest stretch, from the answer until the end or until now, in which this side neither heard nor said anything, with its time since
// the answer. Somebody who is speaking is not left in silence; they are once they stop and nobody answers.
func (c *Call) LongestSilence() recognise.Silence {
	from, until, ok := c.answeredPart()
	if !ok {
		return recognise.Silence{}
	}
	longest := recognise.Silence{}
	said := c.sound.outgoing.Silences(packetTime, from, until)
	for _, quiet := range c.sound.incoming.Silences(packetTime, from, until) {
		for _, dumb := range said {
			begin, end := max(quiet.At, dumb.At), min(quiet.At+quiet.Length, dumb.At+dumb.Length)
			if end-begin > longest.Length {
				longest = recognise.Silence{At: begin - from, Length: end - begin}
			}
		}
	}
	return longest
}

// answeredPart is the part of the call after the answer, as times since sound began to flow. ok is false if the call was not answered.
func (c *Call) answeredPart() (from, until time.Duration, ok bool) {
	answered := c.AnsweredAt()
	if answered.IsZero() {
		return 0, 0, false
	}
	end := time.Now()
	if isClosed(c.over) {
		end = c.ending.At
	}
	return answered.Sub(c.sound.begun), end.Sub(c.sound.begun), true
}

// Transcript is what was heard so far, on one line.
func (c *Call) Transcript() string { return recognise.Transcript(c.Heard()) }

// Sound is what was heard so far, with its gaps, from the moment that sound began to flow.
func (c *Call) Sound() audio.Sound {
	if ear := c.heardTrack(); ear != nil {
		return ear.Sound()
	}
	return audio.Silence(0, audio.Narrow)
}

// WhenHeard is the time of day at which a sound began.
func (c *Call) WhenHeard(h recognise.Heard) time.Time {
	return c.AnsweredAt().Add(h.At)
}
