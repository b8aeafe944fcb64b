package hub

import (
	"context"
	"time"

	"ringfence/sharing/list"
)

// Which chooses what moderators look at.
type Which string

// What moderators look at.
const (
	Fresh    Which = "fresh"    // reported, and nothing decided; what was reported last comes first
	Disputed Which = "disputed" // some say that it is a scammer's, some that it is none, and nothing decided
	Again    Which = "again"    // dismissed, and reported again since
	Most     Which = "most"     // what most households report
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

// Numbers lists how numbers stand, limit of them from the offset on; more says that there are others behind them. protected are the
// group's own numbers.
func (h *Hub) Numbers(ctx context.Context, which Which, limit, offset int, protected *list.Protected, now time.Time) (found []Standing, more bool, err error) {
	all, err := standing(ctx, h.read)
	if err != nil {
		return nil, false, err
	}
	from, guard := all.sources(), h.guard(all, protected)
	var numbers []int64
	err = each(ctx, h.read, func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		numbers = append(numbers, n)
		return err
	}, which.query(), limit+1, offset)
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
