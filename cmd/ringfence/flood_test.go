package main_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"ringfence/cmd/faults/figures"
	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// scale is how long a flood lasts, and how often a contact and 999 are tried meanwhile. In make test it is enough to see that they get
// through; how soon is measured by make faults, on a quiet machine.
type scale struct {
	lasts  time.Duration
	tries  int
	stated int           // callers who state their names at the same time
	soon   time.Duration // for a contact to ring, and for 999 to reach the network; 0: at all
}

func scaleOfFlood() scale {
	if figures.Wanted() {
		return scale{lasts: time.Minute, tries: 20, stated: 100, soon: 2 * time.Second}
	}
	return scale{lasts: 5 * time.Second, tries: 3, stated: 8}
}

const floodRate = 50 // calls a second

// While blocked callers flood the line, from one number or from a thousand, a contact rings and 999 can be dialled; what is refused is one
// line in the log.
func TestFloodOfBlockedCallers(t *testing.T) {
	t.Parallel()
	for name, from := range map[string]func(n int) string{
		"from one number":         func(int) string { return "01614960666" },
		"from a thousand numbers": func(n int) string { return fmt.Sprintf("0161496%04d", n%1000) },
	} {
		t.Run(name, func(t *testing.T) {
			h := openLongHouse(t)
			network, caller, s := h.network(), h.somebody("daughter"), scaleOfFlood()
			h.run("contact", "add", "Daughter", daughter)
			h.run("block", "add", "0161496", "--prefix")
			counts := h.flooded(s, "", from, func() { h.getThrough(s, caller, network) })
			h.logsRefused(counts.Refused, counts.TakenBack)
		})
	}
}

// A hundred strangers who state their names at the same time neither fill the telephone nor keep it busy, though a blocked number
// floods the line beside them.
func TestFloodOfScreenedCallers(t *testing.T) {
	s := scaleOfFlood()
	h := openLongHouse(t, func(o *testbed.Options) {
		if s.stated > 20 {
			o.Calls = 120
		}
	})
	network, caller := h.network(), h.somebody("daughter")
	h.run("contact", "add", "Daughter", daughter)
	h.run("block", "add", "01614960666")
	h.run("option", "human-check", "off") // as recordings that talk from the start, none of them would ring
	flood := h.flood(floodConfig{Speech: h.voice("robocall")})
	flood.Run(h.ctx, 10, s.stated, func(n int) string { return fmt.Sprintf("0161496%04d", n) })
	h.must(flood.Wait(h.ctx, func(c floodCounts) bool { return c.Answered == s.stated }))
	first := h.rings(h.hall)

	h.flooded(s, " from a blocked number beside them", func(int) string { return "01614960666" }, func() { h.getThrough(s, caller, network) })
	on := flood.Counts()
	figures.Note(t, "%d callers had stated their names, %d of them were still on the line at the end", s.stated, on.Answered-on.Ended)
	h.must(flood.Hangup(h.ctx))
	if e := h.ended(first); e.Code == 0 {
		t.Errorf("the first stranger's ringing ended with %+v", e)
	}
	rang := 0
	for _, c := range h.callsUpTo(1000) {
		if c.Action == "screen" && slices.ContainsFunc(c.Steps, func(s step) bool { return s.Step == "rang" }) {
			rang++
		}
	}
	if rang == 0 || rang > s.stated/2 {
		t.Errorf("the telephone rang for %d of %d strangers", rang, s.stated)
	}
}

// flooded floods the line while something is tried, and for as long as the scale says, and tells what became of the calls; which says in the document
// what calls they were.
func (h *house) flooded(s scale, which string, from func(n int) string, try func()) floodCounts {
	h.Helper()
	flood := h.flood(floodConfig{})
	ctx, stop := context.WithCancel(h.ctx)
	defer stop()
	began := time.Now()
	var flooding sync.WaitGroup
	flooding.Go(func() { flood.Run(ctx, floodRate, 100000, from) })
	h.must(flood.Wait(h.ctx, func(c floodCounts) bool { return c.Refused > 0 }))
	try()
	h.must(flood.Wait(h.ctx, func(floodCounts) bool { return time.Since(began) > s.lasts }))
	stop()
	flooding.Wait()
	lasted := time.Since(began)
	h.must(flood.Hangup(h.ctx))
	counts := flood.Counts()
	if counts.Failed > 0 {
		h.Errorf("of %d calls %d were refused in a way that networks try elsewhere", counts.Sent, counts.Failed)
	}
	figures.Note(h.T, "%d calls%s in %.0f s, of which %d heard the engaged tone", counts.Sent, which, lasted.Seconds(), counts.Refused)
	return counts
}

// flood is somebody at the far end of the trunk.
func (h *house) flood(c floodConfig) *flooder {
	h.Helper()
	c.Address, c.To, c.Number = testbed.TrunkIP, h.SIP, testbed.Number
	f, err := newFlood(c)
	h.must(err)
	h.Cleanup(f.Close)
	return f
}

// getThrough has a contact ring, and 999 dialled, so many times, and says how soon the one rings and the other reaches the network. Once
// 999 was dialled every call rings that is not refused, so the contact tries again.
func (h *house) getThrough(s scale, contact *softphone.Caller, network *softphone.Provider) {
	h.Helper()
	took := map[string][]time.Duration{}
	try := func(what string, how func() time.Duration) { took[what] = append(took[what], how()) }
	for range s.tries {
		try("a contact rang", func() time.Duration { return h.contactRings(contact) })
	}
	for range s.tries {
		try("999 reached the network", func() time.Duration { return h.helpIsReached(network) })
		try("a contact rang after that", func() time.Duration { return h.contactRings(contact) })
	}
	for what, times := range took {
		slices.Sort(times)
		longest := times[len(times)-1]
		figures.Note(h.T, "%s %d of %d times, after %d ms at most (half of them %d ms)",
			what, len(times), s.tries, longest.Milliseconds(), times[len(times)/2].Milliseconds())
		if s.soon > 0 && longest > s.soon {
			h.Errorf("%s only after %v", what, longest)
		}
	}
}

// contactRings says how soon the telephone rings for the daughter, who then hangs up.
func (h *house) contactRings(daughter *softphone.Caller) time.Duration {
	h.Helper()
	const number = "02079460001"
	began := time.Now()
	out := h.dialsFrom(daughter, number)
	in := h.rings(h.hall)
	for in.CallerID().Number != number {
		in = h.rings(h.hall)
	}
	took := time.Since(began)
	h.hangsUp(out)
	h.ended(in)
	return took
}

// helpIsReached says how soon 999 rings at the far end.
func (h *house) helpIsReached(network *softphone.Provider) time.Duration {
	h.Helper()
	began := time.Now()
	in, err := h.hall.Call(h.ctx, "999")
	h.must(err)
	out := h.ringsAt(network)
	took := time.Since(began)
	h.hangsUp(in)
	h.ended(out)
	return took
}

func (h *house) ringsAt(network *softphone.Provider) *softphone.Call {
	h.Helper()
	out, err := network.Rings(h.ctx)
	h.must(err)
	if out.Dialled() != "999" {
		h.Errorf("%s was dialled", out.Dialled())
	}
	return out
}

var refusedCalls = regexp.MustCompile(`(\d+) callers heard the engaged tone within a minute`)

// logsRefused waits until the log has counted all calls that were refused, in a line a minute. One that was taken back may have been
// refused at the same moment.
func (h *house) logsRefused(refused, takenBack int) {
	h.Helper()
	for {
		lines, counted := 0, 0
		for _, c := range h.callsUpTo(1000) {
			if c.Outcome != "too-many" {
				continue
			}
			lines++
			if c.Action != "turn-away" || c.Ended == nil || len(c.Number) != len("+441614960666") {
				h.Errorf("the log says %+v", c)
			}
			if several := refusedCalls.FindStringSubmatch(c.Reasons[0].Text); several != nil {
				n, err := strconv.Atoi(several[1])
				h.must(err)
				counted += n
			} else {
				counted++
			}
		}
		if counted >= refused {
			if counted > refused+takenBack || lines > 3 {
				h.Errorf("of %d refused calls the log has %d, in %d lines", refused, counted, lines)
			}
			return
		}
		if h.ctx.Err() != nil {
			h.Fatalf("of %d refused calls the log has %d, in %d lines", refused, counted, lines)
		}
		time.Sleep(500 * time.Millisecond) // a line is written a minute after its first call; each look starts a program
	}
}
