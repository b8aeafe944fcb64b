package household

import (
	"errors"
	"fmt"
	"time"

	"ringfence/screening"
	"ringfence/sharing/subscribe"
	"ringfence/store/lists"
)

// ListFinding is a sentence about a list, with how bad it is: "", "warn" or "stop".
type ListFinding struct{ Level, Text string }

// StateOfList says how fresh a list is, and whether it turns anybody away. when and coming write past and future times.
func StateOfList(sub lists.Subscription, now time.Time, when, coming func(time.Time) string) (all []ListFinding) {
	say := func(level, text string, args ...any) {
		all = append(all, ListFinding{level, fmt.Sprintf(text, args...)})
	}
	switch {
	case sub.Kind == lists.Ready && sub.OnlyWarns:
		say("", "It came with Ringfence, and only warns: its callers are asked who they are.")
	case sub.Kind == lists.Ready:
		say("", "It came with Ringfence, and turns callers away because an owner chose that.")
	case sub.OnlyWarns:
		say("warn", "Nobody has signed it, so it turns nobody away and only warns.")
	case !sub.Signed():
		say("warn", "Nobody has signed it, but it turns callers away because an owner chose that.")
	}
	if sub.Held.Version != 0 {
		say("warn", "More than a tenth of it would change. It stays as it is until somebody has looked at the new numbers.")
	}
	how := subscribe.Staleness(sub, now)
	switch until := sub.ValidUntil.In(now.Location()).Format("2 January 2006"); {
	case sub.Serial == 0 && sub.Error == "" && sub.Kind == lists.PhoneBlock && sub.Next.After(now.Add(time.Hour)):
		say("warn", "It isn't here yet. PhoneBlock gives a household its whole list at most once a month, so it can take a month.")
	case sub.Serial == 0 && sub.Error == "":
		say("", "It is being downloaded for the first time.")
	case sub.Serial == 0:
		say("stop", "It could not be downloaded yet: %s", screening.Sentence(errors.New(sub.Error)))
	case how == lists.StalePast:
		say("stop", "It has been out of date since %s. Nobody has renewed it, so it no longer turns anybody away and only warns.", until)
	case how == lists.StaleEnding:
		say("warn", "It is valid until %s, and there is no newer one. From then on it only warns.", until)
	default:
		say("", "Checked %s. Valid until %s.", when(sub.Checked), until)
	}
	if sub.Serial != 0 && sub.Error != "" {
		say("warn", "The last update failed: %s The list stays as it was.", screening.Sentence(errors.New(sub.Error)))
	}
	if sub.Error != "" {
		say("", "It is tried again %s.", coming(sub.Next))
	}
	return all
}
