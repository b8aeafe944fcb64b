package main_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// pace measures how well the machine keeps up: a clock that wants to tick every beat of a packet's length says how late each tick comes. What
// makes it late makes telephones, Asterisk and the application late as well.
type pace struct {
	mu     sync.Mutex
	next   time.Time // when the clock wants to tick
	stalls []stall
}

// stall is a time in which nothing went on: from when a tick was due until it came.
type stall struct{ from, to time.Time }

// beat is the length of a packet of sound.
const beat = 20 * time.Millisecond

// leastStall is what a quiet machine may wake somebody late.
const leastStall = time.Millisecond

// run ticks until it is stopped, and tells after each tick.
func (p *pace) run(stop <-chan struct{}, ticked func()) {
	timer := time.NewTimer(beat)
	defer timer.Stop()
	p.tick(time.Now())
	for {
		select {
		case <-stop:
			return
		case <-timer.C:
		}
		p.tick(time.Now())
		ticked()
		timer.Reset(beat)
	}
}

func (p *pace) tick(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.next.IsZero() && now.Sub(p.next) >= leastStall {
		p.stalls = append(p.stalls, stall{p.next, now})
	}
	p.next = now.Add(beat)
}

// lost is how much of a time the machine stood still.
func (p *pace) lost(from, to time.Time) (lost time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.stalls
	if now := time.Now(); now.After(p.next) { // it stands still just now
		all = append(all[:len(all):len(all)], stall{p.next, now})
	}
	for i := len(all) - 1; i >= 0 && all[i].to.After(from); i-- {
		begin, end := all[i].from, all[i].to
		if begin.Before(from) {
			begin = from
		}
		if end.After(to) {
			end = to
		}
		lost += max(0, end.Sub(begin))
	}
	return lost
}

// hurry puts this process, and all that it starts from now on, before others of the machine. Only root may: elsewhere the machine shares out
// its time evenly, and fewer testbeds stand open at a time.
func hurry() error {
	const before = -10
	threads, err := filepath.Glob("/proc/self/task/*")
	for _, t := range threads {
		id, fault := strconv.Atoi(filepath.Base(t))
		if fault == nil {
			fault = syscall.Setpriority(syscall.PRIO_PROCESS, id, before) // of a thread, on Linux: setpriority(2)
		}
		if fault != nil && !errors.Is(fault, syscall.ESRCH) && !errors.Is(fault, fs.ErrPermission) {
			err = errors.Join(err, fmt.Errorf("priority of %s: %w", t, fault))
		}
	}
	return err
}

// What was lost is counted where it was lost, and no test is forgiven more than that.
func TestPaceOfTheMachine(t *testing.T) {
	at := func(ms int) time.Time {
		return time.Now().Truncate(time.Hour).Add(time.Duration(ms) * time.Millisecond)
	}
	p := &pace{}
	for _, ms := range []int{0, 20, 340, 360, 380, 900} {
		p.tick(at(ms))
	}
	p.next = time.Now().Add(time.Hour)
	for _, c := range []struct{ from, to, lost int }{
		{0, 1000, 800}, {0, 40, 0}, {0, 140, 100}, {100, 200, 100}, {300, 500, 140}, {360, 380, 0}, {950, 1000, 0},
	} {
		if got := p.lost(at(c.from), at(c.to)); got != time.Duration(c.lost)*time.Millisecond {
			t.Errorf("from %d to %d ms %v was lost, not %d ms", c.from, c.to, got, c.lost)
		}
	}
}

// A slow machine opens few testbeds, and goes on opening them one after another.
func TestTurnsOnASlowMachine(t *testing.T) {
	lost := time.Duration(0)
	turns := turns{most: 5, least: 2, lost: func(time.Time, time.Time) time.Duration { return lost }}
	var waiting []<-chan struct{}
	for range 8 {
		waiting = append(waiting, turns.line(false))
	}
	now := time.Now()
	open := func(want int) {
		t.Helper()
		for range 20 {
			now = now.Add(between)
			turns.admit(now)
		}
		got := 0
		for _, w := range waiting {
			select {
			case <-w:
				got++
			default:
			}
		}
		if got != want {
			t.Errorf("%d had their turn, not %d", got, want)
		}
	}
	lost = window
	open(2)
	turns.giveBack()
	open(3)
	lost = 0
	open(6)
	lost = window
	turns.giveBack()
	turns.giveBack()
	turns.giveBack()
	open(6)
	turns.giveBack()
	open(7)
}

// A machine that keeps up with ease opens more, those first that do not take long; one that is busy opens none of them.
func TestTurnsOnAnIdleMachine(t *testing.T) {
	lost := time.Duration(0)
	turns := turns{most: 2, more: 4, least: 1, lost: func(time.Time, time.Time) time.Duration { return lost }}
	var long, short []<-chan struct{}
	for range 4 {
		long, short = append(long, turns.line(true)), append(short, turns.line(false))
	}
	now := time.Now()
	open := func(wantLong, wantShort int) {
		t.Helper()
		for range 20 {
			now = now.Add(between)
			turns.admit(now)
		}
		for _, w := range []struct {
			waiting []<-chan struct{}
			want    int
		}{{long, wantLong}, {short, wantShort}} {
			got := 0
			for _, turn := range w.waiting {
				select {
				case <-turn:
					got++
				default:
				}
			}
			if got != w.want {
				t.Errorf("%d had their turn, not %d", got, w.want)
			}
		}
	}
	lost = window / 4
	open(2, 0)
	lost = 0
	open(2, 2)
	lost = window / 4
	turns.giveBack()
	turns.giveBack()
	open(2, 2)
	turns.giveBack()
	open(3, 2)
}
