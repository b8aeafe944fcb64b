package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/internal/repeat"
	"ringfence/ivr"
	"ringfence/ivr/switchboard"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/sqlite"
)

// dialplan is what regions need of a running Asterisk.
type dialplan interface {
	ReloadDialplan(ctx context.Context) error
	Global(ctx context.Context, name string) (string, error)
	// InUse says whether anybody is on the line.
	InUse(ctx context.Context) (bool, error)
	State() switchboard.State
}

// A household's region says how numbers are read and which are emergency numbers. People can choose another than the one in ringfence.toml.

// regions keeps the scripts of a running application, and Asterisk's dialplan, to the regions that people have chosen.
type regions struct {
	current  *config.Current // with the regions of the settings
	reread   func() (config.Settings, error)
	db       *store.Store
	asterisk dialplan
	log      *slog.Logger
	lines    *ivr.Lines

	mu      sync.Mutex        // held while regions are brought to Asterisk
	inForce map[string]string // the regions that Asterisk has, by household; nil: not known
	version int64             // of the settings that the scripts have
	since   time.Time         // when the connection to it was made for which that holds
	fault   atomic.Pointer[string]
	old     atomic.Bool // a call has come from the dialplan of an earlier version
}

func newRegions(current *config.Current, db *store.Store, log *slog.Logger) *regions {
	s := current.Settings()
	r := &regions{current: current, reread: s.Reread, db: db, log: log, lines: ivr.NewLines(s.Lines())}
	r.setFault(nil)
	return r
}

// house is what a household has chosen, with what is known of its line at this moment.
func (r *regions) house(ctx context.Context, household string) (screening.Household, error) {
	house, err := r.db.Household(ctx, household)
	return r.lines.Of(household).Complete(house), err
}

// wayOut is the trunk by which a household reaches its carer's phone.
func (r *regions) wayOut(household string) switchboard.OutboundRoute {
	line, h := r.lines.Of(household), r.current.Named(household)
	trunk := asterisk.Trunk{Name: h.Trunk}.Endpoint()
	return switchboard.OutboundRoute{
		Trunk: trunk, Contact: r.current.Contacts()[trunk], Number: string(line.Number), Region: line.Region, Language: line.Language,
	}
}

// Fault is a sentence that says why a chosen region is not in force everywhere, and what to do; "" if it is.
func (r *regions) Fault() string { return *r.fault.Load() }

func (r *regions) setFault(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	r.fault.Store(&text)
}

// Fits says in a plain sentence why a household's line cannot be in a region.
func (r *regions) Fits(household, region string) error {
	return r.current.Named(household).Fits(region)
}

const (
	followEvery = 5 * time.Second  // within which a region from a command or a backup takes effect
	patience    = 10 * time.Second // with an Asterisk that does not answer
)

// keep follows the chosen regions until ctx ends.
func (r *regions) keep(ctx context.Context) {
	repeat.Every(ctx, followEvery, func() {
		before := r.Fault()
		err := r.Follow(ctx)
		if fault := r.Fault(); ctx.Err() == nil && (err != nil || fault != "" && fault != before) {
			r.log.Error("the regions that were chosen could not be brought to Asterisk; it is tried again", "err", err, "fault", fault)
		}
	})
}

// Follow puts the chosen regions in force in the scripts and in Asterisk. Only the database's errors are returned.
func (r *regions) Follow(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	chosen, err := r.db.Regions(ctx)
	if err != nil {
		return err
	}
	if state := r.asterisk.State(); state.Connected && !state.Since.Equal(r.since) {
		r.inForce, r.since = nil, state.Since // it may have started with those of ringfence.toml (see ChosenRegions)
	}
	if r.old.Load() {
		r.inForce = nil
	}
	version := r.current.Version()
	s, misfit := r.current.Settings().WithRegions(chosen)
	now := s.Regions()
	if version != r.version || !maps.Equal(now, r.inForce) {
		r.lines.Replace(s.Lines())
		r.version = version
	}
	if !maps.Equal(now, r.inForce) {
		if err := bringDialplan(ctx, s, r.reread, r.asterisk, r.old.Load()); err != nil {
			r.setFault(errors.Join(misfit, err))
			return nil
		}
		r.old.Store(false)
		if changed := changedIn(r.inForce, now); len(changed) > 0 {
			r.log.Info("the households' regions have changed", "regions", changed)
		}
		r.inForce = now
	}
	r.setFault(misfit)
	return nil
}

// changedIn are the households that have another region now.
func changedIn(before, now map[string]string) map[string]string {
	changed := map[string]string{}
	for name, region := range now {
		if was, there := before[name]; there && was != region {
			changed[name] = region
		}
	}
	return changed
}

// BringRegions updates the dialplan of a running Asterisk to the regions of the settings, for a command; a running application does so by itself. Its
// errors are plain sentences.
func BringRegions(ctx context.Context, s config.Settings) error {
	password, err := s.ARIPassword()
	if err != nil {
		return fmt.Errorf("Asterisk follows when its configuration is written: %w", err)
	}
	board := newSwitchboard(config.NewCurrent(s), password, func(string) switchboard.OutboundRoute { return switchboard.OutboundRoute{} }, nil, nil, slog.New(slog.DiscardHandler))
	return bringDialplan(ctx, s, s.Reread, board, false)
}

// bringDialplan rewrites Asterisk's dialplan if the running one has other regions than the settings, or is known to be an earlier version's, and makes
// sure that Asterisk has read it. Its errors are plain sentences that say what to run.
func bringDialplan(ctx context.Context, s config.Settings, reread func() (config.Settings, error), a dialplan, old bool) error {
	has, err := a.Global(ctx, asterisk.RegionsVariable)
	if err != nil {
		return errAway
	}
	wanted := asterisk.RegionsDigest(s.OtherRegions())
	if has == wanted && !old {
		return nil
	}
	old = old || has == ""
	if old && inUse(ctx, a) { // calls in progress would not find their contexts in the new one
		return errOld
	}
	// If the settings have changed since Asterisk's other files were written, the dialplan could name telephones that it does not know.
	if now, err := reread(); err != nil || !reflect.DeepEqual(now.WithoutRegions(), s.WithoutRegions()) {
		return errors.New("ringfence.toml has changed since Ringfence was started: restart Asterisk and Ringfence (systemctl restart ringfence-asterisk ringfence), so that the region applies to emergency numbers")
	}
	password, err := s.ARIPassword()
	if err != nil {
		return err
	}
	site, err := s.SiteThatRings(password, io.Discard) // said to the running Asterisk's log already
	if err != nil {
		return err
	}
	err = asterisk.WriteDialplan(s.AsteriskFolder(), site)
	if own, apart := s.OwnAsteriskFolder(); err == nil && apart {
		err = asterisk.WriteRegions(own, s.Regions())
	}
	if errors.Is(err, asterisk.ErrNoConfig) {
		return errElsewhere
	}
	if sqlite.IsInternal(err) {
		return fmt.Errorf("the region does not apply to emergency numbers yet, because Asterisk's dialplan cannot be written: check that the disk has room, and who owns %s", s.AsteriskFolder())
	}
	if err != nil {
		return err
	}
	if old && inUse(ctx, a) { // somebody may have rung while it was written
		return errOld
	}
	if err := a.ReloadDialplan(ctx); err != nil {
		return errAway
	}
	has, err = a.Global(ctx, asterisk.RegionsVariable)
	if err == nil && has != wanted {
		err = errElsewhere
	}
	return err
}

// inUse says whether somebody is on the line, or may be.
func inUse(ctx context.Context, a dialplan) bool {
	busy, err := a.InUse(ctx)
	return busy || err != nil
}

var (
	errElsewhere = errors.New("Asterisk reads its configuration from another folder: run `ringfence asterisk config` for that folder and restart Asterisk, so that the region applies to emergency numbers")
	errOld       = errors.New("Asterisk still has the dialplan of an earlier version, so every call rings unscreened. It gets the new one once nobody is on the line")
	errAway      = errors.New("Asterisk does not answer, so the region does not apply to emergency numbers yet: start it (systemctl start ringfence-asterisk)")
)
