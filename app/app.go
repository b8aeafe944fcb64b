// Package app is the running program: what `ringfence serve` wires together and watches. It takes calls beside Asterisk, serves the carers'
// pages, keeps the database, lists and regions up to date, and goes on after most faults: whatever happens to it, Asterisk rings the household.
//
// What web's pages ask of the rest of the program is here. Parts with one job of their own are packages below: alerts (telling carers), card (the
// household's printed card), doctor (`ringfence check`), endedcalls, hubserver (a group's hub), ivrstore (the store as calls and telephones use
// it), metrics, recognition (what turns speech into text), repeat, replica (a second copy of everything), watch (what carers hear of without a call), webserver (HTTPS).
package app

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"ringfence/app/alerts"
	"ringfence/app/replica"
	"ringfence/app/watch"
	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/sharing/group"
	"ringfence/store"
	"ringfence/store/datafolder"
)

// Serve runs the application until ctx ends: if the database is damaged it is replaced first, and after a backup was restored, or settings have changed,
// everything starts again. reread reads the settings for that, because the backup may need what ringfence.toml says by then. If nothing is set up
// yet, it waits for that.
//
// A second application with the same data is refused: connecting to Asterisk under the same name, it would end the first.
func Serve(ctx context.Context, o Options, reread func() (config.Settings, error)) error {
	if len(o.Settings.Households) == 0 {
		o.Settings = withHomes(ctx, o.Settings, o.Log)
	}
	if len(o.Settings.Households) == 0 {
		var err error
		o, err = setUpFirst(ctx, o)
		if ctx.Err() != nil {
			return nil // stopped before anything had begun
		}
		if err != nil {
			return err
		}
	}
	release, err := claimData(o)
	if err != nil {
		return err
	}
	defer release()
	for {
		err := serve(ctx, o)
		o.homesLost = false
		switch {
		case ctx.Err() != nil:
			return err
		case errors.Is(err, errNewSettings):
			now, err := reread()
			if err != nil { // changed once more, in this moment
				o.Log.Error("the settings are wrong, so the ones before hold", "err", err)
				continue
			}
			o.Log.Info("the settings have changed; going on with them")
			o.Settings = now
			continue
		case errors.Is(err, errRestart):
			o.Log.Info("a backup was restored; restarting with it")
		case store.Unusable(err):
			if o.homesLost, err = replaceDatabase(ctx, o.Settings, err, o.Log); err != nil {
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

// claimData makes the data folder this application's, until release.
func claimData(o Options) (release func(), err error) {
	if err := datafolder.Make(o.Settings.Data); err != nil {
		return nil, err
	}
	lock, err := datafolder.LockApplication(o.Settings.Data)
	switch {
	case errors.Is(err, datafolder.ErrServed):
		return nil, err
	case err != nil: // a disk that is full or broken
		o.Log.Warn("whether another application runs with this data cannot be known; going on", "err", err)
		return func() {}, nil
	default:
		return func() { _ = lock.Close() }, nil // it ends with this process anyway
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
	if o.Settings, err = followHomes(ctx, db, o); err != nil {
		o.Log.Error("the lines and households of the database can't be read; those before hold", "err", err)
	}
	if kept := db.KeptBeforeUpgrade(); kept != "" {
		o.Log.Info("the database of an earlier Ringfence was brought up to date; this is how to go back: ringfence restore --before-upgrade", "backup", kept)
	}
	// It ends last: whatever is written before is in the replica then, and SQLite, which is not the last to close the database, keeps the write-ahead log,
	// where Litestream goes on at the next start. Otherwise it would begin with all of the database.
	keeper := replica.New(o.Settings, o.Log)
	stopReplica := keeper.Start(ctx)
	defer stopReplica()
	if err = verifyAtStart(ctx, db, o.Log); err == nil {
		tell(db)
		var made *Service
		if made, err = New(ctx, o, db); err == nil {
			made.follow(keeper)
			err = made.Run(ctx)
		}
	}
	if db.Removed() != nil {
		stopReplica() // it follows a file that has no name any more
		return errors.Join(err, db.PutBack(context.WithoutCancel(ctx), o.Settings.HouseholdNames()))
	}
	return errors.Join(err, db.Close())
}

// Run takes calls until ctx ends, once.
func (s *Service) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ended, cancel)()
	var keeping sync.WaitGroup
	watched := watch.Options{Households: s.current.HouseholdNames, Notices: promptNotices{s.db, s.Telephony.changes.notify}, Now: time.Now, Log: s.log}
	for _, keep := range []func(){
		func() { expire(ctx, s.Settings, s.db, s.log) },
		func() { backUpDaily(ctx, s.db, s.log) },
		func() { checkpoints(ctx, s.db, s.log) },
		func() { s.followSettings(ctx) },
		func() { s.publishHomes(ctx) },
		func() { s.regions.keep(ctx) },
		func() { s.lists.Run(ctx) },
		func() { s.books.Run(ctx) },
		func() { s.speech.Run(ctx) },
		func() { s.screener.ReadUnread(ctx) },
		func() { s.Telephony.watchRegistrations(ctx) },
		func() { s.Telephony.watchSIP(ctx) },
		func() { s.Telephony.judgePasswords() },
		func() { s.checkUp(ctx) },
		func() { watch.Disk(ctx, watched, func() (int64, error) { return store.FreeDisk(s.Settings.Data) }) },
		func() {
			if s.replica != nil {
				watch.Replica(ctx, watched, func() time.Time { return s.replica.Status().Complete })
			}
		},
		func() { watch.Outages(ctx, watched, s.Telephony.Line) },
		func() {
			watch.Guessing(ctx, watched, func() ([]asterisk.Guesses, error) { return asterisk.ReadGuesses(s.Settings.AsteriskFolder()) })
		},
		func() { s.showSignsOfLife(ctx) },
		func() { s.report(ctx) },
		func() { s.alert(ctx) },
		func() { s.showSmartHome(ctx) },
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
	cancel()
	s.queue.Close()
	keeping.Wait()
	return errors.Join(err, context.Cause(s.ended))
}

// promptNotices wakes whoever sends alerts, who would otherwise look for a notice only now and then.
type promptNotices struct {
	*store.Store
	notify func()
}

func (n promptNotices) AddNotice(ctx context.Context, household string, at time.Time, kind, text string, call int64) error {
	err := n.Store.AddNotice(ctx, household, at, kind, text, call)
	n.notify()
	return err
}

func (n promptNotices) AddNotices(ctx context.Context, households []string, at time.Time, kind, text string) error {
	err := n.Store.AddNotices(ctx, households, at, kind, text)
	n.notify()
	return err
}

// alert sends carers their alerts, beside calls, until ctx ends.
func (s *Service) alert(ctx context.Context) {
	o := alerts.Options{
		Households: s.current.HouseholdNames, Line: s.regions.lines.Of, Store: s.db, Log: s.log, Pages: s.pagesAddress(), Contact: alerts.Contact(s.Settings.Web.Address()),
	}
	if s.metrics != nil {
		o.OnMessage = s.metrics.OnMessage
	}
	dispatcher, err := alerts.NewDispatcher(o)
	if err != nil {
		s.log.Error("carers are not told of anything; calls go on", "err", err)
		return
	}
	strangers, err := alerts.NewStrangers(o)
	if err != nil {
		s.log.Error("carers are not alerted to strangers on the line; calls go on", "err", err)
		return
	}
	changed, cancel := s.Telephony.changes.subscribe()
	defer cancel()
	atOnce, cancelAtOnce := s.Telephony.changes.subscribe()
	defer cancelAtOnce()
	var both sync.WaitGroup
	both.Go(func() { strangers.Run(ctx, atOnce) })
	defer both.Wait()
	dispatcher.Run(ctx, throttle(ctx, changed))
}

// pagesAddress is where the pages begin; "" where there are none.
func (s *Service) pagesAddress() string {
	if s.Settings.Web.Listen == "" {
		return ""
	}
	return s.Settings.Web.Address()
}

// report sends reports to groups, beside calls, until ctx ends.
func (s *Service) report(ctx context.Context) {
	changed, cancel := s.Telephony.changes.subscribe()
	defer cancel()
	sender := &group.Sender{Groups: s.groups, Log: s.log, Random: rand.Float64, OnSent: s.Telephony.changes.notify}
	sender.Run(ctx, throttle(ctx, changed))
}
