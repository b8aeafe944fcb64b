package timeline

import (
	"slices"
	"strings"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

// summaries say how calls ended, by their outcome; each with what the call itself adds.
var summaries = map[calllog.Outcome]struct {
	text string
	of   func(store.LoggedCall) string // what follows the text
}{
	calllog.Talked:      {"", talked},
	calllog.Accepted:    {"", talked},
	calllog.LetThrough:  {"", talked},
	calllog.NotNow:      {"The household did not want the call then", noMessage},
	calllog.SentAway:    {"", sentAway},
	calllog.TurnedAway:  {"Turned away", turnedAway},
	calllog.NoName:      {"Said nothing when asked", nothing},
	calllog.NotProven:   {"Did not press the key that was asked for: perhaps a recorded call", nothing},
	calllog.NobodyHome:  {"Nobody answered", noMessage},
	calllog.Busy:        {"The household was on another call", noMessage},
	calllog.MessageLeft: {"", messageLeft},
	calllog.NoMessage:   {"Could only leave a message", noMessage},
	calllog.CallerGone:  {"", callerGone},
	calllog.TooMany:     {"Heard the engaged tone: too many calls came at once", nothing},
	calllog.Interrupted: {"How it ended is not known: Ringfence was not running", nothing},
}

func nothing(store.LoggedCall) string { return "" }

// Summary says in one line, without a full stop, how a call ended: "Turned away: on the list Trading Standards", "Talked for 4 minutes", "Nobody
// answered; left a message (0:42)". Wherever it is shown, the caller is named beside it.
func Summary(c store.LoggedCall) string {
	if c.Ended.IsZero() {
		return progress(c)
	}
	if is, known := summaries[c.Outcome]; known {
		return is.text + is.of(c)
	}
	return screening.Capital(strings.ReplaceAll(Printable(string(c.Outcome)), "-", " ")) // of a newer Ringfence
}

func talked(c store.LoggedCall) string {
	text := "Talked"
	if c.Outcome != calllog.Talked { // announced
		text = "Was put through and talked"
	}
	if d, known := c.Talked(); known {
		text += " for " + Length(d)
	}
	if c.Outcome == calllog.LetThrough && !has[calllog.NotAllowed](c) || has[calllog.AllowedInCall](c) {
		text += "; always let through from now on"
	}
	return text
}

func sentAway(c store.LoggedCall) string {
	for _, s := range c.Steps {
		if carer, is := s.Step.(calllog.CarerPressed); is && carer.Key == calllog.CarerSendAway {
			return byCarer(carer)
		}
	}
	return "Sent away as a scam"
}

func turnedAway(c store.LoggedCall) string {
	if has[calllog.ScriptResult](c) {
		return ": sounded like a scam"
	}
	if len(c.Reasons) == 0 {
		return ""
	}
	because := map[screening.Code]string{
		screening.CodeBlock: "blocked by the household", screening.CodeList: "on a shared list", screening.CodeCountry: "from a blocked country",
	}[c.Reasons[0].Code]
	for _, kind := range screening.CallerKinds() {
		if kind.Code == c.Reasons[0].Code {
			because = kind.TurnedAway
		}
	}
	if list := screening.CleanLine(c.Reasons[0].List, 64); list != "" && c.Reasons[0].Code == screening.CodeList {
		because = "on the list " + list
	}
	if because == "" {
		return ""
	}
	return ": " + because
}

// noMessage says why there is no message, for a call that came to nothing.
func noMessage(c store.LoggedCall) string {
	switch {
	case has[calllog.NoRoom](c):
		return "; there was no room for a message"
	case slices.ContainsFunc(c.Steps, func(s store.Step) bool { return s.Step == calllog.Fault{Effect: calllog.MessageLost} }):
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
	message, kept := c.Recording(calllog.RecordedMessage)
	length := message.Length
	for _, s := range c.Steps {
		if left, is := s.Step.(calllog.LeftMessage); is && !kept {
			length = left.Length
		}
	}
	if length > 0 {
		text += " (" + Clock(length) + ")"
	}
	if !kept {
		text += ", deleted since"
	}
	return text
}

// whyMessage is why a caller left a message instead of talking.
func whyMessage(c store.LoggedCall) string {
	for _, s := range slices.Backward(c.Steps) {
		switch step := s.Step.(type) {
		case calllog.Pressed:
			if step.Key == calllog.KeyToMessage {
				return "Nobody answered"
			}
			return "The household did not want the call then"
		case calllog.SecondCall:
			return "The household was on another call"
		case calllog.NoAnswer, calllog.Rang:
			return "Nobody answered"
		}
	}
	return ""
}

func callerGone(c store.LoggedCall) string {
	switch {
	case has[calllog.PickedUp](c):
		return "Hung up while the household heard who was calling"
	case has[calllog.Rang](c), has[calllog.SecondCall](c), c.Action == screening.Ring:
		return "Hung up before anybody answered"
	case has[calllog.Said](c):
		return "Said who they were, and hung up"
	case has[calllog.Asked](c):
		return "Hung up when asked who they were"
	default:
		return "Hung up"
	}
}

// progress says where a call in progress is.
func progress(c store.LoggedCall) string {
	switch {
	case c.Action == screening.TurnAway:
		return "Being turned away…"
	case SentAway(c.Call):
		return "Hearing the inspection message…"
	case Talking(c.Call):
		return "They are talking"
	}
	for _, s := range slices.Backward(c.Steps) {
		switch step := s.Step.(type) {
		case calllog.Asked:
			return "Saying who they are…"
		case calllog.Said, calllog.Suspected, calllog.PassedCheck:
			return "Has said who they are…"
		case calllog.Rang, calllog.Fault:
			return "The phone is ringing…"
		case calllog.PickedUp:
			return "Picked up: the household hears who it is…"
		case calllog.SecondCall:
			return "Waiting: the household is on another call…"
		case calllog.NoAnswer:
			return "Nobody answered: leaving a message…"
		case calllog.Pressed: // any key but those of talking and of sending away
			return "Leaving a message…"
		case calllog.CarerPressed:
			if step.Key != calllog.CarerLetThrough {
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

// WithoutWords is a call as those see it who may not hear its recordings: without the reasons for which its words sound like a scam, as they give away
// what was said. The call given stays as it is.
func WithoutWords(c store.LoggedCall) store.LoggedCall {
	c.Steps = slices.Clone(c.Steps)
	for i, s := range c.Steps {
		if script, is := s.Step.(calllog.Script); is {
			script.Reasons = ""
			c.Steps[i].Step = script
		}
	}
	return c
}

// Script says what the caller's words sound like, and why; false if they sound like nothing, or nobody has read them.
func Script(c store.Call) (s calllog.Script, sentences string, there bool) {
	for _, step := range c.Steps {
		if script, is := step.Step.(calllog.Script); is {
			s, there = script, true
			sentences = sentence(script)
		}
	}
	return s, sentences, there
}

// Talking says whether caller and household are connected, in a call in progress.
func Talking(c store.Call) bool {
	announced, up := c.Action == screening.Screen, false
	for _, s := range c.Steps {
		switch step := s.Step.(type) {
		case calllog.Pressed:
			if step.Key == calllog.KeyTake || step.Key == calllog.KeyAlways {
				return true
			}
		case calllog.AllowedInCall:
			return true
		case calllog.PickedUp:
			up = true
		case calllog.PassCode:
			announced = false
		case calllog.CarerPressed:
			announced = announced && step.Key != calllog.CarerLetThrough
		}
	}
	return up && !announced
}

// SentAway says whether somebody, at home or on the page, has sent the caller away as a scam, in a call in progress: that is, until the caller has
// heard the inspection message.
func SentAway(c store.Call) bool {
	return slices.ContainsFunc(c.Steps, func(s store.Step) bool {
		switch step := s.Step.(type) {
		case calllog.SentAwayInCall:
			return true
		case calllog.Pressed:
			return step.Key == calllog.KeyScam
		case calllog.CarerPressed:
			return step.Key == calllog.CarerSendAway
		default:
			return false
		}
	})
}

func has[S calllog.Step](c store.LoggedCall) bool {
	return slices.ContainsFunc(c.Steps, func(s store.Step) bool {
		_, is := s.Step.(S)
		return is
	})
}
