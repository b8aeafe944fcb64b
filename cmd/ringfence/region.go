package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ringfence/asterisk"
	"ringfence/ivr"
	"ringfence/ivr/switchboard"
	"ringfence/screening"
	"ringfence/store"
)

// A household's region says how numbers are read and which are emergency numbers. It stands in ringfence.toml, and people can
// choose another, which is kept in the database. Here the choice is brought to where it matters: the scripts, and Asterisk's
// dialplan.

// validateNumbers reads the numbers that ringfence.toml has of a household, in its region.
func (h householdSettings) validateNumbers() error {
	for _, written := range h.Telecare {
		if _, err := screening.ParseNumber(written, h.Region); err != nil {
			return fmt.Errorf("the alarm centre of household %s: %w", h.Name, err)
		}
	}
	if h.Number != "" {
		if _, err := screening.ParseNumber(h.Number, h.Region); err != nil {
			return fmt.Errorf("the number of household %s: %w", h.Name, err)
		}
	}
	return nil
}

// fits says in a plain sentence why a household's line cannot be in a region.
func (h householdSettings) fits(region string) error {
	if err := screening.ValidRegion(region); err != nil {
		return err
	}
	h.Region = region
	if err := h.validateNumbers(); err != nil {
		return fmt.Errorf("in %s ringfence.toml cannot be understood: %w: write its numbers there with + and the country code first", region, err)
	}
	return nil
}

// in are the settings with the regions that people have chosen, by household. One that does not fit is not taken, and said.
func (s settings) in(chosen map[string]string) (settings, error) {
	s.Households = slices.Clone(s.Households)
	var errs []error
	for i := range s.Households {
		h := &s.Households[i]
		region, isChosen := chosen[h.Name]
		if !isChosen {
			continue
		}
		if err := h.fits(region); err != nil {
			errs = append(errs, fmt.Errorf("%w; until then %s is in %s", err, h.Name, h.Region))
			continue
		}
		h.Region = region
	}
	return s, errors.Join(errs...)
}

// withRegions is in for a command, which says what does not fit and goes on.
func (p *program) withRegions(s settings, chosen map[string]string) settings {
	s, err := s.in(chosen)
	if err != nil {
		fmt.Fprintf(p.err, "ringfence: %s\n", err)
	}
	return s
}

// chosenRegions is the same for a command that does not open the database. Asterisk has to start whatever the database is
// like: where it cannot be read, ringfence.toml's regions hold.
func (p *program) chosenRegions(ctx context.Context, s settings) settings {
	chosen, err := store.RegionsIn(ctx, s.database())
	if err != nil {
		fmt.Fprintf(p.err, "ringfence: which regions were chosen cannot be read, so those of ringfence.toml hold: %s\n", err)
	}
	return p.withRegions(s, chosen)
}

// dialplan is what is needed of a running Asterisk.
type dialplan interface {
	ReloadDialplan(ctx context.Context) error
	Global(ctx context.Context, name string) (string, error)
}

// regions keep the lines of a running application, and Asterisk's dialplan, in the regions that are chosen.
type regions struct {
	written  settings // as ringfence.toml had them when the application started
	anew     func() (settings, error)
	db       *store.Store
	asterisk dialplan
	log      *slog.Logger
	lines    *ivr.Lines

	mu    sync.Mutex        // one brings them at a time
	holds map[string]string // the regions that Asterisk has, by household; nil: not known
	fault atomic.Pointer[string]
}

func newRegions(s settings, db *store.Store, log *slog.Logger) *regions {
	r := &regions{written: s, anew: s.again, db: db, log: log, lines: ivr.NewLines(s.lines())}
	r.setFault(nil)
	return r
}

// wayOut is a household's way to its carer's telephone.
func (r *regions) wayOut(household string) switchboard.Line {
	line, h := r.lines.Of(household), r.written.named(household)
	return switchboard.Line{Trunk: asterisk.Trunk{Name: h.Trunk}.Endpoint(), Number: string(line.Number), Region: line.Region}
}

// Fault says in a plain sentence why a region that was chosen does not hold everywhere, and what to do; "" where it does.
func (r *regions) Fault() string { return *r.fault.Load() }

func (r *regions) setFault(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	r.fault.Store(&text)
}

// Choose puts a household's line into a region; "" is that of ringfence.toml. An error says that nothing was changed, and why.
// That Asterisk could not be brought along is told by Fault: it is tried again.
func (r *regions) Choose(ctx context.Context, household, region string) error {
	if region != "" {
		if err := r.written.named(household).fits(region); err != nil {
			return err
		}
	}
	if err := r.db.SetRegion(ctx, household, region); err != nil {
		return err
	}
	return r.follow(ctx)
}

const (
	followEvery = 5 * time.Second  // how soon a region is followed that was chosen with a command, or came with a backup
	patience    = 10 * time.Second // with an Asterisk that does not answer
)

// keep follows what is chosen until ctx ends.
func (r *regions) keep(ctx context.Context) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		before := r.Fault()
		err := r.follow(ctx)
		if fault := r.Fault(); ctx.Err() == nil && (err != nil || fault != "" && fault != before) {
			r.log.Error("the regions that were chosen could not be brought to Asterisk; it is tried again", "err", err, "fault", fault)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// follow brings what is chosen to the scripts and to Asterisk, where it is not there yet. An error is one of the database.
func (r *regions) follow(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, patience)
	defer done()
	r.mu.Lock()
	defer r.mu.Unlock()
	chosen, err := r.db.Regions(ctx)
	if err != nil {
		return err
	}
	s, misfit := r.written.in(chosen)
	if now := s.regions(); !maps.Equal(now, r.holds) {
		r.lines.Replace(s.lines())
		if err := bringDialplan(ctx, s, r.anew, r.asterisk); err != nil {
			r.setFault(errors.Join(misfit, err))
			return nil
		}
		if r.holds != nil {
			r.log.Info("the households' regions have changed", "regions", now)
		}
		r.holds = now
	}
	r.setFault(misfit)
	return nil
}

// withoutRegions are the settings as they stand in the file.
func (s settings) withoutRegions() settings {
	s.Households = slices.Clone(s.Households)
	for i := range s.Households {
		s.Households[i].Region = s.Households[i].inFile
	}
	return s
}

// regions are the households' regions.
func (s settings) regions() map[string]string {
	all := map[string]string{}
	for _, h := range s.Households {
		all[h.Name] = h.Region
	}
	return all
}

// bringDialplan writes Asterisk's dialplan anew where the running one is in other regions than the settings, and sees that
// Asterisk has read it. Its errors are plain sentences that say what to run.
func bringDialplan(ctx context.Context, s settings, anew func() (settings, error), a dialplan) error {
	if same, err := s.sameRegions(ctx, a); same || err != nil {
		return err
	}
	// A dialplan of settings that Asterisk's other files do not have yet would name telephones that it does not know.
	if now, err := anew(); err != nil || !reflect.DeepEqual(now.withoutRegions(), s.withoutRegions()) {
		return errors.New("ringfence.toml has changed since Ringfence was started: restart Asterisk and Ringfence (systemctl restart ringfence-asterisk ringfence), so that the region holds for emergency numbers")
	}
	password, err := s.ariPassword(false)
	if err != nil {
		return err
	}
	site, err := s.siteThatRings(password, io.Discard) // the Asterisk that runs has said so
	if err != nil {
		return err
	}
	err = asterisk.WriteDialplan(s.asteriskDir(), site)
	if errors.Is(err, asterisk.ErrNoConfig) {
		return errElsewhere
	}
	if err != nil {
		return err
	}
	if err := a.ReloadDialplan(ctx); err != nil {
		return errAway
	}
	same, err := s.sameRegions(ctx, a)
	if err == nil && !same {
		err = errElsewhere
	}
	return err
}

var (
	errElsewhere = errors.New("Asterisk reads its configuration from another folder: run `ringfence asterisk config` for that folder and restart Asterisk, so that the region holds for emergency numbers")
	errAway      = errors.New("Asterisk does not answer, so the region does not hold for emergency numbers yet: start it (systemctl start ringfence-asterisk)")
)

// sameRegions asks Asterisk for the regions of the dialplan that it has read. One that was written before it kept them is in
// those of ringfence.toml.
func (s settings) sameRegions(ctx context.Context, a dialplan) (bool, error) {
	for _, h := range s.Households {
		has, err := a.Global(ctx, asterisk.Household{Name: h.Name}.RegionVariable())
		if err != nil {
			return false, errAway
		}
		if has == "" {
			has = h.inFile
		}
		if has != h.Region {
			return false, nil
		}
	}
	return true, nil
}
