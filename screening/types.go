package screening

import (
	"slices"
	"time"
)

// Number is a telephone number in its canonical form: E.164 with the plus sign ("+442079460123"), or the digits of a short
// number that has no international form ("999", "101"), or one of the router's own phones ("**610"), or "" for none.
type Number string

// Presentation says whether the network shows the caller's number.
type Presentation string

const (
	Allowed     Presentation = "allowed"
	Withheld    Presentation = "withheld"    // the caller asked for their number to be hidden
	Unavailable Presentation = "unavailable" // the network does not know it, or cannot pass it on
)

// Identity is what the network says of a caller, untouched. All of it is hostile input.
type Identity struct {
	Number       string // Asterisk's CALLERID(num): from P-Asserted-Identity where the trunk sends one, else From
	From         string // the address in From, such as "sip:02079460123@provider.example"; "" if it is not known
	Name         string // Asterisk's CALLERID(name)
	Presentation string // Asterisk's CALLERID(num-pres), such as "allowed_not_screened" or "prohib_passed_screen"
	Forged       bool   // the network's attestation failed (verstat=TN-Validation-Failed)
	// Attestation is what the network says of its own check of the number, STIR/SHAKEN. What speaks for a caller is only here if it comes from where
	// the line's settings say that callers cannot write it.
	Attestation Attestation
}

// Attestation is what the network knows of a call, in the levels of ATIS-1000074. "" is that it says nothing.
type Attestation string

const (
	AttestedA    Attestation = "A"    // the caller is its customer, and may show this number
	AttestedB    Attestation = "B"    // the caller is its customer; it does not know the number
	AttestedC    Attestation = "C"    // it only knows where the call has come in
	AttestedNone Attestation = "none" // it says that nothing was checked
)

// Call is what the verdict needs to know of an incoming call.
type Call struct {
	At     time.Time
	Caller Caller
}

// Action is what is done with a call.
type Action string

const (
	Ring     Action = "ring"      // the phones ring at once
	Screen   Action = "screen"    // the caller is asked who they are, then announced
	Message  Action = "message"   // the caller may leave a message; no phone rings
	TurnAway Action = "turn-away" // the caller hears why they are not wanted, and is hung up on
)

// Mode is how strict a household is with callers on whom no earlier rule has decided.
type Mode string

const (
	Ask       Mode = "ask"        // the unknown are screened
	KnownOnly Mode = "known-only" // the unknown may leave a message
	BlockOnly Mode = "block-only" // the unknown ring
	Watch     Mode = "watch"      // everything rings; the log says what would have happened
	Off       Mode = "off"        // everything rings
)

// DefaultThreshold is the confidence from which a list turns callers away if the household has chosen none. A confidence is a cautious estimate, the
// lower end of what the reports allow (package evidence): from one half on, even the cautious reading says that the number is more likely a scam than
// not.
const DefaultThreshold = 0.5

// DefaultEmergency is how long every call rings after an emergency number was dialled, where the household has chosen nothing. Ambulance services
// ring back, mostly without showing a number, for as long as a patient waits; NHS England's own target for the least urgent calls is three hours, and
// several times that is not unusual.
const DefaultEmergency = 24 * time.Hour

// Household is what a household has chosen, with what ringfence.toml says of its line.
type Household struct {
	Region    string        // the line's region, ISO 3166-1 alpha-2, such as "GB"
	Number    Number        // the line's own number; "" if not known
	Mode      Mode          // "" is Ask
	Threshold float64       // the confidence from which a list turns callers away, 0 to 1; 0 or less is DefaultThreshold
	Emergency time.Duration // how long every call rings after an emergency number was dialled; 0 or less is DefaultEmergency
	Policy    Policy
	Countries Countries // what is done with callers from some countries, before Policy.International
	Times     Times

	// SecondTry is how soon a stranger who was asked before has to ring again for it to ring at once; HoldStrangers is how long strangers may only leave
	// a message after somebody was sent away. 0 or less is never.
	SecondTry, HoldStrangers time.Duration

	HumanCheck  HumanCheck
	RingDialled bool     // numbers that the household itself has rung within a year ring
	Telecare    []Number // alarm centres, which always ring; a call to one is a call for help
	DialGuard   bool     // the household is warned before it is put through to a number that is known as a scam or expensive

	ScamWords    ScamWords
	DisplayWords bool // a phone's display shows what a screened caller said

	CarerNumber Number // "" for none
	CarerWhen   CarerWhen
}

// SureFrom is the confidence from which a list turns callers away.
func (h Household) SureFrom() float64 {
	if h.Threshold > 0 { // false for NaN too
		return h.Threshold
	}
	return DefaultThreshold
}

// AfterHelp is how long every call rings after an emergency number was dialled.
func (h Household) AfterHelp() time.Duration {
	if h.Emergency > 0 {
		return h.Emergency
	}
	return DefaultEmergency
}

// HumanCheck says which screened callers must prove that they are human. An unknown value is CheckOff.
type HumanCheck string

const (
	CheckOff        HumanCheck = "off"        // so is ""
	CheckSuspicious HumanCheck = "suspicious" // those who talk as a recording does; the default of new households
	CheckHidden     HumanCheck = "hidden"     // those whose number is withheld, unavailable or international
	CheckAlways     HumanCheck = "always"
)

// ScamWords says what is done with a screened caller whose words sound like a scam, in the opinion of a machine about what a machine has read. An
// unknown value is ScamWarn.
type ScamWords string

const (
	ScamWarn ScamWords = "warn" // the household hears a warning before the caller's voice; so does ""
	// ScamWatch: nobody hears a warning, and the log says what the machine thinks.
	ScamWatch ScamWords = "watch"
	// ScamMessage and ScamTurnAway: those of whom it is sure do not reach the household. It is warned of the others.
	ScamMessage  ScamWords = "message"
	ScamTurnAway ScamWords = "turn-away"
)

// CarerWhen says which callers the carer's own telephone is rung about.
type CarerWhen string

const (
	CarerOff      CarerWhen = ""
	CarerNoAnswer CarerWhen = "no-answer" // those that nobody in the household answers
	CarerUnknown  CarerWhen = "unknown"   // those of callers whom the household does not know
	CarerAlways   CarerWhen = "always"
)

// Contact is a person who always rings.
type Contact struct {
	ID       int64
	Name     string
	Language string // in which they hear prompts, such as "fr-FR"; "" is the household's
	// Beginning is set if the contact has the first digits of the number instead of all of it, such as "44175363".
	Beginning string
}

// Farewell is what a caller who is turned away hears.
type Farewell string

// Busy and NotInService refuse a call without answering it. Robots that only note whether anybody answers learn nothing, and no caller pays. But a
// network may take a refused call elsewhere, to another line or its own voicemail, so a household has to choose it.

const (
	Inspection Farewell = "inspection" // the household is aware of the matter, and someone will inspect the machine
	NotWanted  Farewell = "not-wanted" // this household does not wish to take your call

	Busy         Farewell = "busy"           // the engaged tone
	NotInService Farewell = "not-in-service" // the tones for a number that is not in service
)

// Farewells are all that a household can choose.
func Farewells() []Farewell { return []Farewell{Inspection, NotWanted, Busy, NotInService} }

// Block is the household's own block that matches a number: an exact one before any prefix, a longer prefix before a shorter one.
type Block struct {
	ID       int64
	Digits   string // E.164 without the plus sign, or its first digits if Prefix is set
	Prefix   bool
	Note     string
	Farewell Farewell // "" is Inspection
}

// Entry is what one shared list knows about a number.
type Entry struct {
	List       string  // the list's name
	Confidence float64 // 0 to 1
	Category   string  // such as "tech-support"; may be empty
	Note       string
	Prefix     bool
	Expires    time.Time // from then on the entry no longer counts; zero if it does not expire
	ValidUntil time.Time // from then on the list may only warn, because nobody has renewed it; zero if it has no such time
	Unsigned   bool      // the list may only warn, because nobody can tell who wrote it
}

// Counts says whether an entry still counts at a time. One that has expired is as if it were not there.
func (e Entry) Counts(at time.Time) bool { return e.Expires.IsZero() || at.Before(e.Expires) }

// OnlyWarns says whether an entry may turn nobody away at a time, whatever its confidence.
func (e Entry) OnlyWarns(at time.Time) bool { return e.Unsigned || e.past(at) }

func (e Entry) past(at time.Time) bool { return !e.ValidUntil.IsZero() && !at.Before(e.ValidUntil) }

// TurnsAway says whether an entry turns a household's callers away at a time, if no earlier rule decides.
func (e Entry) TurnsAway(house Household, at time.Time) bool {
	return e.IsSure(house, at) && !e.OnlyWarns(at)
}

// IsSure says whether an entry counts at a time, and with a confidence that the household finds enough.
func (e Entry) IsSure(house Household, at time.Time) bool {
	return e.Counts(at) && e.Confidence >= house.SureFrom()
}

// Knowledge is everything that the household's store knows about a caller.
type Knowledge struct {
	Contact   *Contact
	Block     *Block
	Entries   []Entry
	Emergency time.Time // when an emergency number was last dialled from the house; zero: never
	Before    time.Time // when the same number last rang before this call; zero if never, or if it is no contact's
	Tried     time.Time // when the same number was last asked who it is, and nothing spoke against it; zero if never, or if SecondTry is off
	SentAway  time.Time // when the household last sent a caller away; zero if never, or if HoldStrangers is off
	Dialled   time.Time // when the household last rang this number; zero: never
	Reported  time.Time // when the household reported this number as a scam; zero if never, or if the report was withdrawn
}

// Settled is the knowledge without a contact who has only the beginning of the number, if the household has blocked it more exactly: a block on the
// number itself, or on a longer beginning, is what the household means.
func (k Knowledge) Settled() Knowledge {
	if b := k.Block; b != nil && k.Contact != nil && k.Contact.Beginning != "" && (!b.Prefix || len(b.Digits) > len(k.Contact.Beginning)) {
		k.Contact = nil
	}
	return k
}

// Warning is what the household hears before the caller's own voice.
type Warning string

const (
	WarnReported Warning = "reported" // a shared list knows the number
	WarnForged   Warning = "forged"   // the number that the caller shows may be false
	WarnOfficial Warning = "official" // the number is one that is never blocked, and anybody can show it
	WarnWithheld Warning = "withheld"
	WarnSpamName Warning = "spam-name" // the network takes the call for spam
)

// Code names a reason for programs. Codes are a contract: they are added, never renamed.
type Code string

// Reason is why a call is handled as it is, with a code for programs and a sentence for people. Its JSON is a contract: fields are added,
// never renamed.
type Reason struct {
	Code Code   `json:"code"`
	Text string `json:"text"`
	List string `json:"list,omitempty"` // for CodeList and CodeReported: the name of the list
}

// Verdict is what is done with a call, and why.
type Verdict struct {
	Action   Action
	Reasons  []Reason  // first the one that decided, then all others that applied, in the order of the rules
	Warnings []Warning // what the household hears before the announcement
	Farewell Farewell  // for TurnAway: what the caller hears
	Would    Action    // what would have been done without the modes watch and off; otherwise the same as Action
	Check    bool      // for Screen: the caller must prove that they are human
	CheckIf  bool      // for Screen: the caller must prove it if they talk as a recording does
	Quiet    bool      // for Message: quiet hours have decided
	Expected bool      // for Ring: because a call was expected; whoever acts on the verdict uses up the expectation first
	// Official, for Screen: the number is one that is never blocked. The household hears of the call even if the caller says nothing, because a
	// machine that warns of a flood may not speak until somebody answers.
	Official bool
}

// Help says whether a call may be help calling back: after an emergency call, from the alarm centre, or from a number that is never blocked and
// that the household has just rung. It does not matter which reason has decided.
func (v Verdict) Help() bool {
	help := []Code{CodeEmergency, CodeTelecare, CodeCallBack}
	return slices.ContainsFunc(v.Reasons, func(r Reason) bool { return slices.Contains(help, r.Code) })
}
