package screening

import (
	"cmp"
	"slices"
	"time"
)

// secondCall is how soon a contact's second call has to follow the first; mobile phones use the same three minutes.
const secondCall = 3 * time.Minute

// clockSkew is by how much a call may seem to come before the emergency call that it answers. The clocks of the telephone system and of the
// program differ, and a small computer without a battery sets its clock only once it has the internet. It is bounded so that an emergency
// call noted under a wrong date in the future does not open the door until then.
const clockSkew = 5 * time.Minute

// Decide says what to do with a call (docs/rules.md). The first rule that applies decides; the reasons of all that apply are kept, the deciding
// one first:
//
//	a. emergency: for some hours after the household rang for help every call rings, even one with a false number, because nobody
//	   knows what the ambulance's call will look like. Unless forged, the household's own alarm centre rings, and so does a number
//	   that is never blocked (101, a helpline) for a day after the household has rung it. At other times such a number is screened,
//	   with a warning, in any mode and at any hour: it must not be lost, and proves nothing
//	b. a contact rings, unless forged; in quiet hours the household may have chosen a message, but a second call within three minutes
//	   rings. A contact who has only the beginning of the number gives way to a block that is more exact
//	   - a phone or the door bell of the line's own router rings
//	c. the household's own block turns away
//	d. forged, impossible, or the household's own number: screened at least, with a warning
//	e. a shared list at or above the threshold turns away; below it, or if the list may only warn (nobody has signed it, or it is past
//	   its time): screened at least, with a warning. An entry that has expired is as if it were not there. A call that the network
//	   marks as spam, in place of the caller's name, is screened at least
//	   - a number that the household itself has rung within a year rings, if the household has chosen so
//	f. the policy for kinds of callers (callerKinds), the first of them that has an action; for the caller's country instead of international,
//	   if the household has a rule for it
//	g. the mode at the time of the call
//
// Where the household has chosen so, a stranger whom g would screen rings if they were screened minutes ago, and strangers whom f and g would ring or
// screen may only leave a message just after somebody was sent away.
//
// In quiet hours, callers whom f and g would ring or screen may only leave a message. While a call is expected, callers whom they would screen
// or offer a message ring.
//
// Screened at least (d, e) means that f, g and quiet hours decide if they are stricter. Otherwise a caller with a false or reported number
// would be better off than an honest stranger who may only leave a message, and could ring a household in its sleep. If they are milder,
// the caller is screened: a false or reported number rings in no mode but watch and off, and never because a call is expected.
//
// Forged means that the network itself says so (Caller.Forged). A number that is merely Doubtful decides nothing and only adds the warning.
// Watch and off overrule all rules: the phone rings, and Verdict.Would says what would have been done in the mode ask.
//
// Settings that this version does not know never make a household stricter than it chose: an unknown mode is taken for ask (in the schedule it
// is skipped), an unknown action of the policy leaves its kind to the mode and means ring for contacts in quiet hours, an unknown farewell
// of a block is the inspection message, an unknown human check is none, and a threshold that is not a number is DefaultThreshold.
func Decide(call Call, house Household, known Knowledge) Verdict {
	known = known.Settled()
	found := slices.Concat(
		emergency(call, house, known),
		alarmCentre(call, house),
		neverBlocked(call, house, known),
		contact(call, house, known),
		internal(call),
		block(house, known),
		falseNumber(call, house, known),
		lists(call, house, known),
		spamName(call),
		ownReport(house, known),
	)
	decisive := slices.IndexFunc(found, finding.decides)
	open := len(found) // from here on: the findings for callers on whom a to e have not decided
	found = slices.Concat(found, rungByHousehold(call, house, known), policy(call, house))
	if decisive < 0 || found[decisive].least {
		usual := leftOpen(call, house, known, found[open:], decisive >= 0)
		if decisive < 0 || strictness(usual.action) > strictness(found[decisive].action) {
			decisive = slices.Index(found, usual)
		}
		if decisive < 0 {
			decisive = len(found)
			found = append(found, usual)
		}
	}
	verdict := conclude(found, decisive)
	if mode := house.ModeAt(call.At); mode == Watch || mode == Off {
		return overruled(verdict, mode)
	}
	if verdict.Action == Screen && !verdict.Official {
		verdict.Check, verdict.CheckIf = mustProve(call.Caller, house.HumanCheck), house.HumanCheck == CheckSuspicious
	}
	return verdict
}

// conclude makes the verdict of the deciding finding, with the reasons and warnings of all findings.
func conclude(found []finding, decisive int) Verdict {
	verdict := Verdict{
		Action:   found[decisive].action,
		Would:    found[decisive].action,
		Farewell: found[decisive].farewell,
		Reasons:  []Reason{found[decisive].reason},
		Quiet:    found[decisive].reason.Code == CodeQuiet,
		Expected: found[decisive].reason.Code == CodeExpected,
		Official: found[decisive].reason.Code == CodeNeverBlocked,
	}
	decided := found[decisive]
	for i, f := range found {
		if i != decisive && !f.again && (!decided.again || f.reason.Code != decided.reason.Code) {
			verdict.Reasons = append(verdict.Reasons, f.reason)
		}
		if f.warning != "" && !slices.Contains(verdict.Warnings, f.warning) {
			verdict.Warnings = append(verdict.Warnings, f.warning)
		}
	}
	return verdict
}

// strictness orders actions by how far they keep a caller from the household.
func strictness(action Action) int {
	return slices.Index([]Action{Ring, Screen, Message, TurnAway}, action)
}

// mustProve says whether a screened caller must prove that they are human.
func mustProve(caller Caller, check HumanCheck) bool {
	return check == CheckAlways || check == CheckHidden && (caller.Presentation != Allowed || caller.International)
}

// overruled is the verdict in a mode in which everything rings.
func overruled(verdict Verdict, mode Mode) Verdict {
	verdict.Reasons = slices.Insert(verdict.Reasons, 0, overruledReason(mode, verdict.Would))
	verdict.Action = Ring
	verdict.Farewell = ""
	verdict.Quiet = false
	verdict.Expected = false // the expectation is kept for when it is needed
	verdict.Official = false
	return verdict
}

// finding is what a rule says of a call.
type finding struct {
	reason   Reason
	action   Action   // "" where the rule only informs
	farewell Farewell // for TurnAway
	warning  Warning  // "" for none
	least    bool     // the action gives way to a stricter one of the rules after e
	again    bool     // what the household has chosen for what an earlier finding says
}

func (f finding) decides() bool { return f.action != "" }

// emergency is the first part of rule a.
func emergency(call Call, house Household, known Knowledge) []finding {
	if !within(call.At, known.Emergency, house.AfterHelp()) {
		return nil
	}
	return []finding{{action: Ring, reason: emergencyReason(call.At.Sub(known.Emergency))}}
}

// alarmCentre is the second part of rule a. Which centre its pendant rings, only the household knows.
func alarmCentre(call Call, house Household) []finding {
	if call.Caller.Number == "" || call.Caller.Forged || !slices.Contains(house.Telecare, call.Caller.Number) {
		return nil
	}
	return []finding{{action: Ring, reason: telecareReason}}
}

// callBack is how long a number that is never blocked rings after the household has rung it.
const callBack = 24 * time.Hour

// neverBlocked is the third part of rule a. Such a number is the best one to fake: a courier fraudster who shows 101 is the police to whoever
// believes it. So it is announced with a warning, unless the household has asked for the call by ringing that number. If the network says
// that it is forged, the rule does not apply.
func neverBlocked(call Call, house Household, known Knowledge) []finding {
	whose, ok := NeverBlocked(call.Caller.Number, house.Region)
	switch {
	case !ok || call.Caller.Forged:
		return nil
	case within(call.At, known.Dialled, callBack):
		return []finding{{action: Ring, reason: callBackReason(whose)}}
	default:
		return []finding{{action: Screen, warning: WarnOfficial, reason: neverBlockedReason(whose)}}
	}
}

// contact is rule b. A second call within minutes may be urgent; from anybody but a contact it might just be a robot.
func contact(call Call, house Household, known Knowledge) []finding {
	if known.Contact == nil || call.Caller.Forged || known.Contact.Beginning != "" && call.Caller.Number == house.Number {
		return nil // the line's own number is false, whoever has its beginning
	}
	reason := contactReason(*known.Contact)
	switch {
	case house.Times.QuietContacts != Message || !house.QuietAt(call.At) || call.Caller.Internal: // whom nobody has named rings at night, too
		return []finding{{action: Ring, reason: reason}}
	case within(call.At, known.Before, secondCall):
		return []finding{{action: Ring, reason: secondCallReason}, {reason: reason}}
	default:
		return []finding{{action: Message, reason: quietContactReason}, {reason: reason}}
	}
}

// internal is the rule between b and c: somebody in the house, or at its door. Networks let nobody outside show two or three digits.
func internal(call Call) []finding {
	if !call.Caller.Internal || call.Caller.Forged {
		return nil
	}
	return []finding{{action: Ring, reason: internalReason}}
}

// within says whether then is no longer ago than duration.
func within(now, then time.Time, duration time.Duration) bool {
	since := now.Sub(then)
	return !then.IsZero() && since >= -clockSkew && since <= duration
}

// block is rule c.
func block(house Household, known Knowledge) []finding {
	if known.Block == nil {
		return nil
	}
	farewell := known.Block.Farewell
	if !slices.Contains(Farewells(), farewell) {
		farewell = Inspection
	}
	return []finding{{action: TurnAway, farewell: farewell, reason: blockReason(*known.Block, house.Region)}}
}

// falseNumber is rule d, with the warning for a doubtful number.
func falseNumber(call Call, house Household, known Knowledge) []finding {
	caller := call.Caller
	var found []finding
	if caller.Forged {
		found = append(found, finding{action: Screen, least: true, warning: WarnForged, reason: forgedReason(known.Contact)})
	}
	if caller.Number != "" && caller.Number == house.Number {
		found = append(found, finding{action: Screen, least: true, warning: WarnForged, reason: ownNumberReason})
	}
	if caller.Impossible {
		found = append(found, finding{action: Screen, least: true, warning: WarnForged, reason: impossibleReason})
	}
	if caller.Doubtful {
		found = append(found, finding{warning: WarnForged, reason: doubtfulReason})
	}
	return found
}

// lists is rule e, with a finding for each entry that counts; none on the household's own alarm centre, which publishers do not know. Those that turn
// away come first, the surest of them at the front: it decides. Entries that are equally sure are put in the order of their texts, so that the order
// in which the store found them makes no difference.
func lists(call Call, house Household, known Knowledge) []finding {
	type listed struct {
		finding
		confidence float64
	}
	var entries []listed
	if slices.Contains(house.Telecare, call.Caller.Number) {
		return nil
	}
	for _, entry := range known.Entries {
		if entry.Counts(call.At) {
			entries = append(entries, listed{ofEntry(entry, house, call.At), entry.Confidence})
		}
	}
	turns := func(l listed) int {
		if l.action == TurnAway {
			return 1
		}
		return 0
	}
	slices.SortFunc(entries, func(a, b listed) int {
		return cmp.Or(cmp.Compare(turns(b), turns(a)), cmp.Compare(b.confidence, a.confidence),
			cmp.Compare(a.reason.Text, b.reason.Text), cmp.Compare(a.reason.List, b.reason.List))
	})
	var found []finding
	for _, l := range entries {
		found = append(found, l.finding)
	}
	return found
}

// ofEntry is the finding for one entry. If nobody has signed its list, or the list is out of date, it only warns.
func ofEntry(entry Entry, house Household, at time.Time) finding {
	found := finding{action: Screen, least: true, warning: WarnReported}
	switch {
	case entry.TurnsAway(house, at):
		found.action, found.farewell, found.least = TurnAway, Inspection, false
		found.reason = listReason(entry, house.SureFrom())
	case entry.past(at):
		found.reason = pastReason(entry, house.Local(entry.ValidUntil))
	case entry.Unsigned:
		found.reason = unsignedReason(entry)
	default:
		found.reason = reportedReason(entry, house.SureFrom())
	}
	return found
}

// spamName is the part of rule e for networks, which mark calls in place of the caller's name as a list does that may only warn.
func spamName(call Call) []finding {
	if !call.Caller.SpamName {
		return nil
	}
	return []finding{{action: Screen, least: true, warning: WarnSpamName, reason: Reason{Code: CodeSpamName, Text: spamNameFact}}}
}

// ownReport only informs: a household that wants to turn a number away blocks it.
func ownReport(house Household, known Knowledge) []finding {
	if known.Reported.IsZero() || known.Contact != nil {
		return nil
	}
	return []finding{{reason: ownReportReason(house.Local(known.Reported))}}
}
