package calllog

import (
	"fmt"
	"time"
)

// Step is something that happened in a call. Its type says what, its fields the details.
type Step interface {
	kind() Kind
	words() string
}

// KindOf is the word by which the log and its contracts name a step.
func KindOf(s Step) Kind { return s.kind() }

// WordsOf returns a step's details as `ringfence calls --json` and /api/v1 show them, "" for none. They are a contract.
func WordsOf(s Step) string { return s.words() }

// Kind is the word of a step. It is a contract.
type Kind string

const (
	KindAsked           Kind = "asked"
	KindSaid            Kind = "said"
	KindSuspected       Kind = "suspected"
	KindPassedCheck     Kind = "proven"
	KindFailedCheck     Kind = "not-proven"
	KindPassCode        Kind = "pass-code"
	KindWrongPassCode   Kind = "pass-code-wrong"
	KindPassCodeRefused Kind = "pass-code-refused"
	KindSpamLookup      Kind = "others"
	KindRang            Kind = "rang"
	KindPickedUp        Kind = "picked-up"
	KindNoAnswer        Kind = "no-answer"
	KindSecondCall      Kind = "second-call"
	KindPressed         Kind = "pressed"
	KindCarerPressed    Kind = "carer"
	KindNotAllowed      Kind = "not-allowed"
	KindAllowedInCall   Kind = "kept"
	KindSentAwayInCall  Kind = "sent-away"
	KindLeftMessage     Kind = "message"
	KindNoRoom          Kind = "no-room"
	KindFault           Kind = "fault"
	KindScript          Kind = "script"
	KindScriptResult    Kind = "script-result"
	KindOpinion         Kind = "opinion"
)

// The steps of a caller who is asked who they are.
type (
	// Asked says that the caller was asked who they are. Again: for the second time, after saying nothing.
	Asked struct {
		Again bool `json:"again,omitempty"`
	}
	// Said says that what the caller said of themselves was kept.
	Said struct {
		Length time.Duration `json:"length_ns"`
	}
	// Suspected says that the caller talked as a recording does. They are asked for a key, if the call comes so far.
	Suspected struct {
		Why WhySuspected `json:"why"`
	}
	// PassedCheck says that the caller pressed the key that was asked for, as a recorded call would not.
	PassedCheck struct{}
	// FailedCheck says that the caller did not.
	FailedCheck struct{}
	// PassCode says that the caller keyed somebody's pass code, and was let through.
	PassCode struct {
		Name string `json:"name"`
	}
	// WrongPassCode says that the caller keyed a wrong one, and how many wrong ones in a row there have been in all calls to the household.
	WrongPassCode struct {
		InARow int `json:"in_a_row"`
	}
	// PassCodeRefused says that the caller keyed one while none was accepted, after too many wrong ones.
	PassCodeRefused struct{}
	// SpamLookup is the answer of a service that was asked about the number.
	SpamLookup struct {
		Text string `json:"text"`
	}
	// Script says that what the caller said sounds like a sales call or a scam. It is the opinion of a machine about what a machine has read.
	Script struct {
		Level   ScriptLevel `json:"level"`
		Reasons string      `json:"reasons"` // sentences
	}
	// Opinion says that a language model warns of what the caller said. Why is kept with the recording, as it may have the caller's words in it.
	Opinion struct {
		Level ScriptLevel `json:"level"`
	}
	// ScriptResult says what came of either.
	ScriptResult struct {
		Result ScriptAction `json:"result"`
	}
)

// The steps of ringing, answering and deciding.
type (
	// Rang says that phones rang.
	Rang struct {
		Phones Phones `json:"phones,omitempty"`
	}
	// PickedUp says that somebody picked up; or took this call with *2, in the middle of another.
	PickedUp struct {
		SecondCall bool `json:"second_call,omitempty"`
	}
	// NoAnswer says that nobody picked up.
	NoAnswer struct {
		Why WhyNoAnswer `json:"why"`
	}
	// SecondCall says that the phones could not ring for this caller.
	SecondCall struct {
		Why WhySecondCall `json:"why"`
	}
	// Pressed says what was pressed on a phone.
	Pressed struct {
		Key Key `json:"key"`
	}
	// CarerPressed says what a carer pressed on the page.
	CarerPressed struct {
		Key CarerKey `json:"key"`
		By  string   `json:"by"`
	}
	// NotAllowed says that the household wanted to make the caller a contact, but could not.
	NotAllowed struct {
		Why WhyNotAllowed `json:"why"`
	}
	// AllowedInCall says that the household pressed *1 in the conversation, so the caller is a contact now.
	AllowedInCall struct{}
	// SentAwayInCall says that the household pressed *7 in the conversation, which sent the caller away as a scam.
	SentAwayInCall struct{}
)

// The steps of leaving a message, and of what went wrong.
type (
	// LeftMessage says that the caller left a message, which was kept.
	LeftMessage struct {
		Length time.Duration `json:"length_ns"`
	}
	// NoRoom says that there was no room for a message, and the caller was told so.
	NoRoom struct{}
	// Fault says that something went wrong in Ringfence.
	Fault struct {
		Effect Effect `json:"effect"`
	}
	// Other is a step that this version does not know: a newer one has written it.
	Other struct {
		Word   Kind
		Detail string
	}
)

// WhySuspected is why a caller was taken for a recording.
type WhySuspected string

const (
	TalkedOverQuestion WhySuspected = "over-question" // and over the tone
	TalkedOn           WhySuspected = "talked-on"     // when their time was over
	SaidSo             WhySuspected = "said-so"       // by their words
)

// ScriptLevel is how much a caller's words sound like those of a scam. The words are a contract.
type ScriptLevel string

const (
	ScriptSales  ScriptLevel = "sales"  // they sell something
	ScriptWarn   ScriptLevel = "warn"   // it may be a scam
	ScriptStrong ScriptLevel = "strong" // it sounds like a scam
)

// IsScam says that a household would be warned of a scam, not only of a sales call.
func (l ScriptLevel) IsScam() bool { return l == ScriptWarn || l == ScriptStrong }

// ScriptAction is what is done with a caller because of their words.
type ScriptAction string

const (
	ScriptWatched    ScriptAction = "watched"     // nothing but this line, as the household has chosen
	ScriptWarned     ScriptAction = "warned"      // the household heard a warning before the caller's voice
	ScriptMessage    ScriptAction = "message"     // they could only leave a message
	ScriptTurnedAway ScriptAction = "turned-away" // they heard the inspection message
)

// Phones are those that rang.
type Phones string

const (
	HomePhones         Phones = ""
	CarersPhone        Phones = "carer"
	HomeAndCarersPhone Phones = "home-and-carer"
	UnscreenedPhones   Phones = "unscreened" // by the dialplan, without this application
)

// WhyNoAnswer is why nobody answered.
type WhyNoAnswer string

const (
	NobodyAnswered WhyNoAnswer = "nobody"
	Unreachable    WhyNoAnswer = "unreachable"
	NotRegistered  WhyNoAnswer = "not-registered" // no phone was connected
)

// WhySecondCall is why the phones could not ring for a caller.
type WhySecondCall string

const (
	OnAnotherCall  WhySecondCall = "on-another-call"
	RingingAlready WhySecondCall = "ringing-already" // for somebody else
)

// Key is what was pressed on a phone in the announcement of a caller.
type Key string

const (
	KeyTake      Key = "1"
	KeyNotNow    Key = "2"
	KeyScam      Key = "3"
	KeyAlways    Key = "4"
	KeyNone      Key = "none"    // in time, so the caller was not put through
	KeyToMessage Key = "message" // 1, by the caller, who would rather leave a message than wait
)

// CarerKey is what a carer can do on the page with a call that is under way. The words are a contract with pages and /api/v1.
type CarerKey string

const (
	// CarerLetThrough stops asking: the phones ring as for a known caller, and whoever picks up is connected.
	CarerLetThrough CarerKey = "let-through"
	// CarerNotNow stops the ringing and lets the caller leave a message.
	CarerNotNow CarerKey = "not-now"
	// CarerSendAway sends the caller away as a scam: they hear the inspection message. The page blocks and reports them.
	CarerSendAway CarerKey = "away"
)

// WhyNotAllowed is why a caller could not be made a contact.
type WhyNotAllowed string

const (
	NoNumber       WhyNotAllowed = "no-number"
	OfficialNumber WhyNotAllowed = "official-number" // which anyone can show
)

// Effect is what something that went wrong led to.
type Effect string

const (
	RangUnscreened Effect = "rang-unscreened"
	MessageLost    Effect = "message-lost"
)

func (Asked) kind() Kind           { return KindAsked }
func (Said) kind() Kind            { return KindSaid }
func (Suspected) kind() Kind       { return KindSuspected }
func (PassedCheck) kind() Kind     { return KindPassedCheck }
func (FailedCheck) kind() Kind     { return KindFailedCheck }
func (PassCode) kind() Kind        { return KindPassCode }
func (WrongPassCode) kind() Kind   { return KindWrongPassCode }
func (PassCodeRefused) kind() Kind { return KindPassCodeRefused }
func (SpamLookup) kind() Kind      { return KindSpamLookup }
func (Rang) kind() Kind            { return KindRang }
func (PickedUp) kind() Kind        { return KindPickedUp }
func (NoAnswer) kind() Kind        { return KindNoAnswer }
func (SecondCall) kind() Kind      { return KindSecondCall }
func (Pressed) kind() Kind         { return KindPressed }
func (CarerPressed) kind() Kind    { return KindCarerPressed }
func (NotAllowed) kind() Kind      { return KindNotAllowed }
func (AllowedInCall) kind() Kind   { return KindAllowedInCall }
func (SentAwayInCall) kind() Kind  { return KindSentAwayInCall }
func (LeftMessage) kind() Kind     { return KindLeftMessage }
func (NoRoom) kind() Kind          { return KindNoRoom }
func (Fault) kind() Kind           { return KindFault }
func (Script) kind() Kind          { return KindScript }
func (ScriptResult) kind() Kind    { return KindScriptResult }
func (Opinion) kind() Kind         { return KindOpinion }
func (s Other) kind() Kind         { return s.Word }

func (s Asked) words() string {
	if s.Again {
		return wordsAskedAgain
	}
	return wordsAsked
}

func (s PickedUp) words() string {
	if s.SecondCall {
		return wordsSecondCall
	}
	return ""
}

func (s WrongPassCode) words() string { return fmt.Sprintf(wordsInARow, s.InARow) }
func (s CarerPressed) words() string {
	return carerKeyWords.of(s.Key) + carerWordsBy + s.By + carerWordsWhere
}
func (s Said) words() string          { return lengthWords(s.Length) }
func (s LeftMessage) words() string   { return lengthWords(s.Length) }
func (s PassCode) words() string      { return s.Name }
func (s SpamLookup) words() string    { return s.Text }
func (s Suspected) words() string     { return suspectedWords.of(s.Why) }
func (s Rang) words() string          { return phonesWords.of(s.Phones) }
func (s NoAnswer) words() string      { return noAnswerWords.of(s.Why) }
func (s SecondCall) words() string    { return secondCallWords.of(s.Why) }
func (s Pressed) words() string       { return keyWords.of(s.Key) }
func (s NotAllowed) words() string    { return notAllowedWords.of(s.Why) }
func (s Fault) words() string         { return faultWords.of(s.Effect) }
func (s Script) words() string        { return string(s.Level) + scriptWordsWhy + s.Reasons }
func (s ScriptResult) words() string  { return scriptWords.of(s.Result) }
func (s Opinion) words() string       { return string(s.Level) }
func (s Other) words() string         { return s.Detail }
func (PassedCheck) words() string     { return "pressed the key that was asked for" }
func (FailedCheck) words() string     { return "did not press the key that was asked for" }
func (PassCodeRefused) words() string { return "waiting after too many wrong ones" }
func (AllowedInCall) words() string   { return "*1: always let through from now on" }
func (SentAwayInCall) words() string  { return "*7 in the conversation" }
func (NoRoom) words() string          { return "there was no room for a message" }
