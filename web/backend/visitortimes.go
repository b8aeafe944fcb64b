package backend

import (
	"strings"
	"time"

	"ringfence/household"
)

// In is a moment by the household's clocks.
func (v *Visitor) In(t time.Time) time.Time { return t.In(v.Zone()) }

// Clock is the time of day: 10:31.
func (v *Visitor) Clock(t time.Time) string { return v.In(t).Format("15:04") }

// Seconds is the time of day to the second: 10:31:04.
func (v *Visitor) Seconds(t time.Time) string { return v.In(t).Format("15:04:05") }

// Machine is a moment for the datetime attribute of a time element.
func (v *Visitor) Machine(t time.Time) string { return v.In(t).Format(time.RFC3339) }

// Day is a day as people say it: Today, Yesterday, Tuesday 24 November, and of another year with the year.
func (v *Visitor) Day(t time.Time) string {
	then, now := v.In(t), v.In(v.Now)
	switch DaysBetween(then, now) {
	case 0:
		return "Today"
	case 1:
		return "Yesterday"
	}
	if then.Year() == now.Year() {
		return then.Format("Monday 2 January")
	}
	return then.Format("Monday 2 January 2006")
}

// Short is a moment as a list shows it: 10:31 if that was today, and otherwise with its day.
func (v *Visitor) Short(t time.Time) string {
	then, now := v.In(t), v.In(v.Now)
	switch days := DaysBetween(then, now); {
	case days == 0:
		return v.Clock(t)
	case days == 1:
		return "Yesterday, " + v.Clock(t)
	case then.Year() == now.Year():
		return then.Format("Mon 2 Jan, 15:04")
	}
	return then.Format("2 Jan 2006, 15:04")
}

// When is a moment as people say it: today at 10:31.
func (v *Visitor) When(t time.Time) string {
	day := v.Day(t)
	if day == "Today" || day == "Yesterday" {
		day = strings.ToLower(day)
	} else {
		day = "on " + day
	}
	return day + " at " + v.Clock(t)
}

// DaysBetween counts midnights from a to b; both are in the same zone.
func DaysBetween(a, b time.Time) int {
	noon := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	return int(noon(b).Sub(noon(a)).Hours() / 24)
}

// Coming is a future moment as people say it: today at 18:00, tomorrow at 08:00, on Friday at 08:00.
func (v *Visitor) Coming(t time.Time) string {
	words := v.End(t)
	if strings.HasPrefix(words, "today") || strings.HasPrefix(words, "tomorrow") {
		return words
	}
	return "on " + words
}

// End is a future moment as it follows "until".
func (v *Visitor) End(t time.Time) string { return household.Coming(v.In(v.Now), v.In(t)) }

// Until says until when something works.
func (v *Visitor) Until(t time.Time) string {
	if t.IsZero() {
		return "until it is revoked"
	}
	return "until " + v.In(t).Format("2 January 2006")
}
