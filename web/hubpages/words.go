package hubpages

import (
	"cmp"
	"slices"

	"ringfence/accounts"
	"ringfence/screening"
	"ringfence/sharing/evidence"
	"ringfence/sharing/hub"
	"ringfence/store"
)

// choice is one of several things to choose.
type choice struct {
	Value, Words string
	Chosen       bool
}

// categoryNames are the categories in the words of whoever reports one.
var categoryNames = map[string]string{
	"tech-support": "“Your computer has a problem”", "bank": "“Your bank”", "courier": "A parcel or courier", "prize": "A prize or lottery",
	"tax": "“The tax office”", "silent": "Silent call", "sales": "Sales", "survey": "A survey",
}

func categoryName(category string) string { return cmp.Or(categoryNames[category], "Something else") }

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
		return "Dismissed: not a scammer’s"
	case hub.Protect:
		return "Protected: " + d.Public
	case hub.Merge:
		return "Merged into " + shown(d.Into, region)
	case hub.Undo:
		return "The last decision was undone"
	default:
		return ""
	}
}

// noted says what was done with a moderator's account, or with the hub.
func noted(n hub.Note) string {
	switch words := accountNotes[n.What]; {
	case words != "":
		return n.About + words
	case n.What == accounts.LinkMade:
		return "A link to choose a password was made for " + n.About
	case n.What == hub.Restored:
		return "The hub was restored from a backup"
	default:
		return string(n.What)
	}
}

// shown is a subject as people of the region write it.
func shown(x hub.Subject, region string) string {
	if x.Prefix {
		return "all numbers starting with " + screening.ReachOf(x.Digits, screening.Household{Region: region}).Written
	}
	return x.Number().National(region)
}

// accountNotes are what was done with somebody's account, to follow their name.
var accountNotes = map[accounts.Word]string{
	hub.ModeratorAdded: " was made a moderator", hub.ModeratorRemoved: " is no longer a moderator",
	accounts.PasswordSet: " has a new password", accounts.SignedOut: " has signed other devices out",
	accounts.CodesOn: " now signs in with an authenticator app", accounts.CodesOff: " now signs in without an authenticator app",
	accounts.RecoveryMade: " has new recovery codes", accounts.RecoveryUsed: " has signed in with a recovery code",
}

// lackWords say what keeps reports from turning callers away although there are enough of them.
var lackWords = map[evidence.Lack]string{
	evidence.LackSettled:     "Too many of these households joined within the last week.",
	evidence.LackInvitations: "All of these households, or all but one, joined with the same invitation.",
	evidence.LackNetworks:    "The reports came from very few networks.",
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
