// Package app is the running program: what `ringfence serve` wires together and watches. It takes calls beside Asterisk, serves the carers'
// pages, keeps the database, lists and regions up to date, and goes on after most faults: whatever happens to it, Asterisk rings the household.
//
// What web's pages ask of the rest of the program is here. Parts with one job of their own are packages below: alerts (telling carers), card (the
// household's printed card), doctor (`ringfence check`), endedcalls, hubserver (a group's hub), ivrstore (the store as calls and telephones use
// it), metrics, repeat, watch (what carers hear of without a call), webserver (HTTPS).
package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"ringfence/app/alerts"
	"ringfence/app/ivrstore"
	"ringfence/app/metrics"
	"ringfence/app/watch"
	"ringfence/app/webserver"
	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/ivr"
	"ringfence/ivr/switchboard"
	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/sharing/inquiry"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/datafolder"
	"ringfence/web"
	"ringfence/web/backend"
)

// Release is the version that CHANGELOG.md begins with; a test holds the two together.
const Release = "0.1.0"

// Options are what a Service is made of.
type Options struct {
	Settings config.Settings
	// HoldReports is for how long a report can be taken back before a group is told of it; 0 is the usual time.
	HoldReports time.Duration
	Out         io.Writer // where the address of the first run is written
	Log         *slog.Logger
}

// Serve runs the application until ctx ends: with another database where the one there was is damaged, and once more with a backup that was put
// back. reread reads the settings then: what ringfence.toml says may be what the backup needs.
func Serve(ctx context.Context, o Options, reread func() (config.Settings, error)) error {
	for {
		err := serve(ctx, o)
		switch {
		case ctx.Err() != nil:
			return err
		case errors.Is(err, errRestart):
			o.Log.Info("a backup was put back; restarting with it")
		case store.Unusable(err):
			if err := replaceDatabase(ctx, o.Settings, err, o.Log); err != nil {
				return err
			}
		default:
			return err
		}
		if o.Settings, err = reread(); err != nil {
			return err
		}
	}
}

// serve runs the application until ctx ends, or it is to be restarted.
func serve(ctx context.Context, o Options) error {
	tell, err := checkLog(ctx, o.Settings, o.Log)
	if err != nil {
		return err
	}
	db, err := OpenStore(ctx, o.Settings)
	if err != nil {
		return err
	}
	if err = verifyAtStart(ctx, db, o.Log); err == nil {
		tell(db)
		var made *Service
		if made, err = New(ctx, o, db); err == nil {
			err = made.Run(ctx)
		}
	}
	if db.Removed() != nil {
		return errors.Join(err, db.PutBack(context.WithoutCancel(ctx), o.Settings.HouseholdNames()))
	}
	return errors.Join(err, db.Close())
}

// OpenStore opens the households' database, and makes it where it is not there yet.
func OpenStore(ctx context.Context, s config.Settings) (*store.Store, error) {
	if err := datafolder.Make(s.Data); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, s.Database())
	if err != nil {
		return nil, err
	}
	for _, h := range s.Households {
		if err := db.EnsureHousehold(ctx, h.Name); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

// idleConnections to ARI are kept open. Go keeps two by default, and the ARI library has no setting of its own: with
// more calls at a time each request would begin with a new connection.
const idleConnections = 32

// gcPercent lets the heap grow to five times what is in use before it is collected. With Go's 100 a busy line would collect many times a second.
const gcPercent = 400

// Service is everything that serve runs.
type Service struct {
	Options
	Telephony *Telephony
	db        *store.Store
	log       *slog.Logger    // that ends the application if an error in it says that the database is damaged
	ended     context.Context // with the cause why Serve is to start the application again
	queue     *store.WriteBehind
	board     *switchboard.Switchboard
	screener  *ivr.Screener
	regions   *regions
	metrics   *metrics.Metrics // nil: nobody asks for them
	lists     *subscribe.Updater
	groups    group.Groups
	// For the pages alone.
	households households
	restart    restart
	limits     webserver.Limits
}

// New wires everything together. Nothing happens until Run.
func New(ctx context.Context, o Options, db *store.Store) (*Service, error) {
	s := o.Settings
	password, err := s.ARIPassword()
	if err != nil {
		return nil, err
	}
	ended, end := context.WithCancelCause(context.WithoutCancel(ctx))
	log := slog.New(lateHandler{Handler: o.Log.Handler(), onError: func(err error) {
		if store.Unusable(err) {
			end(err)
		}
	}})
	debug.SetGCPercent(gcPercent)
	if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport.MaxIdleConnsPerHost = idleConnections
	}
	changes := &broadcast{}
	weaknesses, err := s.Weaknesses()
	if err != nil { // a password that Asterisk alone can read, for example: calls do not wait for that
		log.Warn("whether a password is easy to guess is not known", "err", err)
	}
	regions := newRegions(s, db, log)
	board := newSwitchboard(s, password, regions.wayOut, changes.notify, log)
	regions.asterisk = board
	sounds := ivrstore.Sounds{Store: db, Folder: filepath.Join(s.AsteriskFolder(), "sounds")}
	if err := sounds.PublishAll(ctx, s.HouseholdNames()); err != nil {
		log.Error("a household's own words could not be brought to Asterisk; the usual ones are played", "err", err)
	}
	queue, err := db.WriteBehind(ctx, log, changes.notify)
	if err != nil {
		return nil, err
	}
	calls := ivrstore.Store{Store: db, Queue: queue, Sounds: sounds, Lines: regions.lines}
	screener := &ivr.Screener{
		Telephones: board, Households: calls, CallLog: queue, OpenCalls: calls, Callers: calls, Recordings: calls, Mailbox: calls, Choices: calls,
		Carers: calls, Sounds: sounds, Lines: regions.lines, Log: log, Now: time.Now,
		SpamLookup: &inquiry.Asker{Store: db, Fetch: inquirer(s.Lists), Log: log, Now: time.Now},
	}
	telephony := &Telephony{
		settings: s, weaknesses: weaknesses, screener: screener, board: board, changes: changes, log: log, now: time.Now, testCallsEnd: ctx,
		registered: map[string]backend.Part{}, tests: map[string]web.TestCall{},
	}
	updater := NewUpdater(s, db, func(household string) screening.Household {
		return regions.lines.Of(household).Complete(screening.Household{})
	}, log)
	made := &Service{
		Options: o, db: db, log: log, ended: ended, queue: queue, board: board, screener: screener, regions: regions, Telephony: telephony, lists: updater,
		households: households{s, regions.lines, sounds}, restart: restart{s.Data, end}, limits: webserver.UsualLimits,
		groups: NewGroups(s, db, o.HoldReports, updater, regions.house),
	}
	if s.Metrics.Listen != "" {
		made.metrics = metrics.New(metrics.Options{Settings: s, Release: Release, Store: db, Line: telephony.Line, Log: log})
		screener.Households = made.metrics.Timed(screener.Households)
	}
	return made, nil
}

// newSwitchboard connects the households' telephones with their scripts.
func newSwitchboard(s config.Settings, password string, way func(household string) switchboard.Line, changed func(), log *slog.Logger) *switchboard.Switchboard {
	return switchboard.New(switchboard.Options{
		Address: s.Asterisk.ARI, User: s.Asterisk.ARIUser, Password: password, App: s.Asterisk.App,
		Telephones: s.Endpoints(), Line: way, Changed: changed, Log: log,
	})
}

// Run takes calls until ctx ends, once.
func (s *Service) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(s.ended, stop)()
	var keeping sync.WaitGroup
	watched := watch.Options{Households: s.Settings.HouseholdNames(), Notices: s.db, Now: time.Now, Log: s.log}
	for _, keep := range []func(){
		func() { expire(ctx, s.Settings, s.db, s.log) },
		func() { backUpDaily(ctx, s.db, s.log) },
		func() { checkpoints(ctx, s.db, s.log) },
		func() { s.regions.keep(ctx) },
		func() { s.lists.Run(ctx) },
		func() { s.Telephony.watchRegistrations(ctx) },
		func() { s.Telephony.watchSIP(ctx) },
		func() { watch.Disk(ctx, watched, func() (int64, error) { return store.FreeDisk(s.Settings.Data) }) },
		func() { watch.Outages(ctx, watched, s.Telephony.Line) },
		func() {
			watch.Guessing(ctx, watched, func() ([]asterisk.Guesses, error) { return asterisk.ReadGuesses(s.Settings.AsteriskFolder()) })
		},
		func() { s.report(ctx) },
		func() { s.alert(ctx) },
		func() { s.servePages(ctx) },
		func() {
			if s.metrics != nil {
				s.metrics.Serve(ctx)
			}
		},
	} {
		keeping.Go(keep)
	}
	err := s.board.Run(ctx, s.screener)
	stop()
	s.queue.Close()
	keeping.Wait()
	return errors.Join(err, context.Cause(s.ended))
}

// alert tells carers what they have chosen to be told of, beside calls, until ctx ends.
func (s *Service) alert(ctx context.Context) {
	o := alerts.Options{Households: s.Settings.HouseholdNames(), Line: s.regions.lines.Of, Store: s.db, Log: s.log}
	if s.metrics != nil {
		o.OnMessage = s.metrics.OnMessage
	}
	dispatcher, err := alerts.NewDispatcher(o)
	if err != nil {
		s.log.Error("carers are not told of anything; calls go on", "err", err)
		return
	}
	changed, cancel := s.Telephony.changes.subscribe()
	defer cancel()
	dispatcher.Run(ctx, throttle(ctx, changed))
}

// House is what a household has chosen, with what the settings say of its line: as a call meets it.
func House(ctx context.Context, s config.Settings, db *store.Store, household string) (screening.Household, error) {
	house, err := db.Household(ctx, household)
	return s.Lines()[household].Complete(house), err
}
