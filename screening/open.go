package screening

import "slices"

// The rules for callers on whom rules a to e have not decided.

// leftOpen decides by found, which are the findings of the rules after e. What the household has chosen for suspect callers decides only if it is
// stricter than everything else: otherwise a false number would do better than the same caller without it.
func leftOpen(call Call, house Household, known Knowledge, found []finding, suspect bool) finding {
	strictest := asForOthers(call, house, known, found, suspect)
	for _, f := range found {
		if f.again && strictness(f.action) > strictness(strictest.action) {
			strictest = f
		}
	}
	return strictest
}

// asForOthers decides by the findings that any caller may have, by the mode, by quiet hours and by whether a call is expected. Suspect callers show a
// false or a reported number, and are never expected.
func asForOthers(call Call, house Household, known Knowledge, found []finding, suspect bool) finding {
	usual := unknown(house.ModeAt(call.At))
	if i := slices.IndexFunc(found, func(f finding) bool { return f.decides() && !f.again }); i >= 0 {
		usual = found[i]
	} else if !suspect && usual.action == Screen && triedBefore(call, house, known) {
		usual = finding{action: Ring, reason: secondTryReason}
	}
	held := within(call.At, known.SentAway, house.HoldStrangers) && (usual.action == Ring || usual.action == Screen) && usual.reason.Code != CodeDialled
	quiet := house.QuietAt(call.At) && (usual.action == Ring || usual.action == Screen) &&
		(suspect || !ringsAtNight(usual, house))
	switch {
	case usual.action == TurnAway:
		return usual
	case !suspect && house.ExpectingAt(call.At) && (quiet || held || usual.action != Ring):
		return finding{action: Ring, reason: expectedReason}
	case quiet:
		return finding{action: Message, reason: quietReason}
	case held:
		return finding{action: Message, reason: heldReason}
	default:
		return usual
	}
}

// triedBefore says whether a stranger rings again who was asked minutes ago. The number has to be one that could be theirs, as for one that the
// household has rung.
func triedBefore(call Call, house Household, known Knowledge) bool {
	caller := call.Caller
	return caller.Number != "" && !caller.Doubtful && !caller.PremiumRate && !caller.International && known.Reported.IsZero() &&
		within(call.At, known.Tried, house.SecondTry)
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
