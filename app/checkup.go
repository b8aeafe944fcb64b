package app

import (
	"context"
	"time"

	"ringfence/app/doctor"
	"ringfence/internal/repeat"
	"ringfence/internal/residence"
	"ringfence/screening"
	"ringfence/web/backend"
)

// checkUpEvery is how often the machine is looked at for the pages. None of it changes within minutes.
const checkUpEvery = 5 * time.Minute

// checkUp makes those checks of `ringfence check` that the switchboard does not make all the time, and keeps them for the pages, until ctx ends. The
// first time is the last step of a start.
func (s *Service) checkUp(ctx context.Context) {
	shrink := residence.AtStartsEnd(s.log)
	repeat.Every(ctx, checkUpEvery, func() {
		found := doctor.New(s.current.Settings()).Machine(ctx, s.db)
		if ctx.Err() == nil {
			s.machine.Store(&found)
			s.Telephony.setMachine(partsOf(found))
		}
		shrink()
	})
}

// found is what was found of the machine the last time; nothing just after the start.
func (s *Service) found() []doctor.Finding {
	if found := s.machine.Load(); found != nil {
		return *found
	}
	return nil
}

// levels are the pages' words for the states of findings. What only needs attention is no reason to say that something is wrong.
var levels = map[doctor.State]string{doctor.OK: "ok", doctor.Skipped: "ok", doctor.Warning: "warn", doctor.Failed: "stop"}

// partsOf are findings as the pages show them.
func partsOf(found []doctor.Finding) (parts []backend.PartState) {
	for _, f := range found {
		parts = append(parts, backend.PartState{Level: levels[f.State], What: screening.Capital(f.Part) + ":", Words: f.Text})
	}
	return parts
}

func (l *Telephony) setMachine(parts []backend.PartState) {
	l.mu.Lock()
	l.machine = parts
	l.mu.Unlock()
	l.changes.notify()
}
