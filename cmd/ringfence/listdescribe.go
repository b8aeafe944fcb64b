package main

import (
	"fmt"
	"strings"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/list"
	"ringfence/store/lists"
)

// detailsOf is what is known of a subscription, one line for each detail.
func (k clock) detailsOf(sub lists.Subscription) (lines []string) {
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
	case sub.Kind == lists.Ready && sub.OnlyWarns:
		add("callers", "are asked who they are")
	case sub.Kind == lists.Ready:
		add("callers", "are turned away")
	case sub.Signed():
		add("signed", "yes, with the key "+sub.Key)
	case sub.OnlyWarns:
		add("signed", "no: it only warns")
	default:
		add("signed", "no, but it may turn callers away all the same")
	}
	if sub.Serial != 0 {
		add("serial", fmt.Sprintf("%d, made %s", sub.Serial, k.at(sub.Made)))
	}
	if sub.Asks {
		add("asked", "about callers nobody knows: it is sent a fingerprint of their number")
	}
	return lines
}

// nationally writes the numbers of what was left out as people of the region do.
func nationally(refused []list.Refusal, region string) (all []list.Refusal) {
	for _, r := range refused {
		digits, prefix := strings.CutSuffix(strings.TrimPrefix(r.Number, "+"), "*")
		all = append(all, list.Refusal{Number: screening.Written(digits, prefix, region), Why: r.Why})
	}
	return all
}

// stateOf says how fresh a list is.
func (k clock) stateOf(sub lists.Subscription) []household.ListFinding {
	return household.StateOfList(sub, k.now, k.at, k.at)
}
