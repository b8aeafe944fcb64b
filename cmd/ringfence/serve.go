package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"ringfence/ivr"
	"ringfence/ivr/switchboard"
	"ringfence/screening"
	"ringfence/sharing/inquiry"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/web"
)

type serveCmd struct {
	LogLevel slog.Level `help:"How much to log: debug, info, warn or error." default:"info"`
	// HoldReports is for the demonstration and the tests, which cannot wait for an hour.
	HoldReports time.Duration `hidden:"" default:"1h"`
	// CPUProfile is for "make profile", which writes what the compiler optimises the program by.
	CPUProfile string `hidden:""`
}

func (serveCmd) Help() string {
	return "Connects to Asterisk and takes its calls until it is told to stop. While it is away, Asterisk rings the\n" +
		"household by itself.\n\nExample: ringfence serve --config /etc/ringfence/ringfence.toml"
}

func (c serveCmd) Run(ctx context.Context, p *program) error {
	p.boundHeap(serveHeap)
	s, err := p.settings()
	if err != nil {
		return err
	}
	if err := p.refuseDoorsAtSetUp(s); err != nil {
		return err
	}
	log := newLog(p.err, c.LogLevel)
	if c.CPUProfile != "" {
		stop, err := profile(c.CPUProfile)
		if err != nil {
			return err
		}
		defer stop()
	}
	for {
		s.reportHold = c.HoldReports
		err := serve(ctx, s, p.out, log)
		switch {
		case ctx.Err() != nil:
			return err
		case errors.Is(err, errAnew):
			log.Info("a backup was put back; everything begins anew with it")
		case store.Unusable(err):
			if err := rescue(ctx, s, err, log); err != nil {
				return err
			}
		default:
			return err
		}
		// What ringfence.toml says may be what the backup needs.
		if s, err = p.settings(); err != nil {
			return err
		}
	}
}

// serve runs the application until ctx ends, or it is to begin anew.
func serve(ctx context.Context, s settings, out io.Writer, log *slog.Logger) error {
	tell, err := checkLog(ctx, s, log)
	if err != nil {
		return err
	}
	db, err := s.open(ctx)
	if err != nil {
		return err
	}
	if err = verifyAtStart(ctx, db, log); err == nil {
		tell(db)
		var made *service
		if made, err = newService(ctx, s, db, out, log); err == nil {
			err = made.run(ctx)
		}
	}
	return errors.Join(err, db.Close())
}

// open opens the household's database, and makes it where it is not there yet.
func (s settings) open(ctx context.Context) (*store.Store, error) {
	if err := s.dataFolder(); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, s.database())
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

// gcPercent lets the heap grow to five times what is in use before it is collected: with Go's 100 a busy line collects many
// times a second.
const gcPercent = 400

// service is everything that serve runs.
type service struct {
	settings settings
	db       *store.Store
	log      *slog.Logger
	damage   *damageWatch
	queue    *store.WriteBehind
	board    *switchboard.Switchboard
	screener *ivr.Screener
	lines    *regions
	live     *live
	pages    *pages
	metrics  *metrics // nil: they are told nowhere
	lists    *subscribe.Updater
}

func newService(ctx context.Context, s settings, db *store.Store, out io.Writer, log *slog.Logger) (*service, error) {
	password, err := s.ariPassword(false)
	if err != nil {
		return nil, err
	}
	damage := newDamageWatch()
	log = slog.New(watched{log.Handler(), damage})
	debug.SetGCPercent(gcPercent)
	if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport.MaxIdleConnsPerHost = idleConnections
	}
	told := &changes{}
	open, err := s.openDoors()
	if err != nil { // a password that Asterisk alone can read, for example: calls do not wait for that
		log.Warn("whether a password is easy to guess is not known", "err", err)
	}
	lines := newRegions(s, db, log)
	board := s.switchboard(password, lines.wayOut, told.tell, log)
	lines.asterisk = board
	own := sounds{filepath.Join(s.asteriskDir(), "sounds")}
	book := byTelephone{choices{db, own}, lines.lines, log}
	if err := book.publishAll(ctx, s.Households); err != nil {
		log.Error("a household's own words could not be brought to Asterisk; the usual ones are played", "err", err)
	}
	queue, err := db.WriteBehind(ctx, log, told.tell)
	if err != nil {
		return nil, err
	}
	calls := behind{book, queue}
	screener := &ivr.Screener{
		Telephones: board, Memory: calls, Choices: calls, Sounds: own, Lines: lines.lines, Log: log, Now: time.Now,
		Others: &inquiry.Asker{Store: db, Fetch: s.Lists.inquirer(), Log: log, Now: time.Now},
	}
	here := &live{
		settings: s, openDoors: open, screener: screener, board: board, changes: told, log: log, now: time.Now, forTests: ctx,
		registered: map[string]web.Part{}, tests: map[string]testCall{},
	}
	updater := newUpdater(s, db, func(household string) screening.Household {
		return lines.lines.Of(household).Complete(screening.Household{})
	}, log)
	shown := &pages{
		lists:    updater,
		settings: s, db: db, live: here, facts: facts{s, lines.lines, book.choices}, regions: lines, anew: newAnew(s.Data), log: log, out: out, limits: usualLimits,
		groups: s.groups(db, func(ctx context.Context, household string) (screening.Household, error) {
			return lines.house(ctx, db, household)
		}, updater),
	}
	made := &service{s, db, log, damage, queue, board, screener, lines, here, shown, nil, updater}
	if s.Metrics.Listen != "" {
		made.metrics = newMetrics(s, db, here.Line, log)
		screener.Memory = timedMemory{screener.Memory, made.metrics.lookups}
	}
	return made, nil
}

// run takes calls until ctx ends, once.
func (s *service) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var keeping sync.WaitGroup
	keeping.Go(func() { expire(ctx, s.settings, s.db, s.log) })
	keeping.Go(func() { watchDisk(ctx, s.settings, s.db, s.log) })
	keeping.Go(func() { backUpDaily(ctx, s.db, s.log) })
	keeping.Go(func() { s.damage.wait(ctx, stop) })
	keeping.Go(func() { checkpoints(ctx, s.db, s.log) })
	keeping.Go(func() { s.lines.keep(ctx) })
	keeping.Go(func() { s.lists.Run(ctx) })
	keeping.Go(func() { s.live.watchRegistrations(ctx) })
	keeping.Go(func() { s.live.watchSIP(ctx) })
	keeping.Go(func() { s.live.watchOutages(ctx, s.db) })
	keeping.Go(func() { s.watchGuessing(ctx) })
	keeping.Go(func() { s.report(ctx) })
	keeping.Go(func() { s.pages.serve(ctx) })
	keeping.Go(func() { s.pages.anew.wait(ctx, stop) })
	if s.metrics != nil {
		keeping.Go(func() { s.metrics.serve(ctx) })
	}
	if tell, err := newTeller(s.settings, s.lines.lines.Of, s.db, s.log); err != nil {
		s.log.Error("carers are not told of anything; calls go on", "err", err)
	} else {
		if s.metrics != nil {
			tell.became = s.metrics.became
		}
		changed, cancel := s.live.changes.wait()
		defer cancel()
		keeping.Go(func() { tell.run(ctx, calm(ctx, changed)) })
	}
	err := s.board.Run(ctx, s.screener)
	stop()
	s.queue.Close()
	keeping.Wait()
	return s.damage.ended(s.pages.anew.ended(err))
}

// switchboard connects the households' telephones with their scripts.
func (s settings) switchboard(password string, way func(household string) switchboard.Line, changed func(), log *slog.Logger) *switchboard.Switchboard {
	return switchboard.New(switchboard.Options{
		Address: s.Asterisk.ARI, User: s.Asterisk.ARIUser, Password: password, App: s.Asterisk.App,
		Telephones: s.telephones(), Line: way, Changed: changed, Log: log,
	})
}

const (
	// checkpointEvery keeps what a loss of power can take from the log short, and the work of each checkpoint small.
	checkpointEvery = 5 * time.Second
	// checkpointAll is for how long something can wait in the write-ahead log, and be lost with it should that be damaged.
	checkpointAll = time.Minute
)

// checkpoints brings what calls have written into the database, so that no call has to wait while that is done.
func checkpoints(ctx context.Context, db *store.Store, log *slog.Logger) {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	all, failing := time.Now(), false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		bring := db.Checkpoint
		if time.Since(all) >= checkpointAll {
			bring, all = db.CheckpointAll, time.Now()
		}
		err := bring(ctx)
		if err != nil && ctx.Err() == nil && !failing { // once, and not every few seconds
			log.Error("the database's write-ahead log could not be brought in; it is tried again", "err", err)
		}
		failing = err != nil
	}
}

// expire deletes calls and recordings that are older than the household keeps them.
func expire(ctx context.Context, s settings, db *store.Store, log *slog.Logger) {
	daily(ctx, func() {
		before := time.Now().AddDate(0, 0, -s.KeepDays)
		if err := db.Expire(ctx, before); err != nil && ctx.Err() == nil {
			log.Error("old calls could not be deleted", "err", fmt.Errorf("expire: %w", err))
		}
	})
}
