package watch

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ringfence/asterisk"
	"ringfence/store"
)

// Carers are told of guessing once, however long it goes on and from however many addresses, and again only after a week.
func TestGuessingIsToldOnce(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	n := &told{}
	var all []asterisk.Guesses
	newWatch := func() guessing {
		return guessing{
			Options: Options{Households: func() []string { return []string{"home"} }, Notices: n, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)},
			read:    func() ([]asterisk.Guesses, error) { return all, nil },
		}
	}
	guesses := func(last byte, tries int) {
		all = append(all, asterisk.Guesses{Address: netip.AddrFrom4([4]byte{192, 0, 2, last}), Tries: tries, Last: now})
	}
	g := newWatch()
	for i, step := range []struct {
		after time.Duration
		do    func()
		told  int // alerts so far
	}{
		{0, func() { guesses(1, guessingFrom-1) }, 0},
		{guessingEvery, func() { all[0].Tries = guessingFrom }, 1},
		{guessingEvery, func() { all[0].Tries, all[0].Last = 500, now }, 1},
		{guessingEvery, func() { guesses(2, 60) }, 1},
		{time.Hour, func() { g = newWatch() }, 1}, // after a restart
		{6 * 24 * time.Hour, func() { guesses(3, 60) }, 1},
		{guessingOnce + time.Hour, func() {}, 1}, // nobody has guessed since
		{guessingEvery, func() { guesses(4, 60); guesses(5, 60) }, 2},
		{-time.Hour, func() {}, 2},            // the clock is set back a little
		{-365 * 24 * time.Hour, func() {}, 3}, // the clock was a year ahead
		{guessingEvery, func() {}, 3},
	} {
		now = now.Add(step.after)
		step.do()
		if err := g.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(n.kinds) != step.told {
			t.Errorf("step %d: told %q", i, n.texts)
		}
	}
	if n.last.Kind != store.NoticePasswordGuessing || !strings.HasPrefix(n.texts[0], "Somebody at 192.0.2.1 has tried 10 wrong passwords") {
		t.Errorf("told %s: %q", n.last.Kind, n.texts)
	}
}
