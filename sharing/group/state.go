package group

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store/outbox"
)

// Stage is how far a report has come on its way to a group.
type Stage string

// The stages of a report.
const (
	Stays     Stage = "stays"     // it stays in the house, because of Why
	Held      Stage = "held"      // it can be taken back until Until
	Waits     Stage = "waits"     // it is to be sent, but not yet, because of Why
	Sent      Stage = "sent"      // the group has it
	Refused   Stage = "refused"   // the group did not accept it, because of Why
	Retracts  Stage = "retracts"  // the group has it and is to be told that it is withdrawn, but not yet, because of Why
	Withdrawn Stage = "withdrawn" // the group has been told that it is withdrawn
)

// State is where a report is.
type State struct {
	Stage Stage
	Until time.Time // for Held; for Sent and Withdrawn it is when that happened
	// Why is for people: of Stays a clause such as "it is a contact’s number", of Refused what the hub says, between quotation marks; of Waits and
	// Retracts a sentence. "" where there is no more to say.
	Why     string
	Earlier bool // it Stays because it is from before the household joined
	// say is what is to be sent now, outbox.SaysFor or outbox.SaysWithdraw; "" for nothing.
	say string
}

// oldest is how old a report may be to be sent. It is a day less than a hub's limit of 60, because clocks differ.
const oldest = 59 * 24 * time.Hour

// stateOf says where a report is on its way to a group. It is pure.
func stateOf(r outbox.GroupReport, g outbox.Group, house screening.Household, hold time.Duration, now time.Time) State {
	why := ""
	if r.Report != nil {
		why = whyNot(r.Number, r.Contact, house)
	}
	knows := r.Taken != nil && r.Taken.Kind == outbox.SaysFor
	if r.Changed.After(now.Add(wrongClock)) {
		r.Changed = time.Time{} // or a wrong clock could make the hour last for years
	}
	switch {
	case r.Report == nil || why != "":
		return retract(r, g, knows, why, now)
	case r.Tried != nil && r.Tried.Kind == outbox.SaysFor && r.Tried.Category == r.Report.Category && (knows || !r.Changed.After(r.Tried.At)):
		if r.Tried.Refused != "" {
			return State{Stage: Refused, Why: r.Tried.Refused}
		}
		return State{Stage: Sent, Until: r.Tried.At}
	case !g.Left.IsZero():
		return State{Stage: Stays, Why: "the group was left"}
	case r.Report.At.Before(g.From) && !knows:
		return State{Stage: Stays, Why: "it was made before you joined", Earlier: now.Sub(r.Report.At) <= oldest}
	case now.Sub(r.Report.At) > oldest && !knows:
		return State{Stage: Stays, Why: "it is too old to be sent"}
	case now.Before(r.Changed.Add(hold)):
		return State{Stage: Held, Until: r.Changed.Add(hold)}
	default:
		return waits(State{Stage: Waits, say: outbox.SaysFor}, g, now)
	}
}

// retract is the state of a report that was withdrawn or may not be sent.
func retract(r outbox.GroupReport, g outbox.Group, knows bool, why string, now time.Time) State {
	switch {
	case !knows && r.Report != nil:
		return State{Stage: Stays, Why: why}
	case !knows && r.Taken != nil:
		return State{Stage: Withdrawn, Until: r.Taken.At}
	case !knows: // it never got there
		return State{Stage: Stays}
	case r.Tried.Kind == outbox.SaysWithdraw:
		return State{Stage: Refused, Why: r.Tried.Refused}
	case !g.Left.IsZero():
		return State{Stage: Sent, Until: r.Taken.At}
	default:
		return waits(State{Stage: Retracts, say: outbox.SaysWithdraw}, g, now)
	}
}

// waits says why something that is to be sent cannot be sent yet.
func waits(s State, g outbox.Group, now time.Time) State {
	switch {
	case g.Paused:
		s.Why, s.say = "Sending is paused.", ""
	case resting(g, now):
		s.Why, s.say = g.Error, ""
	}
	return s
}

// wrongClock is how far ahead a time has to be to have been noted by a wrong clock: a small computer without a battery does not know the time when it
// starts.
const wrongClock = 2 * longest

// resting says whether to leave a hub alone for now. A time noted by a wrong clock does not count: without the right time no hub's certificate is valid, so
// that is just when sending fails.
func resting(g outbox.Group, now time.Time) bool {
	return now.Before(g.Next) && !g.Next.After(now.Add(wrongClock))
}

// whyNot says in a clause why a report of a number is never sent: it would blame somebody who must be able to ring others, reveal something about the
// household, or mean nothing. "" means that it may be sent.
func whyNot(n screening.Number, contact bool, house screening.Household) string {
	if whose, never := screening.NeverBlocked(n, house.Region); never {
		return fmt.Sprintf("it is the number of %s", whose)
	}
	switch {
	case contact:
		return "it is a contact’s number"
	case n == house.Number, n == house.CarerNumber:
		return "it is the household’s own number" // which somebody has shown falsely
	case slices.Contains(house.Telecare, n):
		return "it is the alarm centre’s number"
	}
	if again, err := screening.ParseNumber(string(n), house.Region); err != nil || again != n || !strings.HasPrefix(string(n), "+") {
		return "nobody outside can have that number"
	}
	return ""
}
