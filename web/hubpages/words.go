package hubpages

import (
	"slices"

	"ringfence/accounts"
	"ringfence/sharing/evidence"
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
		return "Dismissed: it is not a scammer’s"
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

// noted says what was done with a moderator's account, or with the hub.
func noted(n hub.Note) string {
	switch n.What {
	case hub.ModeratorAdded:
		return n.About + " was made a moderator"
	case hub.ModeratorRemoved:
		return n.About + " is no longer a moderator"
	case accounts.LinkMade:
		return "A link to choose a password was made for " + n.About
	case accounts.PasswordSet:
		return n.About + " has a new password"
	case accounts.CodesOn:
		return n.About + " now signs in with an authenticator app"
	case accounts.CodesOff:
		return n.About + " now signs in without an authenticator app"
	case accounts.RecoveryMade:
		return n.About + " has new recovery codes"
	case accounts.RecoveryUsed:
		return n.About + " has signed in with a recovery code"
	case accounts.SignedOut:
		return n.About + " has signed other devices out"
	case hub.Restored:
		return "The hub was restored from a backup"
	default:
		return string(n.What)
	}
}

// lackWords says what keeps reports from turning callers away although there are enough of them.
func lackWords(lack evidence.Lack) string {
	switch lack {
	case evidence.LackSettled:
		return "Too many of these households joined within the last week."
	case evidence.LackInvitations:
		return "All of these households, or all but one, joined with the same invitation."
	case evidence.LackNetworks:
		return "The reports came from very few networks."
	default:
		return ""
	}
}

// whichNames are what moderators can look at, in the order of the page.
var whichNames = []choice{
	{Value: string(hub.Waiting), Words: "Waiting for you"}, {Value: string(hub.Fresh), Words: "New"}, {Value: string(hub.Disputed), Words: "Disputed"},
	{Value: string(hub.Again), Words: "Reported again"}, {Value: string(hub.Most), Words: "Reported most"},
}

func whichChoices(chosen hub.Which) []choice {
	all := slices.Clone(whichNames)
	for i := range all {
		all[i].Chosen = all[i].Value == string(chosen)
	}
	return all
}
