package hub

import (
	"cmp"
	"context"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing/evidence"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/sqlite"
)

// ConfirmedAs is how many households' reports a moderator's confirmation counts as: twenty by themselves give a confidence of 0.83, and still one half
// after eleven months.
const ConfirmedAs = 20

// said is one household's newest report of a number.
type said struct {
	key        int64
	kind       Kind
	category   string
	day        list.Day
	apart      bool  // as in the ledger
	joined     int64 // the day on which the household joined
	invitation int64
}

// saidColumns are those of a report r and its key k, in the order of said.into.
const saidColumns = "r.key_id, r.kind, r.category, r.day, r.apart, k.joined, k.invitation_id"

func (s *said) into() []any {
	return []any{&s.key, &s.kind, &s.category, &s.day, &s.apart, &s.joined, &s.invitation}
}

// settled says whether a household is no longer new.
func settled(joined, today int64) bool { return today-joined >= markDays }

// Standing is where a subject stands, by the ledger and the decisions.
type Standing struct {
	Subject    Subject
	For        int // households
	Against    int
	Newcomers  int            // how many of those for have joined within the last week
	Categories map[string]int // of those for
	First      list.Day       // of the first report for; 0 if there is none
	Last       list.Day
	Confidence float64
	Waits      []evidence.Lack // why it waits for a moderator before it turns callers away; empty if it does not
	Category   string
	Decision   Decision  // its What is "" if nothing was decided
	Merged     []Subject // subjects whose reports count here
	Listed     bool      // it is on the list, or will be when that is next published
	Why        string    // in words; why it is on the list, or why not
}

// weigh makes a standing of what households say. Protected numbers are left to the list's guard.
func (g Group) weigh(subject Subject, all []said, decided Decision, now time.Time) Standing {
	s := Standing{Subject: subject, Decision: decided, Categories: map[string]int{}}
	day := today(now)
	witnesses := make([]evidence.Witness, 0, len(all))
	var confirmed []evidence.Report
	for _, one := range all {
		switch one.kind {
		case For:
			s.For++
			s.Categories[one.category]++
			if s.First == 0 || one.day < s.First {
				s.First = one.day
			}
			s.Last = max(s.Last, one.day)
			if !settled(one.joined, day) {
				s.Newcomers++
			}
		case Against:
			s.Against++
		default:
			continue
		}
		witnesses = append(witnesses, evidence.Witness{
			Report:  evidence.Report{At: one.day.Time(), Spam: one.kind == For},
			Settled: settled(one.joined, day), Invitation: one.invitation, Apart: one.apart,
		})
	}
	if decided.What == Confirm {
		for range ConfirmedAs {
			confirmed = append(confirmed, evidence.Report{At: decided.At, Spam: true})
		}
		day := list.DayOf(decided.At)
		s.Last = max(s.Last, day)
		if s.First == 0 {
			s.First = day
		}
	}
	// To the day, so that the list is the same at any time of a day, and a delta holds only real changes.
	weight := evidence.Weigh(list.DayOf(now).Time(), witnesses, confirmed)
	s.Confidence = weight.Confidence
	if decided.What == "" || decided.What == Confirm { // a number that was confirmed a year ago may wait again
		s.Waits = weight.Lacks
	}
	s.Category = cmp.Or(decided.Category, most(s.Categories), store.CategoryOther)
	s.Listed, s.Why = g.judge(s)
	return s
}

// most is the category that most households have chosen, and of several the first in Categories. CategoryOther, which a key on the telephone sends, only
// counts if there is no other.
func most(categories map[string]int) (category string) {
	for _, c := range store.Categories() {
		if n := categories[c]; n > 0 && c != store.CategoryOther && n > categories[category] {
			category = c
		}
	}
	return category
}

func (g Group) judge(s Standing) (listed bool, why string) {
	switch {
	case s.Decision.What == Dismiss:
		return false, "A moderator has dismissed it."
	case s.Decision.What == Protect:
		return false, "It is protected: " + s.Decision.Public + "."
	case s.Decision.What == Merge:
		return false, "Its reports count for " + s.Decision.Into.String() + "."
	case s.Decision.What != Confirm && s.For < g.Reporters:
		return false, "Too few households have reported it."
	case list.Rounded(s.Confidence) < g.Confidence:
		return false, "The reports don't carry enough weight: they are old, or others dispute them."
	case len(s.Waits) > 0:
		return true, "Enough households have reported it to warn of it. Before it turns callers away, it waits for a moderator."
	case s.Decision.What == Confirm:
		return true, "A moderator has confirmed it."
	default:
		return true, "Enough households have reported it."
	}
}

// entry is the list's entry for a standing.
func (s Standing) entry() list.Entry {
	e := list.Entry{Digits: s.Subject.Digits, Prefix: s.Subject.Prefix, Category: s.Category, Confidence: s.Confidence, Reporters: list.Step(s.For), First: s.First, Last: s.Last}
	if s.Decision.What == Confirm {
		e.Note = s.Decision.Public
	}
	return e
}

// newest keeps each household's latest report. The reports come household by household, each one's in order.
func newest(all []said) []said {
	kept := all[:0]
	for i, one := range all {
		if i+1 == len(all) || all[i+1].key != one.key {
			kept = append(kept, one)
		}
	}
	return kept
}

// reported is a number, and the reports of it.
type reported struct {
	number int64
	all    []said
}

// ledger goes through the reports of all numbers that so many households have reported, the last time after a given day, in the order of a list. It holds
// one number's reports at a time.
func (h *Hub) ledger(ctx context.Context, reporters int, after int64) iter.Seq2[reported, error] {
	return func(yield func(reported, error) bool) {
		var one reported
		enough := true
		err := sqlite.Each(ctx, h.read, func(scan func(...any) error) error {
			var number int64
			var s said
			if err := scan(append([]any{&number}, s.into()...)...); err != nil {
				return err
			}
			if number != one.number {
				if one.number != 0 && !yield(one, nil) {
					enough = false
					return errEnough
				}
				one.number, one.all = number, one.all[:0]
			}
			one.all = append(one.all, s)
			return nil
		}, `SELECT r.number, `+saidColumns+` FROM tallies t CROSS JOIN reports r ON r.number = t.number CROSS JOIN keys k ON k.id = r.key_id
			WHERE t.spam >= ? AND +t.last > ? AND k.expelled = 0 ORDER BY t.number, r.key_id, r.id`, reporters, after) // +: in order, not by last
		switch {
		case !enough:
		case err != nil:
			yield(reported{}, err)
		case one.number != 0:
			yield(one, nil)
		}
	}
}

// about are the reports of some numbers taken together, the newest of each household.
func about(ctx context.Context, q sqlite.Querier, numbers ...int64) (all []said, err error) {
	type numbered struct {
		said
		id int64
	}
	var found []numbered
	for _, number := range numbers {
		reports, err := sqlite.Rows(ctx, q, func(n *numbered) []any { return append(n.into(), &n.id) },
			`SELECT `+saidColumns+`, r.id FROM reports r CROSS JOIN keys k ON k.id = r.key_id
			WHERE r.number = ? AND k.expelled = 0 ORDER BY r.key_id, r.id`, number)
		if err != nil {
			return nil, err
		}
		found = append(found, reports...)
	}
	slices.SortFunc(found, func(a, b numbered) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id)) })
	for _, n := range found {
		all = append(all, n.said)
	}
	return newest(all), nil
}

// sources are the subjects whose reports count for each target.
func (all decisions) sources() map[Subject][]Subject {
	from := map[Subject][]Subject{}
	for s, d := range all {
		if d.What == Merge {
			target := all.target(s)
			from[target] = append(from[target], s)
		}
	}
	return from
}

// stand is the standing of a subject about which something was decided, or whose reports count elsewhere.
func (h *Hub) stand(ctx context.Context, q sqlite.Querier, s Subject, all decisions, from map[Subject][]Subject, now time.Time) (Standing, error) {
	merged := slices.Clone(from[s])
	slices.SortFunc(merged, func(a, b Subject) int { return cmp.Compare(order(a), order(b)) })
	var numbers []int64
	for _, m := range merged {
		number, _ := m.row()
		numbers = append(numbers, number)
	}
	if !s.Prefix {
		number, _ := s.row()
		numbers = append(numbers, number)
	}
	reports, err := about(ctx, q, numbers...)
	if err != nil {
		return Standing{}, err
	}
	stands := h.group.weigh(s, reports, all[s], now)
	stands.Merged = merged
	return stands, nil
}

// Standing is where a subject stands. protected are the group's own numbers.
func (h *Hub) Standing(ctx context.Context, s Subject, protected *list.Protected, now time.Time) (Standing, error) {
	all, err := standing(ctx, h.read)
	if err != nil {
		return Standing{}, err
	}
	stands, err := h.stand(ctx, h.read, s, all, all.sources(), now)
	if err != nil {
		return Standing{}, err
	}
	return h.guarded(stands, h.guard(all, protected)), nil
}

// guard keeps numbers that must ring, and those that the group protects, off the list.
func (h *Hub) guard(all decisions, protected *list.Protected) *list.Guard {
	return list.NewGuard(all.protected(protected), screening.Household{Region: h.group.Region})
}

// guarded adds to a standing what the list's guard says of it.
func (h *Hub) guarded(s Standing, guard *list.Guard) Standing {
	if why := guard.Refuse(s.entry()); why != nil && s.Decision.What != Protect {
		s.Listed, s.Why = false, "It "+why.Error()+"."
	}
	return s
}

// Covering finds everything on the present list that covers a number: the number itself, and prefixes.
func (h *Hub) Covering(ctx context.Context, number Subject, protected *list.Protected, now time.Time) (found []Standing, err error) {
	all, err := standing(ctx, h.read)
	if err != nil {
		return nil, err
	}
	subjects := map[Subject]bool{number: true}
	for s, d := range all {
		for _, one := range []Subject{s, d.Into} {
			if one.Prefix && strings.HasPrefix(number.Digits, one.Digits) {
				subjects[one] = true
			}
		}
	}
	for s := range subjects {
		stands, err := h.Standing(ctx, s, protected, now)
		if err != nil {
			return nil, err
		}
		if stands.Listed {
			found = append(found, stands)
		}
	}
	slices.SortFunc(found, func(a, b Standing) int { return cmp.Compare(order(a.Subject), order(b.Subject)) })
	return found, nil
}

// order is a subject's place on a list: by its digits, a number before the prefix with the same digits.
func order(s Subject) int64 {
	number, prefix := s.row()
	if number > math.MaxInt64/2 {
		return math.MaxInt64
	}
	if prefix {
		return 2*number + 1
	}
	return 2 * number
}
