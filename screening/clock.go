package screening

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Reading and writing the times of a schedule: "mon-fri 22:00-07:00 quiet".

// Weekdays are the days as people count them, from Monday on.
func Weekdays() []time.Weekday { return week }

var week = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// short is a weekday as it is written here: "mon".
func short(w time.Weekday) string { return strings.ToLower(w.String()[:3]) }

// parseDays reads weekdays: "mon-fri", "sat,sun", "fri-mon", "daily". The error is a plain sentence.
func parseDays(text string) (Days, error) {
	if strings.EqualFold(text, "daily") {
		return Daily, nil
	}
	var days Days
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, ok := parseDay(first)
		to, ok2 := from, true
		if isRange {
			to, ok2 = parseDay(last)
		}
		if !ok || !ok2 {
			return 0, fmt.Errorf("%s is not a day of the week: write mon-fri, or sat,sun, or daily", quoted(part))
		}
		for day := from; ; day = (day + 1) % 7 {
			days |= DaysOf(day)
			if day == to {
				break
			}
		}
	}
	return days, nil
}

func parseDay(text string) (time.Weekday, bool) {
	text = strings.TrimSpace(text)
	for _, w := range week {
		if strings.EqualFold(text, short(w)) || strings.EqualFold(text, w.String()) {
			return w, true
		}
	}
	return 0, false
}

// String writes the days as parseDays reads them, three and more in a row as a range.
func (d Days) String() string {
	if d&Daily == Daily {
		return "daily"
	}
	var parts []string
	for i := 0; i < len(week); i++ {
		if !d.Has(week[i]) {
			continue
		}
		last := i
		for last+1 < len(week) && d.Has(week[last+1]) {
			last++
		}
		if last-i >= 2 {
			parts = append(parts, short(week[i])+"-"+short(week[last]))
			i = last
		} else {
			parts = append(parts, short(week[i]))
		}
	}
	return strings.Join(parts, ",")
}

// ParseClock reads a time of day such as "7:30" or "22:00". The error is a plain sentence.
func ParseClock(text string) (Clock, error) {
	hours, minutes, _ := strings.Cut(strings.TrimSpace(text), ":")
	h, ok := parseDigits(hours, 23)
	m, ok2 := parseDigits(minutes, 59)
	if !ok || !ok2 || len(minutes) != 2 {
		return 0, fmt.Errorf("%s is not a time of day: write it like 18:00", quoted(text))
	}
	return Clock(h*60 + m), nil
}

func parseDigits(text string, most int) (int, bool) {
	if len(text) < 1 || len(text) > 2 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n <= most
}

func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// NextAfter is when clocks next show this time of day, in now's time zone.
func (c Clock) NextAfter(now time.Time) time.Time {
	at := func(day int) time.Time {
		return time.Date(now.Year(), now.Month(), day, int(c)/60, int(c)%60, 0, 0, now.Location())
	}
	if today := at(now.Day()); today.After(now) {
		return today
	}
	return at(now.Day() + 1)
}

// ParseSpan reads what String writes: days, times, and a mode or "quiet", such as "mon-fri 22:00-07:00 quiet". The error is a plain sentence.
func ParseSpan(text string) (s Span, err error) {
	words := strings.Fields(text)
	last := len(words) - 1
	if last < 2 {
		return Span{}, fmt.Errorf("%s is not a time of a schedule: write it like mon-fri 22:00-07:00 quiet", quoted(text))
	}
	times, what := words[last-1], words[last]
	if s.Days, err = parseDays(strings.Join(words[:last-1], "")); err != nil { // "mon, tue" too
		return Span{}, err
	}
	from, to, ok := strings.Cut(times, "-")
	if !ok {
		return Span{}, fmt.Errorf("%s does not say from when until when: write it like 22:00-07:00", quoted(times))
	}
	if s.From, err = ParseClock(from); err != nil {
		return Span{}, err
	}
	if strings.TrimSpace(to) == "24:00" { // as people write the end of a day
		to = "00:00"
	}
	if s.To, err = ParseClock(to); err != nil {
		return Span{}, err
	}
	s.Quiet = what == "quiet"
	if !s.Quiet {
		s.Mode = Mode(what)
	}
	if err := s.Validate(); err != nil {
		return Span{}, err
	}
	return s, nil
}

// Validate says in a plain sentence what is wrong with a span.
func (s Span) Validate() error {
	switch {
	case s.Days&Daily == 0 || s.Days&^Daily != 0:
		return fmt.Errorf("a time of the schedule needs a day of the week: write mon-fri, or sat,sun, or daily")
	case s.From < 0 || s.From >= 24*60 || s.To < 0 || s.To >= 24*60:
		return fmt.Errorf("a time of day is from 00:00 to 23:59")
	case s.Quiet && s.Mode != "":
		return fmt.Errorf("a time of the schedule is either quiet or has a mode: add two")
	case !s.Quiet && !s.Mode.known():
		return fmt.Errorf("there is no mode %s: it is ask, known-only, block-only, watch or off; or quiet, for quiet hours", quoted(string(s.Mode)))
	}
	return nil
}

// String writes a span as ParseSpan reads it.
func (s Span) String() string {
	what := string(s.Mode)
	if s.Quiet {
		what = "quiet"
	}
	return s.Days.String() + " " + s.From.String() + "-" + s.To.String() + " " + what
}
