package ivr

import (
	"sync/atomic"
	"time"

	"ringfence/screening"
)

// Line is what ringfence.toml says of a household. The region may be another that people have chosen on a page.
type Line struct {
	Region   string
	Number   screening.Number
	Language string
	Telecare []screening.Number
	Zone     *time.Location // of the household's clocks; nil is the machine's own
}

// Complete adds what ringfence.toml says to what a household has chosen.
func (l Line) Complete(h screening.Household) screening.Household {
	h.Region, h.Number, h.Telecare, h.Times.Zone = l.Region, l.Number, l.Telecare, l.Zone
	return h
}

func (l Line) zone() *time.Location {
	if l.Zone == nil {
		return time.Local
	}
	return l.Zone
}

// Lines are the lines of all households. They may be replaced during calls: a call keeps the line with which it began.
type Lines struct {
	now atomic.Pointer[map[string]Line]
}

// NewLines are lines by household.
func NewLines(byHousehold map[string]Line) *Lines {
	l := &Lines{}
	l.Replace(byHousehold)
	return l
}

// Of is a household's line, or the zero Line if there is no such household.
func (l *Lines) Of(household string) Line { return (*l.now.Load())[household] }

// Known says whether there is a household of that name.
func (l *Lines) Known(household string) bool {
	_, known := (*l.now.Load())[household]
	return known
}

// Only is the household's name if there is only one.
func (l *Lines) Only() (household string, only bool) {
	lines := *l.now.Load()
	for name := range lines {
		household = name
	}
	return household, len(lines) == 1
}

// Replace replaces all lines. The map must not be changed afterwards.
func (l *Lines) Replace(byHousehold map[string]Line) { l.now.Store(&byHousehold) }
