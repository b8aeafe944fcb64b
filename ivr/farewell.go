package ivr

import (
	"ringfence/prompts"
	"ringfence/screening"
)

// ownInspection is the extension of the dialplan that plays the household's own inspection message.
const ownInspection screening.Farewell = "own"

// ownFarewell replaces the inspection message with the household's own, if it has recorded one.
func (c *call) ownFarewell(words screening.Farewell) screening.Farewell {
	if words != screening.Inspection {
		return words
	}
	if _, own := c.Sounds.Own(c.Household, prompts.Inspection); own {
		return ownInspection
	}
	return words
}
