package household

import (
	"errors"
	"testing"
	"time"

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
		done, err := a.AcceptList(ctx, id, "parish.csv")
		if l := lastLine(t, a); err != nil || done.Line != l.ID || l.What != "list-imported" || l.Text != done.Sentence || l.Before != before || l.After != "1 number" {
			t.Errorf("round %d: %+v, %+v %v", round, l, done, err)
		}
		refused(t, a, Gone, func() error { _, err := a.AcceptList(ctx, id, ""); return err })
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

func refused(t *testing.T, a Admin, kind Kind, deed func() error) {
	t.Helper()
	before := lastLine(t, a)
	var refusal *Refusal
	if err := deed(); !errors.As(err, &refusal) || refusal.Kind != kind {
		t.Errorf("not refused: %v", err)
	}
	if after := lastLine(t, a); after.ID != before.ID {
		t.Errorf("the log has %+v", after)
	}
}
