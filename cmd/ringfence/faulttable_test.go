package main_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"ringfence/cmd/faults/figures"
	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// The table of states and faults: a real call is brought into a state, something breaks, and the caller and the household go on as people do. A
// few cells are in every run; make faults tries all of them, and writes what came of each into docs/dependability.md. One row is
// RINGFENCE_LONG=1 go test -run 'TestFaultTable/^asked' ./cmd/ringfence, one column -run 'TestFaultTable/.*/^frozen'.

func TestFaultTable(t *testing.T) {
	t.Parallel()
	for _, s := range callStates {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for _, f := range breakages {
				if f.lost && s.promise == figures.TheyMeet && s.then != nil {
					continue // who arrives when Asterisk is back is the next call, which every other cell tries
				}
				if figures.Wanted() || s.everyRun == f.name {
					t.Run(f.name, func(t *testing.T) { tryCell(t, s, f) })
				}
			}
		})
	}
}

// What is promised.
const (
	mostSilence = 20 * time.Second
	// ringsWithin is how soon after a fault the house rings for a caller who waits: the longest step that a caller can be in, and the grace.
	ringsWithin = 45 * time.Second
	// nextWithin is how soon the next call rings, 999 and other numbers reach the network, and two who talk are heard by each other.
	nextWithin = 15 * time.Second
)

// lenient is a bar where only its passing counts, not the figure: beside other tests a machine may be slow. make faults, which runs fewer at a
// time, holds the bars themselves.
func lenient(bar time.Duration) time.Duration {
	if figures.Wanted() {
		return bar
	}
	return 3 * bar
}

// callState is where a call can be when something breaks.
type callState struct {
	name     string
	promise  figures.Promise
	everyRun string        // the breakage that is tried in every run, not only by make faults
	in       func(c *cell) // brings a call there
	then     func(c *cell) // what somebody does right after; nil: nothing
}

// cell is one call in one state that something happens to.
type cell struct {
	*house
	state callState
	figures.Cell

	clock *testbed.Clock // Asterisk's, where the breakage moves it
	disk  *testDisk      // what the data are on, where the breakage is about it

	out      *softphone.Call      // whoever is in the state: the caller, or a telephone of the house that has dialled
	inside   *softphone.Call      // a telephone in the house, or the carer's, that was picked up
	ringing  *softphone.Call      // one that rings
	slow     *softphone.Call      // one that rings, and is picked up late, if nobody else has been found by then
	pairs    [][2]*softphone.Call // who talks with whom
	network  *softphone.Provider
	stations []*softphone.Station
	numbers  []string // whose calls the log must have
	speaks   bool     // the caller has begun to leave a message

	broke time.Time // when

	mu    sync.Mutex
	rang  time.Time // when the house rang, for the first time after it broke
	heard map[string]bool
	met   chan struct{} // closed when two who were to talk have heard each other
}

// tryCell tries one.
func tryCell(t *testing.T, s callState, b breakage) {
	t.Parallel()
	slots.take(t, true)
	ctx, cancel := context.WithTimeout(context.Background(), b.lasts+lenient(5*time.Minute))
	t.Cleanup(cancel)
	c := &cell{state: s, Cell: figures.Cell{State: s.name, Fault: b.name, Promise: s.promise, AllLost: b.lost && s.promise != figures.GetsOut}, met: make(chan struct{}), heard: map[string]bool{}}
	c.Rang, c.Talked, c.Next, c.Logged = figures.NotFit, figures.NotFit, figures.NotFit, figures.NotFit
	t.Cleanup(func() { // also where it could not be brought so far
		if t.Failed() && len(c.Broken) == 0 {
			c.Broken = append(c.Broken, "it could not be tried to the end")
		}
		figures.NoteCell(t, c.Cell)
	})
	began := time.Now()
	c.house = house{T: t, ctx: ctx}.another(func(o *testbed.Options) {
		o.Keep, o.Wire, o.Quiet = true, true, true
		if !figures.Wanted() && firstOf(t) {
			raced(o)
		}
		if b.set != nil {
			b.set(t, c, o)
		}
	})
	c.excuse("") // Asterisk may complain of what is done to it
	c.stations = append(c.stations, c.caller.Station, c.hall.Station)
	c.run("contact", "add", "Daughter", daughter)
	c.keeperKnows()
	s.in(c)

	b.do(c)
	c.broke = time.Now()
	mended := make(chan struct{})
	go func() {
		defer close(mended)
		if b.lasts > 0 {
			time.Sleep(b.lasts) // how long it lasts is what the breakage is
			c.check(b.undo(c), "it could not be mended")
		}
	}()
	if s.then != nil {
		s.then(c)
	}
	c.goOn(b, mended)
	c.everybodyHangsUp()
	c.nextCall(b, mended)
	if b.lasts == 0 && b.undo != nil {
		c.check(b.undo(c), "it could not be mended")
	}
	c.screensAgain(b)
	c.logIsRight(b)
	t.Logf("after %.0f s: %s", time.Since(began).Seconds(), c.summary())
}

// keeperKnows waits until the telephone is known to what runs Asterisk, as in a household that is at home.
func (c *cell) keeperKnows() {
	c.Helper()
	for {
		if _, err := os.Stat(filepath.Join(c.Dir, "data", "asterisk", "contacts.json")); err == nil {
			return
		}
		if c.ctx.Err() != nil {
			c.Fatal("the telephone is not known to what runs Asterisk")
		}
		time.Sleep(50 * time.Millisecond) // it looks every few seconds
	}
}

// goOn lets people go on until they have got what the state promises, or have waited long enough; and measures.
func (c *cell) goOn(b breakage, mended <-chan struct{}) {
	ctx, cancel := context.WithTimeout(c.ctx, b.lasts+lenient(75*time.Second))
	defer cancel()
	people := c.people(ctx)
	switch {
	case c.AllLost: // Asterisk is gone, and every call with it
		c.Lost = c.onADeadLine()
	case c.state.promise == figures.KeepTalking:
		c.goesOnTalking(mended)
	case c.state.promise == figures.GetsOut:
		c.Talked = c.holds(c.connects(ctx), "what was dialled did not reach the network")
	default:
		select {
		case <-c.met:
		case <-people:
		case <-ctx.Done():
		}
		c.judge()
	}
	if !c.AllLost {
		c.Silence = c.longestSilence()
		if c.Silence > lenient(mostSilence) {
			c.broken("%.0f s of silence", c.Silence.Seconds())
		}
	}
}

// onADeadLine says what whoever was in the state has of a call that is lost, by the time Asterisk is back.
func (c *cell) onADeadLine() figures.Loss {
	answered := func(e softphone.Event) bool { return e.Kind == softphone.Answered }
	for _, station := range c.stations {
		switch {
		case !slices.Contains(station.Calls(), c.out):
		case slices.ContainsFunc(c.out.Events(), answered):
			return figures.Silence
		default:
			return figures.Ringing
		}
	}
	return figures.CallEnded
}

// The rest: noting.

func (c *cell) broken(format string, args ...any) {
	c.Helper()
	text := fmt.Sprintf(format, args...)
	c.Broken = append(c.Broken, text)
	c.Error(text)
}

func (c *cell) holds(is bool, otherwise string) figures.Answer {
	c.Helper()
	if is {
		return figures.Yes
	}
	c.broken("%s", otherwise)
	return figures.No
}

func (c *cell) check(err error, what string) {
	c.Helper()
	if err != nil {
		c.broken("%s: %v", what, err)
	}
}

func (c *cell) summary() string {
	heard := string(c.Lost)
	if heard == "" && c.out != nil {
		heard = c.out.Transcript()
	}
	return fmt.Sprintf("silence %.0f s, rang %s (after %.0f s), talked %s, next %s, log %s; heard: %s",
		c.Silence.Seconds(), c.Rang, c.RangAfter.Seconds(), c.Talked, c.Next, c.Logged, heard)
}

func isOver(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
