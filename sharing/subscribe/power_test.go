package subscribe

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/store"
)

// dying is set in the process that TestLossOfPower kills.
const dying = "RINGFENCE_TEST_DYING"

// TestDying is no test but that process: it updates the list in the folder that dying names.
func TestDying(t *testing.T) {
	data := os.Getenv(dying)
	if data == "" {
		t.Skip("only TestLossOfPower runs this")
	}
	db, err := store.Open(t.Context(), filepath.Join(data, "ringfence.db"))
	if err != nil {
		t.Fatal(err)
	}
	u := New(Options{
		Store: db, Fetch: fetch.New(fetch.Options{AllowPrivate: true}), Folder: data, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		House: func(string) screening.Household { return screening.Household{Region: "GB"} }, Now: func() time.Time { return monday.Add(time.Hour) },
	})
	if _, err := u.Update(t.Context(), "home", "Great Dunmow"); err != nil {
		t.Fatal(err)
	}
	t.Fatal(db.Close())
}

// The power goes at any moment of an update: in the middle of getting it, of writing it and of bringing it in. Afterwards the list is
// whole, the old one or the new one; and the next update succeeds.
//
// Long: one story, each step of which rests on those before it.
func TestLossOfPower(t *testing.T) {
	if testing.Short() {
		t.Skip("dozens of processes: runs without -short, and so without the race detector")
	}
	const many = 1000
	p, h := newParish(t), newHome(t)
	half := func(round int) (numbers []string) { // of each two numbers one, by turns; and one that says which round it is
		for i := range many {
			numbers = append(numbers, fmt.Sprint(442070000000+10*i+round%2))
		}
		return append(numbers, fmt.Sprint(442080000000+round))
	}
	p.publish(half(0)...)
	h.subscribe(p.source, Choices{})
	if _, err := h.update(); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	backup := filepath.Join(data, "ringfence.db")
	h.ok(h.db.Close())
	h.ok(os.Rename(h.at, backup))
	began := make(chan struct{}, 10)
	whole := func() (round int) {
		db, err := store.Open(t.Context(), backup)
		h.ok(err)
		defer func() { h.ok(db.Close()) }()
		sub, err := db.Lists.Subscription(t.Context(), "home", "Great Dunmow")
		h.ok(err)
		round = int(sub.Serial) - 1
		if sub.Entries != many+1 {
			t.Errorf("round %d has %d entries", round, sub.Entries)
		}
		for i := 0; i < many; i += 7 {
			for side := range 2 {
				_, known, err := db.Situation(t.Context(), "home", screening.Number(fmt.Sprintf("+%d", 442070000000+10*i+side)))
				if err != nil || len(known.Entries) == 1 != (side == round%2) {
					t.Fatalf("round %d, number %d.%d: %+v %v", round, i, side, known.Entries, err)
				}
			}
		}
		return round
	}
	const rounds = 10
	kills, taken := 0, 0
	for round := 1; round <= rounds; round++ {
		p.made = p.made.Add(time.Second)
		p.publish(half(round)...)
		inTheMiddle := round%3 == 0
		p.faulty(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, ".gz") {
				return false
			}
			began <- struct{}{}
			if !inTheMiddle {
				return false
			}
			_, _ = w.Write(make([]byte, 100))
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			return true
		})
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDying$") //nolint:gosec // this test itself
		child.Env = append(os.Environ(), dying+"="+data)
		h.ok(child.Start())
		<-began
		if !inTheMiddle {
			time.Sleep(time.Duration(rand.IntN(20*round)) * time.Millisecond) // the moment is what is tried, not waited for
		}
		h.ok(child.Process.Kill())
		if child.Wait() != nil {
			kills++
		}
		if whole() == round {
			taken++
		}
	}
	if kills < rounds/3 {
		t.Errorf("only %d of %d were killed", kills, rounds)
	}
	t.Logf("%d of %d updates were killed; %d were in force all the same", kills, rounds, taken)
	p.faulty(nil)
	db, err := store.Open(t.Context(), backup)
	h.ok(err)
	defer func() { h.ok(db.Close()) }()
	h.u.Store = db
	if _, err := h.update(); err != nil {
		t.Error(err)
	}
	if sub, err := db.Lists.Subscription(t.Context(), "home", "Great Dunmow"); err != nil || sub.Serial != rounds+1 || sub.Entries != many+1 {
		t.Errorf("%+v %v", sub, err)
	}
	files, err := filepath.Glob(filepath.Join(data, "list-*"))
	if err != nil || len(files) > 0 {
		t.Errorf("files are left: %q %v", files, err)
	}
}
