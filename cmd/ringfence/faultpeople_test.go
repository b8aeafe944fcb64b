package main_test

import (
	"context"
	"strings"
	"sync"
	"time"

	"ringfence/cmd/faults/figures"
	"ringfence/softphone"
)

// How people go on when something has broken: callers answer what they are asked, the household picks up whatever rings.

// people lets everybody go on; the channel is closed when the one who was in the state has left.
func (c *cell) people(ctx context.Context) <-chan struct{} {
	left := make(chan struct{})
	switch {
	case c.out == nil:
	case c.state.promise == figures.IsHeard || c.state.promise == figures.GetsOut:
		go func() { defer close(left); _, _ = c.out.Ended(ctx) }()
	case c.state.promise != figures.KeepTalking:
		go func() { defer close(left); c.callerGoesOn(ctx, c.out) }()
	}
	if c.inside != nil && c.state.promise == figures.TheyMeet {
		go c.standsAtTelephone(ctx, c.inside)
	}
	if c.ringing != nil {
		go c.picksUpRinging(ctx, c.ringing)
	}
	if c.slow != nil {
		go func() {
			if c.slow.RingsTimes(ctx, 12) == nil && !isOver(c.met) && c.slow.Answer(ctx) == nil {
				c.standsAtTelephone(ctx, c.slow)
			}
		}()
	}
	go func() {
		for {
			in, err := c.hall.Rings(ctx)
			if err != nil {
				return
			}
			c.mu.Lock()
			if c.rang.IsZero() {
				c.rang = time.Now()
			}
			c.mu.Unlock()
			c.picksUpRinging(ctx, in)
		}
	}()
	return left
}

// picksUpRinging comes to the telephone, which takes a moment, and talks.
func (c *cell) picksUpRinging(ctx context.Context, in *softphone.Call) {
	if in.RingsTimes(ctx, 2) == nil && in.Answer(ctx) == nil {
		c.standsAtTelephone(ctx, in)
	}
}

// callerGoesOn answers what the caller is asked until they are over with it.
func (c *cell) callerGoesOn(ctx context.Context, call *softphone.Call) {
	say, asked := "neighbour", ""
	for {
		h, err := call.HearsOut(ctx)
		if err != nil {
			return
		}
		c.mu.Lock()
		c.heard[h.Name] = true
		c.mu.Unlock()
		switch {
		case strings.HasPrefix(h.Name, "ask-name"):
			say = "neighbour"
		case h.Name == "leave-message":
			say = "leaves-message"
		case strings.HasPrefix(h.Name, "prove-human"):
			asked = "key"
		case len(h.Name) == 2 && h.Name[0] == 'n' && asked == "key":
			_ = call.Press(ctx, h.Name[1:]) // the call may have ended
			asked = ""
		case h.Name == "beep":
			_ = call.Say(ctx, c.voice(say))
		case h.Name == "hello":
			_ = call.Say(ctx, c.voice("neighbour-talks"))
		case h.Name == "hello-margaret":
			c.mu.Lock()
			if !isOver(c.met) {
				close(c.met)
			}
			c.mu.Unlock()
			return
		}
	}
}

// standsAtTelephone says hello until somebody answers, takes whoever is announced, and talks.
func (c *cell) standsAtTelephone(ctx context.Context, in *softphone.Call) {
	var once sync.Once
	answered := make(chan struct{})
	go func() {
		for ctx.Err() == nil && !isOver(answered) {
			if in.Say(ctx, c.voice("hello")) != nil {
				return
			}
			select {
			case <-answered:
			case <-time.After(2 * time.Second): // then again
			}
		}
	}()
	for {
		h, err := in.Hears(ctx)
		if err != nil {
			once.Do(func() { close(answered) })
			return
		}
		switch h.Name {
		case "choices":
			_ = in.Press(ctx, "1") // the call may have ended
		case "neighbour-talks":
			once.Do(func() { close(answered) })
			_ = in.Say(ctx, c.voice("hello-margaret"))
		}
	}
}

// begins lets somebody speak who has not ended when something breaks.
func (c *cell) begins(call *softphone.Call, voice string) {
	go func() { _ = call.Say(c.ctx, c.voice(voice)) }()
	time.Sleep(2500 * time.Millisecond) // has spoken for so long; nothing is waited for
}

func (c *cell) callerHeard(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard[name]
}

// longestSilence is the longest in which whoever was in the state neither heard nor said anything. A caller who has not been answered hears
// what the network plays: nothing until it is told that it rings.
func (c *cell) longestSilence() time.Duration {
	if c.out == nil {
		return 0
	}
	longest := c.out.LongestSilence().Length
	dialled, next := time.Time{}, time.Now()
	for _, e := range c.out.Events() {
		switch e.Kind {
		case softphone.Dialled:
			dialled = e.At
		case softphone.Progress, softphone.Answered, softphone.Ended:
			if e.Kind != softphone.Progress || e.Code > 100 {
				next = earlier(next, e.At)
			}
		}
	}
	if !dialled.IsZero() {
		longest = max(longest, next.Sub(dialled))
	}
	return longest
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// everybodyHangsUp ends whatever calls there are.
func (c *cell) everybodyHangsUp() {
	for _, station := range c.stations {
		for _, call := range station.Calls() {
			c.quietlyHangUp(call)
		}
	}
}

// quietlyHangUp ends a call that may have ended, at an Asterisk that may not answer.
func (c *cell) quietlyHangUp(call *softphone.Call) {
	ctx, cancel := context.WithTimeout(c.ctx, 3*time.Second)
	defer cancel()
	_ = call.Hangup(ctx)
}
