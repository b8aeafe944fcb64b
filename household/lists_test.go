package household

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"ringfence/sharing/forms"
	"ringfence/store/lists"
)

// Lists that go or come are one line of the audit log each, and of what is refused there is none.
func TestListsAreAcceptedAndRemoved(t *testing.T) {
	a, ctx := admin(t), t.Context()
	one := func(yield func(lists.Entry, error) bool) {
		yield(lists.Entry{Digits: "442079460666", Confidence: 1}, nil)
	}
	for round, before := range []string{"", "1 number"} {
		id, err := a.Store.Lists.Prepare(ctx, "home", "parish", "parish.csv", one)
		if err != nil {
			t.Fatal(err)
		}
		done, err := a.AcceptList(ctx, id, "parish.csv", "")
		if l := lastLine(t, a); err != nil || done.Line != l.ID || l.What != "list-imported" || l.Text != done.Sentence || l.Before != before || l.After != "1 number" {
			t.Errorf("round %d: %+v, %+v %v", round, l, done, err)
		}
		refused(t, a, Gone, func() error { _, err := a.AcceptList(ctx, id, "", ""); return err })
	}
	refused(t, a, Gone, func() error { _, err := a.Unsubscribe(ctx, "parish"); return err })
	done, err := a.RemoveList(ctx, "parish")
	if l := lastLine(t, a); err != nil || done.Line != l.ID || l.What != "list-removed" || l.Before != "parish" {
		t.Errorf("%+v, %+v %v", l, done, err)
	}
	refused(t, a, Gone, func() error { _, err := a.RemoveList(ctx, "parish"); return err })
	if err := a.Store.Lists.Subscribe(ctx, lists.Subscription{Household: "home", List: "county", URL: "https://county.example/", Period: time.Hour, Begun: a.Now, Next: a.Now}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Unsubscribe(ctx, "county"); err != nil || lastLine(t, a).What != "list-unsubscribed" {
		t.Error(err)
	}
	if all, err := a.Store.Lists.All(ctx, "home"); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
}

// Only a list is published of which it is certain that its numbers are those of unwanted callers.
func TestOnlyCertainListsMayBePublished(t *testing.T) {
	a, ctx := admin(t), t.Context()
	for text, wrong := range map[string]string{
		"Scam number,x\n020 7946 0666,y\n": "", "020 7946 0666\n": "", "Numer,Od\n020 7946 0666,y\n": "its numbers are from the column “Numer”, and the heading does not say whose they are. Import its file again with --column",
	} {
		read := &forms.Import{Region: "GB"}
		id, err := a.PrepareList(ctx, "parish", "parish.csv", read, read.Entries(strings.NewReader(text)))
		if err == nil {
			_, err = a.AcceptList(ctx, id, "parish.csv", "")
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := a.MayPublish(ctx, "parish"); (err == nil) != (wrong == "") || err != nil && !refusedSaying(err, wrong) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := a.Store.Lists.Replace(ctx, "home", "old", "", func(func(lists.Entry, error) bool) {}); err != nil { // as an older Ringfence did
		t.Fatal(err)
	}
	if err := a.MayPublish(ctx, "old"); !refusedSaying(err, "did not note which column") {
		t.Error(err)
	}
	if err := a.MayPublish(ctx, "none"); !errors.Is(err, lists.ErrNoList) {
		t.Error(err)
	}
}

// Whether a list is subscribed to is asked when it is removed, not before.
func TestRemovedListThatWasSubscribedToMeanwhile(t *testing.T) {
	t.Parallel()
	a, ctx := admin(t), t.Context()
	err := a.whileWaiting(t, func(ctx context.Context) error {
		return a.Store.Lists.Subscribe(ctx, lists.Subscription{Household: "home", List: "parish", URL: "https://parish.example/", Period: time.Hour, Begun: a.Now, Next: a.Now})
	}, func() error { _, err := a.RemoveList(ctx, "parish"); return err })
	if err != nil {
		t.Fatal(err)
	}
	if l := lastLine(t, a); Word(l.What) != ListUnsubscribed {
		t.Errorf("%+v", l)
	}
}

// A list is replaced also where its earlier numbers cannot be deleted yet, which the log of the program says.
func TestReplacedListThatCannotBeCleaned(t *testing.T) {
	t.Parallel()
	f, ctx := newFilled(t), t.Context()
	f.importParish(t)
	db, err := sql.Open("sqlite3", "file:"+f.file+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(ctx, "CREATE TRIGGER kept BEFORE DELETE ON list_entries BEGIN SELECT RAISE(ABORT, 'injected'); END")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	f.Log = slog.New(slog.NewTextHandler(&log, nil))
	f.importParish(t)
	if !strings.Contains(log.String(), "injected") {
		t.Error(log.String())
	}
}

// importParish gives the household a list of one number.
func (a Admin) importParish(t *testing.T) {
	t.Helper()
	id, err := a.Store.Lists.Prepare(t.Context(), "home", "parish", "parish.csv", func(yield func(lists.Entry, error) bool) {
		yield(lists.Entry{Digits: "442079460666", Confidence: 1}, nil)
	})
	if err == nil {
		_, err = a.AcceptList(t.Context(), id, "parish.csv", "")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// whileWaiting begins a deed that has to wait for its turn while something is changed. The error is the deed's.
func (a Admin) whileWaiting(t *testing.T, change func(ctx context.Context) error, deed func() error) error {
	t.Helper()
	result := make(chan error, 1)
	err := a.Store.Together(t.Context(), func(ctx context.Context) error {
		go func() { result <- deed() }()
		time.Sleep(100 * time.Millisecond) // a deed that looks before its turn does so now
		return change(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	return <-result
}

func refused(t *testing.T, a Admin, kind Kind, deed func() error) {
	t.Helper()
	before := lastLine(t, a)
	if err := deed(); !refusedAs(err, kind) {
		t.Errorf("not refused: %v", err)
	}
	if after := lastLine(t, a); after.ID != before.ID {
		t.Errorf("the log has %+v", after)
	}
}
