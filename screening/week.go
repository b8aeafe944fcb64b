package screening

import (
	"fmt"
	"slices"
	"time"
)

// A schedule as a week that people paint in half hours.

// HalfHours is how many cells a day of a painted week has.
const HalfHours = 48

const (
	dayMinutes  = 24 * 60
	cellMinutes = dayMinutes / HalfHours
	weekMinutes = 7 * dayMinutes
)

// Cell is half an hour of a week.
type Cell struct {
	Mode  Mode // the mode that the schedule sets; "" if the household's own mode applies
	Quiet bool
	// Mixed says that something begins or ends within the half hour. Mode and Quiet are then those at its beginning.
	Mixed bool
}

// Grid is a week in half hours, with a row for each time.Weekday: Sunday's comes first.
type Grid [7][HalfHours]Cell

// minute is what a schedule sets at a minute of the week.
type minute struct {
	mode  Mode
	quiet bool
}

// byMinute is what a schedule sets at every minute of a week, beginning with Sunday's midnight, as ModeAt and QuietAt would find it.
func byMinute(week []Span) *[weekMinutes]minute {
	var all [weekMinutes]minute
	for _, span := range week {
		if !span.Quiet && !span.Mode.known() {
			continue // as ModeAt does
		}
		length := (int(span.To) - int(span.From) + dayMinutes) % dayMinutes
		if length == 0 {
			length = dayMinutes
		}
		for day := range 7 {
			if !span.Days.Has(time.Weekday(day)) {
				continue
			}
			for i := range length {
				at := &all[(day*dayMinutes+int(span.From)+i)%weekMinutes]
				if span.Quiet {
					at.quiet = true
				} else {
					at.mode = span.Mode
				}
			}
		}
	}
	return &all
}

// GridOf is a schedule as a painted week.
func GridOf(week []Span) Grid {
	all := byMinute(week)
	var g Grid
	for i := range 7 * HalfHours {
		part := all[i*cellMinutes : (i+1)*cellMinutes]
		c := Cell{Mode: part[0].mode, Quiet: part[0].quiet}
		c.Mixed = slices.ContainsFunc(part, func(m minute) bool { return m != part[0] })
		g[i/HalfHours][i%HalfHours] = c
	}
	return g
}

// Repaint is the schedule of a week that somebody has painted over. Half hours in which painted differs from GridOf(week) are as painted; all others stay
// as they were, to the minute. If nothing differs the schedule stays the same. Spans whose mode this version does not know are kept. The error is
// a plain sentence.
func Repaint(week []Span, painted Grid) ([]Span, error) {
	was := GridOf(week)
	all := byMinute(week)
	changed := false
	for i := range 7 * HalfHours {
		before, now := was[i/HalfHours][i%HalfHours], painted[i/HalfHours][i%HalfHours]
		if now.Mode != "" && !now.Mode.known() {
			return nil, fmt.Errorf("there is no mode %s: it is ask, known-only, block-only, watch or off", quoted(string(now.Mode)))
		}
		if now.Mode == before.Mode && now.Quiet == before.Quiet && (now.Mixed || !before.Mixed) {
			continue
		}
		changed = true
		for at := i * cellMinutes; at < (i+1)*cellMinutes; at++ {
			all[at] = minute{now.Mode, now.Quiet}
		}
	}
	if !changed {
		return slices.Clone(week), nil
	}
	var spans []Span
	for _, span := range week {
		if !span.Quiet && !span.Mode.known() {
			spans = append(spans, span)
		}
	}
	spans = append(spans, spansOf(func(at int) Span { return Span{Mode: all[at].mode} })...)
	return append(spans, spansOf(func(at int) Span { return Span{Quiet: all[at].quiet} })...), nil
}

// spansOf are the spans, none overlapping another, of a week in which of says what applies at a minute: the zero Span for nothing.
func spansOf(of func(minute int) Span) []Span {
	var spans []Span
	add := func(from, to int) { // minutes of the week, at most a day apart; to may lie after the week's end
		s := of(from % weekMinutes)
		if s == (Span{}) {
			return
		}
		s.From, s.To = Clock(from%dayMinutes), Clock(to%dayMinutes)
		day := DaysOf(time.Weekday(from % weekMinutes / dayMinutes))
		alike := func(other Span) bool { other.Days = 0; return other == s }
		if i := slices.IndexFunc(spans, alike); i >= 0 {
			spans[i].Days |= day
			return
		}
		s.Days = day
		spans = append(spans, s)
	}
	first := 0 // a minute at which something changes; 0 if the whole week is the same
	for first < weekMinutes && of(first) == of((first+weekMinutes-1)%weekMinutes) {
		first++
	}
	first %= weekMinutes
	for from := first; from < first+weekMinutes; {
		to := from + 1
		for to < first+weekMinutes && of(to%weekMinutes) == of(from%weekMinutes) {
			to++
		}
		// Whatever lasts longer than a day is cut at midnights: people would say "sat,sun 00:00-00:00".
		for to-from > dayMinutes {
			midnight := (from/dayMinutes + 1) * dayMinutes
			add(from, midnight)
			from = midnight
		}
		add(from, to)
		from = to
	}
	// In the order in which people go through a week and a day.
	slices.SortStableFunc(spans, func(a, b Span) int {
		if a.From != b.From {
			return int(a.From) - int(b.From)
		}
		return firstDay(a.Days) - firstDay(b.Days)
	})
	return spans
}

// firstDay is the first of the days, counting from Monday as people do.
func firstDay(d Days) int {
	return slices.IndexFunc(week, d.Has)
}
