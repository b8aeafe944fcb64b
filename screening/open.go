package screening

import "slices"

// The rules for callers on whom rules a to e have not decided.

// leftOpen decides by found, which are the findings of the rules after e, by the mode, by quiet hours and by whether a call is expected. Suspect
// callers show a false or a reported number, and are never expected.
func leftOpen(call Call, house Household, found []finding, suspect bool) finding {
	usual := unknown(house.ModeAt(call.At))
	if i := slices.IndexFunc(found, finding.decides); i >= 0 {
		usual = found[i]
	}
	quiet := house.QuietAt(call.At) && (usual.action == Ring || usual.action == Screen) &&
		(suspect || !ringsAtNight(usual, house))
	switch {
	case usual.action == TurnAway:
		return usual
	case !suspect && house.ExpectingAt(call.At) && (quiet || usual.action != Ring):
		return finding{action: Ring, reason: expectedReason()}
	case quiet:
		return finding{action: Message, reason: quietReason()}
	default:
		return usual
	}
}

// ringsAtNight says whether quiet hours make no difference to a caller. Somebody whom the household has rung is treated like a contact.
func ringsAtNight(usual finding, house Household) bool {
	return usual.reason.Code == CodeDialled && house.Times.QuietContacts != Message
}

// rungByHousehold is the rule between e and f. Nobody who has rung back a trap, an expensive or a foreign number, should be helped into it a
// second time. And anybody can show a number that a household has rung, so the rule only applies if the number is not forged.
func rungByHousehold(call Call, house Household, known Knowledge) []finding {
	caller := call.Caller
	if !house.RingDialled || caller.Number == "" || caller.Forged || caller.Impossible || caller.Number == house.Number ||
		caller.PremiumRate || caller.International {
		return nil
	}
	now, then := house.Local(call.At), house.Local(known.Dialled)
	if !within(call.At, known.Dialled, now.Sub(now.AddDate(-1, 0, 0))) {
		return nil
	}
	return []finding{{action: Ring, reason: dialledReason(then)}}
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

// byPolicy is the finding for a kind of caller for which the household has chosen action. Without one the kind is noted and left to the mode.
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

// unknown is rule g: nothing that is known of the caller has decided.
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
