package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"ringfence/calllog"
	"ringfence/config"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
)

// What each household has: so many contacts, blocks and past calls. All have subscribed to one list.
const (
	contacts, blocks, pastCalls = 20, 5, 20
	listed                      = 100_000
)

// The numbers of callers are among those that Ofcom keeps for drama; those on the list are not, because there are too few.

func contact(home, i int) screening.Number {
	return screening.Number(fmt.Sprintf("+442079460%03d", 200+(home*contacts+i)%400))
}

func blocked(home, i int) screening.Number {
	return screening.Number(fmt.Sprintf("+442079460%03d", 600+(home*blocks+i)%300))
}

func onList(i int) string { return fmt.Sprintf("4420%08d", 30_000_000+7*i) }

// names are the households' names, the testbed's own first.
func (c *cell) names() []string {
	names := []string{"home"}
	for _, h := range c.homes {
		names = append(names, h.Name)
	}
	return names
}

// fill gives the households what they have after some time.
func (c *cell) fill(ctx context.Context) (err error) {
	db, err := c.store(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	names := c.names()
	for first := 0; first < len(names); first += 100 {
		err := db.Together(ctx, func(ctx context.Context) error {
			for i := first; i < min(first+100, len(names)); i++ {
				if err := furnish(ctx, db, names[i], i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i, name := range names {
		if err := remember(ctx, db, name, i); err != nil {
			return err
		}
	}
	if err := subscribe(ctx, db, names[0]); err != nil {
		return err
	}
	return shortened(c.asteriskFolder())
}

func (c *cell) store(ctx context.Context) (*store.Store, error) {
	return store.Open(ctx, filepath.Join(c.dir, "data", "ringfence.db"))
}

// furnish gives a household its contacts, blocks and list.
func furnish(ctx context.Context, db *store.Store, household string, n int) error {
	for i := range contacts {
		if err := db.AddContact(ctx, household, fmt.Sprint("Contact ", i), contact(n, i)); err != nil {
			return err
		}
	}
	for i := range blocks {
		if err := db.AddBlock(ctx, household, screening.Block{Digits: blocked(n, i).Digits()}, "bench"); err != nil {
			return err
		}
	}
	return db.Lists.Subscribe(ctx, lists.Subscription{
		Household: household, List: "parish", URL: "https://lists.parish.example/list/", Key: "bench", Region: "GB", Period: 24 * time.Hour, By: "bench",
		Begun: time.Now(), Next: time.Now().Add(24 * time.Hour),
	})
}

// remember logs calls of the past days. Calls are written by a connection of their own, so that does not go together with the rest.
func remember(ctx context.Context, db *store.Store, household string, n int) error {
	for i := range pastCalls {
		at := time.Now().Add(-time.Duration(1+i) * 7 * time.Hour)
		caller := screening.Caller{Number: contact(n, i), Presentation: screening.Allowed}
		v := screening.Verdict{Action: screening.Ring, Reasons: []screening.Reason{{Code: "contact"}}}
		if _, err := db.CallArrived(ctx, household, fmt.Sprint("bench ", i), at, screening.Identity{}, caller, v, calllog.Talked); err != nil {
			return err
		}
	}
	return nil
}

// subscribe fills the list that all have.
func subscribe(ctx context.Context, db *store.Store, household string) error {
	sub, err := db.Lists.Subscription(ctx, household, "parish")
	if err != nil {
		return err
	}
	state := lists.State{Serial: 1, Made: time.Now(), ValidUntil: time.Now().AddDate(0, 1, 0), Title: "parish"}
	_, err = db.Lists.ApplyFull(ctx, lists.Update{Sub: sub, State: state, At: time.Now(), Next: time.Now().Add(24 * time.Hour)}, func(yield func(lists.Entry, error) bool) {
		for i := range listed {
			if !yield(lists.Entry{Digits: onList(i), Confidence: 0.9, Category: "tech-support"}, nil) {
				return
			}
		}
	})
	return err
}

// howMany verdicts are made.
const howMany = 50_000

// verdicts makes verdicts beside the two programs, from their database: contacts, blocked callers, those on the list and strangers, in turn.
func (c *cell) verdicts(ctx context.Context, t *table) (err error) {
	settings, err := config.Read(c.testbed.Settings, filepath.Join(c.dir, "data"))
	if err != nil {
		return err
	}
	db, err := c.store(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	names, known := c.names(), settings.Lines()
	took, worked := make([]time.Duration, 0, howMany), make([]time.Duration, 0, howMany)
	runtime.LockOSThread() // one thread's processor time, with SQLite's
	defer runtime.UnlockOSThread()
	for i := range howMany + 1000 {
		n := rand.IntN(len(names)) //nolint:gosec // it need not be a secret
		number := []screening.Number{contact(n, 3), blocked(n, 2), screening.Number("+" + onList(i%listed)), screening.Number(fmt.Sprintf("+441134960%03d", i%1000))}[i%4]
		began, before := time.Now(), threadTime()
		house, knowledge, err := db.Situation(ctx, names[n], number)
		if err != nil {
			return err
		}
		v := screening.Decide(screening.Call{At: began, Caller: screening.Caller{Number: number, Presentation: screening.Allowed}}, known[names[n]].Complete(house), knowledge)
		if i >= 1000 { // the first ones warm caches
			took, worked = append(took, time.Since(began)), append(worked, threadTime()-before)
		}
		if want := []screening.Action{screening.Ring, screening.TurnAway, screening.TurnAway, screening.Screen}[i%4]; v.Action != want {
			return fmt.Errorf("the verdict on %s in %s is %s, not %s", number, names[n], v.Action, want)
		}
	}
	slices.Sort(took)
	slices.Sort(worked)
	t.add("a verdict, p50", micro(took[len(took)/2]), "")
	t.add("a verdict, p99", micro(took[len(took)*99/100]), "under 100 µs")
	t.add("a verdict, p99 of the processor time", micro(worked[len(worked)*99/100]), "")
	return nil
}

// threadTime is the processor time that this thread has used.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

func micro(d time.Duration) string { return fmt.Sprintf("%.0f µs", float64(d.Nanoseconds())/1000) }
