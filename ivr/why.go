package ivr

import (
	"slices"

	"ringfence/prompts"
	"ringfence/screening"
)

// whyOf is what a household hears of a deciding reason; "" is nothing, and so is a code from another version. Of a kind of callers that has no phrase of its
// own it hears what is true of all of them.
func whyOf(code screening.Code) (id prompts.ID, known bool) {
	if id, known = why[code]; !known && slices.ContainsFunc(screening.CallerKinds(), func(k screening.CallerKind) bool { return k.Code == code }) {
		return prompts.WhyUnknown, true
	}
	return id, known
}

// why is what a household hears of reasons. A test checks that whyOf knows all codes of this version.
var why = map[screening.Code]prompts.ID{
	screening.CodeEmergency:     prompts.WhyEmergency,
	screening.CodeTelecare:      prompts.WhyProtected,
	screening.CodeCallBack:      prompts.WhyProtected,
	screening.CodeNeverBlocked:  prompts.WhyProtected,
	screening.CodeContact:       prompts.WhyContact,
	screening.CodeInternal:      "", // what rang can be seen or heard in the house
	screening.CodeBlock:         prompts.WhyBlock,
	screening.CodeForged:        prompts.WhyFalse,
	screening.CodeOwnNumber:     prompts.WhyFalse,
	screening.CodeImpossible:    prompts.WhyFalse,
	screening.CodeDoubtful:      prompts.WhyFalse,
	screening.CodeList:          prompts.WhyList,
	screening.CodeReported:      prompts.WhyList,
	screening.CodeOwnReport:     prompts.WhyBlock,
	screening.CodeWithheld:      prompts.WhyWithheld,
	screening.CodeUnavailable:   prompts.WhyUnavailable,
	screening.CodeInternational: prompts.WhyAbroad,
	screening.CodeCountry:       prompts.WhyAbroad,
	screening.CodePremiumRate:   prompts.WhyPremium,
	screening.CodeSecondTry:     prompts.WhySecondTry,
	screening.CodeHeld:          prompts.WhyHeld,
	screening.CodeSpamName:      prompts.WhySpamName,
	screening.CodeAttestedA:     prompts.WhyConfirmed,
	screening.CodeAttestedB:     prompts.WhyFalse,
	screening.CodeAttestedC:     prompts.WhyFalse,
	screening.CodeAttestedNone:  prompts.WhyFalse,
	screening.CodeUnknown:       prompts.WhyUnknown,
	screening.CodeSecondCall:    prompts.WhyContact,
	screening.CodeDialled:       prompts.WhyDialled,
	screening.CodeQuiet:         prompts.WhyQuiet,
	screening.CodeExpected:      prompts.WhyExpected,
	screening.CodeWatch:         prompts.WhyEveryCall,
	screening.CodeOff:           prompts.WhyEveryCall,
	screening.CodeNoApplication: prompts.WhyNoScreener,
	screening.CodeUnreadable:    prompts.WhyFalse,
	screening.CodeLost:          prompts.WhyUnavailable,
}
