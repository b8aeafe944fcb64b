// Package cell is how a machine is with all its households (a cell), in numbers for Prometheus (package metrics) and in words for its operator: a page, and the same
// for programs. What it takes does not grow with the households: a few queries, and what the program has in memory.
package cell

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"ringfence/app/doctor"
	"ringfence/config"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/store/outbox"
	"ringfence/store/rescue"
	"ringfence/web/backend"
)

// Cell is a machine with its households.
type Cell struct {
	Settings func() config.Settings // those in force
	Release  string
	Store    *store.Store
	Line     func(household string) backend.Line
	Machine  func() []doctor.Finding      // what was found of the machine the last time
	Rescued  func() (rescue.Report, bool) // the latest damage of the database, until what was set aside is deleted
	Stalled  func() bool                  // what calls write waits, because the database can't be written
	Failed   func(what string, err error) // is told what could not be found
	Now      func() time.Time

	Started time.Time
	refused atomic.Int64 // calls, since the start
}

// OnRefused counts calls that were refused because more came than are taken.
func (c *Cell) OnRefused(calls int) { c.refused.Add(int64(calls)) }

// Refused is how many calls were refused since the start.
func (c *Cell) Refused() int64 { return c.refused.Load() }

// State is how a cell is at a moment.
type State struct {
	Households []string // in the order of the settings
	Lines      map[string]backend.Line
	Asterisk   backend.Part
	SIP        string // why no call can come in; "" if nothing is known to be wrong
	Phones     Tally
	Trunks     Tally
	TrunksDown []string
	LinesDown  int      // households whose trunk is down
	NoPhone    []string // households none of whose phones is connected

	Limits config.CallLimits
	// What the database says. Fault says why some of it is nil.
	Calls    map[string]int // that are in progress, by household
	Backlogs map[string]outbox.Backlog
	Lists    *lists.Freshness
	Fault    error
}

// Tally counts phones or trunks.
type Tally struct {
	Up      int `json:"up"`
	Down    int `json:"down"`
	Unknown int `json:"unknown"`
}

func (t *Tally) add(p backend.Part) {
	switch {
	case !p.Known:
		t.Unknown++
	case p.Up:
		t.Up++
	default:
		t.Down++
	}
}

// All is how many there are.
func (t Tally) All() int { return t.Up + t.Down + t.Unknown }

// look is how long the database may take.
const look = 5 * time.Second

// Look finds out how the cell is.
func (c *Cell) Look(ctx context.Context) State {
	ctx, cancel := context.WithTimeout(ctx, look)
	defer cancel()
	settings := c.Settings()
	s := State{Households: settings.HouseholdNames(), Lines: map[string]backend.Line{}, Limits: settings.CallLimits()}
	s.countLines(c.Line)
	var errs [3]error
	s.Calls, errs[0] = c.Store.OpenCalls(ctx)
	s.Backlogs, errs[1] = c.Store.Outbox.Backlogs(ctx)
	freshness, err := c.Store.Lists.Freshness(ctx)
	if errs[2] = err; err == nil {
		s.Lists = &freshness
	}
	if s.Fault = errors.Join(errs[:]...); s.Fault != nil {
		c.Failed("the database doesn't say how the machine is", s.Fault)
	}
	return s
}

func (s *State) countLines(lineOf func(household string) backend.Line) {
	trunks := map[string]bool{}
	for i, household := range s.Households {
		line := lineOf(household)
		s.Lines[household] = line
		if i == 0 {
			s.Asterisk, s.SIP = line.Asterisk, line.SIP
		}
		down := line.Trunk.Known && !line.Trunk.Up
		if down {
			s.LinesDown++
		}
		if !trunks[line.Trunk.Name] {
			trunks[line.Trunk.Name] = true
			s.Trunks.add(line.Trunk)
			if down {
				s.TrunksDown = append(s.TrunksDown, line.Trunk.Name)
			}
		}
		for _, p := range line.Phones {
			s.Phones.add(p)
		}
		if len(line.Phones) > 0 && !slices.ContainsFunc(line.Phones, func(p backend.Part) bool { return p.Up || !p.Known }) {
			s.NoPhone = append(s.NoPhone, household)
		}
	}
}

// CallsNow is how many calls are in progress.
func (s State) CallsNow() (all int) {
	for _, n := range s.Calls {
		all += n
	}
	return all
}

// Use is how much of a limit is used.
type Use struct {
	Name  string `json:"name,omitempty"` // of the household or trunk
	Calls int    `json:"calls"`
	Limit int    `json:"limit"`
}

// Share is the part of the limit that is used: 1 is all of it.
func (u Use) Share() float64 {
	if u.Limit == 0 {
		return 0
	}
	return float64(u.Calls) / float64(u.Limit)
}

// Cell is the use of the limit for all households together.
func (s State) Cell() Use { return Use{Calls: s.CallsNow(), Limit: s.Limits.All} }

// Household is the use of a household's limit.
func (s State) Household(name string) Use {
	return Use{Name: name, Calls: s.Calls[name], Limit: s.Limits.Households[name]}
}

// Fullest is the household that has used most of its limit.
func (s State) Fullest() (most Use) {
	for _, name := range s.Households {
		if u := s.Household(name); most.Name == "" || u.Share() > most.Share() {
			most = u
		}
	}
	return most
}
