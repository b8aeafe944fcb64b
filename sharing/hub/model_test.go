package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sharing/list"
	"ringfence/store/people"
)

// Whatever households say and moderators decide, in whatever order: the tallies are those of the ledger, each number stands alone as
// it stands on the list, and the list is in order.
func TestAnyCourse(t *testing.T) {
	numbers := []screening.Number{scammer, another, surgery, "+442079460125", "+4420794601"}
	for seed := range uint64(unlessShort(10, 2)) {
		w := newWorld(t, 6)
		random := rand.New(rand.NewPCG(seed, 1))
		now := noon.AddDate(-1, 0, 0)
		for step := range 60 {
			now = now.AddDate(0, 0, random.IntN(12))
			w.anything(random, numbers, now)
			w.tallied(t.Context())
			w.consistent(numbers, now)
			if t.Failed() {
				t.Fatalf("with seed %d, after %d steps", seed, step+1)
			}
		}
	}
}

// anything is something that somebody does.
func (w *world) anything(random *rand.Rand, numbers []screening.Number, now time.Time) {
	w.t.Helper()
	ctx := w.t.Context()
	number := numbers[random.IntN(len(numbers))]
	switch random.IntN(8) {
	case 0:
		keys, err := w.Keys(ctx, "", now)
		w.ok(err)
		k := keys[random.IntN(len(keys))]
		w.ok(w.Expel(ctx, k.Pseudonym, !k.Expelled, "Anna", "because", now))
	case 1, 2:
		into := numbers[random.IntN(len(numbers))]
		d := Decision{Subject: numberSubject(number), Why: "because", Who: "Anna", At: now, Category: "bank", Public: "somebody",
			What: []string{Confirm, Dismiss, Protect, Merge, Undo}[random.IntN(5)], Into: numberSubject(into)}
		if random.IntN(3) == 0 {
			d.Into = Subject{into.Digits()[:9], true}
		}
		var refused *Refused // for what makes no sense
		if err := w.Decide(ctx, d); err != nil && !errors.As(err, &refused) {
			w.t.Error(err)
		}
	case 3:
		w.ok(forgotten(ctx, w, now.AddDate(0, 0, -200)))
	default:
		kind := []Kind{For, For, Against, Withdraw}[random.IntN(4)]
		if err := w.Take(ctx, w.keys[random.IntN(len(w.keys))], Report{Number: number, Kind: kind}, network(random.IntN(3)), now); err != nil && !errors.Is(err, ErrExpelled) {
			w.t.Error(err)
		}
	}
}

func numberSubject(n screening.Number) Subject {
	return Subject{n.Digits(), false}
}

// forgotten forgets reports from before a day in the past of this test, all of which the trigger lets go: the test's clock is not
// the database's.
func forgotten(ctx context.Context, w *world, before time.Time) error {
	return w.write.Do(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DROP TRIGGER IF EXISTS reports_are_kept"); err != nil {
			return err
		}
		return forgetReports(ctx, tx, today(before))
	})
}

// consistent holds the list against how each number stands.
func (w *world) consistent(numbers []screening.Number, now time.Time) {
	w.t.Helper()
	ctx := w.t.Context()
	all, err := standing(ctx, w.read)
	w.ok(err)
	listed := map[Subject]list.Entry{}
	last := int64(0)
	for e, err := range w.entries(ctx, all, now) {
		w.ok(err)
		s := subjectIn(e)
		if order(s) <= last {
			w.t.Errorf("%s is out of order", s)
		}
		last, listed[s] = order(s), e
	}
	subjects := slices.Collect(maps.Keys(listed))
	for _, n := range numbers {
		subjects = append(subjects, numberSubject(n))
	}
	for _, s := range subjects {
		stands, err := w.stand(ctx, w.read, s, all, all.sources(), now)
		w.ok(err)
		if e, on := listed[s]; on != stands.Listed || on && e != stands.entry() {
			w.t.Errorf("%s: listed %v, as %+v, but it stands so: %+v", s, on, e, stands)
		}
	}
}

// year is what ten thousand households report within a year: two calls a month each, of scammers who use a number for some weeks.
type year struct {
	households, monthly, scammers int
	random                        *rand.Rand
}

// day is what is reported on a day: from whom, and which number.
func (y year) day(day int, report func(household int, r Report)) {
	n := y.households * y.monthly * 12 / 365
	for range n {
		// Of the scammers of these weeks few ring many, and many ring few.
		rank := int(float64(y.scammers) / 12 * y.random.Float64() * y.random.Float64() * y.random.Float64())
		scammer := (day*y.scammers/365 + rank) % y.scammers
		r := Report{Number: screening.Number(fmt.Sprintf("+4420%08d", 30_000_000+scammer*48_271%40_000_000)), Kind: For, Category: "tech-support"}
		if y.random.IntN(20) == 0 {
			r.Kind, r.Category = Against, ""
		}
		report(y.random.IntN(y.households), r)
	}
}

// Ten thousand households for a year, on one small machine. What it takes is told (go test -v); that memory does not grow with the
// ledger is checked.
func TestTenThousandHouseholds(t *testing.T) {
	w := newWorld(t, 0)
	ctx := t.Context()
	y := year{households: unlessShort(10_000, 1000), monthly: 2, scammers: unlessShort(30_000, 3000), random: rand.New(rand.NewPCG(6, 7))}
	w.ok(w.join(ctx, y.households))

	w.ok(w.history(ctx, y))
	var size, numbers, rows int64
	w.ok(w.read.QueryRow("SELECT (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size), (SELECT count(*) FROM tallies), (SELECT count(*) FROM reports)").
		Scan(&size, &numbers, &rows))
	t.Logf("%d households, %d reports of %d numbers: the database has %d MB", y.households, rows, numbers, size>>20)

	before := w.publishTimed(noon, "the first time")
	w.publishTimed(noon.Add(6*time.Hour), "again on the same day")
	began, some := time.Now(), 0
	y.day(365, func(household int, r Report) { // one by one, as they come from households
		w.ok(w.Take(ctx, w.keys[household], r, network(household), noon.AddDate(0, 0, 1)))
		some++
	})
	took := time.Since(began)
	t.Logf("the %d reports of another day, one by one: %v, %.0f a second", some, took.Round(time.Millisecond), float64(some)/took.Seconds())
	after := w.publishTimed(noon.AddDate(0, 0, 1), "a day later")
	if before == 0 || after == 0 {
		t.Error("nothing was listed")
	}

	began = time.Now()
	for range 20 {
		_, _, err := w.Numbers(ctx, Fresh, 50, 0, nil, noon)
		w.ok(err)
	}
	t.Logf("a page of fifty numbers takes %v", (time.Since(began) / 20).Round(10*time.Microsecond))
	began = time.Now()
	_, _, err := w.Numbers(ctx, Waiting, 50, 0, nil, noon)
	w.ok(err)
	t.Logf("the page of what waits takes %v", time.Since(began).Round(time.Millisecond))
	began = time.Now()
	keys, err := w.Keys(ctx, "", noon)
	w.ok(err)
	t.Logf("the page of %d keys takes %v", len(keys), time.Since(began).Round(time.Millisecond))
}

// join makes households, in one transaction.
func (w *world) join(ctx context.Context, households int) error {
	return w.write.Do(ctx, func(tx *sql.Tx) error {
		for i := range households {
			_, hash := people.NewToken()
			done, err := tx.ExecContext(ctx, "INSERT INTO keys (hash, pseudonym, invitation_id, joined) VALUES (?, ?, ?, ?)", hash, fmt.Sprintf("TEST-%05d", i), 1+i%3, today(noon)-372)
			if err != nil {
				return err
			}
			id, err := done.LastInsertId()
			if err != nil {
				return err
			}
			w.keys = append(w.keys, id)
		}
		return nil
	})
}

// history fills the ledger of a year at once, and counts it up.
func (w *world) history(ctx context.Context, y year) error {
	return w.write.Do(ctx, func(tx *sql.Tx) error {
		add, err := tx.PrepareContext(ctx, "INSERT INTO reports (key_id, number, kind, category, day, received) VALUES (?, ?, ?, ?, ?5, ?5)")
		if err != nil {
			return err
		}
		for day := range 365 {
			at := noon.AddDate(0, 0, day-365)
			y.day(day, func(household int, r Report) {
				if _, failed := add.ExecContext(context.WithoutCancel(ctx), w.keys[household], r.Number.Key(), r.Kind, r.Category, today(at)); failed != nil {
					err = failed
				}
			})
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO tallies SELECT number, sum(kind = 'for'), sum(kind = 'against'), max(day)
			FROM (SELECT number, kind, day, max(id) FROM reports GROUP BY number, key_id) GROUP BY number`)
		return err
	})
}

// publishTimed publishes, and tells how long it took and how large the list is.
func (w *world) publishTimed(at time.Time, what string) int64 {
	w.t.Helper()
	dir := filepath.Join(filepath.Dir(w.path), "public")
	secret := filepath.Join(filepath.Dir(w.path), "timed.key")
	if _, err := os.Stat(secret); err != nil {
		_, err := list.WriteKeys(secret, "")
		w.ok(err)
	}
	key, err := list.ReadKey(secret, "")
	w.ok(err)
	// What is held is measured, not what waits to be collected: the words that passwords are compared with would let Go's heap grow by as much again.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	least := memory.HeapAlloc
	most := watchMemory()
	began := time.Now()
	p, err := w.Publish(w.t.Context(), dir, key, nil, at)
	took := time.Since(began)
	grown := int64(most()) - int64(least)
	w.ok(err)
	var parts string
	for _, part := range p.Manifest.Parts {
		parts += fmt.Sprintf("; %s has %d kB for %d lines", part.File, part.Size>>10, part.Entries)
	}
	w.t.Logf("published %s in %v: %d entries%s; the heap grew by %d MB at most", what, took.Round(time.Millisecond), p.Manifest.Entries, parts, grown>>20)
	// The ledger of a year has some 20 MB.
	if grown > 20<<20 {
		w.t.Errorf("the heap grew by %d MB", grown>>20)
	}
	return p.Manifest.Entries
}

// watchMemory looks at the heap every few milliseconds; the function it returns ends that, and tells the most there was.
func watchMemory() (most func() uint64) {
	var seen atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			seen.Store(max(seen.Load(), m.HeapAlloc))
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-stopped
		return seen.Load()
	}
}
