package replay

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"ringfence/screening"
)

// Fate is what is done first with a call.
type Fate struct {
	Action screening.Action `json:"action"`
	Check  bool             `json:"check,omitempty"` // for screen: the caller must prove that they are human
}

// fates are those of two verdicts. Where a mode lets everything ring, before and after the change, they are those without it: otherwise nothing could be
// tried in it.
func fates(now, would screening.Verdict) (from, to Fate) {
	if overruled(now) && overruled(would) {
		return Fate{Action: now.Would}, Fate{Action: would.Would}
	}
	return Fate{now.Action, now.Check}, Fate{would.Action, would.Check}
}

// overruled says whether a verdict is of the modes watch and off, in which everything rings.
func overruled(v screening.Verdict) bool {
	return len(v.Reasons) > 0 && (v.Reasons[0].Code == screening.CodeWatch || v.Reasons[0].Code == screening.CodeOff)
}

// fateWords are fates in words: what would have been done, and instead of what.
var fateWords = []struct {
	fate           Fate
	would, instead string
}{
	{Fate{Action: screening.Ring}, "would have rung", "ringing"},
	{Fate{Action: screening.Screen}, "would have been asked who they are", "being asked who they are"},
	{Fate{Action: screening.Screen, Check: true}, "would have been asked to press a digit too", "being asked to press a digit too"},
	{Fate{Action: screening.Message}, "would have been asked to leave a message", "being asked to leave a message"},
	{Fate{Action: screening.TurnAway}, "would have been turned away", "being turned away"},
}

// rank orders fates by how far they keep a caller from the household.
func (f Fate) rank() int {
	for i, w := range fateWords {
		if w.fate == f {
			return i
		}
	}
	return 0
}

func (f Fate) stricter(than Fate) bool { return f.rank() > than.rank() }

// Group is the calls that would have gone differently in one way.
type Group struct {
	From, To Fate
	Calls    []Change // the latest first
	Talked   int      // of those that would have been kept away: calls in which people talked for long
	Contacts int      // likewise, from contacts
}

// Groups are the calls that would have gone differently, by what would have been done instead of what. Those that would have been kept away most come
// first.
func (r Result) Groups() (all []Group) {
	for _, c := range r.Changes {
		i := slices.IndexFunc(all, func(g Group) bool { return g.From == c.From && g.To == c.To })
		if i < 0 {
			i = len(all)
			all = append(all, Group{From: c.From, To: c.To})
		}
		g := &all[i]
		g.Calls = append(g.Calls, c)
		if c.To.stricter(c.From) && c.Talked > longTalk {
			g.Talked++
		}
		if c.To.stricter(c.From) && c.Contact != "" {
			g.Contacts++
		}
	}
	slices.SortStableFunc(all, func(a, b Group) int {
		further := func(g Group) int { return g.To.rank() - g.From.rank() }
		return cmp.Or(cmp.Compare(further(b), further(a)), cmp.Compare(b.To.rank(), a.To.rank()))
	})
	return all
}

// Shown are the calls of a group that are shown: first those that would be missed.
func (g Group) Shown() []Change {
	shown := slices.Clone(g.Calls)
	slices.SortStableFunc(shown, func(a, b Change) int {
		missed := func(c Change) int {
			if c.Missed() {
				return 1
			}
			return 0
		}
		return missed(b) - missed(a)
	})
	return shown[:min(len(shown), shownOfGroup)]
}

// Sentence says how many calls a group has, and with how many of the callers the household talked.
func (g Group) Sentence() string {
	would, instead := fateWords[g.To.rank()].would, fateWords[g.From.rank()].instead
	text := calls(len(g.Calls)) + " " + would + " instead of " + instead + "."
	all := len(g.Calls)
	if g.Talked > 0 {
		text += " " + some(g.Talked, all, "In it you", "In all of them you", "In one of these calls you", "In %s of these calls you") + " talked for more than a minute."
	}
	if g.Contacts > 0 {
		text += " " + some(g.Contacts, all, "It came from a contact.", "All came from contacts.", "One came from a contact.", "%s came from contacts.")
	}
	return text
}

// some picks the words for so many of all.
func some(n, all int, only, every, one, more string) string {
	switch {
	case all == 1:
		return only
	case n == all:
		return every
	case n == 1:
		return one
	default:
		return fmt.Sprintf(more, screening.Thousands(n))
	}
}

// Head says how many calls would have gone differently.
func (r Result) Head(local func(time.Time) time.Time) string {
	if r.Calls == 0 {
		return "There are no calls to try this with yet."
	}
	since := local(r.Since).Format("2 January 2006")
	switch n := len(r.Changes); {
	case n == 0 && r.Calls == 1:
		return "The one call since " + since + " would have gone the same way."
	case n == 0:
		return "All " + calls(r.Calls) + " since " + since + " would have gone the same way."
	default:
		return fmt.Sprintf("Of %s since %s, %s would have gone differently.", calls(r.Calls), since, screening.Thousands(n))
	}
}

// notes says what could not be known.
func (r *Result) notes(past []Call, now, would decided) {
	if len(past) == 0 {
		return
	}
	last := past[len(past)-1].At
	if m := now.house.ModeAt(last); (m == screening.Watch || m == screening.Off) && slices.ContainsFunc(now.verdicts, overruled) && slices.ContainsFunc(would.verdicts, overruled) {
		r.Notes = append(r.Notes, "Every call rings in the present mode. This is what would have happened in the mode “Ask who it is”.")
	}
	if unknown := unknownEnds(past); unknown > 0 && (waits(now.house) || waits(would.house)) {
		r.Notes = append(r.Notes, "The log doesn't say how "+calls(unknown)+" ended. So nobody counts as calling again, or is held, because of them.")
	}
	if would.notRung > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("For %s it isn't known whether you had rung the number before. They count as if you hadn't.", calls(would.notRung)))
	}
}

// unknownEnds counts the calls of which a log does not say how they ended.
func unknownEnds(past []Call) (n int) {
	for _, c := range past {
		if c.Outcome == "" {
			n++
		}
	}
	return n
}

// waits says whether it matters to a household how the calls before a call have ended.
func waits(h screening.Household) bool { return h.SecondTry > 0 || h.HoldStrangers > 0 }

func calls(n int) string { return screening.Counted(n, "call", "calls") }
