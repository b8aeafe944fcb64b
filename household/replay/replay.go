// Package replay says what a change would have done to past calls, before it is made: how many would have gone differently, which, and with whom of
// them the household talked.
//
// It has no rule of its own. The change is made by the very deed that would make it, in a copy of the household (store.Trial), and each past call is
// then decided on by screening.Identify, store.Situation and screening.Decide as a real one would be. So whatever a deed can change can be tried,
// and nothing here knows which rules there are. What a household knows of a caller changes with time; asOf says how that is made good.
//
// Nobody can say how a call would have gone on: a caller who is asked who they are may hang up. So a Result only has what would have been done first.
package replay

import (
	"context"
	"slices"
	"time"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

const (
	// days are how far back a household's own log is looked at.
	days = 92
	// MostOfAPage is how many calls a page looks at, which answers in a second or two; MostOfALog is how many a command does.
	MostOfAPage = 10_000
	MostOfALog  = 100_000
	// longTalk is for how long people talk with somebody whom they would miss.
	longTalk = time.Minute
	// shownOfGroup is how many calls of each group are shown.
	shownOfGroup = 20
)

// Call is a past call.
type Call struct {
	ID       int64 // in the household's log; 0 for one of a file
	At       time.Time
	Identity screening.Identity
	Name     string           // as the network or the file calls them
	Noted    []screening.Code // the reasons of that time
	Outcome  calllog.Outcome  // "" where it is not known
	Talked   time.Duration    // 0 where it is not known, or where they did not
	Ended    time.Time        // zero where it is not known
	InVain   bool             // as in store.PastCall
}

// Deed is a change that is tried. It must change nothing but through the Admin.
type Deed func(context.Context, household.Admin) error

// Change is a call that would have gone differently.
type Change struct {
	Call
	Caller   screening.Caller
	Now      screening.Verdict // with everything as it is today
	Would    screening.Verdict // with the change
	From, To Fate
	Contact  string            // the name of the contact who has the number; "" for nobody
	Logged   *store.LoggedCall // with what was said; nil where it is not shown, or is of a file
}

// Missed says that the household talked with the caller for long, or knows them, and would have been kept from them.
func (c Change) Missed() bool {
	return c.To.stricter(c.From) && c.To.Action != screening.Screen && (c.Talked > longTalk || c.Contact != "")
}

// Result is what a change would have done.
type Result struct {
	Since   time.Time // when the first call came that was looked at; zero where there was none
	Calls   int       // that were looked at
	Cut     bool      // there were more, before Since
	Changes []Change  // the latest first
	Notes   []string  // sentences about what could not be known
}

// Missed counts the calls that the household talked long with, or from contacts, that would not have reached it.
func (r Result) Missed() (n int) {
	for _, c := range r.Changes {
		if c.Missed() {
			n++
		}
	}
	return n
}

// OfLog tries a change with the calls of the household's own log of the last three months, or with the latest of them where there are more than most.
func OfLog(ctx context.Context, a household.Admin, most int, deed Deed) (Result, error) {
	past, err := a.Store.PastCalls(ctx, a.Household, a.Now.AddDate(0, 0, -days), most+1)
	if err != nil {
		return Result{}, err
	}
	cut := len(past) > most
	if cut {
		past = past[1:]
	}
	var calls []Call
	for _, p := range past {
		if p.Outcome == "" || p.Outcome == calllog.TooMany { // in progress, or never seen by any rule
			continue
		}
		c := Call{ID: p.ID, At: p.At, Identity: p.Identity, Name: p.Name, Outcome: p.Outcome, Ended: p.Ended, InVain: p.InVain}
		for _, r := range p.Reasons {
			c.Noted = append(c.Noted, r.Code)
		}
		calls = append(calls, c)
	}
	r, err := Of(ctx, a, calls, deed)
	if err != nil {
		return r, err
	}
	r.Cut = cut
	return r, r.readLog(ctx, a)
}

// ErrTooLong says that a try was stopped.
var ErrTooLong error = &household.Refusal{Kind: household.Unfit, Sentence: "Trying this took too long, so it was stopped. Nothing has changed. You can make the change without trying it."}

// Within is OfLog for somebody who waits for a page: with the calls that one has time for. If it takes longer than limit, the error is ErrTooLong.
func Within(ctx context.Context, limit time.Duration, a household.Admin, deed Deed) (Result, error) {
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r, err := OfLog(within, a, MostOfAPage, deed)
	if err != nil && within.Err() != nil && ctx.Err() == nil { // whatever the database makes of it
		return Result{}, ErrTooLong
	}
	return r, err
}

// Of tries a change with some calls.
func Of(ctx context.Context, a household.Admin, calls []Call, deed Deed) (r Result, err error) {
	calls = slices.Clone(calls)
	slices.SortStableFunc(calls, func(x, y Call) int { return x.At.Compare(y.At) })
	r.Calls = len(calls)
	if len(calls) > 0 {
		r.Since = calls[0].At
	}
	callers, numbers := identify(a, calls)
	err = a.Store.Trial(ctx, a.Household, numbers, func(trial *store.Store) error {
		b := a
		b.Store, b.Log, b.Sure = trial, nil, true // there is nothing in a trial that could be deleted for good
		now, err := decide(ctx, b, calls, callers, nil)
		if err != nil {
			return err
		}
		if err := deed(ctx, b); err != nil {
			return err
		}
		would, err := decide(ctx, b, calls, callers, &now.house)
		if err != nil {
			return err
		}
		r.compare(calls, callers, now, would)
		return nil
	})
	return r, err
}

// identify reads the callers, and lists their numbers.
func identify(a household.Admin, calls []Call) (callers []screening.Caller, numbers []screening.Number) {
	seen := map[screening.Number]bool{}
	for _, c := range calls {
		caller := a.Identify(c.Identity)
		if caller.Number == "" && caller.Presentation == screening.Unavailable && slices.Contains(c.Noted, screening.CodeImpossible) {
			// `ringfence calls --json` does not say which number it was that cannot exist.
			caller.Presentation, caller.Impossible = screening.Allowed, true
		}
		callers = append(callers, caller)
		if n := caller.Number; n != "" && !seen[n] {
			seen[n] = true
			numbers = append(numbers, n)
		}
	}
	return callers, numbers
}

// decided is what would be done with calls, each at its place.
type decided struct {
	house    screening.Household
	verdicts []screening.Verdict
	contacts []string
	notRung  int // calls of whom it is not known whether the household had rung them before
}

// decide decides on calls as if everything had been as it is in a trial. was is how the household was before the change, nil if this is that.
func decide(ctx context.Context, a household.Admin, calls []Call, callers []screening.Caller, was *screening.Household) (d decided, err error) {
	if d.house, err = a.Store.Household(ctx, a.Household); err != nil {
		return d, err
	}
	d.house = a.Complete(d.house)
	h := history{before: map[screening.Number]time.Time{}, tried: map[screening.Number]time.Time{}}
	if h.emergencies, err = a.Store.Emergencies(ctx, a.Household); err != nil {
		return d, err
	}
	type known struct {
		screening.Household
		screening.Knowledge
	}
	looked := map[screening.Number]known{}
	for i, c := range calls {
		number := callers[i].Number
		k, is := looked[number]
		if !is {
			if err := ctx.Err(); err != nil {
				return d, err
			}
			if k.Household, k.Knowledge, err = a.Store.Situation(ctx, a.Household, number); err != nil {
				return d, err
			}
			k.Household = a.Complete(k.Household)
			looked[number] = k
		}
		then, sure := h.asOf(k.Household, k.Knowledge, c, number)
		if !sure {
			d.notRung++
		}
		d.verdicts = append(d.verdicts, screening.Decide(screening.Call{At: c.At, Caller: callers[i]}, houseThen(k.Household, was, c), then))
		h.add(c, number, d.verdicts[i])
		name := ""
		if then.Contact != nil {
			name = then.Contact.Name
		}
		d.contacts = append(d.contacts, name)
	}
	return d, nil
}

// compare finds the calls that would have gone differently.
func (r *Result) compare(calls []Call, callers []screening.Caller, now, would decided) {
	for i := len(calls) - 1; i >= 0; i-- {
		c := Change{Call: calls[i], Caller: callers[i], Now: now.verdicts[i], Would: would.verdicts[i], Contact: would.contacts[i]}
		if c.Contact == "" {
			c.Contact = now.contacts[i]
		}
		if c.From, c.To = fates(c.Now, c.Would); c.From != c.To {
			r.Changes = append(r.Changes, c)
		}
	}
	r.notes(calls, now, would)
}

// readLog adds to calls of the household's log how long people talked, and to those that are shown what was said.
func (r *Result) readLog(ctx context.Context, a household.Admin) error {
	shown := map[[2]Fate]int{}
	var ids []int64
	at := map[int64]int{}
	for i, c := range r.Changes {
		group := [2]Fate{c.From, c.To}
		if shown[group]++; shown[group] > shownOfGroup && !c.Outcome.Talked() {
			continue
		}
		ids = append(ids, c.ID)
		at[c.ID] = i
	}
	for some := range slices.Chunk(ids, 1000) {
		logged, err := a.Store.CallsByID(ctx, a.Household, some)
		if err != nil {
			return err
		}
		for _, l := range logged {
			c := &r.Changes[at[l.ID]]
			c.Logged = &l
			c.Talked, _ = l.Talked()
		}
	}
	return nil
}
