package replay

import (
	"container/heap"
	"slices"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// skew is how much later than a call the note of something before it may be: the clocks of the telephone system and of the program differ.
const skew = 5 * time.Minute

// longAgo is how long ago a number was rung that the household had rung within a year, but not within a day.
const longAgo = 48 * time.Hour

// history is what happened before a call.
type history struct {
	emergencies []time.Time // after the call, the oldest first
	emergency   time.Time   // the last one before it
	before      map[screening.Number]time.Time
	tried       map[screening.Number]time.Time // when who was asked who they are last rang in vain
	sentAway    time.Time                      // when the last caller was sent away
	goingAway   endings                        // of callers who had not been sent away yet
}

// endings are times, the earliest first in the sense of container/heap.
type endings []time.Time

func (e endings) Len() int           { return len(e) }
func (e endings) Less(i, j int) bool { return e[i].Before(e[j]) }
func (e endings) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *endings) Push(at any)       { *e = append(*e, at.(time.Time)) }
func (e *endings) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// until takes note of what happened up to a call. Each time is looked at once, however many calls there are.
func (h *history) until(at time.Time) {
	for len(h.emergencies) > 0 && !h.emergencies[0].After(at.Add(skew)) {
		h.emergency, h.emergencies = h.emergencies[0], h.emergencies[1:]
	}
	for len(h.goingAway) > 0 && !h.goingAway[0].After(at) {
		if ended := heap.Pop(&h.goingAway).(time.Time); ended.After(h.sentAway) {
			h.sentAway = ended
		}
	}
}

// add takes note of a call that has been decided on.
func (h *history) add(c Call, number screening.Number, v screening.Verdict) {
	if number != "" && v.Action == screening.Screen && c.InVain {
		h.tried[number] = c.At
	}
	if c.Outcome == calllog.SentAway && !c.Ended.IsZero() {
		heap.Push(&h.goingAway, c.Ended)
	}
}

// asOf is what the household knows of a caller, as of a call; calls have to come in their order. Contacts, blocks, lists and reports are as they are
// today, because that is what is tried. What time has changed is as it was then:
//
//   - Emergency: the last time before the call that an emergency number was dialled, or what the call's own reasons say of it.
//   - Before: the same number's call before this one.
//   - Dialled: only the latest time is kept. If that is after the call, the call's own reasons say whether there was an earlier one. If they do not,
//     the number counts as not rung, and sure is false.
//   - Tried, SentAway: by the calls before this one, and what would have been done with them.
func (h *history) asOf(house screening.Household, known screening.Knowledge, c Call, number screening.Number) (then screening.Knowledge, sure bool) {
	then, sure = known, true
	noted := func(code screening.Code) bool { return slices.Contains(c.Noted, code) }
	h.until(c.At)
	then.Emergency = time.Time{}
	if c.ID != 0 { // else it may be another house's
		then.Emergency = h.emergency
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
	then.Tried, then.SentAway = time.Time{}, time.Time{}
	if number != "" && house.SecondTry > 0 {
		then.Tried = h.tried[number]
	}
	if house.HoldStrangers > 0 {
		then.SentAway = h.sentAway
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
