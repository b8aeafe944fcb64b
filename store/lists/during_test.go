package lists_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
)

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
