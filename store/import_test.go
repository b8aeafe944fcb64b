package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"ringfence/screening"
)

// rows counts the entries of all lists, of versions in use and of others.
func (s *Store) rows(t *testing.T) (n int) {
	t.Helper()
	must(t, s.read.QueryRow("SELECT count(*) FROM list_entries").Scan(&n))
	return n
}

// meanwhile is a list of four batches, in whose middle something else happens.
func meanwhile(something func()) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for i := range 4 * batch {
			if i == 2*batch {
				something()
			}
			if !yield(Entry{Digits: fmt.Sprint(442070000000 + i), Confidence: 1}, nil) {
				return
			}
		}
	}
}

func TestAnImportThatIsInterruptedChangesNothing(t *testing.T) {
	s, _ := open(t)
	_, err := s.ReplaceList(t.Context(), "home", "parish", "old.csv", entries("442079460666"))
	must(t, err)
	ctx, interrupt := context.WithCancel(t.Context())
	if _, err := s.ReplaceList(ctx, "home", "parish", "new.csv", meanwhile(interrupt)); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if known, err := s.Know(t.Context(), "home", steve); err != nil || len(known.Entries) != 1 {
		t.Errorf("%+v %v", known, err)
	}
	if n := s.rows(t); n != 1 {
		t.Errorf("%d rows are left", n)
	}
	if lists, err := s.Lists(t.Context(), "home"); err != nil || len(lists) != 1 || lists[0].Source != "old.csv" || lists[0].Entries != 1 {
		t.Errorf("%+v %v", lists, err)
	}
}

func TestWhatIsNoNumberEndsAnImport(t *testing.T) {
	s, _ := open(t)
	_, err := s.ReplaceList(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	for _, digits := range []string{"", "x", "-5", "+442079460667", " 442079460667", "4420794606671234", "99999999999999999999"} {
		if _, err := s.ReplaceList(t.Context(), "home", "parish", "", entries("442079460001", digits)); err == nil {
			t.Errorf("%q was kept", digits)
		}
	}
	if known, err := s.Know(t.Context(), "home", steve); err != nil || len(known.Entries) != 1 || s.rows(t) != 1 {
		t.Errorf("%+v %v", known, err)
	}
}

// Somebody starts an import twice: each goes in whole, the one that ends last stays, and nothing is left of the other.
func TestTwoImportsOfAListAtTheSameTime(t *testing.T) {
	s, _ := open(t)
	inner := func() {
		if n, err := s.ReplaceList(t.Context(), "home", "parish", "inner.csv", entries("442079460666")); err != nil || n != 1 {
			t.Error(n, err)
		}
		if known, err := s.Know(t.Context(), "home", steve); err != nil || len(known.Entries) != 1 {
			t.Errorf("the one that was ready first is not in force: %+v %v", known, err)
		}
	}
	if n, err := s.ReplaceList(t.Context(), "home", "parish", "outer.csv", meanwhile(inner)); err != nil || n != 4*batch {
		t.Error(n, err)
	}
	lists, err := s.Lists(t.Context(), "home")
	if err != nil || len(lists) != 1 || lists[0].Source != "outer.csv" || lists[0].Entries != 4*batch {
		t.Errorf("%+v %v", lists, err)
	}
	if n := s.rows(t); n != 4*batch {
		t.Errorf("%d rows, want %d", n, 4*batch)
	}
}

func TestAnImportThatFailsLeavesAnotherAlone(t *testing.T) {
	s, _ := open(t)
	inner := func() {
		broken := func(yield func(Entry, error) bool) { yield(Entry{}, errBroken) }
		if _, err := s.ReplaceList(t.Context(), "home", "parish", "inner.csv", broken); !errors.Is(err, errBroken) {
			t.Error(err)
		}
	}
	if n, err := s.ReplaceList(t.Context(), "home", "parish", "outer.csv", meanwhile(inner)); err != nil || n != 4*batch {
		t.Error(n, err)
	}
	if lists, err := s.Lists(t.Context(), "home"); err != nil || len(lists) != 1 || lists[0].Entries != 4*batch || s.rows(t) != 4*batch {
		t.Errorf("%+v %v, %d rows", lists, err, s.rows(t))
	}
}

// Whoever imports a list and is told that it went in has it, even where it was removed meanwhile.
func TestAListIsRemovedDuringItsImport(t *testing.T) {
	s, _ := open(t)
	_, err := s.ReplaceList(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	remove := func() {
		if removed, err := s.RemoveList(t.Context(), "home", "parish"); !removed || err != nil {
			t.Error(removed, err)
		}
		if known, err := s.Know(t.Context(), "home", steve); err != nil || len(known.Entries) != 0 {
			t.Errorf("it is still in force: %+v %v", known, err)
		}
	}
	if n, err := s.ReplaceList(t.Context(), "home", "parish", "", meanwhile(remove)); err != nil || n != 4*batch {
		t.Error(n, err)
	}
	if lists, err := s.Lists(t.Context(), "home"); err != nil || len(lists) != 1 || s.rows(t) != 4*batch {
		t.Errorf("%+v %v, %d rows", lists, err, s.rows(t))
	}
}

// A machine slept for two days in the middle of an import, and has meanwhile given it up. The import has to notice: what
// it went on to write would belong to nobody, or to the next list that gets the same version.
func TestAnImportThatWasGivenUpNotices(t *testing.T) {
	s, _ := open(t)
	giveUp := func() {
		_, err := s.write.Exec("UPDATE list_versions SET touched_at = touched_at - 200000")
		must(t, err)
		must(t, s.Expire(t.Context(), time.Unix(0, 0)))
	}
	if _, err := s.ReplaceList(t.Context(), "home", "parish", "", meanwhile(giveUp)); err == nil {
		t.Errorf("the error is %v", err)
	}
	if lists, err := s.Lists(t.Context(), "home"); err != nil || len(lists) != 0 || s.rows(t) != 0 {
		t.Errorf("%+v %v, %d rows", lists, err, s.rows(t))
	}
	n, err := s.ReplaceList(t.Context(), "home", "another", "", entries("442079460666"))
	if err != nil || n != 1 || s.rows(t) != 1 {
		t.Errorf("the next list has %d numbers (%v)", n, err)
	}
}

// What a dead import has left goes when its list is next replaced, once it is certain to be dead.
func TestTheNextImportClearsAway(t *testing.T) {
	s, _ := open(t)
	_, version, err := s.newVersion(t.Context(), "home", "parish", "")
	must(t, err)
	_, err = s.fill(t.Context(), version, entries("442079460001", "442079460002"))
	must(t, err)
	_, err = s.write.Exec("UPDATE list_versions SET touched_at = touched_at - 200000")
	must(t, err)
	_, err = s.ReplaceList(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	if n := s.rows(t); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestNumbersOfAList(t *testing.T) {
	s, _ := open(t)
	list := func(yield func(Entry, error) bool) {
		for _, e := range []Entry{
			{Digits: "442079460666", Confidence: 0.5, Category: "bank", Note: "first"},
			{Digits: "60606", Confidence: 1},
			{Digits: "44909879", Prefix: true, Confidence: 0.25},
			{Digits: "442079460666", Confidence: 0.75, Category: "tax", Note: "the later counts"},
		} {
			if !yield(e, nil) {
				return
			}
		}
	}
	_, err := s.ReplaceList(t.Context(), "home", "parish", "parish.csv", list)
	must(t, err)
	got, err := s.Numbers(t.Context(), "home", "parish", 10)
	want := []Entry{
		{Digits: "60606", Confidence: 1},
		{Digits: "44909879", Prefix: true, Confidence: 0.25},
		{Digits: "442079460666", Confidence: 0.75, Category: "tax", Note: "the later counts"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v (%v), want %v", got, err, want)
	}
	if got, err := s.Numbers(t.Context(), "home", "parish", 2); err != nil || len(got) != 2 {
		t.Errorf("%v %v", got, err)
	}
	if _, err := s.Numbers(t.Context(), "home", "no such", 2); err == nil || !strings.Contains(err.Error(), "no such") {
		t.Error(err)
	}
	if removed, err := s.RemoveList(t.Context(), "home", "no such"); removed || err != nil {
		t.Error(removed, err)
	}
}

// Another program logs calls beside a long import: none fails, and the import does not keep them waiting to its end.
func TestCallsFromElsewhereDuringALongImport(t *testing.T) {
	s, path := open(t)
	serve, err := Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, serve.Close()) }()
	const numbers = 200_000
	ctx, over := context.WithCancel(t.Context())
	imported := make(chan error, 1)
	go func() {
		defer over()
		_, err := s.ReplaceList(t.Context(), "home", "long", "", upTo(numbers, 9973))
		imported <- err
	}()
	var waited []time.Duration
	for ctx.Err() == nil {
		from := time.Now()
		_, err := serve.CallArrived(t.Context(), "home", "1.1", from, screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
		must(t, err)
		waited = append(waited, time.Since(from))
	}
	must(t, <-imported)
	const fewest = 20
	if len(waited) < fewest {
		t.Errorf("only %d calls were logged", len(waited))
	}
	slices.Sort(waited)
	t.Logf("%d calls during the import of %d numbers: logged p50 %v, p99 %v, the longest %v",
		len(waited), numbers, waited[len(waited)/2], waited[len(waited)*99/100], waited[len(waited)-1])
}

// commits records, of every commit of the store's own writers, how many entries of lists there were before it.
func (s *Store) commits(t *testing.T) (entries *[]int) {
	t.Helper()
	entries = new([]int)
	s.onCommit(t, func() { *entries = append(*entries, s.rows(t)) })
	return entries
}

// onCommit calls f in each transaction of the store's own writers, at its end.
func (s *Store) onCommit(t *testing.T, f func()) {
	t.Helper()
	for _, db := range []*sql.DB{s.write.DB, s.relaxed.DB} {
		conn, err := db.Conn(t.Context())
		must(t, err)
		must(t, conn.Raw(func(raw any) error {
			raw.(*sqlite3.SQLiteConn).RegisterCommitHook(func() int {
				f()
				return 0
			})
			return nil
		}))
		must(t, conn.Close())
	}
}

// However long a list is, and however mixed up, the writer is held for one batch of it at most when it goes in, and for what
// takes as long when what it replaces goes; and as long as calls write beside it, between any two batches there is room for one of them.
func TestAnImportHoldsTheWriterForABatchAtMost(t *testing.T) {
	s, _ := open(t)
	_, err := s.ReplaceList(t.Context(), "home", "beside it", "", upTo(3*batch, 7)) // between whose numbers the other's lie
	must(t, err)
	before := s.commits(t)
	const numbers = 20*batch + 17
	for round := range 2 {
		n, err := s.ReplaceList(t.Context(), "home", "parish", "", upTo(numbers, 9973))
		if err != nil || n != numbers || s.rows(t) != numbers+3*batch {
			t.Fatalf("round %d: %d numbers, %d rows (%v)", round, n, s.rows(t), err)
		}
	}
	for i := 1; i < len(*before); i++ {
		if change := (*before)[i] - (*before)[i-1]; change > batch || change < -emptied {
			t.Errorf("commit %d of %d changed %d entries", i, len(*before), change)
		}
	}
	if least := 2*numbers/batch + numbers/emptied; len(*before) < least {
		t.Errorf("%d commits, want %d at least", len(*before), least)
	}
}

// upTo are n different numbers in a mixed order, which step tells.
func upTo(n, step int) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for i := range n {
			if !yield(Entry{Digits: fmt.Sprint(442070000000 + i*step%n), Confidence: 1}, nil) {
				return
			}
		}
	}
}

// While a list is imported, into the database that calls are decided by, verdicts are right and calls are logged. How fast is
// reported, not judged: that is for "make bench" on a machine that does nothing else.
func TestVerdictsDuringAnImport(t *testing.T) {
	s, _ := open(t)
	const numbers = 100_000
	_, err := s.ReplaceList(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	ctx, over := context.WithCancel(t.Context())
	imported := make(chan error, 1)
	go func() {
		defer over()
		list := chain(upTo(numbers, 9973), entries("442079460666"))
		n, err := s.ReplaceList(t.Context(), "home", "parish", "", list)
		if n != numbers+1 {
			err = errors.Join(err, fmt.Errorf("%d numbers", n))
		}
		imported <- err
	}()
	var verdicts, logged []time.Duration
	for calls := 0; ctx.Err() == nil; calls++ {
		began := time.Now()
		caller := screening.Identify(screening.Identity{Number: string(steve), Presentation: "allowed"}, "GB")
		house, known, err := s.Situation(t.Context(), "home", caller.Number)
		must(t, err)
		house.Region = "GB"
		verdict := screening.Decide(screening.Call{Caller: caller}, house, known)
		decided := time.Now()
		if verdict.Action != screening.TurnAway {
			t.Fatalf("call %d: %+v, knowing %+v", calls, verdict, known)
		}
		_, err = s.CallArrived(t.Context(), "home", fmt.Sprint(calls), decided, screening.Identity{}, caller, verdict, "")
		must(t, err)
		verdicts, logged = append(verdicts, decided.Sub(began)), append(logged, time.Since(decided))
	}
	must(t, <-imported)
	slices.Sort(verdicts)
	slices.Sort(logged)
	at := func(of []time.Duration, share int) time.Duration {
		return of[(len(of)-1)*share/100].Round(time.Microsecond)
	}
	t.Logf("%d calls during the import of %d numbers: verdict p50 %v, p99 %v; logged p50 %v, p99 %v",
		len(verdicts), numbers, at(verdicts, 50), at(verdicts, 99), at(logged, 50), at(logged, 99))
}

// A verdict does not wait for what an import writes: here each is found between the beginning and the end of a transaction of the
// import's, out of which it would never come if it did. That a list is replaced shows in them at once, and not before.
func TestAVerdictIsFoundInsideAnImportsTransaction(t *testing.T) {
	s, path := open(t)
	elsewhere, err := Open(t.Context(), path) // another program
	must(t, err)
	defer func() { must(t, elsewhere.Close()) }()
	const numbers = 20 * batch
	_, err = s.ReplaceList(t.Context(), "home", "parish", "", chain(upTo(numbers, 9973), entries("442079460666")))
	must(t, err)
	var took []time.Duration
	var actions []screening.Action
	s.onCommit(t, func() {
		for _, asked := range []*Store{s, elsewhere} {
			began := time.Now()
			l, err := asked.Lookup(t.Context(), "home", string(steve), began, inBritain)
			if err != nil {
				t.Error(err)
			}
			took, actions = append(took, time.Since(began)), append(actions, l.Verdict.Action)
		}
	})
	_, err = s.ReplaceList(t.Context(), "home", "parish", "", upTo(numbers, 7)) // without Steve's number
	must(t, err)
	if least := 2 * (numbers/batch + numbers/emptied); len(took) < least {
		t.Errorf("%d verdicts in transactions, want %d at least", len(took), least)
	}
	changed := slices.Index(actions, screening.Screen)
	if changed < 2*numbers/batch {
		t.Errorf("the first verdict by the new list is number %d, before all of it was there", changed)
	}
	for i, action := range actions {
		if want := map[bool]screening.Action{false: screening.TurnAway, true: screening.Screen}[i >= changed]; action != want {
			t.Errorf("verdict %d is %q, want %q", i, action, want)
		}
	}
	slices.Sort(took)
	t.Logf("%d verdicts inside the transactions of an import: p50 %v, p99 %v", len(took), took[len(took)/2], took[(len(took)-1)*99/100])
}

func inBritain(h screening.Household) screening.Household { h.Region = "GB"; return h }

// chain is one list behind another.
func chain(lists ...iter.Seq2[Entry, error]) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, list := range lists {
			for e, err := range list {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}
