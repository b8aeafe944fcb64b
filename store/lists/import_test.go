package lists_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
)

// meanwhile is a list of four batches, in whose middle something else happens.
func meanwhile(something func()) iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		for i := range 4 * lists.Batch {
			if i == 2*lists.Batch {
				something()
			}
			if !yield(lists.Entry{Digits: fmt.Sprint(442070000000 + i), Confidence: 1}, nil) {
				return
			}
		}
	}
}

func TestAnImportThatIsInterruptedChangesNothing(t *testing.T) {
	s, _ := open(t)
	_, err := s.Lists.Replace(t.Context(), "home", "parish", "old.csv", entries("442079460666"))
	must(t, err)
	ctx, interrupt := context.WithCancel(t.Context())
	if _, err := s.Lists.Replace(ctx, "home", "parish", "new.csv", meanwhile(interrupt)); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if known, err := s.Know(t.Context(), "home", steve); err != nil || len(known.Entries) != 1 {
		t.Errorf("%+v %v", known, err)
	}
	if n := s.rows(t); n != 1 {
		t.Errorf("%d rows are left", n)
	}
	if all, err := s.Lists.All(t.Context(), "home"); err != nil || len(all) != 1 || all[0].Source != "old.csv" || all[0].Entries != 1 {
		t.Errorf("%+v %v", all, err)
	}
}

func TestWhatIsNoNumberEndsAnImport(t *testing.T) {
	s, _ := open(t)
	_, err := s.Lists.Replace(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	for _, digits := range []string{"", "x", "-5", "+442079460667", " 442079460667", "4420794606671234", "99999999999999999999"} {
		if _, err := s.Lists.Replace(t.Context(), "home", "parish", "", entries("442079460001", digits)); err == nil {
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
		if n, err := s.Lists.Replace(t.Context(), "home", "parish", "inner.csv", entries("442079460666")); err != nil || n != 1 {
			t.Error(n, err)
		}
		if known, err := s.Know(t.Context(), "home", steve); err != nil || len(known.Entries) != 1 {
			t.Errorf("the one that was ready first is not in force: %+v %v", known, err)
		}
	}
	if n, err := s.Lists.Replace(t.Context(), "home", "parish", "outer.csv", meanwhile(inner)); err != nil || n != 4*lists.Batch {
		t.Error(n, err)
	}
	all, err := s.Lists.All(t.Context(), "home")
	if err != nil || len(all) != 1 || all[0].Source != "outer.csv" || all[0].Entries != 4*lists.Batch {
		t.Errorf("%+v %v", all, err)
	}
	if n := s.rows(t); n != 4*lists.Batch {
		t.Errorf("%d rows, want %d", n, 4*lists.Batch)
	}
}

func TestAnImportThatFailsLeavesAnotherAlone(t *testing.T) {
	s, _ := open(t)
	inner := func() {
		broken := func(yield func(lists.Entry, error) bool) { yield(lists.Entry{}, errBroken) }
		if _, err := s.Lists.Replace(t.Context(), "home", "parish", "inner.csv", broken); !errors.Is(err, errBroken) {
			t.Error(err)
		}
	}
	if n, err := s.Lists.Replace(t.Context(), "home", "parish", "outer.csv", meanwhile(inner)); err != nil || n != 4*lists.Batch {
		t.Error(n, err)
	}
	if all, err := s.Lists.All(t.Context(), "home"); err != nil || len(all) != 1 || all[0].Entries != 4*lists.Batch || s.rows(t) != 4*lists.Batch {
		t.Errorf("%+v %v, %d rows", all, err, s.rows(t))
	}
}

// Whoever imports a list and is told that it went in has it, even where it was removed meanwhile.
func TestAListIsRemovedDuringItsImport(t *testing.T) {
	s, _ := open(t)
	_, err := s.Lists.Replace(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	remove := func() {
		if removed, err := s.Lists.Remove(t.Context(), "home", "parish"); !removed || err != nil {
			t.Error(removed, err)
		}
		if known, err := s.Know(t.Context(), "home", steve); err != nil || len(known.Entries) != 0 {
			t.Errorf("it is still in force: %+v %v", known, err)
		}
	}
	if n, err := s.Lists.Replace(t.Context(), "home", "parish", "", meanwhile(remove)); err != nil || n != 4*lists.Batch {
		t.Error(n, err)
	}
	if all, err := s.Lists.All(t.Context(), "home"); err != nil || len(all) != 1 || s.rows(t) != 4*lists.Batch {
		t.Errorf("%+v %v, %d rows", all, err, s.rows(t))
	}
}

// A machine slept for two days in the middle of an import, and has meanwhile given it up. The import has to notice: what
// it went on to write would belong to nobody, or to the next list that gets the same version.
func TestAnImportThatWasGivenUpNotices(t *testing.T) {
	s, _ := open(t)
	giveUp := func() {
		_, err := s.raw.Exec("UPDATE list_versions SET touched_at = touched_at - 200000")
		must(t, err)
		must(t, s.Expire(t.Context(), time.Unix(0, 0)))
	}
	if _, err := s.Lists.Replace(t.Context(), "home", "parish", "", meanwhile(giveUp)); err == nil {
		t.Errorf("the error is %v", err)
	}
	if all, err := s.Lists.All(t.Context(), "home"); err != nil || len(all) != 0 || s.rows(t) != 0 {
		t.Errorf("%+v %v, %d rows", all, err, s.rows(t))
	}
	n, err := s.Lists.Replace(t.Context(), "home", "another", "", entries("442079460666"))
	if err != nil || n != 1 || s.rows(t) != 1 {
		t.Errorf("the next list has %d numbers (%v)", n, err)
	}
}

// What a dead import has left goes when its list is next replaced, once it is certain to be dead.
func TestTheNextImportClearsAway(t *testing.T) {
	s, _ := open(t)
	must(t, s.Lists.BeginImport(t.Context(), "home", "parish", entries("442079460001", "442079460002")))
	_, err := s.raw.Exec("UPDATE list_versions SET touched_at = touched_at - 200000")
	must(t, err)
	_, err = s.Lists.Replace(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	if n := s.rows(t); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestNumbersOfAList(t *testing.T) {
	s, _ := open(t)
	list := func(yield func(lists.Entry, error) bool) {
		for _, e := range []lists.Entry{
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
	_, err := s.Lists.Replace(t.Context(), "home", "parish", "parish.csv", list)
	must(t, err)
	got, err := s.Lists.Entries(t.Context(), "home", "parish", 10)
	want := []lists.Entry{
		{Digits: "60606", Confidence: 1},
		{Digits: "44909879", Prefix: true, Confidence: 0.25},
		{Digits: "442079460666", Confidence: 0.75, Category: "tax", Note: "the later counts"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v (%v), want %v", got, err, want)
	}
	if got, err := s.Lists.Entries(t.Context(), "home", "parish", 2); err != nil || len(got) != 2 {
		t.Errorf("%v %v", got, err)
	}
	if _, err := s.Lists.Entries(t.Context(), "home", "no such", 2); err == nil || !strings.Contains(err.Error(), "no such") {
		t.Error(err)
	}
	if removed, err := s.Lists.Remove(t.Context(), "home", "no such"); removed || err != nil {
		t.Error(removed, err)
	}
}

// Another program logs calls beside a long import: none fails, and the import does not keep them waiting to its end.
func TestCallsFromElsewhereDuringALongImport(t *testing.T) {
	s, path := open(t)
	serve, err := store.Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, serve.Close()) }()
	const numbers = 200_000
	ctx, over := context.WithCancel(t.Context())
	imported := make(chan error, 1)
	go func() {
		defer over()
		_, err := s.Lists.Replace(t.Context(), "home", "long", "", upTo(numbers, 9973))
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

// However long a list is, and however mixed up, the writer is held for one lists.Batch of it at most when it goes in, and for what
// takes as long when what it replaces goes; and as long as calls write beside it, between any two batches there is room for one of them.
func TestAnImportHoldsTheWriterForABatchAtMost(t *testing.T) {
	s, _ := open(t)
	_, err := s.Lists.Replace(t.Context(), "home", "beside it", "", upTo(3*lists.Batch, 7)) // between whose numbers the other's lie
	must(t, err)
	var before []int // how many entries of lists there were before each commit
	s.onCommit(t, func() { before = append(before, s.rows(t)) })
	const numbers = 20*lists.Batch + 17
	for round := range 2 {
		n, err := s.Lists.Replace(t.Context(), "home", "parish", "", upTo(numbers, 9973))
		if err != nil || n != numbers || s.rows(t) != numbers+3*lists.Batch {
			t.Fatalf("round %d: %d numbers, %d rows (%v)", round, n, s.rows(t), err)
		}
	}
	for i := 1; i < len(before); i++ {
		if change := before[i] - before[i-1]; change > lists.Batch || change < -lists.Emptied {
			t.Errorf("commit %d of %d changed %d entries", i, len(before), change)
		}
	}
	if least := 2*numbers/lists.Batch + numbers/lists.Emptied; len(before) < least {
		t.Errorf("%d commits, want %d at least", len(before), least)
	}
}

// upTo are n different numbers in a mixed order, which step tells.
func upTo(n, step int) iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		for i := range n {
			if !yield(lists.Entry{Digits: fmt.Sprint(442070000000 + i*step%n), Confidence: 1}, nil) {
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
	_, err := s.Lists.Replace(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	ctx, over := context.WithCancel(t.Context())
	imported := make(chan error, 1)
	go func() {
		defer over()
		list := chain(upTo(numbers, 9973), entries("442079460666"))
		n, err := s.Lists.Replace(t.Context(), "home", "parish", "", list)
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
	elsewhere, err := store.Open(t.Context(), path) // another program
	must(t, err)
	defer func() { must(t, elsewhere.Close()) }()
	const numbers = 20 * lists.Batch
	_, err = s.Lists.Replace(t.Context(), "home", "parish", "", chain(upTo(numbers, 9973), entries("442079460666")))
	must(t, err)
	var took []time.Duration
	var actions []screening.Action
	s.onCommit(t, func() {
		for _, asked := range []*store.Store{s.Store, elsewhere} {
			began := time.Now()
			l, err := asked.Lookup(t.Context(), "home", screening.Line{Region: "GB"}, string(steve), began)
			if err != nil {
				t.Error(err)
			}
			took, actions = append(took, time.Since(began)), append(actions, l.Verdict.Action)
		}
	})
	_, err = s.Lists.Replace(t.Context(), "home", "parish", "", upTo(numbers, 7)) // without Steve's number
	must(t, err)
	if least := 2 * (numbers/lists.Batch + numbers/lists.Emptied); len(took) < least {
		t.Errorf("%d verdicts in transactions, want %d at least", len(took), least)
	}
	changed := slices.Index(actions, screening.Screen)
	if changed < 2*numbers/lists.Batch {
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

func TestListIsReplacedWholeOrNotAtAll(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	n, err := s.Lists.Replace(ctx, "home", "parish", "one.csv", entries("442079460666", "442079460667", "442079460666"))
	if err != nil || n != 2 {
		t.Fatal(n, err)
	}
	broken := func(yield func(lists.Entry, error) bool) {
		for i := range 3 * lists.Batch {
			if !yield(lists.Entry{Digits: fmt.Sprint(442070000000 + i), Confidence: 1}, nil) {
				return
			}
		}
		yield(lists.Entry{}, errBroken)
	}
	if _, err := s.Lists.Replace(ctx, "home", "parish", "two.csv", broken); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	if _, err := s.Lists.Replace(ctx, "home", "new", "two.csv", broken); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	all, err := s.Lists.All(ctx, "home")
	if err != nil || len(all) != 1 || all[0].Entries != 2 || all[0].Source != "one.csv" {
		t.Errorf("%+v %v", all, err)
	}
	var rows int
	must(t, s.raw.QueryRow("SELECT count(*) FROM list_entries").Scan(&rows))
	if rows != 2 {
		t.Errorf("%d rows are left", rows)
	}
	if n, err := s.Lists.Replace(ctx, "home", "parish", "three.csv", entries("441144960000", "999999")); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if known, _ := s.Know(ctx, "home", steve); len(known.Entries) != 0 {
		t.Errorf("the old contents are still in force: %+v", known.Entries)
	}
	if removed, err := s.Lists.Remove(ctx, "home", "parish"); !removed || err != nil {
		t.Error(removed, err)
	}
	must(t, s.Lists.Clean(ctx))
	must(t, s.raw.QueryRow("SELECT count(*) FROM list_entries").Scan(&rows))
	if rows != 0 {
		t.Errorf("%d rows are left of a list that was removed", rows)
	}
}

// A program that dies in an import leaves a version that nobody uses; the next start clears it away.
func TestInterruptedImportIsClearedAway(t *testing.T) {
	s, path := open(t)
	ctx := t.Context()
	_, err := s.Lists.Replace(ctx, "home", "parish", "", entries("442079460666"))
	must(t, err)
	must(t, s.Lists.BeginImport(ctx, "home", "parish", entries("442079460001", "442079460002")))
	again, err := store.Open(ctx, path)
	must(t, err)
	defer func() { must(t, again.Close()) }()
	must(t, again.Expire(ctx, time.Unix(0, 0))) // it may be an import that another program is working on
	var rows int
	must(t, s.raw.QueryRow("SELECT count(*) FROM list_entries").Scan(&rows))
	if rows != 3 {
		t.Errorf("an import under way was disturbed: %d rows", rows)
	}
	_, err = s.raw.Exec("UPDATE list_versions SET touched_at = touched_at - 100000")
	must(t, err)
	must(t, again.Expire(ctx, time.Unix(0, 0)))
	must(t, s.raw.QueryRow("SELECT count(*) FROM list_entries").Scan(&rows))
	if rows != 1 {
		t.Errorf("%d rows", rows)
	}
}

// Calls are logged, and looked up, while a long list goes in, however slowly it comes.
func TestCallsGoOnDuringAnImport(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	calls := 0
	list := func(yield func(lists.Entry, error) bool) {
		for i := range 10 * lists.Batch {
			if i%100 == 0 { // the import waits here until the call is logged
				if _, err := s.CallArrived(ctx, "home", fmt.Sprint(i), time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, ""); err != nil {
					t.Error(err)
				}
				calls++
			}
			if !yield(lists.Entry{Digits: fmt.Sprint(442070000000 + i), Confidence: 1}, nil) {
				return
			}
		}
	}
	if n, err := s.Lists.Replace(ctx, "home", "long", "", list); err != nil || n != 10*lists.Batch {
		t.Fatal(n, err)
	}
	if logged, err := s.Calls(ctx, "home", 1000); err != nil || len(logged) != calls || calls != 50 {
		t.Errorf("%d of %d calls, %v", len(logged), calls, err)
	}
}
