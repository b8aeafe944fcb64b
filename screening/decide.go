package screening

import (
	"cmp"
	"slices"
	"time"
)

// clockSkew is by how much a call may seem to come before the emergency call that it answers: the clocks of the telephone
// system and of the program differ, and a small computer without a clock of its own sets it when the internet is there.
// It is bounded, so that an emergency call noted under a wrong date in the future does not open the door until then.
const clockSkew = 5 * time.Minute

// Decide says what is done with a call. The rules are those of DESIGN.md, in its order; the first that applies decides,
// and the reasons of all that apply are kept, the deciding one first:
//
//	a. emergency: for some hours after the household rang for help every call rings, even one with a false number, for
//	   nobody knows how the ambulance's call will look; numbers that are never blocked ring, unless forged
//	b. a contact rings, unless forged
//	c. the household's own block turns away
//	d. forged, impossible, or the household's own number: screened, with a warning
//	e. a shared list at or above the threshold turns away; below it: screened, with a warning
//	f. the policy for withheld, unavailable, international and premium-rate, the first of them that has an action
//	g. the mode
//
// Forged means that the network itself says so (Caller.Forged); a number that is merely Doubtful decides nothing and only
// adds the warning. The rules before g hold in every mode: a false or reported number is screened in known-only too, where
// other unknown callers may only leave a message. Watch and off overrule all rules: the phone rings, and Verdict.Would says what would have been done,
// in both as if the mode were ask.
//
// Settings that this version does not know never make a household stricter than it chose: an unknown mode is taken for
// ask, an unknown action of the policy leaves its kind to the mode, an unknown farewell of a block is the inspection
// message, and a threshold that is no number is DefaultThreshold.
func Decide(call Call, house Household, known Knowledge) Verdict {
	found := slices.Concat(
		emergency(call, house, known),
		neverBlocked(call, house),
		contact(call, known),
		block(house, known),
		falseNumber(call, house, known),
		lists(house, known),
		policy(call, house),
	)
	decisive := slices.IndexFunc(found, func(f finding) bool { return f.action != "" })
	if decisive < 0 {
		decisive = len(found)
		found = append(found, unknown(house.Mode))
	}
	verdict := Verdict{
		Action:   found[decisive].action,
		Would:    found[decisive].action,
		Farewell: found[decisive].farewell,
		Reasons:  []Reason{found[decisive].reason},
	}
	for i, f := range found {
		if i != decisive {
			verdict.Reasons = append(verdict.Reasons, f.reason)
		}
		if f.warning != "" && !slices.Contains(verdict.Warnings, f.warning) {
			verdict.Warnings = append(verdict.Warnings, f.warning)
		}
	}
	if house.Mode == Watch || house.Mode == Off {
		return overruled(verdict, house.Mode)
	}
	return verdict
}

// overruled is the verdict in a mode in which everything rings.
func overruled(verdict Verdict, mode Mode) Verdict {
	verdict.Reasons = slices.Insert(verdict.Reasons, 0, overruledReason(mode, verdict.Would))
	verdict.Action = Ring
	verdict.Farewell = ""
	return verdict
}

// finding is what a rule has to say of a call.
type finding struct {
	reason   Reason
	action   Action   // "" where the rule only informs
	farewell Farewell // for TurnAway
	warning  Warning  // "" for none
}

// emergency is the first half of rule a.
func emergency(call Call, house Household, known Knowledge) []finding {
	if known.Emergency.IsZero() {
		return nil
	}
	window := house.Emergency
	if window <= 0 {
		window = DefaultEmergency
	}
	since := call.At.Sub(known.Emergency)
	if since < -clockSkew || since > window {
		return nil
	}
	return []finding{{action: Ring, reason: emergencyReason(since)}}
}

// neverBlocked is the second half of rule a. A number that always rings is the best one to show falsely, so the network's
// word that it is forged takes the privilege away.
func neverBlocked(call Call, house Household) []finding {
	whose, ok := NeverBlocked(call.Caller.Number, house.Region)
	if !ok || call.Caller.Forged {
		return nil
	}
	return []finding{{action: Ring, reason: neverBlockedReason(whose)}}
}

// contact is rule b.
func contact(call Call, known Knowledge) []finding {
	if known.Contact == nil || call.Caller.Forged {
		return nil
	}
	return []finding{{action: Ring, reason: contactReason(*known.Contact)}}
}

// block is rule c.
func block(house Household, known Knowledge) []finding {
	if known.Block == nil {
		return nil
	}
	farewell := known.Block.Farewell
	if farewell != NotWanted {
		farewell = Inspection
	}
	return []finding{{action: TurnAway, farewell: farewell, reason: blockReason(*known.Block, house.Region)}}
}

// falseNumber is rule d, and the warning for a doubtful number.
func falseNumber(call Call, house Household, known Knowledge) []finding {
	caller := call.Caller
	var found []finding
	if caller.Forged {
		found = append(found, finding{action: Screen, warning: WarnForged, reason: forgedReason(known.Contact)})
	}
	if caller.Number != "" && caller.Number == house.Number {
		found = append(found, finding{action: Screen, warning: WarnForged, reason: ownNumberReason()})
	}
	if caller.Impossible {
		found = append(found, finding{action: Screen, warning: WarnForged, reason: impossibleReason()})
	}
	if caller.Doubtful {
		found = append(found, finding{warning: WarnForged, reason: doubtfulReason()})
	}
	return found
}

// lists is rule e, with a finding for each entry: the surest first, which alone decides, whatever order they came in.
func lists(house Household, known Knowledge) []finding {
	threshold := house.Threshold
	if !(threshold > 0) { // so written, NaN counts as not chosen too
		threshold = DefaultThreshold
	}
	entries := slices.SortedFunc(slices.Values(known.Entries), func(a, b Entry) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(report(a), report(b)))
	})
	var found []finding
	for _, entry := range entries {
		if entry.Confidence >= threshold {
			found = append(found, finding{action: TurnAway, farewell: Inspection, warning: WarnReported,
				reason: listReason(entry, threshold)})
		} else {
			found = append(found, finding{action: Screen, warning: WarnReported, reason: reportedReason(entry, threshold)})
		}
	}
	return found
}

// policy is rule f.
func policy(call Call, house Household) []finding {
	caller := call.Caller
	var found []finding
	if caller.Presentation == Withheld {
		found = append(found, byPolicy(CodeWithheld, house.Policy.Withheld))
		found[0].warning = WarnWithheld
	}
	if caller.Presentation == Unavailable {
		found = append(found, byPolicy(CodeUnavailable, house.Policy.Unavailable))
	}
	if caller.International {
		found = append(found, byPolicy(CodeInternational, house.Policy.International))
	}
	if caller.PremiumRate {
		found = append(found, byPolicy(CodePremiumRate, house.Policy.PremiumRate))
	}
	return found
}

// byPolicy is the finding for a kind of caller for which the household has chosen action. Without one the kind is noted,
// and left to the mode.
func byPolicy(kind Code, action Action) finding {
	switch action {
	case Ring, Screen, Message:
		return finding{action: action, reason: policyReason(kind, action)}
	case TurnAway:
		return finding{action: action, farewell: NotWanted, reason: policyReason(kind, action)}
	default:
		return finding{reason: policyReason(kind, "")}
	}
}

// unknown is rule g: a caller of whom nothing is known that decides.
func unknown(mode Mode) finding {
	action := Screen
	switch mode {
	case KnownOnly:
		action = Message
	case BlockOnly:
		action = Ring
	}
	return finding{action: action, reason: unknownReason(action)}
}
