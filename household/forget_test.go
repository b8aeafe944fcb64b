package household

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/sharing/inquiry"
	"ringfence/sharing/phoneblock/phoneblocktest"
	"ringfence/store"
	"ringfence/store/outbox"
	"ringfence/store/sqlite"
)

// keptOfTheForgotten is where the number of a caller who has been forgotten may still be, and why.
var keptOfTheForgotten = map[string]string{
	"blocks.digits":       "the household has chosen to block the number",
	"sent_reports.number": "a group has to be told that the report is withdrawn",
	"sent_reports.body":   "likewise",
	"list_entries.number": "others have published it",
}

// hasTraces leaves something of a caller everywhere.
func hasTraces(ctx context.Context, f *filled, n screening.Number, name string) error {
	var errs []error
	ok := func(err error) { errs = append(errs, err) }
	call, err := f.Store.CallArrived(ctx, "home", name, f.Now.Add(-time.Hour), screening.Identity{Number: string(n), Name: name},
		screening.Caller{Number: n, Name: name, Presentation: screening.Allowed}, screening.Verdict{}, calllog.MessageLeft)
	ok(err)
	withheld := screening.Identity{Number: string(n), Name: name, Presentation: "prohib"}
	_, err = f.Store.CallArrived(ctx, "home", "withheld "+name[:1], f.Now.Add(-time.Hour), withheld, screening.Identify(withheld, "GB"), screening.Verdict{}, calllog.MessageLeft)
	ok(err)
	ok(f.Store.CallStep(ctx, call, f.Now, calllog.PassCode{Name: name}))
	ok(f.Store.Keep(ctx, call, calllog.RecordedName, aSound(), time.Second))
	ok(f.Store.Keep(ctx, call, calllog.RecordedMessage, aSound(), time.Second))
	ok(f.Store.KeepWords(ctx, call, calllog.RecordedMessage, wordsOf(name), false))
	ok(f.Store.KeepOpinion(ctx, call, calllog.RecordedMessage, store.Opinion{Level: calllog.ScriptWarn, Sentence: name + " wants money."}))
	ok(f.Store.NumberDialled(ctx, "home", n, f.Now))
	ok(f.Store.AddNotice(ctx, "home", f.Now, store.NoticeMessageLeft, "A message was left.", call))
	ok(f.Store.AddNotice(ctx, "home", f.Now, store.NoticeSentAway, f.national(n)+" was sent away.", 0))
	shown := f.national(n)
	ok(f.Store.Outbox.Enqueue(ctx, "home", []outbox.Alert{
		{Event: outbox.EventLine, Source: "call " + name, At: f.Now.Add(time.Minute), Text: "Somebody rang.", Topic: "turned-away " + string(n)},
		{Event: outbox.EventLine, Source: "notice " + name, At: f.Now.Add(time.Minute), Text: name + " (" + shown + ") left a message."},
		{Event: outbox.EventLine, Source: "of " + name, At: f.Now.Add(time.Minute), Text: "A message was left.", Call: call},
	}, outbox.Cursor{Notice: 100, Call: 100}))
	for _, deed := range []func() (Done, error){
		func() (Done, error) { return f.NameCaller(ctx, n, "Dr "+name) },
		func() (Done, error) { return f.Report(ctx, n, "bank") },
		func() (Done, error) { return f.AddBlock(ctx, BlockRequest{Number: string(n), Note: "rude"}) },
		func() (Done, error) { return f.MarkHeard(ctx, call) },
		func() (Done, error) {
			return f.OnLetThrough(ctx, store.LoggedCall{Call: store.Call{Name: name, Number: n}})
		},
	} {
		_, err := deed()
		ok(err)
	}
	for _, group := range []string{"http://127.0.0.1:1", "http://127.0.0.1:2"} {
		id, err := f.Store.Outbox.JoinGroup(ctx, outbox.Group{Household: "home", Name: group, URL: group + "/" + name, Joined: f.Now}, "rfk_key")
		ok(err)
		ok(f.Store.Outbox.ReportSent(ctx, id, outbox.SentReport{Number: n, Kind: outbox.SaysFor, Category: "bank", Body: string(n), At: f.Now}))
		if group == "http://127.0.0.1:2" {
			ok(f.Store.Outbox.LeaveGroup(ctx, "home", id, f.Now))
		}
	}
	_, _, err = f.Store.Lists.BeginInquiry(ctx, "home", inquiry.MarkOf(phoneblocktest.Key, n), f.Now, 10)
	return errors.Join(append(errs, err)...)
}

// wordsOf is what somebody says whom hasTraces leaves something of.
func wordsOf(name string) string { return "It's " + name + ", about the boiler." }

// A caller who is forgotten is nowhere any more, but where the reason is said; and of nobody else is anything lost.
func TestForgottenCallersAreNowhere(t *testing.T) {
	f, ctx := newFilled(t), t.Context()
	if err := errors.Join(isSomebody(ctx, f), hasPhoneBlock(ctx, f)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.AskPhoneBlock(ctx, "PhoneBlock", true); err != nil {
		t.Fatal(err)
	}
	const steve, joan = screening.Number("+442079460777"), screening.Number("+442079460778")
	if err := errors.Join(hasTraces(ctx, f, steve, "Steve"), hasTraces(ctx, f, joan, "Joan")); err != nil {
		t.Fatal(err)
	}
	before, others := f.foundOf(t, steve, "Steve"), f.foundOf(t, joan, "Joan")
	if len(before) < 22 || len(others) != len(before) || before["recordings.words "+wordsOf("Steve")] != 1 {
		t.Fatalf("there is not enough to forget, or not as much of both: %d and %d:\n%v\n%v", len(before), len(others), before, others)
	}
	asked, err := f.Forgettable(ctx, "020 7946 0777")
	if err != nil || len(asked.Erased) != 5 || len(asked.Stays) != 4 {
		t.Errorf("%+v %v", asked, err)
	}
	f.refuses(t, NotSure, "2 recordings")
	f.Sure = true
	done, err := f.ForgetCaller(ctx, "020 7946 0777")
	if err != nil || done.CanUndo || done.Sentence != "A caller was forgotten: 1 call, 2 recordings, a report and all else that was kept about them." {
		t.Fatalf("%+v %v", done, err)
	}
	for where := range f.foundOf(t, steve, "Steve") {
		if place, _, _ := strings.Cut(where, " "); keptOfTheForgotten[place] == "" {
			t.Errorf("%s is left", where)
		}
	}
	if left := f.foundOf(t, joan, "Joan"); fmt.Sprint(left) != fmt.Sprint(others) {
		t.Errorf("of somebody else there is\n%v\nnot\n%v", left, others)
	}
	f.withdrawn(t, steve)
	f.refuses(t, Gone, "Nothing is kept")
	if l := lastLine(t, f.Admin); l.What != string(CallerForgotten) || l.By != "Anna" {
		t.Errorf("%+v", l)
	}
	f.logKeeps(t, 13)
}

// refuses has the deed refused.
func (f *filled) refuses(t *testing.T, kind Kind, with string) {
	t.Helper()
	var refusal *Refusal
	if _, err := f.ForgetCaller(t.Context(), "020 7946 0777"); !errors.As(err, &refusal) || refusal.Kind != kind || !strings.Contains(refusal.Sentence, with) {
		t.Errorf("%v", err)
	}
}

// withdrawn has the group told that the report is withdrawn, and then nothing is left of it.
func (f *filled) withdrawn(t *testing.T, n screening.Number) {
	t.Helper()
	groups, err := f.Store.Outbox.JoinedGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, g := range groups {
		reports, err := f.Store.Outbox.GroupReports(t.Context(), g.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reports {
			if r.Number != n {
				continue
			}
			if r.Report != nil || r.Taken == nil || r.Taken.Kind != outbox.SaysFor {
				t.Errorf("nothing is withdrawn from the group: %+v", r)
			}
			told++
			err := f.Store.Outbox.ReportSent(t.Context(), g.ID, outbox.SentReport{Number: n, Kind: outbox.SaysWithdraw, Body: string(n), At: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	left := f.foundOf(t, n, "Steve")
	delete(left, "blocks.digits "+n.Digits())
	if told != 1 || len(left) != 0 {
		t.Errorf("%d groups were told, and afterwards there is %v", told, left)
	}
}

// logKeeps counts the lines of the audit log, of which none is lost, and in which who did what and when stays.
func (f *filled) logKeeps(t *testing.T, lines int) {
	t.Helper()
	all, err := f.Store.AuditLog(t.Context(), "home", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	erased := map[string]int{}
	for _, l := range all {
		if l.Text == store.ErasedText {
			erased[l.What]++
			if l.By != "Anna" || l.Undo+l.Before+l.After != "" {
				t.Errorf("%+v", l)
			}
		}
	}
	want := map[string]int{"block-added": 1, "caller-named": 1, "reported": 1, "message-heard": 1, "call-let-through": 1}
	if fmt.Sprint(erased) != fmt.Sprint(want) || len(all) != lines {
		t.Errorf("%d lines, of which erased are %v", len(all), erased)
	}
}

// foundOf is everything in the database, whatever tables and columns it has, that has a number or a name in it; and recordings on the disk.
func (f *filled) foundOf(t *testing.T, n screening.Number, name string) map[string]int {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+f.file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	found := map[string]int{}
	columns, err := sqlite.Rows(t.Context(), db, func(c *[2]string) []any { return []any{&c[0], &c[1]} },
		"SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'")
	if err != nil || len(columns) < 150 {
		t.Fatalf("%d columns, %v", len(columns), err)
	}
	for _, c := range columns {
		values, err := sqlite.Values[string](t.Context(), db, fmt.Sprintf("SELECT coalesce(cast(%s AS TEXT), '') FROM %s", c[1], c[0]))
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range values {
			if n.Mentions(value, "GB") || strings.Contains(value, name) && c[1] != "url" {
				found[c[0]+"."+c[1]+" "+value]++
			}
		}
	}
	mark := string(inquiry.MarkOf(phoneblocktest.Key, n))
	asked, err := sqlite.Values[int](t.Context(), db, "SELECT 1 FROM inquiries WHERE mark = ?", []byte(mark))
	if err != nil {
		t.Fatal(err)
	}
	for range asked {
		found["inquiries.mark"]++
	}
	files, err := sqlite.Values[string](t.Context(), db, "SELECT file FROM recordings WHERE call_id IN (SELECT id FROM calls WHERE number = ?)", n.Key())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		found[file]++
	}
	return found
}

// The files of recordings go too; and a caller who is on the line is not forgotten meanwhile.
func TestForgettingWaitsForTheCall(t *testing.T) {
	f, ctx := newFilled(t), t.Context()
	f.Sure = true
	call, err := f.Store.CallArrived(ctx, "home", "2.2", f.Now, screening.Identity{Number: string(stranger)}, screening.Caller{Number: stranger}, screening.Verdict{}, "")
	if err != nil {
		t.Fatal(err)
	}
	recordings := filepath.Join(f.Store.Folder(), "recordings")
	there := func() int {
		t.Helper()
		files, err := os.ReadDir(recordings)
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	var refusal *Refusal
	_, err = f.ForgetCaller(ctx, string(stranger))
	if !errors.As(err, &refusal) || refusal.Sentence != "020 7946 0123 is on the line now. Try again once the call is over." || there() != 1 {
		t.Errorf("%v", err)
	}
	if err := f.Store.CallEnded(ctx, call, f.Now, calllog.CallerGone); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ForgetCaller(ctx, string(stranger)); err != nil || there() != 0 {
		t.Errorf("%v, and %d recordings are left", err, there())
	}
	// What the call still writes finds nothing, and does no harm.
	if err := f.Store.CallEnded(ctx, call, f.Now, calllog.CallerGone); err != nil {
		t.Error(err)
	}
	if calls, err := f.Store.Calls(ctx, "home", 10); err != nil || len(calls) != 0 {
		t.Errorf("%+v %v", calls, err)
	}
	// Alerts are made of the next call.
	again, err := f.Store.CallArrived(ctx, "home", "3.3", f.Now, screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
	cursor, err2 := f.Store.Outbox.Cursor(ctx, "home")
	if err := errors.Join(err, err2); err != nil || cursor.Call >= again {
		t.Errorf("call %d is not after %d: %v", again, cursor.Call, err)
	}
}
