package web

import (
	"strings"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/timeline"
)

// became says what became of a call, or what it is at, in a sentence; and how that looks: ok, warn or stop.
func became(c store.LoggedCall) (level, sentence string) {
	level = "warn"
	switch c.Outcome {
	case "talked", "accepted", "let-through":
		level = "ok"
	case "sent-away", "turned-away":
		level = "stop"
	}
	sentence = timeline.Summary(c)
	if !strings.HasSuffix(sentence, "…") {
		sentence += "."
	}
	return level, sentence
}

// CanLetThrough says whether a carer can still let the call through, or say not now.
func (c callCard) CanLetThrough() bool {
	return c.Action != screening.TurnAway && !timeline.Talking(c.Call)
}
