package calllog

import (
	"fmt"
	"strings"
	"time"
)

// words are the contract's words for the values of a detail. Read turns them back into values.
type words[V ~string] map[V]string

// of returns a value from a newer version unchanged.
func (w words[V]) of(v V) string {
	if text, known := w[v]; known {
		return text
	}
	return string(v)
}

func (w words[V]) value(text string) V {
	for v, words := range w {
		if words == text {
			return v
		}
	}
	return V(text)
}

var (
	phonesWords = words[Phones]{
		HomePhones: "", CarersPhone: "the carer's telephone", HomeAndCarersPhone: "the telephones in the home and the carer's",
		UnscreenedPhones: "without the call screener",
	}
	noAnswerWords = words[WhyNoAnswer]{
		NobodyAnswered: "no telephone was answered", Unreachable: "no telephone is there",
		NotRegistered: "no telephone is there: it has not registered",
	}
	secondCallWords = words[WhySecondCall]{
		OnAnotherCall: "the household was on another call", RingingAlready: "the telephones were ringing for somebody else",
	}
	suspectedWords = words[WhySuspected]{
		TalkedOverQuestion: "talked through the question and the tone", TalkedOn: "was still talking when the time was over",
		SaidSo: "said what recordings say",
	}
	keyWords      = words[Key]{KeyNone: "nothing", KeyToMessage: "1, to leave a message"} // a key is its own word
	carerKeyWords = words[CarerKey]{
		CarerLetThrough: "let through", CarerNotNow: "told “not now”", CarerSendAway: "sent away as a scam",
	}
	notAllowedWords = words[WhyNotAllowed]{
		NoNumber:       "there is no number to know the caller by",
		OfficialNumber: "anyone can show this number, so it can't be a contact's",
	}
	faultWords = words[Effect]{
		RangUnscreened: "the telephones ring without screening", MessageLost: "the message could not be kept",
	}
	scriptWords = words[ScriptAction]{
		ScriptWatched: "only noted, as the household has chosen", ScriptWarned: "the household was warned",
		ScriptMessage: "could only leave a message", ScriptTurnedAway: "turned away",
	}
)

const (
	wordsAsked      = "ask-name"
	wordsAskedAgain = "ask-name-again"
	wordsSecondCall = "*2"
	wordsInARow     = "%d in a row"
	// A carer's key reads "let through by Anna, on the page".
	carerWordsBy    = " by "
	carerWordsWhere = ", on the page"
	scriptWordsWhy  = ": " // "strong: Says it's your bank."
)

// lengthWords is a length to a tenth of a second; "" where it is not known.
func lengthWords(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.Round(100 * time.Millisecond).String()
}

func lengthOf(text string) time.Duration {
	d, _ := time.ParseDuration(text) // 0: not known
	return d
}

func askedOf(text string) (Step, bool) {
	return Asked{Again: text == wordsAskedAgain}, text == "" || text == wordsAsked || text == wordsAskedAgain
}

func pickedUpOf(text string) (Step, bool) {
	return PickedUp{SecondCall: text == wordsSecondCall}, text == "" || text == wordsSecondCall
}

func wrongPassCodeOf(text string) (Step, bool) {
	var s WrongPassCode
	_, err := fmt.Sscanf(text, wordsInARow, &s.InARow)
	return s, err == nil && s.words() == text
}

func scriptOf(text string) (Step, bool) {
	level, reasons, is := strings.Cut(text, scriptWordsWhy)
	return Script{Level: ScriptLevel(level), Reasons: reasons}, is
}

func carerPressedOf(text string) (Step, bool) {
	for key, words := range carerKeyWords {
		if by, is := strings.CutPrefix(text, words+carerWordsBy); is {
			return CarerPressed{Key: key, By: strings.TrimSuffix(by, carerWordsWhere)}, true
		}
	}
	return nil, false
}
