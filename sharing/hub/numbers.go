package hub

import (
	"cmp"
	"context"
	"slices"
	"time"

	"ringfence/sharing/evidence"
	"ringfence/sharing/list"
	"ringfence/store/sqlite"
)

// Which chooses what moderators look at.
type Which string

// What moderators look at.
const (
	Waiting  Which = "waiting"  // reported by enough households, but by new ones or by some that may be one person: it waits for a moderator
	Fresh    Which = "fresh"    // reported, and nothing decided; the last reported first
	Disputed Which = "disputed" // households disagree, and nothing is decided
	Again    Which = "again"    // dismissed, and reported again since
	Most     Which = "most"     // reported by the most households
)

// queries of numbers, the first of them first; each has the limit and the offset last.
func (w Which) query() string {
	const undecided = "NOT EXISTS (SELECT 1 FROM standing s WHERE s.number = t.number AND s.prefix = 0)"
	switch w {
	case Disputed:
		return "SELECT t.number FROM tallies t WHERE t.spam > 0 AND t.not_spam > 0 AND " + undecided + " ORDER BY t.last DESC, t.number LIMIT ? OFFSET ?"
	case Again:
		return `SELECT s.number FROM standing s WHERE s.what = 'dismiss' AND s.prefix = 0
			AND EXISTS (SELECT 1 FROM reports r WHERE r.number = s.number AND r.id > s.upto AND r.kind = 'for') ORDER BY s.id DESC LIMIT ? OFFSET ?`
	case Most:
		return "SELECT t.number FROM tallies t WHERE t.spam + t.not_spam > 0 ORDER BY t.spam DESC, t.number DESC LIMIT ? OFFSET ?"
	default:
		return "SELECT t.number FROM tallies t WHERE t.spam + t.not_spam > 0 AND " + undecided + " ORDER BY t.last DESC, t.number DESC LIMIT ? OFFSET ?"
	}
}

// Numbers lists where numbers stand, limit of them from offset on. more says that there are others after them. protected are the group's own numbers.
func (h *Hub) Numbers(ctx context.Context, which Which, limit, offset int, protected *list.Protected, now time.Time) (found []Standing, more bool, err error) {
	all, err := standing(ctx, h.read)
	if err != nil {
		return nil, false, err
	}
	from, guard := all.sources(), h.guard(all, protected)
	if which == Waiting {
		found, err = h.waiting(ctx, all, from, guard, now)
		upto := min(offset+limit, len(found))
		return found[min(offset, upto):upto], len(found) > upto, err
	}
	numbers, err := sqlite.Values[int64](ctx, h.read, which.query(), limit+1, offset)
	if err != nil {
		return nil, false, err
	}
	for _, n := range numbers[:min(limit, len(numbers))] {
		s, err := h.stand(ctx, h.read, subjectOf(n, false), all, from, now)
		if err != nil {
			return nil, false, err
		}
		found = append(found, h.guarded(s, guard))
	}
	return found, len(numbers) > limit, nil
}

// waitDays is how many days after its last report a number is shown as waiting. Scammers give up a number after weeks; one that is reported again waits
// again.
const waitDays = 60

// waiting are the numbers that wait for a moderator. Those that the most settled households have reported come first, so that flooding the hub with new
// households does not bury what honest ones say.
func (h *Hub) waiting(ctx context.Context, all decisions, from map[Subject][]Subject, guard *list.Guard, now time.Time) (found []Standing, err error) {
	look := func(s Standing) {
		if s = h.guarded(s, guard); s.Listed && len(s.Waits) > 0 {
			found = append(found, s)
		}
	}
	special := all.special(from)
	for one, err := range h.ledger(ctx, max(h.group.Reporters, evidence.Networks), today(now)-waitDays) { // fewer are never sure enough to wait
		if err != nil {
			return nil, err
		}
		if subject := subjectOf(one.number, false); !special[subject] {
			look(h.group.weigh(subject, newest(one.all), Decision{}, now))
		}
	}
	for s := range special {
		stands, err := h.stand(ctx, h.read, s, all, from, now)
		if err != nil {
			return nil, err
		}
		look(stands)
	}
	slices.SortFunc(found, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(b.For-b.Newcomers, a.For-a.Newcomers), cmp.Compare(b.Last, a.Last), cmp.Compare(order(a.Subject), order(b.Subject)))
	})
	return found, nil
}
