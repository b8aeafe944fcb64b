package main

import (
	"fmt"
	"time"

	"ringfence/screening"
	"ringfence/sharing/subscribe"
	"ringfence/store/lists"
)

// factsOf is what is known of a subscription, a line each.
func factsOf(sub lists.Subscription) (lines []string) {
	add := func(what, text string) {
		if text != "" {
			lines = append(lines, fmt.Sprintf("%-10s %s", what, screening.CleanLine(text, 500)))
		}
	}
	add("list", sub.Title)
	add("publisher", sub.Publisher)
	add("purpose", sub.Purpose)
	add("licence", sub.Licence)
	add("contact", sub.Contact)
	add("appeals", sub.Appeals)
	switch {
	case sub.Signed():
		add("signed", "yes, with the key "+sub.Key)
	case sub.OnlyWarns:
		add("signed", "no: it only warns")
	default:
		add("signed", "no, but it may turn callers away all the same")
	}
	if sub.Asks {
		add("asked", "about callers nobody knows: it is sent a fingerprint of their number")
	}
	return lines
}

// freshness says how up to date a subscription is, a line each.
func freshness(sub lists.Subscription, now time.Time) (lines []string) {
	const at = "2 January 2006 15:04"
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if sub.Serial == 0 {
		add("state      it could not be got yet")
	} else {
		add("state      serial %d, made on %s, last checked on %s", sub.Serial, sub.Made.Local().Format(at), sub.Checked.Local().Format(at))
		until := sub.ValidUntil.Local().Format(at)
		if subscribe.Staleness(sub, now) == lists.StalePast {
			add("valid      until %s: it is past its time, turns nobody away and only warns", until)
		} else {
			add("valid      until %s", until)
		}
	}
	if sub.Error != "" {
		add("trouble    %s, for the last time of %d", sub.Error, sub.Failures)
	}
	add("next       on %s", sub.Next.Local().Format(at))
	return lines
}
