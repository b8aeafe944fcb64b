package ivr

import (
	"sync/atomic"

	"ringfence/screening"
)

// Lines are the lines of all households. They may be replaced during calls: a call keeps the line with which it began.
type Lines struct {
	now atomic.Pointer[map[string]screening.Line]
}

// NewLines makes Lines from the lines by household.
func NewLines(byHousehold map[string]screening.Line) *Lines {
	l := &Lines{}
	l.Replace(byHousehold)
	return l
}

// Of is a household's line, or the zero Line if there is no such household.
func (l *Lines) Of(household string) screening.Line { return (*l.now.Load())[household] }

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
func (l *Lines) Replace(byHousehold map[string]screening.Line) { l.now.Store(&byHousehold) }
