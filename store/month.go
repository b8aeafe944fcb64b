package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Month sums up a household's calls of a month, by its own clocks.
type Month struct {
	Year        int
	Month       time.Month
	From, Until time.Time // the month's first moment, and the next month's
	CallCounts
	// Of these calls:
	Missed   int // meant to ring, and nobody picked up
	Left     int // left a message
	Scam     int // turned away by a block or a list, or sent away by the household
	SentAway int // of those: sent away by the household itself
	ScamWords
	// What is kept of them. Messages that were deleted are not among them.
	Names, Messages, Unheard int
	Days                     []CallCounts // from the 1st on
	// ScamByHour counts by the hour on the clock: an hour that comes twice, when clocks go back, counts as one.
	ScamByHour    [24]int
	ScamByWeekday [7]int        // from Sunday on, as time.Weekday
	Callers       []CallerCount // those who rang most often, at most topCallers
}

// ScamWords counts the calls whose words sounded like a scam, and what the household made of them.
type ScamWords struct {
	SoundedScam int
	WereScam    int // of those: the household, or a carer, sent the caller away as a scam
	WereTaken   int // it took the call
	WereAllowed int // it took the call, and always lets the caller through
}

func (w *ScamWords) add(outcome calllog.Outcome) {
	w.SoundedScam++
	switch outcome {
	case calllog.SentAway:
		w.WereScam++
	case calllog.Accepted, calllog.Talked:
		w.WereTaken++
	case calllog.LetThrough:
		w.WereAllowed++
	}
}

// CallCounts counts calls by what was done with them.
type CallCounts struct {
	Rang        int // the telephones rang at once
	Screened    int
	TurnedAway  int
	MessageOnly int // could only leave a message
}

// Calls is all of them.
func (c CallCounts) Calls() int { return c.Rang + c.Screened + c.TurnedAway + c.MessageOnly }

func (c *CallCounts) add(action screening.Action) {
	switch action {
	case screening.Screen:
		c.Screened++
	case screening.TurnAway:
		c.TurnedAway++
	case screening.Message:
		c.MessageOnly++
	default: // also where nothing could be decided
		c.Rang++
	}
}

// CallerCount is how often a number rang.
type CallerCount struct {
	Number  screening.Number
	Name    string // the contact's present name, else the last that the network said
	Contact bool
	Calls   int
	Scam    int // how many of them are scam calls
	Last    time.Time
}

// topCallers is how many of the most frequent callers a Month lists.
const topCallers = 10

// monthQuery has a row for each call. They are counted in Go, which knows the household's clocks.
var monthQuery = "SELECT c.at_ms, c.action, " + isSentAway + ", " + isMissed + ", " + isLeft + ", " + isScam + ", " + isScamWords + `, c.outcome,
	c.number_text, c.name, coalesce(p.name, ''), p.id IS NOT NULL,
	EXISTS (SELECT 1 FROM recordings r WHERE r.call_id = c.id AND r.kind = 'name'),
	EXISTS (SELECT 1 FROM recordings r WHERE r.call_id = c.id AND r.kind = 'message'),
	EXISTS (SELECT 1 FROM recordings r WHERE r.call_id = c.id AND r.kind = 'message' AND r.heard_at IS NULL)` +
	loggedFrom + " WHERE h.name = ? AND c.at_ms >= ? AND c.at_ms < ? ORDER BY c.at_ms, c.id"

// monthRow is a row of monthQuery.
type monthRow struct {
	at                                             time.Time
	action                                         screening.Action
	sentAway, missed, left, scam, scamWords        bool
	outcome                                        calllog.Outcome
	number                                         screening.Number
	name, contact                                  string
	isContact, nameKept, messageKept, messageFresh bool
}

// Month sums up a household's month by the clocks of zone. Everybody who may see the household may see it.
func (s *Store) Month(ctx context.Context, household string, year int, month time.Month, zone *time.Location) (m Month, err error) {
	m = Month{Year: year, Month: month}
	m.From, m.Until = DayStart(year, month, 1, zone), DayStart(year, month+1, 1, zone)
	m.Days = make([]CallCounts, m.Until.Add(-1).In(zone).Day())
	callers := map[screening.Number]*CallerCount{}
	err = sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var r monthRow
		if err := scan(columns.ScanMilliseconds(&r.at), &r.action, &r.sentAway, &r.missed, &r.left, &r.scam, &r.scamWords, &r.outcome, &r.number, &r.name, &r.contact, &r.isContact,
			&r.nameKept, &r.messageKept, &r.messageFresh); err != nil {
			return err
		}
		m.count(r, r.at.In(zone))
		countCaller(callers, r)
		return nil
	}, monthQuery, household, m.From.UnixMilli(), m.Until.UnixMilli())
	m.Callers = most(callers)
	return m, err
}

func (m *Month) count(r monthRow, at time.Time) {
	m.CallCounts.add(r.action)
	m.Days[at.Day()-1].add(r.action)
	if r.scamWords {
		m.ScamWords.add(r.outcome)
	}
	for _, c := range []struct {
		counts bool
		number *int
	}{
		{r.missed, &m.Missed}, {r.left, &m.Left}, {r.scam, &m.Scam}, {r.sentAway, &m.SentAway},
		{r.nameKept, &m.Names}, {r.messageKept, &m.Messages}, {r.messageFresh, &m.Unheard},
		{r.scam, &m.ScamByHour[at.Hour()]}, {r.scam, &m.ScamByWeekday[at.Weekday()]},
	} {
		if c.counts {
			*c.number++
		}
	}
}

func countCaller(callers map[screening.Number]*CallerCount, r monthRow) {
	if r.number == "" {
		return
	}
	c := callers[r.number]
	if c == nil {
		c = &CallerCount{Number: r.number}
		callers[r.number] = c
	}
	c.Calls++
	c.Last = r.at
	c.Contact = r.isContact
	if r.scam {
		c.Scam++
	}
	if r.isContact {
		c.Name = r.contact
	} else if r.name != "" {
		c.Name = r.name
	}
}

// most lists the callers with most calls first; of equals, the one who rang last.
func most(callers map[screening.Number]*CallerCount) []CallerCount {
	var all []CallerCount
	for _, c := range callers {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b CallerCount) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), b.Last.Compare(a.Last), cmp.Compare(a.Number, b.Number))
	})
	return all[:min(len(all), topCallers)]
}

// CallTotals counts a household's calls within some time.
type CallTotals struct {
	CallCounts
	LetThrough int // the household let an unknown caller through
	SentAway   int // the household sent a scam caller away
	Left       int // left a message
}

// TotalCalls counts the calls that came in between two times.
func (s *Store) TotalCalls(ctx context.Context, household string, from, before time.Time) (CallTotals, error) {
	t, _, err := sqlite.Row(ctx, s.read, func(t *CallTotals) []any {
		return []any{&t.Rang, &t.Screened, &t.TurnedAway, &t.MessageOnly, &t.LetThrough, &t.SentAway, &t.Left}
	}, `SELECT count(*) FILTER (WHERE c.action IN ('ring', '')), count(*) FILTER (WHERE c.action = 'screen'),
		count(*) FILTER (WHERE c.action = 'turn-away'), count(*) FILTER (WHERE c.action = 'message'),
		count(*) FILTER (WHERE c.outcome IN `+inSQL(calllog.Accepted, calllog.LetThrough)+`), count(*) FILTER (WHERE `+isSentAway+`),
		count(*) FILTER (WHERE `+isLeft+`)
		FROM households h JOIN calls c ON c.household_id = h.id WHERE h.name = ? AND c.at_ms >= ? AND c.at_ms < ?`,
		household, from.UnixMilli(), before.UnixMilli())
	return t, err
}

// DayStart is the first moment of a day by the clocks of zone. Where clocks skip midnight that is the moment to which they skip; where midnight comes
// twice, the first one. Days and months beyond their range count on, as in time.Date.
func DayStart(year int, month time.Month, day int, zone *time.Location) time.Time {
	year, month, day = time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Date() // in range from here on
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	begin, end := t.ZoneBounds()
	switch {
	case t.Day() != day: // time.Date has read the skipped midnight by the clocks before the skip
		return end
	case t.Hour() != 0 || t.Minute() != 0: // or by those after it
		return begin
	}
	if before := begin.Add(-1); !begin.IsZero() && before.In(zone).Day() == day && t.Sub(before) < 24*time.Hour {
		_, offset := before.Zone()
		return time.Date(year, month, day, 0, 0, 0, 0, time.FixedZone("", offset)).In(zone)
	}
	return t
}
