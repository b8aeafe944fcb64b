package notify

import (
	"errors"
	"time"
)

// Plan says when somebody wants their alerts. It is pure: the time is an argument.
type Plan struct {
	// Quiet hours, in minutes since midnight, from the first until just before the second. They may pass midnight. If both are equal there are none.
	QuietFrom, QuietTo int
	// BreakQuiet lets urgent alerts through in quiet hours.
	BreakQuiet bool
	// Digest is when everything of a day is sent in one message, in minutes since midnight, or AtOnce. Urgent alerts never wait for it.
	Digest int
	// Zone is the time zone of these times.
	Zone *time.Location
}

// AtOnce is the Digest of a Plan that sends each alert as it comes.
const AtOnce = -1

// Validate says in a plain sentence what is wrong with a plan.
func (p Plan) Validate() error {
	day := func(minutes int) bool { return minutes >= 0 && minutes < 24*60 }
	switch {
	case !day(p.QuietFrom) || !day(p.QuietTo):
		return errors.New("Quiet hours are from 00:00 to 23:59.")
	case p.Digest != AtOnce && !day(p.Digest):
		return errors.New("The time of the daily message is from 00:00 to 23:59.")
	case p.Digest != AtOnce && p.quietAt(p.Digest):
		return errors.New("The daily message would be in the quiet hours. Choose another time for it.")
	}
	return nil
}

// Item is one alert to somebody.
type Item struct {
	ID     int64
	At     time.Time // when it happened
	Text   string    // one line, without when
	Urgent bool
	// Topic is shared by alerts of which one is enough for a while, such as calls from one number that are turned away; "" if each is to be sent.
	Topic string
}

// again is how long a topic gives only one alert. What comes meanwhile is sent together afterwards.
const again = time.Hour

func (p Plan) quietAt(minutes int) bool {
	if p.QuietFrom <= p.QuietTo {
		return p.QuietFrom <= minutes && minutes < p.QuietTo
	}
	return minutes >= p.QuietFrom || minutes < p.QuietTo
}

// Quiet says whether a time is in the quiet hours.
func (p Plan) Quiet(at time.Time) bool {
	at = at.In(p.Zone)
	return p.quietAt(at.Hour()*60 + at.Minute())
}

// next is the first time at or after at when the clock shows so many minutes since midnight.
func (p Plan) next(at time.Time, minutes int) time.Time {
	local := at.In(p.Zone)
	for day := 0; ; day++ {
		t := time.Date(local.Year(), local.Month(), local.Day()+day, 0, minutes, 0, 0, p.Zone)
		if !t.Before(at) {
			return t
		}
	}
}

// afterQuiet moves a time out of the quiet hours.
func (p Plan) afterQuiet(at time.Time, urgent bool) time.Time {
	if urgent && p.BreakQuiet || !p.Quiet(at) {
		return at
	}
	return p.next(at, p.QuietTo)
}

// Due is when to send an item. sent is when its topic was last sent; zero if never.
func (p Plan) Due(i Item, sent time.Time) time.Time {
	due := i.At
	if p.Digest != AtOnce && !i.Urgent {
		due = p.next(due, p.Digest)
	}
	if i.Topic != "" && !sent.IsZero() && due.Before(sent.Add(again)) {
		due = sent.Add(again)
	}
	return p.afterQuiet(due, i.Urgent)
}

// mostAhead is how far ahead a time may be. One that is further is from a clock that was wrong, and must hold nothing back.
const mostAhead = 5 * time.Minute

// Ready picks the items to be sent now. next is when the first of the others is due; zero if there are none. sent is when topics were last sent. A
// message that failed in the afternoon is not retried in the quiet hours.
func (p Plan) Ready(items []Item, sent map[string]time.Time, now time.Time) (ready []Item, next time.Time) {
	ahead := now.Add(mostAhead)
	for _, i := range items {
		last := sent[i.Topic]
		if last.After(ahead) {
			last = time.Time{}
		}
		happened := i
		if i.At.After(ahead) {
			happened.At = now.Add(-daily) // before the last daily message
		}
		due := p.Due(happened, last)
		if !due.After(now) {
			due = p.afterQuiet(now, i.Urgent)
		}
		if !due.After(now) {
			ready = append(ready, i)
		} else if next.IsZero() || due.Before(next) {
			next = due
		}
	}
	return ready, next
}

// How long to wait after failures.
const (
	firstWait   = time.Minute
	longestWait = time.Hour
	// patience is how long retries go on like that; then there is one a day. They never stop, because the service may come back.
	patience = 3 * 24 * time.Hour
	daily    = 24 * time.Hour
)

// Wait is how long to wait after a failure, the first being number 1. failing is how long there have been nothing but failures. The waits double, from a minute
// to an hour. random, from 0 to 1, takes off up to a quarter of the wait, so that recipients that failed together do not come back together.
func Wait(failures int, failing time.Duration, random float64) time.Duration {
	wait := longestWait
	switch {
	case failing >= patience:
		wait = daily
	case failures < 7: // 2^6 minutes are more than an hour
		wait = min(firstWait<<max(failures-1, 0), longestWait)
	}
	return wait - time.Duration(random*float64(wait)/4)
}
