package alerts

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/app/endedcalls"
	"ringfence/calllog"
	"ringfence/notify"
	"ringfence/notify/notifytest"
	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/store"
	"ringfence/store/outbox"
)

// The tests' own program is the process that sends a message.
func init() {
	if len(os.Args) > 1 && os.Args[1] == SendCommand {
		if err := notify.Child(os.Stdin, os.Stdout, fetch.Public, func() { os.Exit(1) }); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// fixture is a household with a dispatcher whose clock stands where a test sets it.
type fixture struct {
	*testing.T
	db         *store.Store
	path       string
	person     int64
	channel    int64
	dispatcher *Dispatcher
	at         time.Time
}

// london is the household's zone.
var london, _ = time.LoadLocation("Europe/London")

func newFixture(t *testing.T, by notify.Courier, address string, events ...outbox.Event) *fixture {
	x := &fixture{T: t, path: filepath.Join(t.TempDir(), "ringfence.db")}
	x.open(by)
	t.Cleanup(func() { x.no(x.db.Close()) })
	x.no(x.db.EnsureHousehold(t.Context(), "home"))
	p, err := x.db.People.Add(t.Context(), "Anna", "anna@example.org")
	x.no(err)
	x.person = p.ID
	x.no(x.db.SetMembership(t.Context(), "home", p.ID, store.RoleOwner, true))
	x.no(x.db.SetAlertsAtHome(t.Context(), "home", true)) // where the service of these tests is
	x.channel, err = x.db.Outbox.AddChannel(t.Context(), "home", p.ID, "Web address on 127.0.0.1", "webhook", address, outbox.Choices{Events: events, Digest: notify.AtOnce})
	x.no(err)
	x.at = time.Now().Truncate(time.Second).Add(time.Second) // after the channel was made
	return x
}

func (x *fixture) no(err error) {
	x.Helper()
	if err != nil {
		x.Fatal(err)
	}
}

// open opens the database, as a start of the program does.
func (x *fixture) open(by notify.Courier) {
	db, err := store.Open(x.Context(), x.path)
	x.no(err)
	x.db = db
	x.dispatcher = &Dispatcher{
		Options: Options{
			Households: func() []string { return []string{"home"} }, Line: func(string) screening.Line { return screening.Line{Region: "GB", Zone: london} }, Store: db,
			Log: slog.New(slog.DiscardHandler),
		},
		by: by, now: func() time.Time { return x.at }, once: endedcalls.Once{},
	}
}

func (x *fixture) call(c screening.Caller, outcome calllog.Outcome, reasons ...screening.Reason) int64 {
	x.Helper()
	id, err := x.db.CallArrived(x.Context(), "home", fmt.Sprint(time.Now().UnixNano()), x.at, screening.Identity{}, c, screening.Verdict{Reasons: reasons}, "")
	x.no(err)
	if outcome != "" {
		x.no(x.db.CallEnded(x.Context(), id, x.at, outcome))
	}
	return id
}

// told dispatches and lists what is in the outbox, as it was put there.
func (x *fixture) told() (texts []string) {
	x.Helper()
	x.dispatcher.dispatch(x.Context())
	all, err := x.db.Outbox.Queues(x.Context())
	x.no(err)
	for _, w := range all {
		for _, i := range w.Alerts {
			texts = append(texts, i.Text)
		}
	}
	return texts
}

func numbered(number screening.Number, name string) screening.Caller {
	return screening.Caller{Number: number, Name: name, Presentation: screening.Allowed}
}

func TestWhatCarersAreTold(t *testing.T) {
	x := newFixture(t, nil, "generic://x", outbox.Events()...)
	ctx := t.Context()
	x.no(x.db.AddContact(ctx, "home", "Dr Patel", "+441164960123"))
	left := x.call(numbered("+441164960123", "DR PATEL"), "message-left")
	x.no(x.db.AddNotice(ctx, "home", x.at, store.NoticeMessageLeft, "A message was left.", left))
	sent := x.call(numbered("+442079460666", `"><script>alert(1)</script> www.evil.example @all *bold*`), "sent-away")
	x.no(x.db.AddNotice(ctx, "home", x.at, store.NoticeSentAway, "The household sent a scam caller away.", sent))
	x.no(x.db.AddNotice(ctx, "home", x.at, store.NoticeDiskFull, "The disk is nearly full.", 0))
	x.no(x.db.EmergencyDialled(ctx, "home", x.at, "999"))
	x.call(numbered("+442079460999", ""), "turned-away", screening.Reason{Code: "list", Text: `The list "parish.example" reports this number as a scam.`})
	x.call(screening.Caller{Presentation: screening.Withheld}, "accepted")
	x.call(screening.Caller{Presentation: screening.Unavailable, Name: "J SMITH"}, "let-through")
	x.call(numbered("+12015550123", ""), "talked")
	if got := x.told(); len(got) != 4 {
		t.Errorf("calls are told of before they are settled: %q", got)
	}
	x.at = x.at.Add(time.Minute)
	want := []string{
		"Dr Patel (0116 496 0123) left a message.",
		"The household sent a scam caller away: “script alert(1) script www evil exam” (020 7946 0666).",
		"The disk is nearly full.",
		"999 was dialled from the house.",
		`A call was turned away: 020 7946 0999. The list "parish example" reports this number as a scam.`,
		"The household let an unknown caller through: a caller who withheld the number.",
		"The household let an unknown caller through, and from now on always will: “J SMITH” (no number).",
	}
	if got := x.told(); !slices.Equal(got, want) {
		t.Errorf("%q\n%q", got, want)
	}
	if got := x.told(); len(got) != len(want) {
		t.Errorf("told again: %q", got)
	}
	all, err := x.db.Outbox.Queues(ctx)
	x.no(err)
	for _, i := range all[0].Alerts {
		if i.Urgent != (i.Event == outbox.EventEmergency) || (i.Topic != "") != (i.Event == outbox.EventDiskFull || i.Event == outbox.EventTurnedAway) {
			t.Errorf("%+v", i)
		}
	}
	// Without the call, a notice still has its own words.
	x.no(x.db.AddNotice(ctx, "home", x.at, store.NoticeMessageLeft, "A message was left.", 0))
	if got := x.told(); got[len(got)-1] != "A message was left." {
		t.Errorf("%q", got)
	}
}

// Who is told of a scam caller who was sent away, or of an unknown one who was let through, is told whether the household did that or
// a carer: a daughter must not think that her mother has taken a stranger's call on her own.
func TestWhatACarerDidIsNotTheHouseholds(t *testing.T) {
	x := newFixture(t, nil, "generic://x", outbox.EventSentAway, outbox.EventLetThrough)
	ctx := t.Context()
	screened := func(number screening.Number, outcome calllog.Outcome) int64 {
		id, err := x.db.CallArrived(ctx, "home", string(number), x.at, screening.Identity{}, numbered(number, ""), screening.Verdict{Action: screening.Screen}, "")
		x.no(err)
		if outcome != "" {
			x.no(x.db.CallEnded(ctx, id, x.at, outcome))
		}
		return id
	}
	away := screened("+442079460666", "sent-away")
	x.no(x.db.AddNotice(ctx, "home", x.at, store.NoticeSentAway, "A scam caller was sent away by Ben, on the page.", away))
	pressed := screened("+442079460667", "sent-away")
	x.no(x.db.AddNotice(ctx, "home", x.at, store.NoticeSentAway, "A scam caller was sent away by the household.", pressed))
	through := screened("+442079460668", "")
	x.no(x.db.CallStep(ctx, through, x.at, calllog.CarerPressed{Key: calllog.CarerLetThrough, By: "Ben"}))
	x.no(x.db.CallEnded(ctx, through, x.at, "talked"))
	left := screened("+442079460669", "")
	x.no(x.db.CallStep(ctx, left, x.at, calllog.CarerPressed{Key: calllog.CarerNotNow, By: "Ben"}))
	x.no(x.db.CallEnded(ctx, left, x.at, "not-now"))
	screened("+442079460670", "talked") // with a pass code, which is told by itself
	x.at = x.at.Add(time.Minute)
	want := []string{
		"A scam caller was sent away by Ben, on the page: 020 7946 0666.",
		"A scam caller was sent away by the household: 020 7946 0667.",
		"An unknown caller was let through by Ben, on the page: 020 7946 0668.",
	}
	if got := x.told(); !slices.Equal(got, want) {
		t.Errorf("%q\n%q", got, want)
	}
	if got := x.told(); len(got) != len(want) {
		t.Errorf("told again: %q", got)
	}
}

// A call that goes on for hours does not keep those after it from being told of, and none is told of twice or forgotten.
func TestCallsThatOverlap(t *testing.T) {
	x := newFixture(t, nil, "generic://x", outbox.EventLetThrough)
	long := x.call(numbered("+442079460001", ""), "")
	x.call(numbered("+442079460002", ""), "accepted")
	x.at = x.at.Add(time.Minute)
	if got := x.told(); len(got) != 1 {
		t.Errorf("%q", got)
	}
	if c, err := x.db.Outbox.Cursor(t.Context(), "home"); err != nil || c.Call >= long {
		t.Errorf("%+v %v", c, err)
	}
	x.dispatcher.once = endedcalls.Once{} // a restart
	if got := x.told(); len(got) != 1 {
		t.Errorf("%q", got)
	}
	x.no(x.db.CallEnded(t.Context(), long, x.at, "accepted"))
	x.at = x.at.Add(time.Minute)
	if got := x.told(); len(got) != 2 {
		t.Errorf("%q", got)
	}
	if c, err := x.db.Outbox.Cursor(t.Context(), "home"); err != nil || c.Call != long+1 || len(x.dispatcher.once) != 0 {
		t.Errorf("%+v %v %v", c, err, x.dispatcher.once)
	}
	// One whose end was never logged holds the cursor up for half a day at most.
	stuck := x.call(numbered("+442079460003", ""), "")
	x.at = x.at.Add(13 * time.Hour)
	for n := range 120 { // more than go into the outbox at a time
		x.call(numbered(screening.Number(fmt.Sprintf("+44207946%04d", n)), ""), "accepted")
	}
	x.at = x.at.Add(time.Minute)
	if got := x.told(); len(got) != 122 {
		t.Errorf("%d", len(got))
	}
	if c, err := x.db.Outbox.Cursor(t.Context(), "home"); err != nil || c.Call <= stuck {
		t.Errorf("%+v %v", c, err)
	}
}

func TestWeeklySummary(t *testing.T) {
	x := newFixture(t, nil, "generic://x", outbox.EventWeek)
	// The next Monday after now, which is later than the channel was made.
	monday := time.Date(x.at.Year(), x.at.Month(), x.at.Day(), 0, 0, 0, 0, london)
	for monday = monday.AddDate(0, 0, 1); monday.Weekday() != time.Monday; {
		monday = monday.AddDate(0, 0, 1)
	}
	x.at = monday.Add(-time.Hour) // Sunday, 23:00, whatever day it is when the test runs
	if got := x.told(); len(got) != 0 {
		t.Errorf("there was nobody to tell: %q", got)
	}
	x.call(numbered("+442079460001", ""), "talked")
	x.call(numbered("+442079460002", ""), "message-left")
	x.at = monday.Add(8*time.Hour + 59*time.Minute)
	x.call(numbered("+442079460003", ""), "talked") // of the new week
	if got := x.told(); len(got) != 0 {
		t.Errorf("before nine: %q", got)
	}
	x.at = monday.Add(9 * time.Hour)
	want := "The week from " + monday.AddDate(0, 0, -7).Format("2 January") + " to " + monday.AddDate(0, 0, -1).Format("2 January") +
		": 2 calls. 2 rang straight through. 1 message was left."
	for range 2 {
		if got := x.told(); len(got) != 1 || got[0] != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	x.at = monday.Add(-time.Hour) // the clock is set back
	x.told()
	x.at = monday.AddDate(0, 0, 16) // it was switched off over a Monday: the last one is told of
	if got := x.told(); len(got) != 2 || !strings.Contains(got[1], "nobody rang") {
		t.Errorf("%q", got)
	}
}

func TestWeekText(t *testing.T) {
	from := time.Date(2026, 11, 16, 0, 0, 0, 0, london)
	for want, totals := range map[string]store.CallTotals{
		"The week from 16 November to 22 November: nobody rang.": {},
		"The week from 16 November to 22 November: 1 call. 1 was asked who they are (1 sent away as a scam).": {
			CallCounts: store.CallCounts{Screened: 1}, SentAway: 1},
		"The week from 16 November to 22 November: 10 calls. 4 rang straight through, 3 were asked who they are (1 let through, 1 sent away as a scam), " +
			"2 were turned away, 1 could only leave a message. 2 messages were left.": {
			CallCounts: store.CallCounts{Rang: 4, Screened: 3, TurnedAway: 2, MessageOnly: 1}, LetThrough: 1, SentAway: 1, Left: 2},
	} {
		if got := weekText(totals, from, from.AddDate(0, 0, 7)); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"Mrs. O'Brien-Smith":        "Mrs. O'Brien-Smith",
		"https://evil.example/x?y":  "https evil example x?y",
		"evil.example":              "evil example",
		"a\nb\u202ec <b>_x_</b> `":  "a bc b x b",
		"@everyone #room [x](y) |s": "everyone room x (y) s",
		"Ümit Ş. 李":                 "Ümit Ş. 李",
		"999: help.":                "999: help.",
		strings.Repeat("x", 4000):   strings.Repeat("x", 64),
	} {
		if got := harmless(text, 64); got != want {
			t.Errorf("%q becomes %q, not %q", text, got, want)
		}
	}
}

// run runs the dispatcher until it is told to stop, which it does at once.
func (x *fixture) run(changed <-chan struct{}) (stop func()) {
	ctx, cancel := context.WithCancel(x.Context())
	over := make(chan struct{})
	go func() { x.dispatcher.Run(ctx, changed); close(over) }()
	return func() { cancel(); <-over }
}

// until waits for something that becomes true in the store.
func (x *fixture) until(what string, ok func(c outbox.Channel) bool) {
	x.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		c, err := x.db.Outbox.Channel(x.Context(), "home", x.person, x.channel)
		x.no(err)
		if ok(c) {
			return
		}
		if time.Now().After(end) {
			x.Fatalf("%s does not come about: %+v", what, c)
		}
	}
}

// From a notice to the service and back, with real processes: a service that refuses, a restart, a service that hangs while
// calls go on, and one that has come back.
func TestTellingEndToEnd(t *testing.T) {
	s := notifytest.NewWebhook(t)
	courier := notify.Process{Command: []string{os.Args[0], SendCommand}, Limit: 20 * time.Second}
	x := newFixture(t, courier, s.Address(t), outbox.EventMessageLeft, outbox.EventEmergency)
	x.dispatcher.now = time.Now
	changed := make(chan struct{}, 1)
	s.Is("refuses")
	stop := x.run(changed)
	x.no(x.db.EmergencyDialled(t.Context(), "home", time.Now(), "999"))
	changed <- struct{}{}
	<-s.Heard
	x.until("a failure", func(c outbox.Channel) bool {
		return c.Failures == 1 && c.Waiting == 1 && c.LastError == "The web address has trouble of its own. It is tried again by itself." && c.Next.After(time.Now())
	})
	stop()

	// After a restart, and with the service hanging, nothing that a call does waits.
	x.no(x.db.Close())
	x.open(courier)
	x.dispatcher.now = time.Now
	s.Is("hangs")
	x.no(x.db.Outbox.ReplaceChannelAddress(t.Context(), "home", x.person, x.channel, "Web address on 127.0.0.1", "webhook", s.Address(t))) // at once
	stop = x.run(changed)
	<-s.Heard
	begun := time.Now()
	for range 50 {
		call := x.call(numbered("+442079460001", ""), "message-left")
		x.no(x.db.AddNotice(t.Context(), "home", time.Now(), store.NoticeMessageLeft, "A message was left.", call))
		x.no(x.db.CallStep(t.Context(), call, time.Now(), calllog.NoRoom{}))
	}
	if took := time.Since(begun); took > time.Minute { // 50 times the 20 s that the service may take
		t.Errorf("with a hanging service 50 calls take %v", took)
	}
	begun = time.Now()
	stop()
	if took := time.Since(begun); took > 15*time.Second { // less than those 20 s
		t.Errorf("stopping takes %v", took)
	}

	s.Is("")
	stop = x.run(changed)
	defer stop()
	var all string
	x.until("all", func(c outbox.Channel) bool {
		all = strings.Join(s.Got(), "\n")
		return c.Waiting == 0 && c.Failing.IsZero() && !c.Sent.IsZero() && strings.Count(all, "020 7946 0001 left a message.") == 50
	})
	if !strings.HasPrefix(all, "Ringfence: home|") || strings.Count(all, "999 was dialled from the house.") != 1 {
		t.Errorf("%s", all)
	}
}

// What became of each message is heard, by the metrics for example.
func TestEachMessageIsHeardOf(t *testing.T) {
	x := newFixture(t, nil, "generic://x", outbox.EventLetThrough)
	var heard []bool
	x.dispatcher.OnMessage = func(sent bool) { heard = append(heard, sent) }
	x.no(queues{x.dispatcher}.Failed(t.Context(), x.channel, x.at, x.at, &notify.Failure{Sentence: "It does not answer."}))
	x.no(queues{x.dispatcher}.Sent(t.Context(), x.channel, nil, x.at))
	if !slices.Equal(heard, []bool{false, true}) {
		t.Errorf("%v", heard)
	}
}

// Carers are told of a list that grows stale as they are of other things, if they want to be.
func TestAStaleListIsToldOf(t *testing.T) {
	if told := noticeEvents[store.NoticeListStale]; told.event != outbox.EventLists {
		t.Errorf("%+v", told)
	}
}
