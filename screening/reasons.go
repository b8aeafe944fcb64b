package screening

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
)

// The codes of all reasons, in the order of the rules.
const (
	CodeWatch        Code = "watch"         // the mode watch: everything rings
	CodeOff          Code = "off"           // the mode off: everything rings
	CodeEmergency    Code = "emergency"     // the household rang for help not long ago
	CodeTelecare     Code = "telecare"      // the household's own alarm centre
	CodeCallBack     Code = "call-back"     // a number that is never blocked, which the household has rung within a day
	CodeNeverBlocked Code = "never-blocked" // the number is never blocked, such as 101, and proves nothing: announced with a warning
	CodeContact      Code = "contact"       // a contact
	CodeSecondCall   Code = "second-call"   // a contact in quiet hours, for the second time within minutes
	CodeInternal     Code = "internal"      // a phone or the door bell of the line's own router
	CodeBlock        Code = "block"         // the household's own block
	CodeForged       Code = "forged"        // the network says that the number is false
	CodeOwnNumber    Code = "own-number"    // the caller shows the household's own number
	CodeImpossible   Code = "impossible"    // the number shown cannot exist
	CodeDoubtful     Code = "doubtful"      // the number may be false; never decides
	CodeList         Code = "list"          // a shared list at or above the threshold
	CodeReported     Code = "reported"      // a shared list below the threshold, or one that may only warn
	CodeOwnReport    Code = "own-report"    // the household has reported the number itself; never decides
	CodeDialled      Code = "dialled"       // the household itself has rung the number
	CodeUnknown      Code = "unknown"       // nothing before decided: the mode does
	CodeQuiet        Code = "quiet"         // quiet hours: what would have rung or been screened may leave a message
	CodeExpected     Code = "expected"      // the household is expecting a call
	CodeSecondTry    Code = "second-try"    // a stranger who was asked before rings again within minutes
	CodeHeld         Code = "held"          // a stranger rings just after somebody was sent away
)

// The codes of calls on which no rule has decided.
const (
	CodeNoApplication Code = "no-application"  // the dialplan rang by itself
	CodeUnreadable    Code = "unreadable-call" // Asterisk could not report the call
	CodeLost          Code = "lost-call"       // its entry in the log was lost
	CodeTooMany       Code = "too-many-calls"  // the caller got the engaged tone
)

// Codes lists the codes, in the order of the rules.
func Codes() []Code {
	codes := []Code{
		CodeWatch,
		CodeOff,
		CodeEmergency,
		CodeTelecare,
		CodeCallBack,
		CodeNeverBlocked,
		CodeContact,
		CodeSecondCall,
		CodeInternal,
		CodeBlock,
		CodeForged,
		CodeOwnNumber,
		CodeImpossible,
		CodeDoubtful,
		CodeList,
		CodeReported,
		CodeSpamName,
		CodeOwnReport,
		CodeDialled,
	}
	codes = append(codes, CodeCountry)
	for _, kind := range callerKinds {
		if !kind.Suspect {
			codes = append(codes, kind.Code)
		}
	}
	return append(codes, CodeUnknown, CodeSecondTry, CodeHeld, CodeQuiet, CodeExpected)
}

// The sentences are for the people who look after a household. They say what is known, not what was done, because in watch and off, or if
// another rule came first, something else was done.

// Reasons that are always the same.
var (
	telecareReason     = Reason{Code: CodeTelecare, Text: "The caller shows the number of the household's alarm centre, which always rings."}
	quietContactReason = Reason{Code: CodeQuiet, Text: "It's the household's quiet hours: contacts may leave a message, or ring again within three minutes."}
	secondCallReason   = Reason{Code: CodeSecondCall, Text: "This is a contact's second call within three minutes. It rings even in quiet hours, because it may be urgent."}
	internalReason     = Reason{Code: CodeInternal, Text: "The call comes from a phone or a door bell on the household's own router."}
	ownNumberReason    = Reason{Code: CodeOwnNumber, Text: "The caller shows the household's own number. Nobody else can have it, so it is false."}
	impossibleReason   = Reason{Code: CodeImpossible, Text: "The caller shows a number that can't exist."}
	doubtfulReason     = Reason{Code: CodeDoubtful, Text: "The caller's number may be false: it doesn't seem to be in use, or the network couldn't confirm it."}
	quietReason        = Reason{Code: CodeQuiet, Text: "It's the household's quiet hours. Unknown callers may leave a message."}
	secondTryReason    = Reason{Code: CodeSecondTry, Text: "This caller was asked who they are only minutes ago, and rings again. The household lets such calls ring."}
	heldReason         = Reason{Code: CodeHeld, Text: "The household has just sent a caller away. For a while after that, unknown callers may only leave a message."}
	expectedReason     = Reason{Code: CodeExpected, Text: "The household is expecting a call, so the next unknown caller is put through."}
)

func overruledReason(mode Mode, would Action) Reason {
	otherwise := map[Action]string{
		Ring:     "It would have rung anyway.",
		Screen:   "Otherwise Ringfence would have asked who it was.",
		Message:  "Otherwise the caller could only have left a message.",
		TurnAway: "Otherwise the caller would have been turned away.",
	}[would]
	if mode == Off {
		return Reason{Code: CodeOff, Text: "Call screening is switched off, so every call rings. " + otherwise}
	}
	return Reason{Code: CodeWatch, Text: "Ringfence is only watching, so every call rings. " + otherwise}
}

func emergencyReason(since time.Duration) Reason {
	return Reason{Code: CodeEmergency, Text: "The household rang for help " + ago(since) + ". Every call rings for some hours after that."}
}

// ago says roughly how long ago something was. A minute or less, or a time in the future, is "just now".
func ago(since time.Duration) string {
	minutes := int(since.Minutes())
	switch {
	case minutes <= 1:
		return "a moment ago"
	case minutes < 120:
		return strconv.Itoa(minutes) + " minutes ago"
	default:
		return "about " + strconv.Itoa((minutes+30)/60) + " hours ago"
	}
}

func callBackReason(whose string) Reason {
	return Reason{Code: CodeCallBack, Text: "The caller shows the number of " + whose + ", which the household rang within the last day. So it rings."}
}

func neverBlockedReason(whose string) Reason {
	return Reason{Code: CodeNeverBlocked, Text: "The caller shows the number of " + whose +
		". Anyone can fake that number, so the caller is asked who they are. It's never turned away."}
}

func contactReason(contact Contact) Reason {
	if contact.Beginning != "" {
		return Reason{Code: CodeContact, Text: "The caller shows one of the numbers of " + named(contact, "a contact") + ", which is one of the household's contacts."}
	}
	return Reason{Code: CodeContact, Text: named(contact, "The caller") + " is one of the household's contacts."}
}

func named(contact Contact, otherwise string) string {
	if name := CleanLine(contact.Name, maxText); name != "" {
		return name
	}
	return otherwise
}

func blockReason(block Block, region string) Reason {
	text := "The household has blocked this number"
	if block.Prefix {
		text = "The household has blocked all numbers that begin with " + nationalPrefix(block.Digits, region)
	}
	if note := CleanLine(block.Note, maxText); note != "" {
		text += ", with the note " + quoted(note)
	}
	return Reason{Code: CodeBlock, Text: text + "."}
}

// nationalPrefix is the beginning of a number as people of the region write it: "0909" for 44909 in Britain.
func nationalPrefix(digits, region string) string {
	digits = CleanLine(digits, maxDigits)
	own := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region))
	if area, ok := strings.CutPrefix(digits, own); ok {
		return trunkPrefix(region) + area
	}
	return "+" + digits
}

func forgedReason(contact *Contact) Reason {
	if contact == nil {
		return Reason{Code: CodeForged, Text: "The phone network says that the caller's number is false."}
	}
	return Reason{Code: CodeForged, Text: "The caller shows the number of " + named(*contact, "a contact") +
		", but the phone network says that it is false. It is probably somebody else."}
}

func listReason(entry Entry, threshold float64) Reason {
	return Reason{Code: CodeList, List: entry.List, Text: fmt.Sprintf("%s. It is %d%% sure, and callers are turned away at %d%% or more.",
		report(entry), Percent(entry.Confidence), Percent(threshold))}
}

func reportedReason(entry Entry, threshold float64) Reason {
	return Reason{Code: CodeReported, List: entry.List, Text: fmt.Sprintf("%s. It is only %d%% sure; callers are turned away at %d%% or more.",
		report(entry), Percent(entry.Confidence), Percent(threshold))}
}

func pastReason(entry Entry, local time.Time) Reason {
	return Reason{Code: CodeReported, List: entry.List, Text: fmt.Sprintf(
		"%s. It is %d%% sure, but the list has been out of date since %s. So it only warns, and turns nobody away.",
		report(entry), Percent(entry.Confidence), local.Format("2 January 2006"))}
}

func unsignedReason(entry Entry) Reason {
	return Reason{Code: CodeReported, List: entry.List, Text: fmt.Sprintf(
		"%s. It is %d%% sure, but nobody has signed the list, so it turns nobody away and only warns.",
		report(entry), Percent(entry.Confidence))}
}

// report is the beginning of a sentence about what a list says of the number.
func report(entry Entry) string {
	list := "A shared list"
	if name := CleanLine(entry.List, maxText); name != "" {
		list = "The list " + quoted(name)
	}
	number := "this number"
	if entry.Prefix {
		number = "numbers that begin like this one"
	}
	text := list + " reports " + number + " as a scam"
	// "other" is what a key on the telephone reports. It says nothing more than that it is a scam.
	if category := CleanLine(strings.ReplaceAll(entry.Category, "-", " "), maxText); category != "" && category != "other" {
		text += " (" + category + ")"
	}
	return text
}

// Percent is a confidence in per cent, for people. It rounds down, so that a confidence below the threshold never reads as if it were above. The
// small addend makes up for 0.29*100 being 28.999999999999996.
func Percent(confidence float64) int {
	if !(confidence > 0) { // true for NaN too
		return 0
	}
	return int(math.Floor(min(confidence, 1)*100 + 1e-9))
}

// ownReportReason names the day by the household's clocks.
func ownReportReason(local time.Time) Reason {
	return Reason{Code: CodeOwnReport, Text: "The household itself reported this number on " + local.Format("2 January 2006") + "."}
}

// dialledReason names the day by the household's clocks.
func dialledReason(local time.Time) Reason {
	return Reason{Code: CodeDialled, Text: "The household itself rang this number on " + local.Format("2 January 2006") + "."}
}

func unknownReason(action Action) Reason {
	const fact = "The household doesn't know this caller."
	switch action {
	case Ring:
		return Reason{Code: CodeUnknown, Text: fact + " Only blocked and reported numbers are held back here."}
	case Message:
		return Reason{Code: CodeUnknown, Text: fact + " Only people it knows get through; others may leave a message."}
	default:
		return Reason{Code: CodeUnknown, Text: fact + " Unknown callers are asked who they are."}
	}
}
