package web

import (
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/timeline"
)

// became says what became of a call, or what it is at, in a sentence; and how that looks: ok, warn or stop.
func became(c store.LoggedCall) (level, sentence string) {
	if c.Outcome == "" && c.Ended.IsZero() {
		return "warn", at(c.Call)
	}
	switch c.Outcome {
	case "talked", "accepted", "let-through":
		level = "ok"
	case "turned-away", "sent-away":
		level = "stop"
	default:
		level = "warn"
	}
	return level, timeline.Summary(c) + "."
}

// at says what a call in progress is at.
func at(c store.Call) string {
	if c.Action == screening.TurnAway {
		return "Hearing the inspection message…"
	}
	if talking(c) {
		return "They are talking."
	}
	for i := len(c.Steps) - 1; i >= 0; i-- {
		if words, ok := steps[c.Steps[i].Step]; ok {
			return words
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

var steps = map[string]string{
	"asked":       "Saying who they are…",
	"said":        "Has said who they are…",
	"proven":      "Has said who they are…",
	"rang":        "The telephone is ringing…",
	"second-call": "Waiting: the household is on another call…",
	"picked-up":   "Picked up: the household hears who it is…",
	"no-answer":   "Nobody answered: leaving a message…",
	"pressed":     "Leaving a message…", // any key but those of talking
	"fault":       "The telephone is ringing…",
}

// talking says whether caller and household are connected.
func talking(c store.Call) bool {
	screened := c.Action == screening.Screen
	for _, s := range c.Steps {
		switch {
		case s.Step == "picked-up" && !screened,
			s.Step == "pressed" && (s.Detail == "1" || s.Detail == "4"),
			s.Step == "kept":
			return true
		case s.Step == string(LetThrough):
			screened = false
		}
	}
	return false
}

// CanLetThrough says whether a carer can still let the call through, or say not now.
func (c callCard) CanLetThrough() bool { return c.Action != screening.TurnAway && !talking(c.Call) }
