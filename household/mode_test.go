package household

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
)

func house(t *testing.T, a Admin) screening.Household {
	t.Helper()
	c, err := a.Chosen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c.Household
}

func TestModeAndItsEnd(t *testing.T) {
	a := admin(t)
	a.Now = time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC) // a Tuesday
	ctx := t.Context()
	set := func(mode screening.Mode, end time.Time) Done {
		t.Helper()
		done, err := a.SetMode(ctx, a.SeenMode(house(t, a)), mode, end)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	holds := func(own, temporary screening.Mode) {
		t.Helper()
		if h := house(t, a); h.Mode != own || h.Times.Temporary != temporary {
			t.Errorf("%+v", h)
		}
	}
	set(screening.KnownOnly, time.Time{})
	off := set(screening.Off, a.Now.Add(2*time.Hour))
	holds(screening.KnownOnly, screening.Off)
	if l := lastLine(t, a); l.What != "mode-changed" || l.Before != "Only people you know" || l.After != "Off until today at 13:00" || l.Text != "“Off” holds until today at 13:00." {
		t.Errorf("%+v", l)
	}
	ask := set(screening.Ask, time.Time{}) // which ends it
	holds(screening.Ask, "")
	_, err := a.Undo(ctx, off.Line)
	refusedWith(t, err, "changed since")
	if _, err := a.Undo(ctx, ask.Line); err != nil {
		t.Error(err)
	}
	holds(screening.KnownOnly, screening.Off)
	// What has ended is not brought back.
	later := a
	ask = set(screening.Ask, time.Time{})
	later.Now = a.Now.Add(2 * time.Hour)
	if _, err := later.Undo(ctx, ask.Line); err != nil {
		t.Error(err)
	}
	holds(screening.KnownOnly, "")
}

func TestLimitsOfTheMode(t *testing.T) {
	a := admin(t)
	ctx := t.Context()
	before := house(t, a).Mode
	for words, end := range map[string]time.Time{"over already": a.Now, "90 days at most": a.Now.Add(screening.LongestMode + time.Second)} {
		_, err := a.SetMode(ctx, "", screening.Off, end)
		refusedWith(t, err, words)
	}
	_, err := a.SetMode(ctx, "", "fortress", time.Time{})
	refusedWith(t, err, "no mode")
	if h := house(t, a); h.Mode != before || h.Times.Temporary != "" {
		t.Errorf("%+v", h)
	}
	if _, err := a.SetMode(ctx, "", screening.Off, a.Now.Add(screening.LongestMode)); err != nil {
		t.Error(err)
	}
}

// A form that was made from another mode is refused, with the one that holds; that a temporary one has ended is nobody's change.
func TestStaleMode(t *testing.T) {
	a := admin(t)
	ctx := t.Context()
	seen := a.SeenMode(house(t, a))
	if _, err := a.SetMode(ctx, seen, screening.KnownOnly, time.Time{}); err != nil {
		t.Fatal(err)
	}
	_, err := a.SetMode(ctx, seen, screening.Off, time.Time{})
	refusedWith(t, err, "It is now: “Only people you know” holds")
	if h := house(t, a); h.Mode != screening.KnownOnly {
		t.Errorf("%+v", h)
	}
	if _, err := a.SetMode(ctx, "", screening.Off, a.Now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	later := a
	later.Now = a.Now.Add(time.Hour)
	fresh := later.SeenMode(house(t, a))
	later.Now = later.Now.Add(time.Minute)
	if _, err := later.SetMode(ctx, fresh, screening.Ask, time.Time{}); err != nil {
		t.Error(err)
	}
}

// By telephone a mode holds at once: where the schedule says otherwise, until the schedule's next change.
func TestModeNow(t *testing.T) {
	a := admin(t)
	a.Now = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	ctx := t.Context()
	if _, err := a.AddTime(ctx, "", screening.Span{Days: screening.Daily, From: 0, To: 7 * 60, Mode: screening.KnownOnly}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mode, temporary screening.Mode
		at              time.Time
	}{
		{screening.BlockOnly, screening.BlockOnly, a.Now}, {screening.KnownOnly, "", a.Now}, {screening.BlockOnly, "", a.Now.Add(6 * time.Hour)},
	} {
		b := a
		b.Now = c.at
		if _, err := b.SetModeNow(ctx, c.mode); err != nil {
			t.Fatal(err)
		}
		h := house(t, b)
		if h.Mode != c.mode || h.ModeAt(b.Now) != c.mode || h.Times.Temporary != c.temporary {
			t.Errorf("%+v: %+v", c, h)
		}
		if c.temporary != "" && !h.Times.TemporaryUntil.Equal(time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)) {
			t.Errorf("until %s", h.Times.TemporaryUntil)
		}
	}
}

func TestExpecting(t *testing.T) {
	a := admin(t)
	a.Now = time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)
	ctx := t.Context()
	for words, end := range map[string]time.Time{"over already": a.Now, "within a day": a.Now.Add(24*time.Hour + time.Second)} {
		_, err := a.Expect(ctx, "", end)
		refusedWith(t, err, words)
	}
	done, err := a.Expect(ctx, "", a.Now.Add(2*time.Hour))
	if err != nil || !house(t, a).ExpectingAt(a.Now) {
		t.Fatal(done, err)
	}
	if l := lastLine(t, a); l.What != "expecting" || l.Before != "" || l.After != "until today at 13:00" {
		t.Errorf("%+v", l)
	}
	if _, err := a.Undo(ctx, done.Line); err != nil || house(t, a).ExpectingAt(a.Now) {
		t.Error("still expected", err)
	}
	again, err := a.Expect(ctx, "", a.Now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if used, err := a.Store.UseExpected(ctx, a.Household); !used || err != nil {
		t.Fatal(used, err)
	}
	_, err = a.Undo(ctx, again.Line) // a call came in between
	refusedWith(t, err, "changed since")
	if _, err := a.Expect(ctx, "", time.Time{}); err != nil || house(t, a).ExpectingAt(a.Now) {
		t.Error(err)
	}
	first, err1 := a.Expect(ctx, "", a.Now.Add(time.Hour))
	longer, err2 := a.Expect(ctx, "", a.Now.Add(3*time.Hour))
	a.Now = a.Now.Add(2 * time.Hour) // the first would be over by now
	back, err3 := a.Undo(ctx, longer.Line)
	if err := errors.Join(err1, err2, err3); err != nil || back.Sentence != "Undone: You're not expecting a call any more." {
		t.Errorf("after %q: %q, %v", first.Sentence, back.Sentence, err)
	}
}

func TestComing(t *testing.T) {
	now := time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)
	for want, at := range map[string]time.Time{
		"today at 23:59": now.Add(12*time.Hour + 59*time.Minute), "tomorrow at 00:00": now.Add(13 * time.Hour),
		"Thursday at 11:00": now.AddDate(0, 0, 2), "Monday at 11:00": now.AddDate(0, 0, 6), "Tuesday 1 December 2026 at 11:00": now.AddDate(0, 0, 7),
	} {
		if got := Coming(now, at); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestNowInWords(t *testing.T) {
	now := time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC) // a Tuesday
	all := screening.Span{Days: screening.Daily, From: 10 * 60, To: 12 * 60}
	quiet, known := all, all
	quiet.Quiet, known.Mode = true, screening.KnownOnly
	house := func(mode screening.Mode, week ...screening.Span) screening.Household {
		return screening.Household{Mode: mode, Times: screening.Times{Zone: time.UTC, Week: week}}
	}
	awhile := house(screening.Ask)
	awhile.Times.Temporary, awhile.Times.TemporaryUntil = screening.Off, now.Add(2*time.Hour)
	over := awhile
	over.Times.TemporaryUntil = now
	expecting := house(screening.BlockOnly)
	expecting.Times.ExpectingUntil = now.Add(24 * time.Hour)
	const ask = "Unknown callers say who they are first."
	for want, h := range map[string]screening.Household{
		ask: house(screening.Ask),
		"Screening is switched off: every call rings. That holds until today at 13:00.": awhile,
		ask + " ": over,
		"Only contacts ring. Everyone else can leave a message. The week says so; at other times it is “Ask who it is”.":                                                        house(screening.Ask, known),
		ask + " It's quiet hours: the phone doesn't ring, and callers can leave a message.":                                                                                     house(screening.Ask, quiet),
		"Ringfence is only watching: every call rings. It's quiet hours, but in this mode every call rings.":                                                                    house(screening.Watch, quiet),
		"Every call rings, except from blocked numbers and known scammers. You're expecting a call until tomorrow at 11:00, so the next unknown caller rings straight through.": expecting,
	} {
		if got := NowInWords(h, now); got != strings.TrimSpace(want) {
			t.Errorf("%q, not %q", got, want)
		}
	}
	for want, week := range map[string][]screening.Span{
		"quiet hours end": {quiet}, "“Ask who it is” begins": {known}, "“Ask who it is” begins and quiet hours end": {known, quiet}, "": nil,
	} {
		if got := ChangeInWords(house(screening.Ask, week...), now, now.Add(time.Hour)); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if got := ChangeInWords(house(screening.Ask, quiet), now.Add(-2*time.Hour), now); got != "quiet hours begin" {
		t.Error(got)
	}
}
