package hub

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Subject is what moderators decide about: a number, or all numbers with a prefix.
type Subject struct {
	Digits string // E.164 without the plus sign
	Prefix bool
}

// ParseSubject reads a number, or a prefix with a * at its end, as people of the region write it. The error is a *Refused.
func ParseSubject(typed, region string) (Subject, error) {
	typed = strings.TrimSpace(typed)
	if strings.HasSuffix(typed, "*") {
		digits, err := screening.ParsePrefix(typed, region)
		if err != nil {
			return Subject{}, &Refused{screening.Sentence(err)}
		}
		return Subject{digits, true}, nil
	}
	n, err := screening.ParseNumber(typed, region)
	if err != nil {
		return Subject{}, &Refused{screening.Sentence(err)}
	}
	if whose, never := screening.NeverBlocked(n, region); never {
		return Subject{}, &Refused{"That number must never be turned away (" + whose + "), so it is on no list."}
	}
	digits, international := strings.CutPrefix(string(n), "+")
	if !international {
		return Subject{}, &Refused{"That is a short number, and those are on no list."}
	}
	return Subject{digits, false}, nil
}

// String is the subject with a plus sign, and with a * after a prefix, as ParseSubject reads it.
func (s Subject) String() string {
	if s.Prefix {
		return "+" + s.Digits + "*"
	}
	return "+" + s.Digits
}

// Number is the number or the prefix, with a plus sign.
func (s Subject) Number() screening.Number { return screening.Number("+" + s.Digits) }

// row is the subject as its columns.
func (s Subject) row() (number int64, prefix bool) { return s.Number().Key(), s.Prefix }

func subjectOf(number int64, prefix bool) Subject {
	return Subject{screening.NumberFromKey(number).Digits(), prefix}
}

// What moderators can decide.
const (
	Confirm = "confirm" // it is a scammer's
	Dismiss = "dismiss" // it is not
	Protect = "protect" // it is somebody's whom people must be able to hear from
	Merge   = "merge"   // its reports count for another
	Undo    = "undo"    // the decision no longer holds
)

// Decision is what a moderator has decided, and why.
type Decision struct {
	ID       int64
	Subject  Subject
	What     string
	Into     Subject // of Merge
	Category string  // of Confirm: one of store.Categories
	Public   string  // of Confirm: what people may read about it, which may be empty. Of Protect: whose number it is
	Why      string  // for moderators
	Who      string
	At       time.Time

	upto int64 // the newest report at that time
}

const maxWhy = 1000

// Decide takes a moderator's decision, which takes effect when the list is next published. The error is a *Refused for one that makes no sense.
func (h *Hub) Decide(ctx context.Context, d Decision) (err error) {
	if d.Why, err = text(d.Why, "why", maxWhy, true); err != nil {
		return err
	}
	if err := h.complete(&d); err != nil {
		return err
	}
	return h.write.Do(ctx, func(tx *sql.Tx) error {
		all, err := standing(ctx, tx)
		if err != nil {
			return err
		}
		if err := all.allow(d); err != nil {
			return err
		}
		number, prefix := d.Subject.row()
		var intoNumber, intoPrefix any
		if d.What == Merge {
			intoNumber, intoPrefix = d.Into.row()
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO decisions (number, prefix, what, into_number, into_prefix, category, public, why, who, upto, at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(id), 0) FROM reports), ?)`,
			number, prefix, d.What, intoNumber, intoPrefix, d.Category, d.Public, d.Why, d.Who, d.At.Unix())
		return err
	})
}

// complete checks a decision by itself, and completes it.
func (h *Hub) complete(d *Decision) (err error) {
	category, public := d.Category, d.Public
	d.Category, d.Public = "", ""
	guard := list.NewGuard(nil, screening.Household{Region: h.group.Region})
	switch d.What {
	case Confirm:
		if d.Category = category; !slices.Contains(store.Categories(), category) {
			return &Refused{"Please choose what the callers want."}
		}
		if strings.TrimSpace(public) != "" {
			if d.Public, err = text(public, "what people are told", 100, false); err != nil {
				return err
			}
		}
		if why := guard.Refuse(list.Entry{Digits: d.Subject.Digits, Prefix: d.Subject.Prefix}); why != nil {
			return &Refused{d.Subject.String() + " " + why.Error() + "."}
		}
	case Protect:
		d.Public, err = text(public, "whose number it is", 100, false)
		return err
	case Merge:
		if d.Subject.Prefix {
			return &Refused{"A whole number is merged, into another or into a beginning of numbers."}
		}
		if d.Into == d.Subject {
			return &Refused{"A number cannot be merged into itself."}
		}
		if why := guard.Refuse(list.Entry{Digits: d.Into.Digits, Prefix: d.Into.Prefix}); why != nil {
			return &Refused{d.Into.String() + " " + why.Error() + "."}
		}
	case Dismiss, Undo:
	default:
		return &Refused{"Please choose what to do with the number."}
	}
	return nil
}

// decisions are those that hold, by their subjects.
type decisions map[Subject]Decision

const decisionColumns = "id, number, prefix, what, coalesce(into_number, 0), coalesce(into_prefix, 0), category, public, why, who, upto, at"

func scanDecision(scan func(...any) error) (d Decision, err error) {
	var number, into, at int64
	var prefix, intoPrefix bool
	err = scan(&d.ID, &number, &prefix, &d.What, &into, &intoPrefix, &d.Category, &d.Public, &d.Why, &d.Who, &d.upto, &at)
	d.Subject, d.At = subjectOf(number, prefix), columns.Time(at)
	if into != 0 {
		d.Into = subjectOf(into, intoPrefix)
	}
	return d, err
}

func standing(ctx context.Context, q sqlite.Querier) (decisions, error) {
	all := decisions{}
	err := sqlite.Each(ctx, q, func(scan func(...any) error) error {
		d, err := scanDecision(scan)
		all[d.Subject] = d
		return err
	}, "SELECT "+decisionColumns+" FROM standing")
	return all, err
}

// allow says which other decision is in a decision's way.
func (all decisions) allow(d Decision) error {
	was, decided := all[d.Subject]
	if d.What == Undo && !decided {
		return &Refused{"Nothing was decided about " + d.Subject.String() + " that could be undone."}
	}
	if decided && was.What == Protect && d.What != Undo && d.What != Protect {
		return &Refused{d.Subject.String() + " is protected: undo that first."}
	}
	if d.What == Merge && all.leads(d.Into, d.Subject) {
		return &Refused{d.Into.String() + " is merged into this number already: undo that first."}
	}
	return nil
}

// leads says whether one subject's reports count for another.
func (all decisions) leads(from, by Subject) bool {
	for range len(all) {
		if d := all[from]; d.What != Merge {
			return false
		} else if from = d.Into; from == by {
			return true
		}
	}
	return false
}

// target is what a subject's reports count for in the end.
func (all decisions) target(s Subject) Subject {
	for range len(all) { // there are no cycles, so no more steps than decisions
		d, decided := all[s]
		if !decided || d.What != Merge {
			return s
		}
		s = d.Into
	}
	return s
}

// special are the subjects about which something was decided, and those for which reports of others count.
func (all decisions) special(from map[Subject][]Subject) map[Subject]bool {
	special := map[Subject]bool{}
	for s := range all {
		special[s] = true
	}
	for s := range from {
		special[s] = true
	}
	return special
}

// Decisions lists what was decided about a subject, or with the zero Subject about all, the newest first.
func (h *Hub) Decisions(ctx context.Context, about Subject, limit int) ([]Decision, error) {
	number, prefix := int64(0), false
	if about.Digits != "" {
		number, prefix = about.row()
	}
	return sqlite.All(ctx, h.read, scanDecision,
		"SELECT "+decisionColumns+" FROM decisions WHERE ?1 = 0 OR number = ?1 AND prefix = ?2 ORDER BY id DESC LIMIT ?3", number, prefix, limit)
}

// Decided lists the decisions of a kind that hold, the newest first.
func (h *Hub) Decided(ctx context.Context, what string, limit int) ([]Decision, error) {
	return sqlite.All(ctx, h.read, scanDecision, "SELECT "+decisionColumns+" FROM standing WHERE what = ? ORDER BY id DESC LIMIT ?", what, limit)
}

// protected are the group's own numbers and those that moderators protect.
func (all decisions) protected(own *list.Protected) *list.Protected {
	var numbers []list.ProtectedNumber
	if own != nil {
		numbers = own.Numbers()
	}
	for s, d := range all {
		if d.What == Protect {
			numbers = append(numbers, list.ProtectedNumber{Digits: s.Digits, Prefix: s.Prefix, Who: d.Public})
		}
	}
	return list.NewProtected(numbers...)
}
