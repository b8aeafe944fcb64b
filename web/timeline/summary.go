package timeline

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

// Talked is for how long caller and household talked; false where they did not, or where it is not known.
func Talked(c store.LoggedCall) (time.Duration, bool) {
	if !talkedOutcome(c.Outcome) || c.Ended.IsZero() {
		return 0, false
	}
	var from time.Time
	for _, s := range c.Steps {
		if s.Step == "picked-up" || s.Step == "pressed" || letThrough(s) {
			from = s.At
		}
	}
	return c.Ended.Sub(from), !from.IsZero() && !c.Ended.Before(from)
}

func talkedOutcome(outcome string) bool {
	return outcome == "talked" || outcome == "accepted" || outcome == "let-through"
}

// Summary says in one line, without a full stop, what became of a call: "Turned away: on the list Trading Standards", "Anna
// talked for 4 minutes", "Nobody answered; left a message of 0:42". It names the caller only where that is a contact.
func Summary(c store.LoggedCall) string {
	if c.Ended.IsZero() {
		return progress(c)
	}
	if text, known := became(c); known {
		return text
	}
	return capital(strings.ReplaceAll(Printable(c.Outcome), "-", " ")) // of a newer Ringfence
}

// became is Summary of a call that has ended; false where its outcome is none that is known here.
func became(c store.LoggedCall) (string, bool) {
	switch c.Outcome {
	case "talked", "accepted", "let-through":
		return talked(c), true
	case "not-now":
		return "The household did not want the call then" + noMessage(c), true
	case "sent-away":
		return sentAway(c), true
	case "turned-away":
		return "Turned away" + turnedAway(c), true
	case "no-name":
		return "Was asked twice who they were, and said nothing", true
	case "not-proven":
		return "Did not press the key that was asked for: perhaps a recorded call", true
	case "nobody-home":
		return "Nobody answered" + noMessage(c), true
	case "busy":
		return "The household was on another call" + noMessage(c), true
	case "message-left":
		return messageLeft(c), true
	case "no-message":
		return "Could only leave a message" + noMessage(c), true
	case "caller-gone":
		return callerGone(c), true
	case "too-many":
		return "Heard the engaged tone: too many calls came at once", true
	case "interrupted":
		return "What became of it is not known: Ringfence was not running", true
	default:
		return "", false
	}
}

func talked(c store.LoggedCall) string {
	text := "Talked"
	if c.Contact != "" {
		text = Printable(c.Contact) + " talked"
	}
	if c.Outcome != "talked" { // announced
		text = "Was put through and talked"
	}
	if d, known := Talked(c); known {
		text += " for " + Length(d)
	}
	if c.Outcome == "let-through" && !has(c, "not-allowed") || has(c, "kept") {
		text += "; always let through from now on"
	}
	return text
}

func sentAway(c store.LoggedCall) string {
	for _, s := range c.Steps {
		if s.Step == "carer" && strings.HasPrefix(s.Detail, "sent away") {
			return capital(Printable(s.Detail))
		}
	}
	return "Sent away as a scam by the household"
}

// listName is the name of the list in a reason of that code (see screening.CodeList).
var listName = regexp.MustCompile(`^The list "(.+?)" reports `)

func turnedAway(c store.LoggedCall) string {
	if len(c.Reasons) == 0 {
		return ""
	}
	because := map[screening.Code]string{
		screening.CodeBlock:         "blocked by the household",
		screening.CodeList:          "on a shared list",
		screening.CodeWithheld:      "number withheld",
		screening.CodeUnavailable:   "no number shown",
		screening.CodeInternational: "from another country",
		screening.CodePremiumRate:   "a premium-rate number",
	}[c.Reasons[0].Code]
	if list := listName.FindStringSubmatch(c.Reasons[0].Text); list != nil && c.Reasons[0].Code == screening.CodeList {
		because = "on the list " + list[1]
	}
	if because == "" {
		return ""
	}
	return ": " + because
}

// noMessage says why there is no message, of a call that came to nothing.
func noMessage(c store.LoggedCall) string {
	switch {
	case has(c, "no-room"):
		return "; there was no room for a message"
	case slices.ContainsFunc(c.Steps, func(s store.Step) bool { return s.Step == "fault" && strings.Contains(s.Detail, "message") }):
		return "; the message could not be kept"
	default:
		return "; left no message"
	}
}

func messageLeft(c store.LoggedCall) string {
	text := "Left a message"
	if why := whyMessage(c); why != "" {
		text = why + "; left a message"
	}
	var length time.Duration
	kept := false
	for _, s := range c.Steps {
		if d, err := time.ParseDuration(s.Detail); err == nil && s.Step == "message" {
			length = d
		}
	}
	for _, r := range c.Recordings {
		if r.Kind == "message" {
			length, kept = r.Length, true
		}
	}
	if length > 0 {
		text += " of " + Clock(length)
	}
	if !kept {
		text += ", deleted since"
	}
	return text
}

// whyMessage is why a caller left a message instead of talking.
func whyMessage(c store.LoggedCall) string {
	for _, s := range slices.Backward(c.Steps) {
		switch s.Step {
		case "pressed":
			if s.Detail == "1, to leave a message" {
				return "Nobody answered"
			}
			return "The household did not want the call then"
		case "second-call":
			return "The household was on another call"
		case "no-answer", "rang":
			return "Nobody answered"
		}
	}
	return ""
}

func callerGone(c store.LoggedCall) string {
	switch {
	case has(c, "picked-up"):
		return "Hung up while the household heard who was calling"
	case has(c, "rang"), has(c, "second-call"), c.Action == screening.Ring:
		return "Hung up before anybody answered"
	case has(c, "said"):
		return "Said who they were, and hung up"
	case has(c, "asked"):
		return "Hung up when asked who they were"
	default:
		return "Hung up"
	}
}

// progress is what a call that goes on has come to.
func progress(c store.LoggedCall) string {
	switch {
	case c.Action == screening.TurnAway, SentAway(c.Call):
		return "Hearing the inspection message…"
	case Talking(c.Call):
		return "They are talking"
	}
	for _, s := range slices.Backward(c.Steps) {
		switch s.Step {
		case "asked":
			return "Saying who they are…"
		case "said", "proven":
			return "Has said who they are…"
		case "rang", "fault":
			return "The telephone is ringing…"
		case "picked-up":
			return "Picked up: the household hears who it is…"
		case "second-call":
			return "Waiting: the household is on another call…"
		case "no-answer":
			return "Nobody answered: leaving a message…"
		case "pressed": // any key but those of talking and of sending away
			return "Leaving a message…"
		case "carer":
			if !letThrough(s) {
				return "Leaving a message…"
			}
		}
	}
	switch c.Action {
	case screening.Screen:
		return "Being asked who they are…"
	case screening.Message:
		return "Being asked to leave a message…"
	default:
		return "Ringing…"
	}
}

// Talking says whether caller and household are connected, in a call that goes on.
func Talking(c store.Call) bool {
	announced, up := c.Action == screening.Screen, false
	for _, s := range c.Steps {
		switch {
		case s.Step == "pressed" && (s.Detail == "1" || s.Detail == "4"), s.Step == "kept":
			return true
		case s.Step == "picked-up":
			up = true
		case s.Step == "pass-code", letThrough(s):
			announced = false
		}
	}
	return up && !announced
}

// SentAway says whether somebody, at home or on the page, has sent the caller away as a scam, in a call that goes on: until the caller has heard
// the inspection message.
func SentAway(c store.Call) bool {
	return slices.ContainsFunc(c.Steps, func(s store.Step) bool {
		return s.Step == "sent-away" || s.Step == "pressed" && s.Detail == "3" || s.Step == "carer" && strings.HasPrefix(s.Detail, "sent away")
	})
}

// letThrough tells a carer's key that puts a caller through to whoever answers.
func letThrough(s store.Step) bool {
	return s.Step == "carer" && strings.HasPrefix(s.Detail, "let through")
}

func has(c store.LoggedCall, step string) bool {
	return slices.ContainsFunc(c.Steps, func(s store.Step) bool { return s.Step == step })
}
