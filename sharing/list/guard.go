package list

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"ringfence/screening"
)

// minArea is how many digits of a prefix have to follow the country code: the floor below which a list would turn whole towns or
// networks away. In Britain four digits and more are one exchange or one block of numbers at most.
const minArea = 4

// Guard keeps off a list the numbers that no list may turn away, whoever has signed it: those that are never blocked where the list is made and where
// it is read, a household's alarm centres, and the numbers that a publisher protects.
type Guard struct {
	houses    []screening.Household
	protected *Protected
}

// NewGuard makes a guard. Only the Region and Telecare of a household count; for a list's region, pass a Household with that Region. protected may be
// nil.
func NewGuard(protected *Protected, houses ...screening.Household) *Guard {
	if protected == nil {
		protected = NewProtected()
	}
	return &Guard{slices.Clone(houses), protected}
}

// Refuse says, in words that fit after the number, why an entry may not be on a list; nil if it may.
func (g *Guard) Refuse(e Entry) error {
	if e.Prefix && len(screening.AreaDigits(e.Digits)) < minArea {
		return fmt.Errorf("would match far too many numbers: a beginning has at least %d digits after the country code", minArea)
	}
	for _, house := range g.houses {
		if whose := neverBlocked(e, house); whose != "" {
			return errors.New(refusal(e, whose))
		}
	}
	if whose := g.protected.whose(e); whose != "" {
		return errors.New(refusal(e, whose))
	}
	return nil
}

func refusal(e Entry, whose string) string {
	if e.Prefix {
		return "covers a number that must never be turned away: " + whose
	}
	return "must never be turned away: " + whose
}

func neverBlocked(e Entry, house screening.Household) string {
	if e.Prefix {
		return strings.Join(screening.NeverBlockedAmong(e.Digits, house), ", ")
	}
	if whose, never := screening.NeverBlocked(e.Number(), house.Region); never {
		return whose
	}
	if slices.Contains(house.Telecare, e.Number()) {
		return "the alarm centre"
	}
	return ""
}

// Allowed leaves out the entries that the guard refuses, and calls refused with each.
func (g *Guard) Allowed(entries iter.Seq2[Entry, error], refused func(e Entry, why error)) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for e, err := range entries {
			if err == nil {
				if why := g.Refuse(e); why != nil {
					refused(e, why)
					continue
				}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}
