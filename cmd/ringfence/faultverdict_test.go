package main_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ringfence/cmd/faults/figures"
	"ringfence/softphone"
)

// judge sees whether the caller got what the state promises.
func (c *cell) judge() {
	c.mu.Lock()
	rang := c.rang
	c.mu.Unlock()
	met := isOver(c.met)
	switch c.state.promise {
	case figures.TheyMeet:
		c.Rang = c.holds(!rang.IsZero() || met, "the house did not ring")
		c.Talked = c.holds(met, "the caller and the household did not get to talk")
	case figures.OrMessage:
		kept := c.callerHeard("message-kept")
		c.Rang = c.holds(!rang.IsZero() || met || kept, "the house did not ring, and no message was kept")
		if !kept {
			c.Talked = c.holds(met, "the caller and the household did not get to talk")
		}
	case figures.TurnedAway:
		c.Rang = figures.NotFit
		c.holds(rang.IsZero(), "the house rang for somebody who was turned away")
		c.holds(strings.Contains(c.out.Transcript(), "inspection"), "the caller was not turned away")
	}
	if !rang.IsZero() && c.state.promise != figures.TurnedAway && c.ringing == nil {
		c.RangAfter = max(0, rang.Sub(c.broke))
		if c.RangAfter > lenient(ringsWithin) {
			c.broken("the house rang after %.0f s", c.RangAfter.Seconds())
		}
	}
}

// goesOnTalking lets those who talk go on while it is broken, and a little longer.
func (c *cell) goesOnTalking(mended <-chan struct{}) {
	c.Talked = figures.Yes
	for rounds := 0; rounds < 2 || !isOver(mended); rounds++ {
		for _, pair := range c.pairs {
			if !c.converse(pair[0], pair[1]) {
				c.Talked = figures.No
				c.broken("two who talked were cut off")
				return
			}
		}
	}
}

// converse says something both ways, and tells whether it arrived.
func (c *cell) converse(a, b *softphone.Call) bool {
	ctx, cancel := context.WithTimeout(c.ctx, lenient(2*nextWithin))
	defer cancel()
	for _, say := range []struct {
		from, to *softphone.Call
		voice    string
	}{{a, b, "neighbour-talks"}, {b, a, "hello-margaret"}} {
		if say.from.Say(ctx, c.voice(say.voice)) != nil {
			return false
		}
		if _, err := say.to.HearsOut(ctx, say.voice); err != nil {
			return false
		}
	}
	return true
}

// connects waits until the network has what was dialled in the house, and they hear each other.
func (c *cell) connects(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, lenient(nextWithin))
	defer cancel()
	out, err := c.network.Rings(ctx)
	return err == nil && out.Answer(ctx) == nil && c.out.Answered(ctx) == nil && c.converse(c.out, out)
}

// nextCall: whoever rings next, the telephone rings. What lasts has not been mended yet.
func (c *cell) nextCall(b breakage, mended <-chan struct{}) {
	if b.lost || b.lasts > 0 && b.lasts < nextWithin {
		<-mended
	}
	c.Next = figures.No
	for until := time.Now().Add(lenient(b.next())); c.Next == figures.No && time.Now().Before(until); {
		if c.ringsFor("02079460001") {
			c.Next = figures.Yes
		}
	}
	c.NextAfter = time.Since(c.broke)
	if c.Next == figures.No {
		c.broken("the next call did not ring")
	}
	<-mended
}

// ringsFor lets a contact ring, and tells whether a telephone rang.
func (c *cell) ringsFor(number string) bool {
	ctx, cancel := context.WithTimeout(c.ctx, lenient(nextWithin))
	defer cancel()
	out, err := c.Dial(ctx, c.caller, softphone.CallerID{Number: number})
	if err != nil {
		return false
	}
	defer func() { c.quietlyHangUp(out) }()
	_, err = c.hall.Rings(ctx)
	return err == nil
}

// screensAgain: once it is mended, a stranger is asked who they are; after 999 was dialled everybody rings.
func (c *cell) screensAgain(b breakage) {
	if b.stays || c.Next != figures.Yes || c.state.promise == figures.GetsOut {
		return
	}
	for until := time.Now().Add(lenient(4 * nextWithin)); time.Now().Before(until); {
		if c.isAsked("02079460055") {
			c.numbers = append(c.numbers, "+442079460055")
			return
		}
	}
	c.Next = figures.No
	c.broken("callers are not screened any more")
}

// isAsked lets a stranger ring, and tells whether they are asked who they are.
func (c *cell) isAsked(number string) bool {
	ctx, cancel := context.WithTimeout(c.ctx, lenient(nextWithin))
	defer cancel()
	out, err := c.Dial(ctx, c.caller, softphone.CallerID{Number: number})
	if err != nil {
		return false
	}
	defer func() { c.quietlyHangUp(out) }()
	_, err = out.Hears(ctx, "ask-name", "own-greeting", "known-only")
	return err == nil
}

// logIsRight: the log has every call, each with its end, and a message that was begun.
func (c *cell) logIsRight(b breakage) {
	if b.stays {
		return // nothing can be written any more
	}
	ctx, cancel := context.WithTimeout(c.ctx, lenient(2*nextWithin))
	defer cancel()
	missing := "the log could not be read"
	for ctx.Err() == nil && missing != "" {
		if text, err := c.missingInLog(ctx); err == nil {
			missing = text
		}
		time.Sleep(200 * time.Millisecond) // each look starts a program
	}
	c.Logged = c.holds(missing == "", missing)
	if c.speaks && !b.lost {
		list, err := c.Command(ctx, "messages", "list", "--json")
		c.check(err, "messages cannot be listed")
		c.holds(strings.Contains(list, "number") || isOver(c.met) && !b.dies, "a message that was begun is lost")
	}
}

// missingInLog says what is not in the log and has to be; "" where it is right.
func (c *cell) missingInLog(ctx context.Context) (string, error) {
	calls, err := c.callLog(ctx, 50)
	if err != nil {
		return "", err
	}
	for _, number := range append([]string{"+442079460001"}, c.numbers...) {
		found := false
		for i, call := range calls {
			if call.Number == number && call.Ended != nil && call.Outcome != "" {
				calls[i].Number, found = "", true
				break
			}
		}
		if !found {
			return fmt.Sprintf("the log has no call of %s that has an end", number), nil
		}
	}
	for _, call := range calls {
		if call.Ended == nil {
			return fmt.Sprintf("a call of %s has no end in the log", call.Number), nil
		}
	}
	return "", nil
}
