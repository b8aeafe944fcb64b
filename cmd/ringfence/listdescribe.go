package main

import (
	"fmt"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store/lists"
)

// detailsOf is what is known of a subscription, one line for each detail.
func detailsOf(sub lists.Subscription) (lines []string) {
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
	if sub.Serial != 0 {
		add("serial", fmt.Sprintf("%d, made on %s", sub.Serial, sub.Made.Local().Format("2 January 2006 15:04")))
	}
	if sub.Asks {
		add("asked", "about callers nobody knows: it is sent a fingerprint of their number")
	}
	return lines
}

// stateOf says how fresh a list is.
func stateOf(sub lists.Subscription, now time.Time) []household.ListFinding {
	at := func(t time.Time) string { return "on " + t.Local().Format("2 January 2006 15:04") }
	return household.StateOfList(sub, now.Local(), at, at)
}
