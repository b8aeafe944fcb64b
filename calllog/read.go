package calllog

import (
	"encoding/json"
	"strings"
)

// Stored is a step as the database keeps it: its kind, and its fields as JSON, "" where it has none.
func Stored(s Step) (kind Kind, detail string) {
	if other, is := s.(Other); is {
		return other.Word, other.Detail
	}
	fields, err := json.Marshal(s)
	if err != nil || string(fields) == "{}" { // strings and numbers can always be written
		return s.kind(), ""
	}
	return s.kind(), string(fields)
}

// Read returns the step in a row of the database: one as Stored writes it, or one in the contract's words, from a version whose steps had no types.
// Whatever it cannot read becomes Other.
func Read(kind Kind, detail string) Step {
	r, known := readers[kind]
	if known && strings.HasPrefix(detail, "{") {
		if s, err := r.fields(detail); err == nil {
			return s
		}
	}
	if known {
		if s, ok := r.words(detail); ok {
			return s
		}
	}
	return Other{Word: kind, Detail: detail}
}

// reader reads the details of a kind of step.
type reader struct {
	fields func(detail string) (Step, error)
	words  func(detail string) (Step, bool) // false: those are not its words
}

var readers = map[Kind]reader{
	KindAsked:           {fields[Asked], askedOf},
	KindSaid:            {fields[Said], func(text string) (Step, bool) { return Said{lengthOf(text)}, true }},
	KindSuspected:       {fields[Suspected], func(text string) (Step, bool) { return Suspected{suspectedWords.value(text)}, true }},
	KindPassedCheck:     plain[PassedCheck](),
	KindFailedCheck:     plain[FailedCheck](),
	KindPassCode:        {fields[PassCode], func(text string) (Step, bool) { return PassCode{text}, true }},
	KindWrongPassCode:   {fields[WrongPassCode], wrongPassCodeOf},
	KindPassCodeRefused: plain[PassCodeRefused](),
	KindSpamLookup:      {fields[SpamLookup], func(text string) (Step, bool) { return SpamLookup{text}, true }},
	KindRang:            {fields[Rang], func(text string) (Step, bool) { return Rang{phonesWords.value(text)}, true }},
	KindPickedUp:        {fields[PickedUp], pickedUpOf},
	KindNoAnswer:        {fields[NoAnswer], func(text string) (Step, bool) { return NoAnswer{noAnswerWords.value(text)}, true }},
	KindSecondCall:      {fields[SecondCall], func(text string) (Step, bool) { return SecondCall{secondCallWords.value(text)}, true }},
	KindPressed:         {fields[Pressed], func(text string) (Step, bool) { return Pressed{keyWords.value(text)}, true }},
	KindCarerPressed:    {fields[CarerPressed], carerPressedOf},
	KindNotAllowed:      {fields[NotAllowed], func(text string) (Step, bool) { return NotAllowed{notAllowedWords.value(text)}, true }},
	KindAllowedInCall:   plain[AllowedInCall](),
	KindSentAwayInCall:  plain[SentAwayInCall](),
	KindLeftMessage:     {fields[LeftMessage], func(text string) (Step, bool) { return LeftMessage{lengthOf(text)}, true }},
	KindNoRoom:          plain[NoRoom](),
	KindScript:          {fields[Script], scriptOf},
	KindScriptResult:    {fields[ScriptResult], func(text string) (Step, bool) { return ScriptResult{scriptWords.value(text)}, true }},
	KindOpinion:         {fields[Opinion], func(text string) (Step, bool) { return Opinion{ScriptLevel(text)}, true }},
	KindFault:           {fields[Fault], func(text string) (Step, bool) { return Fault{faultWords.value(text)}, true }},
}

func fields[S Step](detail string) (Step, error) {
	var s S
	err := json.Unmarshal([]byte(detail), &s)
	return s, err
}

// plain is the reader of a step without details, whose words are always the same.
func plain[S Step]() reader {
	return reader{fields[S], func(text string) (Step, bool) {
		var s S
		return s, text == "" || text == s.words()
	}}
}
