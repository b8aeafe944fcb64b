package replica

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/datafolder"
)

// acknowledged are the names of the contacts that were acknowledged, and when.
type acknowledged struct {
	mu   sync.Mutex
	when map[string]time.Time
}

// write adds contacts and calls until ctx ends.
func (a *acknowledged) write(ctx context.Context, t *testing.T, db *store.Store, writer int) {
	for i := 0; ctx.Err() == nil; i++ {
		name := fmt.Sprintf("%d-%d", writer, i)
		number := screening.Number("+4420" + strconv.Itoa(10000000+writer*1000000+i))
		if err := db.AddContact(ctx, "home", name, number); err != nil {
			if ctx.Err() == nil {
				t.Error(err)
			}
			return
		}
		a.mu.Lock()
		a.when[name] = time.Now()
		a.mu.Unlock()
		call, err := db.CallArrived(ctx, "home", name, time.Now(), screening.Identity{}, screening.Caller{Number: number}, screening.Verdict{}, "message-left")
		if err == nil && i%5 == 0 {
			err = db.Keep(ctx, call, "message", make([]byte, 1000), time.Second)
		}
		if err != nil && ctx.Err() == nil {
			t.Error(err)
		}
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
	}
}

// compare restores the replica, and looks for all that was acknowledged before it was complete.
func (a *acknowledged) compare(t *testing.T, k *Keeper) {
	t.Helper()
	a.mu.Lock()
	before := map[string]time.Time{}
	for name, at := range a.when {
		before[name] = at
	}
	a.mu.Unlock()
	now := time.Now()
	r, data := k.restored(t)
	must(t, claimBack(k))
	if late := now.Sub(r.Complete); late > 10*time.Second {
		t.Logf("it is complete until %v ago", late)
	}
	db, err := store.Open(t.Context(), filepath.Join(data, datafolder.Database))
	must(t, err)
	defer func() { must(t, db.Close()) }()
	must(t, db.Verify(t.Context()))
	contacts, err := db.Contacts(t.Context(), "home")
	must(t, err)
	there := map[string]bool{}
	for _, c := range contacts {
		there[c.Name] = true
	}
	lost := 0
	for name, at := range before {
		if at.Before(r.Complete) && !there[name] {
			lost++
		}
	}
	messages, err := db.Messages(t.Context(), "home")
	must(t, err)
	silent := 0
	for _, m := range messages {
		if _, err := os.Stat(m.Path); err != nil && m.At.Before(r.Complete.Add(-time.Second)) {
			silent++
		}
	}
	if lost > 0 || silent > 0 || !r.Backup.IsZero() {
		t.Errorf("of %d acknowledged writes %d are lost, and of %d messages %d have no sound; %+v", len(before), lost, len(messages), silent, r)
	}
	t.Logf("restored %d of %d contacts, complete until %v before", len(there), len(before), now.Sub(r.Complete).Round(time.Millisecond))
}

// claimBack has the keeper go on with a replica that was restored from.
func claimBack(k *Keeper) error {
	id, err := os.ReadFile(filepath.Join(k.settings.Data, "replica-id"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(k.folder(), "replica.json"), fmt.Appendf(nil, `{"format":1,"of":%q}`, string(id[:len(id)-1])), 0o600)
}

// Whatever ends Litestream, and whoever makes a checkpoint, what is restored is whole, and has everything from before the moment until which the replica
// is said to be complete. (Not in parallel: it looks for its own process.) RINGFENCE_LONG=1 does it a hundred times.
func TestReplicaUnderStress(t *testing.T) {
	db, k := kept(t)
	rounds := 2
	if os.Getenv("RINGFENCE_LONG") != "" {
		rounds = 100
	}
	ctx, cancel := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	defer writers.Wait()
	defer cancel()
	a := acknowledged{when: map[string]time.Time{}}
	for w := range 3 {
		writers.Go(func() { a.write(ctx, t, db, w) })
	}
	writers.Go(func() {
		for ctx.Err() == nil {
			_, _ = db.Checkpoint(ctx), db.CheckpointAll(ctx)
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
		}
	})
	stop := k.Start(ctx)
	defer func() { stop() }()
	for i := range rounds {
		k.completeAfter(t)
		time.Sleep(time.Duration(rand.IntN(2000)) * time.Millisecond)
		switch i % 4 {
		case 0, 2:
			must(t, syscall.Kill(childOf(t, "litestream"), syscall.SIGKILL))
		case 1:
			stop()
			time.Sleep(time.Duration(rand.IntN(500)) * time.Millisecond)
			stop = k.Start(ctx)
		}
		a.compare(t, k)
		if t.Failed() {
			return
		}
	}
}
