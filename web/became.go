package web

import (
	"strings"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/timeline"
)

// became says what became of a call, or what it is at, in a sentence; and how that looks: ok, warn or stop.
func became(c store.LoggedCall) (level, sentence string) {
	level = "warn"
	switch c.Outcome {
	case calllog.Talked, calllog.Accepted, calllog.LetThrough:
		level = "ok"
	case calllog.SentAway, calllog.TurnedAway, calllog.TooMany:
		level = "stop"
	}
	sentence = timeline.Summary(c)
	if !strings.HasSuffix(sentence, "…") {
		sentence += "."
	}
	return level, sentence
}

// CanLetThrough says whether there is something to let the call through: a caller whom the household does not know.
func (c callCard) CanLetThrough() bool { return c.CanWait() && c.Action == screening.Screen }

// CanWait says whether the caller can be asked to leave a message: they do not talk yet.
func (c callCard) CanWait() bool {
	return c.CanGo() && c.Action != screening.TurnAway && !timeline.Talking(c.Call)
}

// CanGo says whether the caller can be sent away: not one who has been already, nor one who may be help.
func (c callCard) CanGo() bool { return !timeline.SentAway(c.Call) && !c.MayBeHelp() }

// MayBeHelp says whether the caller may be help calling back, whom no key of a carer stops.
func (c callCard) MayBeHelp() bool { return (screening.Verdict{Reasons: c.Reasons}).Help() }
