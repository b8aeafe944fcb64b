package replay_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/household/replay"
	"ringfence/screening"
)

// A quotation mark that is not closed costs its own line, which is named, and never the calls behind it.
func TestQuotationMarksThatAreNotClosed(t *testing.T) {
	t.Parallel()
	const rest = "2026-11-20 12:00,020 7946 0303,Bank\n2026-11-20 13:00,020 7946 0304,\"Joan, Ann\"\n2026-11-20 14:00,020 7946 0305,\"a \"\"b\"\"\"\n"
	for name, c := range map[string]struct {
		text    string
		calls   int
		refused string
	}{
		"in a row":           {"date,number,name\n2026-11-20 11:00,020 7946 0302,\"Bob\n" + rest, 3, "Line 2"},
		"around a number":    {"date,number,name\n2026-11-20 11:00,\"020 7946 0302,Bob\n" + rest, 3, "Line 2"},
		"before all":         {"date,number,name\n\"2026-11-20 11:00,020 7946 0302,Bob\n" + rest, 3, "Line 2"},
		"in the last row":    {"date,number,name\n" + rest + "2026-11-20 15:00,020 7946 0306,\"Bob", 3, "Line 5"},
		"no headings":        {rest + "2026-11-20 15:00,020 7946 0306,\"Bob\n" + rest, 6, "Line 4"},
		"Windows":            {strings.ReplaceAll("date,number,name\n2026-11-20 11:00,020 7946 0302,\"Bob\n"+rest, "\n", "\r\n"), 3, "Line 2"},
		"after sep=":         {"sep=;\nTyp;Datum;Name;Rufnummer\n1;20.11.26 11:00;\"Bank;03023125001\n1;20.11.26 12:00;;03023125002\n1;20.11.26 13:00;\"Ann\";03023125003\n", 2, "Line 3"},
		"tabs":               {"date\tnumber\tname\n2026-11-20 11:00\t020 7946 0302\t\"Bob\n2026-11-20 12:00\t020 7946 0303\tBank\n2026-11-20 13:00\t020 7946 0304\t\"Ann\"\n", 2, "Line 2"},
		"all are quoted":     {"\"date\",\"number\",\"name\"\n\"2026-11-20 11:00\",\"020 7946 0302\",\"Bob\n\"2026-11-20 12:00\",\"020 7946 0303\",\"\"\n\"2026-11-20 13:00\",\"020 7946 0304\",\"Ann\"\n", 2, "Line 2"},
		"within a cell":      {"date,number,name\n2026-11-20 11:00,020 7946 0302,17\" TV\n" + rest, 4, ""},
		"at the end":         {"date,number,name\n2026-11-20 11:00,020 7946 0302,Bob\"\n" + rest, 4, ""},
		"in a quoted cell":   {"date,number,name\n2026-11-20 11:00,020 7946 0302,\"17\" TV\"\n" + rest, 4, ""},
		"of several lines":   {"date,number,name\n2026-11-20 11:00,020 7946 0302,\"Bob,\n\nhe said \"\"x\"\"\n17\"\n" + rest, 4, ""},
		"before white space": {"date,number,name\n2026-11-20 11:00,020 7946 0302, \"Bob, Ann\"\n" + rest, 4, ""},
	} {
		f, err := replay.Read(strings.NewReader(c.text), screening.Line{Region: "GB"}, "")
		if err != nil || len(f.Calls) != c.calls {
			t.Errorf("%s: %d calls, not %d: %+v %v", name, len(f.Calls), c.calls, f, err)
		}
		if c.refused == "" && len(f.Refused) != 0 || c.refused != "" && !slices.Equal(f.Refused, []string{c.refused + ": a quotation mark in it isn't closed."}) {
			t.Errorf("%s: %q", name, f.Refused)
		}
	}
}

// An empty cell between tabs is one, and moves nobody else's number to its place.
func TestEmptyCellsBetweenTabs(t *testing.T) {
	t.Parallel()
	f, err := replay.Read(strings.NewReader("date\tname\tnumber\n2026-11-20 11:00\t\t020 7946 0302\n2026-11-20 12:00\tAnn\t020 7946 0303\n"), screening.Line{Region: "GB"}, "")
	if err != nil || len(f.Calls) != 2 || f.Calls[0].Identity.Number != "020 7946 0302" || f.Calls[0].Name != "" {
		t.Errorf("%+v %v", f, err)
	}
}

// Calls that were refused because there were too many at once were seen by no rule, so nothing is said of them.
func TestCallsThatWereTooManyAreLeftOut(t *testing.T) {
	t.Parallel()
	f, err := replay.Read(strings.NewReader(`{"at":"2026-11-20T10:00:00Z","number":"+442079460302","presentation":"allowed","outcome":"too-many"}
{"at":"2026-11-20T10:00:01Z","number":"+442079460303","presentation":"allowed","outcome":"talked"}
`), screening.Line{Region: "GB"}, "")
	if err != nil || len(f.Calls) != 1 || f.Calls[0].Outcome != calllog.Outcome("talked") {
		t.Errorf("of a file: %+v %v", f, err)
	}
	a := house(t)
	rings(t, a, 1, now.Add(-2*time.Hour), shown(bank), 0)
	id := shown(bank)
	call, err := a.Store.CallArrived(t.Context(), "home", "many", now.Add(-time.Hour), id, screening.Identify(id, "GB"), screening.Verdict{Action: screening.Ring, Would: screening.Ring}, "")
	must(t, err)
	must(t, a.Store.CallEnded(t.Context(), call, now.Add(-time.Hour), calllog.TooMany))
	if r := tried(t, a, knownOnly(time.Time{})); r.Calls != 1 || len(r.Changes) != 1 {
		t.Errorf("of the log: %d calls, of which %d differ", r.Calls, len(r.Changes))
	}
}

// Nobody is asked in a trial whether they are sure: nothing in it could be lost for good.
func TestWhoTriesIsSure(t *testing.T) {
	t.Parallel()
	a := house(t)
	rings(t, a, 1, now.Add(-time.Hour), shown(bank), 0)
	sure := false
	tried(t, a, func(_ context.Context, a household.Admin) error {
		sure = a.Sure
		return nil
	})
	if !sure {
		t.Error("a deed in a trial would ask whether it is certain")
	}
}

// A try for a page ends in time, with a sentence that says what to do; what its deed is refused for stays.
func TestTryingWithinALimit(t *testing.T) {
	t.Parallel()
	a := house(t)
	rings(t, a, 1, now.Add(-time.Hour), shown(bank), 0)
	_, err := replay.Within(t.Context(), time.Second, a, func(ctx context.Context, _ household.Admin) error {
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, replay.ErrTooLong) {
		t.Errorf("a try without an end: %v", err)
	}
	_, err = replay.Within(t.Context(), time.Hour, a, func(context.Context, household.Admin) error { return context.DeadlineExceeded })
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, replay.ErrTooLong) {
		t.Errorf("another's limit: %v", err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err = replay.Within(gone, time.Hour, a, knownOnly(time.Time{})); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits any more: %v", err)
	}
	r, err := replay.Within(t.Context(), time.Hour, a, knownOnly(time.Time{}))
	if err != nil || r.Calls != 1 {
		t.Errorf("in time: %+v %v", r, err)
	}
}
