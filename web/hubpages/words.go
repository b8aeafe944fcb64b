package hubpages

import (
	"slices"

	"ringfence/sharing/hub"
	"ringfence/store"
)

// choice is one of several things to choose.
type choice struct {
	Value, Words string
	Chosen       bool
}

// categoryName is a category in the words of whoever reports one.
func categoryName(category string) string {
	switch category {
	case "tech-support":
		return "“Your computer has a problem”"
	case "bank":
		return "“Your bank”"
	case "courier":
		return "A parcel or courier"
	case "prize":
		return "A prize or lottery"
	case "tax":
		return "“The tax office”"
	case "silent":
		return "Silent call"
	case "sales":
		return "Sales"
	case "survey":
		return "A survey"
	default:
		return "Something else"
	}
}

func categoryChoices(chosen string) (all []choice) {
	for _, c := range store.Categories() {
		all = append(all, choice{c, categoryName(c), c == chosen})
	}
	return all
}

// inWords says what was decided.
func inWords(d hub.Decision, region string) string {
	switch d.What {
	case hub.Confirm:
		return "Confirmed as a scammer’s"
	case hub.Dismiss:
		return "Dismissed: it is no scammer’s"
	case hub.Protect:
		return "Protected: " + d.Public
	case hub.Merge:
		return "Merged into " + shown(d.Into, region)
	case hub.Undo:
		return "The decision before was undone"
	default:
		return ""
	}
}

// whichNames are what moderators can look at, in the order of the page.
var whichNames = []choice{
	{Value: string(hub.Fresh), Words: "New"}, {Value: string(hub.Disputed), Words: "Disputed"},
	{Value: string(hub.Again), Words: "Reported again"}, {Value: string(hub.Most), Words: "Reported most"},
}

func whichChoices(chosen hub.Which) []choice {
	all := slices.Clone(whichNames)
	for i := range all {
		all[i].Chosen = all[i].Value == string(chosen)
	}
	return all
}
