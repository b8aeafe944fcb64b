package ivr

import (
	"ringfence/prompts"
	"ringfence/screening"
)

// why is what a household hears of each deciding reason. A code that is not here, from another version, is skipped; a test checks that all codes of
// this version are here.
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
