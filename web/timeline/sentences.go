package timeline

import (
	"fmt"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

// telling are sentences for the details of a step; "" is for a step without one, and for a detail that is not known: that is
// then put behind it in brackets.
type telling map[string]string

// steps has every step that can be in the log.
var steps = map[string]telling{
	"asked": {
		"":               "Was asked who they were.",
		"ask-name":       "Was asked who they were and why they were calling.",
		"ask-name-again": "Had said nothing, and was asked again.",
	},
	"proven":     {"": "Pressed the key that was asked for, as a recorded call would not.", "pressed the key that was asked for": "Pressed the key that was asked for, as a recorded call would not."},
	"not-proven": {"": "Did not press the key that was asked for.", "did not press the key that was asked for": "Did not press the key that was asked for: perhaps a recorded call."},
	"rang": {
		"":                          "The telephones rang.",
		"the carer's telephone":     "The carer's telephone rang.",
		"without the call screener": "The telephones rang, without the call screener.",
		"the telephones in the home and the carer's": "The telephones in the home and the carer's rang.",
	},
	"picked-up": {"": "Somebody picked up.", "*2": "The household took this call with *2; the first caller was put on hold."},
	"no-answer": {
		"":                          "Nobody picked up.",
		"no telephone was answered": "Nobody picked up.",
		"no telephone is there":     "No telephone could be reached: they may be unplugged.",
	},
	"pressed": {
		"":                      "A key was pressed.",
		"1":                     "The household pressed 1: put through.",
		"2":                     "The household pressed 2: not now.",
		"3":                     "The household pressed 3: a scam.",
		"4":                     "The household pressed 4: put through, and always let through from now on.",
		"nothing":               "The household pressed no key, so the caller was not put through.",
		"1, to leave a message": "The caller pressed 1, to leave a message.",
	},
	"not-allowed": {
		"": "Could not be made a contact.",
		"there is no number to know the caller by":                "Could not be made a contact: there is no number to know the caller by.",
		"anyone can show this number, so it can't be a contact's": "Not made a contact: anyone can show this number.",
	},
	"second-call": {
		"": "The household was on another call.", "the household was on another call": "The household was on another call.",
		"the telephones were ringing for somebody else": "The telephones were ringing for somebody else.",
	},
	"no-room": {"": "There was no room for a message.", "there was no room for a message": "There was no room for a message, and the caller was told so."},
	"fault": {
		"":                                      "Something went wrong in Ringfence.",
		"the telephones ring without screening": "Something went wrong in Ringfence, so the telephones rang without screening.",
		"the message could not be kept":         "Something went wrong in Ringfence: the message could not be kept, and the caller was told so.",
	},
	"kept":              {"": "Always let through from now on.", "*1: always let through from now on": "The household pressed *1: always let through from now on."},
	"sent-away":         {"": "Sent away as a scam.", "*7 in the conversation": "The household pressed *7 in the conversation, and the caller was sent away as a scam."},
	"pass-code-refused": {"": "Keyed a pass code while none is accepted.", "waiting after too many wrong ones": "Keyed a pass code while none is accepted, after too many wrong ones."},
}

// spoken has the steps whose detail is a part of the sentence.
var spoken = map[string]func(detail string) string{
	"said":    func(length string) string { return "Said who they were" + lasting(length, " (%s).", ".") },
	"message": func(length string) string { return "Left a message" + lasting(length, " of %s.", ".") },
	"pass-code": func(name string) string {
		return "Keyed the pass code of " + Printable(name) + ", and was let through."
	},
	"others":          func(said string) string { return Printable(said) + "." },
	"carer":           func(did string) string { return capital(Printable(did)) + "." },
	"pass-code-wrong": func(row string) string { return "Keyed a wrong pass code (" + Printable(row) + ")." },
}

// sentence tells a step. One that is not known here, because a newer Ringfence has written it, is told as it is.
func sentence(s store.Step) string {
	if say, there := spoken[s.Step]; there {
		return say(s.Detail)
	}
	about, there := steps[s.Step]
	if !there {
		about = telling{"": capital(strings.ReplaceAll(Printable(s.Step), "-", " ")) + "."}
	}
	text, there := about[s.Detail]
	if !there {
		text = strings.TrimSuffix(about[""], ".") + " (" + Printable(s.Detail) + ")."
	}
	return text
}

func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// lasting puts a length, as the log has it, into a format; otherwise where it cannot be read.
func lasting(detail, format, otherwise string) string {
	length, err := time.ParseDuration(detail)
	if err != nil {
		return otherwise
	}
	return fmt.Sprintf(format, Clock(length))
}

// ending tells how a call ended; its outcome is known.
func ending(c store.LoggedCall) string {
	switch c.Outcome {
	case "turned-away":
		return "Heard why the call is not wanted, and was hung up on."
	case "sent-away":
		return "Heard that the household is aware of the matter, and was hung up on."
	case "no-name":
		return "Said nothing again, and was told that the call ends."
	case "not-proven":
		return "Was told that the call ends."
	case "caller-gone":
		return "The caller hung up."
	case "too-many":
		return "Heard the engaged tone."
	case "interrupted":
		return "How the call ended is not known: Ringfence was not running."
	default:
		return "The call ended."
	}
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
		return count(seconds, "second")
	case minutes < 60:
		return count(minutes, "minute")
	case minutes%60 == 0:
		return count(minutes/60, "hour")
	default:
		return count(minutes/60, "hour") + " " + count(minutes%60, "minute")
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Done is what was done with a call, in a word or two.
func Done(action screening.Action) string {
	switch action {
	case screening.Screen:
		return "Screened"
	case screening.TurnAway:
		return "Turned away"
	case screening.Message:
		return "Message only"
	default:
		return "Rang"
	}
}
