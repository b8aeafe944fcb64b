package main

import (
	"fmt"
	"time"
)

// clock writes times as the household's clocks show them.
type clock struct{ now time.Time }

func clockOf(h householdSettings) (clock, error) {
	zone, err := h.Zone()
	if err != nil {
		return clock{}, err
	}
	return clock{time.Now().In(zone)}, nil
}

// clock is that of the household that is named, or the first of the machine.
func (p *program) clock(s settings) (clock, error) {
	for _, h := range s.Households {
		if h.Name == p.Household {
			return clockOf(h)
		}
	}
	return clockOf(s.Households[0])
}

// at is a time of day with its day: "today 14:05", "Tue 3 Nov 14:05".
func (k clock) at(t time.Time) string { return k.day(t) + t.In(k.now.Location()).Format(" 15:04") }

// day is a day as people say it: "today", "Tue 3 Nov", and of another year "Tue 3 Nov 2025".
func (k clock) day(t time.Time) string {
	t = t.In(k.now.Location())
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	switch days := midnight(t).Sub(midnight(k.now)).Hours() / 24; {
	case days == 0:
		return "today"
	case days == -1:
		return "yesterday"
	case days == 1:
		return "tomorrow"
	case t.Year() == k.now.Year():
		return t.Format("Mon 2 Jan")
	default:
		return t.Format("Mon 2 Jan 2006")
	}
}

// size is that of a file: "14 kB", "5.2 MB", "34 MB", "1.2 GB".
func size(bytes int64) string {
	amount, unit := float64(max(bytes, 1))/1e3, "kB"
	for _, larger := range []string{"MB", "GB"} {
		if amount < 999.5 {
			break
		}
		amount, unit = amount/1e3, larger
	}
	if unit != "kB" && amount < 9.95 {
		return fmt.Sprintf("%.1f %s", amount, unit)
	}
	return fmt.Sprintf("%.0f %s", max(amount, 1), unit)
}
