package calllog

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// old has every step as the versions before steps had types wrote it, and as programs are still told of it.
var old = []struct {
	kind  Kind
	words string
	step  Step
}{
	{"asked", "ask-name", Asked{}},
	{"asked", "ask-name-again", Asked{Again: true}},
	{"said", "3.2s", Said{3200 * time.Millisecond}},
	{"said", "1m0.5s", Said{60500 * time.Millisecond}},
	{"suspected", "talked through the question and the tone", Suspected{TalkedOverQuestion}},
	{"suspected", "was still talking when the time was over", Suspected{TalkedOn}},
	{"suspected", "said what recordings say", Suspected{SaidSo}},
	{"proven", "pressed the key that was asked for", PassedCheck{}},
	{"not-proven", "did not press the key that was asked for", FailedCheck{}},
	{"pass-code", "Joan", PassCode{"Joan"}},
	{"pass-code-wrong", "2 in a row", WrongPassCode{2}},
	{"pass-code-refused", "waiting after too many wrong ones", PassCodeRefused{}},
	{"others", "PhoneBlock: 4 votes, fraud", SpamLookup{"PhoneBlock: 4 votes, fraud"}},
	{"rang", "", Rang{}},
	{"rang", "the carer's telephone", Rang{CarersPhone}},
	{"rang", "the telephones in the home and the carer's", Rang{HomeAndCarersPhone}},
	{"rang", "without the call screener", Rang{UnscreenedPhones}},
	{"picked-up", "", PickedUp{}},
	{"picked-up", "*2", PickedUp{SecondCall: true}},
	{"no-answer", "no telephone was answered", NoAnswer{NobodyAnswered}},
	{"no-answer", "no telephone is there", NoAnswer{Unreachable}},
	{"no-answer", "no telephone is there: it has not registered", NoAnswer{NotRegistered}},
	{"second-call", "the household was on another call", SecondCall{OnAnotherCall}},
	{"second-call", "the telephones were ringing for somebody else", SecondCall{RingingAlready}},
	{"pressed", "1", Pressed{KeyTake}},
	{"pressed", "2", Pressed{KeyNotNow}},
	{"pressed", "3", Pressed{KeyScam}},
	{"pressed", "4", Pressed{KeyAlways}},
	{"pressed", "nothing", Pressed{KeyNone}},
	{"pressed", "1, to leave a message", Pressed{KeyToMessage}},
	{"carer", "let through by Anna, on the page", CarerPressed{CarerLetThrough, "Anna"}},
	{"carer", "told “not now” by Anna, on the page", CarerPressed{CarerNotNow, "Anna"}},
	{"carer", "sent away as a scam by Anna by the sea, on the page, on the page", CarerPressed{CarerSendAway, "Anna by the sea, on the page"}},
	{"not-allowed", "there is no number to know the caller by", NotAllowed{NoNumber}},
	{"not-allowed", "anyone can show this number, so it can't be a contact's", NotAllowed{OfficialNumber}},
	{"kept", "*1: always let through from now on", AllowedInCall{}},
	{"sent-away", "*7 in the conversation", SentAwayInCall{}},
	{"message", "42s", LeftMessage{42 * time.Second}},
	{"no-room", "there was no room for a message", NoRoom{}},
	{"fault", "the telephones ring without screening", Fault{RangUnscreened}},
	{"fault", "the message could not be kept", Fault{MessageLost}},
	{"script", "strong: Says it's your bank: that's a lie. Banks don't.", Script{ScriptStrong, "Says it's your bank: that's a lie. Banks don't."}},
	{"script", "warn: ", Script{ScriptWarn, ""}},
	{"opinion", "warn", Opinion{ScriptWarn}},
	{"script-result", "only noted, as the household has chosen", ScriptResult{ScriptWatched}},
	{"script-result", "the household was warned", ScriptResult{ScriptWarned}},
	{"script-result", "could only leave a message", ScriptResult{ScriptMessage}},
	{"script-result", "turned away", ScriptResult{ScriptTurnedAway}},
	// Of a version that is newer than this one.
	{"rang", "somewhere", Rang{"somewhere"}},
	{"proven", "by voice", Other{"proven", "by voice"}},
	{"pass-code-wrong", "2 in a row, and more", Other{"pass-code-wrong", "2 in a row, and more"}},
	{"script", "worrying", Other{"script", "worrying"}},
	{"carer", "put on hold by Anna, on the page", Other{"carer", "put on hold by Anna, on the page"}},
	{"transferred", "to the neighbour", Other{"transferred", "to the neighbour"}},
}

func TestOldSentencesAreRead(t *testing.T) {
	for _, o := range old {
		if got := Read(o.kind, o.words); got != o.step {
			t.Errorf("%s %q is read as %#v, not %#v", o.kind, o.words, got, o.step)
		}
	}
}

// Programs are told the same words of a step, whether its row is old or new.
func TestWordsStayTheSame(t *testing.T) {
	for _, o := range old {
		if o.step.kind() != o.kind || o.step.words() != o.words {
			t.Errorf("%#v is told as %s %q, not %s %q", o.step, o.step.kind(), o.step.words(), o.kind, o.words)
		}
	}
}

func TestEveryStepRoundTrips(t *testing.T) {
	told := map[Kind]bool{}
	for _, o := range old {
		kind, detail := Stored(o.step)
		if got := Read(kind, detail); got != o.step || kind != o.kind {
			t.Errorf("%#v is stored as %s %s, and read as %#v", o.step, kind, detail, got)
		}
		told[kind] = true
	}
	for kind := range readers {
		if !told[kind] {
			t.Errorf("no step of the kind %q is tested", kind)
		}
	}
}

// Every value of a detail has words, and words of its own.
func TestDetailsAreTested(t *testing.T) {
	tested := map[string]bool{}
	for _, o := range old {
		tested[o.words] = true
	}
	for _, words := range [][]string{
		texts(phonesWords), texts(noAnswerWords), texts(secondCallWords), texts(suspectedWords), texts(keyWords), texts(notAllowedWords), texts(faultWords), texts(scriptWords),
	} {
		for _, text := range words {
			if !tested[text] {
				t.Errorf("%q is not tested", text)
			}
		}
	}
}

func texts[V ~string](w words[V]) (all []string) {
	for _, text := range w {
		all = append(all, text)
	}
	return all
}

// Whatever people have written never breaks what is stored.
func TestAnyTextCanBeStored(t *testing.T) {
	const text = "\"é\x00{\xff"
	for _, step := range []Step{SpamLookup{text}, PassCode{text}, Script{ScriptWarn, text}, CarerPressed{CarerNotNow, text}} {
		kind, detail := Stored(step)
		if !utf8.ValidString(detail) || strings.Contains(detail, "\x00") {
			t.Errorf("%q is stored", detail)
		}
		if got := Read(kind, detail); got.kind() != kind || !strings.Contains(got.words(), "\"é\x00{\uFFFD") {
			t.Errorf("%#v", got)
		}
	}
	for _, detail := range []string{"{", `{"name":7}`, `{"name":"x"`} {
		if got := Read(KindPassCode, detail); got != (PassCode{detail}) {
			t.Errorf("%q is read as %#v", detail, got)
		}
	}
}
