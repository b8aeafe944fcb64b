package timeline

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"

	"ringfence/calllog"
	"ringfence/screening"
)

// telling has sentences for the values of a detail; the one for "" is for a value that is not known here, because a newer Ringfence has written it.
// The value then follows it in brackets.
type telling[V ~string] map[V]string

func (t telling[V]) of(v V) string {
	text, known := t[v]
	if !known {
		text = strings.TrimSuffix(t[""], ".") + " (" + Printable(string(v)) + ")."
	}
	return text
}

var (
	phones = telling[calllog.Phones]{
		calllog.HomePhones:         "The phones rang.",
		calllog.CarersPhone:        "The carer's phone rang.",
		calllog.HomeAndCarersPhone: "The phones at home and the carer's rang.",
		calllog.UnscreenedPhones:   "The phones rang, unscreened.",
	}
	noAnswers = telling[calllog.WhyNoAnswer]{
		"":                     "Nobody picked up.",
		calllog.NobodyAnswered: "Nobody picked up.",
		calllog.Unreachable:    "No phone was connected. Are they plugged in?",
		calllog.NotRegistered:  "No phone was connected. Are they plugged in?",
	}
	keys = telling[calllog.Key]{
		"":                   "A key was pressed.",
		calllog.KeyTake:      "The household pressed 1: put through.",
		calllog.KeyNotNow:    "The household pressed 2: not now.",
		calllog.KeyScam:      "The household pressed 3: a scam.",
		calllog.KeyAlways:    "The household pressed 4: put through, and always let through from now on.",
		calllog.KeyNone:      "The household pressed no key, so the caller was not put through.",
		calllog.KeyToMessage: "The caller pressed 1, to leave a message.",
	}
	notAllowed = telling[calllog.WhyNotAllowed]{
		"":                     "Could not be made a contact.",
		calllog.NoNumber:       "Could not be made a contact: there is no number to know the caller by.",
		calllog.OfficialNumber: "Not made a contact: anyone can show this number.",
	}
	suspected = telling[calllog.WhySuspected]{
		"":                         "Talked like a recording.",
		calllog.TalkedOverQuestion: "Talked through the question, as a recording does.",
		calllog.TalkedOn:           "Was still talking after ten seconds, as a recording is.",
		calllog.SaidSo:             "Said what recordings say, such as which key to press.",
	}
	secondCalls = telling[calllog.WhySecondCall]{
		"":                     "The household was on another call.",
		calllog.OnAnotherCall:  "The household was on another call.",
		calllog.RingingAlready: "The phones were ringing for somebody else.",
	}
	faults = telling[calllog.Effect]{
		"":                     "Something went wrong in Ringfence.",
		calllog.RangUnscreened: "Something went wrong in Ringfence, so the phones rang, unscreened.",
		calllog.MessageLost:    "Something went wrong in Ringfence: it lost the message, and told the caller so.",
	}
	scripts = telling[calllog.ScriptLevel]{
		"":                   "Sounded like something.",
		calllog.ScriptSales:  "Sounds like a sales call.",
		calllog.ScriptWarn:   "This may be a scam.",
		calllog.ScriptStrong: "Sounds like a scam.",
	}
	scriptResults = telling[calllog.ScriptAction]{
		"":                       "Ringfence acted on what they said.",
		calllog.ScriptWatched:    "This was only noted, as the household has chosen: nobody heard a warning.",
		calllog.ScriptWarned:     "The household heard a warning before the caller's voice.",
		calllog.ScriptMessage:    "So they could only leave a message, as the household has chosen.",
		calllog.ScriptTurnedAway: "So they were turned away, as the household has chosen.",
	}
)

// plain are the steps that always have the same sentence.
var plain = map[calllog.Step]string{
	calllog.Asked{}:                    "Was asked who they were and why they were calling.",
	calllog.Asked{Again: true}:         "Was asked once more.",
	calllog.PassedCheck{}:              "Pressed the key that was asked for, as a recorded call would not.",
	calllog.FailedCheck{}:              "Did not press the key that was asked for: perhaps a recorded call.",
	calllog.PassCodeRefused{}:          "Keyed a pass code while none is accepted, after too many wrong ones.",
	calllog.PickedUp{}:                 "Somebody picked up.",
	calllog.PickedUp{SecondCall: true}: "The household took this call with *2; the first caller was put on hold.",
	calllog.AllowedInCall{}:            "The household pressed *1: always let through from now on.",
	calllog.SentAwayInCall{}:           "The household pressed *7 in the conversation, and the caller was sent away as a scam.",
	calllog.NoRoom{}:                   "There was no room for a message, and the caller was told so.",
}

// sentence says what happened in a step.
func sentence(step calllog.Step) string {
	if text, is := plain[step]; is {
		return text
	}
	switch s := step.(type) {
	case calllog.Said:
		return "Said who they were" + lasting(s.Length, " (%s).")
	case calllog.Suspected:
		return suspected.of(s.Why)
	case calllog.PassCode:
		return "Keyed the pass code of " + Printable(s.Name) + ", and was let through."
	case calllog.WrongPassCode:
		return fmt.Sprintf("Keyed a wrong pass code (%d in a row).", s.InARow)
	case calllog.SpamLookup:
		return Printable(s.Text) + "."
	case calllog.Rang:
		return phones.of(s.Phones)
	case calllog.NoAnswer:
		return noAnswers.of(s.Why)
	case calllog.SecondCall:
		return secondCalls.of(s.Why)
	case calllog.Pressed:
		return keys.of(s.Key)
	case calllog.CarerPressed:
		return byCarer(s) + "."
	case calllog.NotAllowed:
		return notAllowed.of(s.Why)
	case calllog.LeftMessage:
		return "Left a message" + lasting(s.Length, " of %s.")
	case calllog.Fault:
		return faults.of(s.Effect)
	case calllog.Script:
		return strings.TrimSpace(scripts.of(s.Level) + " " + oneLine(s.Reasons))
	case calllog.Opinion:
		return Opinion(s.Level)
	case calllog.ScriptResult:
		return scriptResults.of(s.Result)
	}
	// A newer Ringfence has written it.
	text := screening.Capital(strings.ReplaceAll(Printable(string(calllog.KindOf(step))), "-", " "))
	if detail := Printable(calllog.WordsOf(step)); detail != "" {
		text += " (" + detail + ")"
	}
	return text + "."
}

// Opinion says how a caller's words sound to a language model, as its own opinion; "" where it has none.
func Opinion(l calllog.ScriptLevel) string {
	if l == "" {
		return ""
	}
	return "A language model, which can be wrong, says: " + scripts.of(l)
}

// byCarer is what a carer did with a call, without a full stop: "Let through by Anna, on the page".
func byCarer(s calllog.CarerPressed) string { return screening.Capital(Printable(calllog.WordsOf(s))) }

// lasting puts a length into a format; without one it is a full stop.
func lasting(length time.Duration, format string) string {
	if length == 0 {
		return "."
	}
	return fmt.Sprintf(format, Clock(length))
}

// endings says how calls ended, by their outcome.
var endings = map[calllog.Outcome]string{
	calllog.TurnedAway:  "Heard why the call is not wanted; then Ringfence hung up.",
	calllog.SentAway:    "Heard that the household is aware of the matter, and was hung up on.",
	calllog.NoName:      "Said nothing again, and was told that the call ends.",
	calllog.NotProven:   "Was told that the call ends.",
	calllog.CallerGone:  "The caller hung up.",
	calllog.TooMany:     "Heard the engaged tone.",
	calllog.Interrupted: "How the call ended is not known: Ringfence was not running.",
}

// Clock is a length as players show it: "0:42", "12:05".
func Clock(d time.Duration) string {
	seconds := int((d + time.Second/2) / time.Second)
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// Length is how long something went on, as people say it: "42 seconds", "4 minutes", "1 hour 20 minutes".
func Length(d time.Duration) string {
	seconds := int((d + time.Second/2) / time.Second)
	minutes := (seconds + 30) / 60
	switch {
	case seconds < 60:
		return screening.Counted(seconds, "second", "seconds")
	case minutes < 60:
		return screening.Counted(minutes, "minute", "minutes")
	case minutes%60 == 0:
		return screening.Counted(minutes/60, "hour", "hours")
	default:
		return screening.Counted(minutes/60, "hour", "hours") + " " + screening.Counted(minutes%60, "minute", "minutes")
	}
}

// Done is what was done with a call, in a word or two.
func Done(action screening.Action) string {
	done := map[screening.Action]string{screening.Screen: "Screened", screening.TurnAway: "Turned away", screening.Message: "Message only"}
	return cmp.Or(done[action], "Rang")
}

// Printable is text that a stranger wrote, on one line and without invisible characters, which could reverse the direction of writing; at most 80
// characters of it.
func Printable(text string) string {
	const most = 80
	text = oneLine(text)
	if runes := []rune(text); len(runes) > most {
		text = strings.TrimSpace(string(runes[:most])) + "…"
	}
	return text
}

func oneLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text))
}
