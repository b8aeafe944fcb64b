package replay

import (
	"slices"
	"time"

	"ringfence/screening"
)

// skew is how much later than a call the note of something before it may be: the clocks of the telephone system and of the program differ.
const skew = 5 * time.Minute

// longAgo is how long ago a number was rung that the household had rung within a year, but not within a day.
const longAgo = 48 * time.Hour

// history is what happened before a call.
type history struct {
	emergencies []time.Time // the oldest first
	before      map[screening.Number]time.Time
}

// asOf is what the household knows of a caller, as of a call; calls have to come in their order. Contacts, blocks, lists and reports are as they are
// today, because that is what is tried. What time has changed is as it was then:
//
//   - Emergency: the last time before the call that an emergency number was dialled, or what the call's own reasons say of it.
//   - Before: the same number's call before this one.
//   - Dialled: only the latest time is kept. If that is after the call, the call's own reasons say whether there was an earlier one. If they do not,
//     the number counts as not rung, and sure is false.
func (h *history) asOf(known screening.Knowledge, c Call, number screening.Number) (then screening.Knowledge, sure bool) {
	then, sure = known, true
	noted := func(code screening.Code) bool { return slices.Contains(c.Noted, code) }
	then.Emergency = time.Time{}
	if c.ID != 0 { // else it may be another house's
		for _, at := range h.emergencies {
			if !at.After(c.At.Add(skew)) {
				then.Emergency = at
			}
		}
	}
	if then.Emergency.IsZero() && noted(screening.CodeEmergency) {
		then.Emergency = c.At
	}
	then.Before = time.Time{}
	if number != "" {
		if known.Contact != nil {
			then.Before = h.before[number]
		}
		h.before[number] = c.At
	}
	if known.Dialled.After(c.At.Add(skew)) {
		switch {
		case noted(screening.CodeCallBack):
			then.Dialled = c.At
		case noted(screening.CodeDialled):
			then.Dialled = c.At.Add(-longAgo)
		default:
			then.Dialled, sure = time.Time{}, false
		}
	}
	return then, sure
}

// houseThen is a household as it would have been at a call. What it has chosen applies all the time. A mode with an end does only if it is what is
// tried, and no call counts as expected but those that were.
func houseThen(house screening.Household, was *screening.Household, c Call) screening.Household {
	tried := was != nil && house.Times.Temporary != "" &&
		(house.Times.Temporary != was.Times.Temporary || !house.Times.TemporaryUntil.Equal(was.Times.TemporaryUntil))
	house.Times.TemporaryUntil, house.Times.ExpectingUntil = time.Time{}, time.Time{}
	if tried {
		house.Times.TemporaryUntil = c.At.Add(time.Hour)
	}
	if slices.Contains(c.Noted, screening.CodeExpected) {
		house.Times.ExpectingUntil = c.At.Add(time.Hour)
	}
	return house
}
