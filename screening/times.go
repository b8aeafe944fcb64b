package screening

import "time"

// Clock is a time of day as a clock on the wall shows it, in minutes since midnight: 0 to 1439.
type Clock int

// Days is a set of weekdays, with the bit 1<<time.Weekday for each. It is stored in databases, so the bits must not change.
type Days uint8

// Daily is all days of the week.
const Daily Days = 1<<7 - 1

// DaysOf is the set of some weekdays.
func DaysOf(weekdays ...time.Weekday) Days {
	var d Days
	for _, w := range weekdays {
		d |= 1 << w
	}
	return d
}

// Has says whether a weekday is in the set.
func (d Days) Has(w time.Weekday) bool { return d&(1<<w) != 0 }

// Span is a part of every week that either sets a mode or is quiet hours. If To is at or before From, it passes midnight and belongs to the day on which
// it begins; if they are equal, it lasts 24 hours.
type Span struct {
	Days     Days
	From, To Clock
	Mode     Mode // "" where Quiet
	Quiet    bool
}

// Holds says whether t is in the span. It only goes by what a clock on the wall shows in t's zone, because people do. So when the clocks go forward, a
// span that begins or ends in the hour left out does so at the change; when they go back, the hour that comes twice is in the span both times.
func (s Span) Holds(t time.Time) bool {
	now := Clock(t.Hour()*60 + t.Minute())
	today := t.Weekday()
	if s.From < s.To {
		return s.Days.Has(today) && s.From <= now && now < s.To
	}
	yesterday := (today + 6) % 7
	return s.Days.Has(today) && now >= s.From || s.Days.Has(yesterday) && now < s.To
}

// Times is what a household has chosen for certain times.
type Times struct {
	Zone           *time.Location // of the household's clocks; nil is UTC
	Week           []Span         // in the order in which they were added
	Temporary      Mode           // "" for none
	TemporaryUntil time.Time
	ExpectingUntil time.Time // until then the next unknown caller rings
	QuietContacts  Action    // what is done with contacts in quiet hours: Ring, or Message; anything else is Ring
}

// Origin says what has set the mode.
type Origin string

const (
	ByHousehold Origin = "household" // the mode that applies when nothing else does
	BySchedule  Origin = "schedule"
	ByTemporary Origin = "temporary"
)

// ModeAt is the mode that applies at a time. A temporary mode goes before the schedule, and the schedule before the household's own mode; of several
// spans the one that was added last decides. A temporary mode or a span whose mode this version does not know is skipped; an unknown mode of the
// household's own is taken for ask.
func (h Household) ModeAt(t time.Time) Mode {
	mode, _ := h.modeAt(t)
	return mode
}

// OriginAt is what has set the mode that applies at a time.
func (h Household) OriginAt(t time.Time) Origin {
	_, by := h.modeAt(t)
	return by
}

func (h Household) modeAt(t time.Time) (Mode, Origin) {
	if h.Times.Temporary.known() && t.Before(h.Times.TemporaryUntil) {
		return h.Times.Temporary, ByTemporary
	}
	local := h.Local(t)
	for i := len(h.Times.Week) - 1; i >= 0; i-- {
		if s := h.Times.Week[i]; !s.Quiet && s.Mode.known() && s.Holds(local) {
			return s.Mode, BySchedule
		}
	}
	if h.Mode.known() {
		return h.Mode, ByHousehold
	}
	return Ask, ByHousehold
}

func (m Mode) known() bool {
	switch m {
	case Ask, KnownOnly, BlockOnly, Watch, Off:
		return true
	}
	return false
}

// QuietAt says whether a time is in quiet hours. They do not depend on the mode: a household that is known-only for two weeks still sleeps at night. Only
// an expected call, and the modes watch and off, get through them.
func (h Household) QuietAt(t time.Time) bool {
	local := h.Local(t)
	for _, s := range h.Times.Week {
		if s.Quiet && s.Holds(local) {
			return true
		}
	}
	return false
}

// ExpectingAt says whether the household is expecting a call at a time.
func (h Household) ExpectingAt(t time.Time) bool { return t.Before(h.Times.ExpectingUntil) }

// Local is a time by the household's clocks.
func (h Household) Local(t time.Time) time.Time {
	if h.Times.Zone == nil {
		return t.UTC()
	}
	return t.In(h.Times.Zone)
}

// NextChange is when the mode or quiet hours will next change after t, within eight days or when a temporary mode ends; else the zero time. It tries every minute, which is
// fast enough for people (no call waits for it) and needs no special rules for the days on which the clocks change.
func (h Household) NextChange(t time.Time) time.Time {
	mode, quiet := h.ModeAt(t), h.QuietAt(t)
	differs := func(at time.Time) bool { return h.ModeAt(at) != mode || h.QuietAt(at) != quiet }
	end := t.AddDate(0, 0, 8)
	for at := t.Truncate(time.Minute).Add(time.Minute); !at.After(end); at = at.Add(time.Minute) {
		// A temporary mode may end within a minute.
		if u := h.Times.TemporaryUntil; u.After(t) && u.Before(at) && u.After(at.Add(-time.Minute)) && differs(u) {
			return u
		}
		if differs(at) {
			return at
		}
	}
	if u := h.Times.TemporaryUntil; u.After(end) && differs(u) {
		return u
	}
	return time.Time{}
}
