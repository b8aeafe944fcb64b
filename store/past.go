package store

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// PastCall is what is needed to decide on a call of the log again.
type PastCall struct {
	ID       int64
	At       time.Time
	Identity screening.Identity // what the network said, as far as the log holds it
	Name     string
	Reasons  []screening.Reason // of that time
	Outcome  calllog.Outcome
	Ended    time.Time
	InVain   bool // as Call.InVain
}

// PastCalls are a household's calls since a time, the oldest first; where there are more than most, the latest. Calls that are in progress, and those on
// which nothing could be decided, are among them.
func (s *Store) PastCalls(ctx context.Context, household string, since time.Time, most int) ([]PastCall, error) {
	calls, err := sqlite.Rows(ctx, s.read, func(c *PastCall) []any {
		return []any{&c.ID, columns.ScanMilliseconds(&c.At), &c.Identity.Number, &c.Identity.Name, &c.Identity.Presentation, &c.Name, columns.ScanJSON(&c.Reasons), &c.Outcome,
			columns.ScanMilliseconds(&c.Ended), &c.InVain}
	}, `SELECT calls.id, at_ms, said_number, said_name, said_pres, calls.name, reasons, outcome, ended_ms, `+triedInVain+`
		FROM households h JOIN calls ON household_id = h.id WHERE h.name = ? AND at_ms >= ? ORDER BY at_ms DESC, calls.id DESC LIMIT ?`, household, since.UnixMilli(), most)
	slices.Reverse(calls)
	for i := range calls {
		calls[i].Identity = calls[i].Identity.Checked(calls[i].Reasons)
	}
	return calls, err
}

// CallsByID are some of a household's calls, as FindCalls finds them.
func (s *Store) CallsByID(ctx context.Context, household string, ids []int64) ([]LoggedCall, error) {
	these, err := json.Marshal(append([]int64{}, ids...))
	if err != nil {
		return nil, err
	}
	calls, err := s.loggedCalls(ctx, " WHERE h.name = ? AND c.id IN (SELECT value FROM json_each(?)) ORDER BY c.at_ms DESC, c.id DESC", household, string(these))
	if err != nil {
		return nil, err
	}
	return calls, s.loggedDetails(ctx, calls)
}

// Emergencies are when a household called for help, as far as that is kept, the oldest first.
func (s *Store) Emergencies(ctx context.Context, household string) ([]time.Time, error) {
	return sqlite.Rows(ctx, s.read, func(at *time.Time) []any { return []any{columns.ScanTime(at)} },
		"SELECT at FROM emergencies WHERE "+columns.ByName+" ORDER BY at", household)
}

// InVain says that a call came to nothing, and that nothing spoke against the caller: if they were asked who they are, they have tried.
func (c Call) InVain() bool {
	return slices.Contains(vainOutcomes(), c.Outcome) && !slices.ContainsFunc(c.Steps, func(s Step) bool { return slices.Contains(againstCaller(), calllog.KindOf(s.Step)) })
}

// Talked is how long caller and household talked; false if they did not, or if it is not known.
func (c Call) Talked() (time.Duration, bool) {
	if !c.Outcome.Talked() || c.Ended.IsZero() {
		return 0, false
	}
	var from time.Time
	for _, s := range c.Steps {
		switch step := s.Step.(type) {
		case calllog.PickedUp, calllog.Pressed:
			from = s.At
		case calllog.CarerPressed:
			if step.Key == calllog.CarerLetThrough {
				from = s.At
			}
		}
	}
	return c.Ended.Sub(from), !from.IsZero() && !c.Ended.Before(from)
}
