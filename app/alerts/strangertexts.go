package alerts

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/timeline"
)

// strangerText is what an alert says about a stranger on the line, at one moment of the call.
type strangerText struct {
	Title, Text string
	Answered    bool // they wait no longer: somebody has answered, or they are being sent away, or the call is over
}

// answeredHash begins the hash of a text that says that the stranger waits no longer.
const answeredHash = "answered "

// hash tells texts apart, without keeping what they say.
func (t strangerText) hash() string {
	sum := sha256.Sum256([]byte(t.Title + "\n" + t.Text))
	if t.Answered {
		return answeredHash + hex.EncodeToString(sum[:])
	}
	return hex.EncodeToString(sum[:])
}

// saysTheyWait says whether what a channel was sent last, by its hash, says that the stranger waits.
func saysTheyWait(hash string) bool { return hash != "" && !strings.HasPrefix(hash, answeredHash) }

// aboutStranger is what to say about a call now; false if there is no stranger in it of whom anybody should know. alerted says that somebody has been
// alerted to it: from then on it is told to its end. words says that whoever gets it may have what the caller said.
func aboutStranger(h home, title string, c store.LoggedCall, alerted, words bool) (t strangerText, is bool) {
	spoken, suspected := hasSpoken(c.Call)
	if c.Action != screening.Screen || !alerted && (!spoken || suspected) {
		return t, false
	}
	who := screening.Capital(whoRang(c, h.Region))
	if how := dealtWith(c); how != "" {
		return strangerText{Title: "No stranger is waiting now: " + title, Text: who + ": " + how + ".", Answered: true}, true
	}
	lines := []string{who}
	if suspected {
		lines = append(lines, "This seems to be a recorded call.")
	}
	if words {
		if r, _ := c.Recording(calllog.RecordedName); r.Text != "" {
			lines = append(lines, saidWords(r.Words))
		}
	}
	return strangerText{Title: "A stranger is on the line: " + title, Text: strings.Join(append(lines, warningsOf(c, words)...), "\n")}, true
}

// saidWords is what a machine has read in what a caller said.
func saidWords(w store.Words) string {
	text := "“" + harmless(w.Text, mostWords) + "”"
	if w.Unsure {
		text += " (The machine that wrote this down isn’t sure.)"
	}
	return text
}

// hasSpoken says whether the caller has said who they are, or the telephones ring for them in any case, and whether they seem to be a recorded call. Such
// a caller has to show first that they are a person: most never do.
func hasSpoken(c store.Call) (spoken, suspected bool) {
	for _, s := range c.Steps {
		switch s.Step.(type) {
		case calllog.Rang:
			return true, false
		case calllog.Said:
			spoken = true
		case calllog.Suspected:
			suspected = true
		case calllog.PassedCheck:
			suspected = false
		}
	}
	return spoken, suspected
}

// dealtWith says in a few words who has dealt with the caller, or how the call ended; "" while they wait.
func dealtWith(c store.LoggedCall) string {
	switch {
	case timeline.SentAway(c.Call), c.Outcome == calllog.SentAway:
		return sentAwayBy(c.Call)
	case c.Outcome.Talked(), c.Ended.IsZero() && timeline.Talking(c.Call):
		return "answered"
	case c.Outcome == calllog.CallerGone:
		return "they hung up"
	case !c.Ended.IsZero():
		return lowered(timeline.Summary(c))
	}
	return dealtWithSoFar(c)
}

// dealtWithSoFar is dealtWith for a call in progress. Phones that ring for the caller undo what is written before it, but not what a carer or a pass code has done.
func dealtWithSoFar(c store.LoggedCall) string {
	rings := false
	for _, s := range slices.Backward(c.Steps) {
		how := ""
		switch step := s.Step.(type) {
		case calllog.CarerPressed:
			return calllog.WordsOf(step)
		case calllog.PassCode:
			return "they knew a pass code"
		case calllog.Rang:
			rings = true
		case calllog.Pressed, calllog.NoAnswer:
			how = lowered(strings.TrimSuffix(timeline.Summary(c), "…"))
		case calllog.SecondCall:
			how = "the household is on another call"
			if step.Why == calllog.RingingAlready {
				how = "the phone is ringing for another caller"
			}
		case calllog.ScriptResult:
			how = scriptResults[step.Result]
		}
		if how != "" && !rings {
			return how
		}
	}
	return ""
}

// scriptResults are those that keep a caller from being answered.
var scriptResults = map[calllog.ScriptAction]string{
	calllog.ScriptMessage:    "sounded like a scam, and can only leave a message",
	calllog.ScriptTurnedAway: "turned away: sounded like a scam",
}

func sentAwayBy(c store.Call) string {
	for _, s := range c.Steps {
		if carer, is := s.Step.(calllog.CarerPressed); is && carer.Key == calllog.CarerSendAway {
			return calllog.WordsOf(carer)
		}
	}
	return "sent away as a scam by the household"
}

func lowered(text string) string {
	if text == "" {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}

// warningsOf are what to be careful of: what the caller's words sound like, and what is known of their number. Why the words sound like that gives away
// what they said.
func warningsOf(c store.LoggedCall, words bool) (lines []string) {
	if !words {
		c = timeline.WithoutWords(c)
	}
	watched := slices.ContainsFunc(c.Steps, func(s store.Step) bool { return s.Step == calllog.ScriptResult{Result: calllog.ScriptWatched} })
	if _, sentences, sounds := timeline.Script(c.Call); sounds && !watched {
		lines = append(lines, harmless(sentences, mostWords))
	}
	for _, r := range c.Reasons {
		if slices.Contains(warningReasons, r.Code) {
			lines = append(lines, harmless(r.Text, 200))
		}
	}
	return lines
}

// warningReasons are the reasons for which the household is warned before it hears a caller.
var warningReasons = []screening.Code{
	screening.CodeForged, screening.CodeOwnNumber, screening.CodeImpossible, screening.CodeDoubtful, screening.CodeList, screening.CodeReported, screening.CodeOwnReport,
	screening.CodeNeverBlocked,
}
