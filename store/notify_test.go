package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/outbox"
	"ringfence/store/sqlite"
)

const secretAddress = "ntfy://:topsecret@ntfy.example/topic"

func usualChoices(events ...outbox.Event) outbox.Choices {
	return outbox.Choices{Events: events, Digest: -1}
}

func aChannel(t *testing.T, s *Store, person int64, events ...outbox.Event) int64 {
	t.Helper()
	id, err := s.Outbox.AddChannel(t.Context(), "home", person, "ntfy on ntfy.example", "ntfy", secretAddress, usualChoices(events...))
	must(t, err)
	return id
}

func anAlert(source string, event outbox.Event) outbox.Alert {
	return outbox.Alert{Event: event, Source: source, At: time.Now().Add(time.Second).Truncate(time.Second), Text: "text of " + source, Topic: "topic"}
}

// sources lists what waits for a channel.
func sources(t *testing.T, s *Store, channel int64) (found []string) {
	t.Helper()
	all, err := s.Outbox.Queues(t.Context())
	must(t, err)
	for _, w := range all {
		for _, i := range w.Alerts {
			if w.ID == channel {
				found = append(found, i.Source)
			}
		}
	}
	return found
}

func TestChannels(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	ben, anna, stranger := aPerson(t, s, "Ben", RoleOwner), aPerson(t, s, "Anna", RoleViewer), aPerson(t, s, "Cecil", "")
	want := outbox.Choices{Events: []outbox.Event{outbox.EventEmergency, outbox.EventWeek}, QuietFrom: 1320, QuietTo: 420, BreakQuiet: true, Digest: 1080, Zone: "Europe/Paris"}
	id, err := s.Outbox.AddChannel(ctx, "home", anna.ID, "E-mail to anna@example.org", "email", secretAddress, want)
	must(t, err)
	got, err := s.Outbox.Channel(ctx, "home", anna.ID, id)
	if err != nil || got.Household != "home" || got.Person != anna.ID || got.Name != "E-mail to anna@example.org" || got.Service != "email" ||
		fmt.Sprint(got.Choices) != fmt.Sprint(want) || got.Paused || !got.Sent.IsZero() || !got.Failing.IsZero() || time.Since(got.Made) > time.Minute {
		t.Errorf("%+v %v", got, err)
	}
	if text := fmt.Sprintf("%+v", got); strings.Contains(text, "topsecret") {
		t.Error("the address can be seen: ", text)
	}
	if address, _, err := s.Outbox.ChannelAddress(ctx, id); err != nil || address != secretAddress {
		t.Error(address, err)
	}
	// Nobody has or changes another one's, nor one of another household.
	for _, c := range []struct {
		household string
		person    int64
	}{{"home", ben.ID}, {"other", anna.ID}, {"nowhere", anna.ID}, {"home", stranger.ID}} {
		_, err := s.Outbox.Channel(ctx, c.household, c.person, id)
		errs := []error{err, s.Outbox.ChangeChannel(ctx, c.household, c.person, id, want), s.Outbox.PauseChannel(ctx, c.household, c.person, id, true),
			s.Outbox.RemoveChannel(ctx, c.household, c.person, id), s.Outbox.ReplaceChannelAddress(ctx, c.household, c.person, id, "x", "ntfy", "x")}
		for i, err := range errs {
			if !errors.Is(err, outbox.ErrNoChannel) {
				t.Errorf("%+v %d: %v", c, i, err)
			}
		}
		if all, err := s.Outbox.Channels(ctx, c.household, c.person); err != nil || len(all) != 0 {
			t.Errorf("%+v %v", all, err)
		}
	}
	if _, err := s.Outbox.AddChannel(ctx, "home", stranger.ID, "x", "ntfy", "x", want); !errors.Is(err, outbox.ErrNotMember) {
		t.Error(err)
	}
	for _, bad := range []outbox.Choices{{Events: []outbox.Event{"weather"}, Digest: -1}, {Zone: "Mars/North"}, {Digest: 1440}, {QuietFrom: -1}} {
		if s.Outbox.ChangeChannel(ctx, "home", anna.ID, id, bad) == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	must(t, s.Outbox.PauseChannel(ctx, "home", anna.ID, id, true))
	must(t, s.Outbox.ChangeChannel(ctx, "home", anna.ID, id, usualChoices()))
	if got, err = s.Outbox.Channel(ctx, "home", anna.ID, id); err != nil || !got.Paused || len(got.Events) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	must(t, s.Outbox.RemoveChannel(ctx, "home", anna.ID, id))
}

// Each gets what they chose, each thing once, and nothing from before they chose it or while they paused.
func TestTell(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	ben, anna := aPerson(t, s, "Ben", RoleOwner), aPerson(t, s, "Anna", RoleCarer)
	must(t, s.SetMembership(ctx, "other", ben.ID, RoleOwner, true))
	all := aChannel(t, s, anna.ID, outbox.Events()...)
	some := aChannel(t, s, ben.ID, outbox.EventMessageLeft)
	paused := aChannel(t, s, ben.ID, outbox.Events()...)
	must(t, s.Outbox.PauseChannel(ctx, "home", ben.ID, paused, true))
	elsewhere, err := s.Outbox.AddChannel(ctx, "other", ben.ID, "x", "ntfy", "x", usualChoices(outbox.Events()...))
	must(t, err)
	before := anAlert("notice 0", outbox.EventMessageLeft)
	before.At = time.Now().Add(-time.Hour)
	alerts := []outbox.Alert{before, anAlert("notice 1", outbox.EventMessageLeft), anAlert("call 7", outbox.EventTurnedAway)}
	for range 2 {
		must(t, s.Outbox.Enqueue(ctx, "home", alerts, outbox.Cursor{Notice: 1, Call: 7, Week: "2026-11-23"}))
	}
	for channel, want := range map[int64][]string{all: {"notice 1", "call 7"}, some: {"notice 1"}, paused: nil, elsewhere: nil} {
		if got := sources(t, s, channel); !slices.Equal(got, want) {
			t.Errorf("channel %d: %v, not %v", channel, got, want)
		}
	}
	if c, err := s.Outbox.Cursor(ctx, "home"); err != nil || c != (outbox.Cursor{Notice: 1, Call: 7, Week: "2026-11-23"}) {
		t.Errorf("%+v %v", c, err)
	}
	if c, err := s.Outbox.Cursor(ctx, "other"); err != nil || c != (outbox.Cursor{}) {
		t.Errorf("%+v %v", c, err)
	}
	must(t, s.Outbox.PauseChannel(ctx, "home", ben.ID, paused, false))
	if got := sources(t, s, paused); got != nil {
		t.Errorf("what happened in the pause is told after it: %v", got)
	}
}

// An alert leads to a call of its household's, never to another one's.
func TestAnAlertLeadsToNoOtherHouseholdsCall(t *testing.T) {
	s, _ := open(t)
	aChannel(t, s, aPerson(t, s, "Anna", RoleOwner).ID, outbox.EventTurnedAway)
	own, other := anAlert("own", outbox.EventTurnedAway), anAlert("other", outbox.EventTurnedAway)
	own.Call, other.Call = aCall(t, s, "home", time.Now(), "+442079460999", ""), aCall(t, s, "other", time.Now(), "+442079460999", "")
	must(t, s.Outbox.Enqueue(t.Context(), "home", []outbox.Alert{own, other}, outbox.Cursor{}))
	all, err := s.Outbox.Queues(t.Context())
	if err != nil || len(all) != 1 || len(all[0].Alerts) != 2 || all[0].Alerts[0].Call != own.Call || all[0].Alerts[1].Call != 0 {
		t.Errorf("%+v %v", all, err)
	}
}

// What became of a message can be seen; what is sent waits no more, and is not told again.
func TestSentAndFailed(t *testing.T) {
	s, path := open(t)
	ctx := t.Context()
	anna := aPerson(t, s, "Anna", RoleOwner)
	id := aChannel(t, s, anna.ID, outbox.Events()...)
	must(t, s.Outbox.Enqueue(ctx, "home", []outbox.Alert{anAlert("a", outbox.EventLine), anAlert("b", outbox.EventLine)}, outbox.Cursor{}))
	now := time.Now().Truncate(time.Second)
	must(t, s.Outbox.ChannelFailed(ctx, id, now, now.Add(time.Minute), "It does not answer."))
	must(t, s.Outbox.ChannelFailed(ctx, id, now.Add(time.Minute), now.Add(3*time.Minute), "It still does not answer."))
	// All of it outlasts a restart.
	must(t, s.Close())
	again, err := Open(ctx, path)
	must(t, err)
	*s = *again // which open closes
	c, err := s.Outbox.Channel(ctx, "home", anna.ID, id)
	if err != nil || c.Failures != 2 || !c.Failing.Equal(now) || !c.Next.Equal(now.Add(3*time.Minute)) || c.LastError != "It still does not answer." || c.Waiting != 2 {
		t.Errorf("%+v %v", c, err)
	}
	all, err := s.Outbox.Queues(ctx)
	if err != nil || len(all) != 1 || len(all[0].Alerts) != 2 || all[0].Alerts[0].Text != "text of a" || len(all[0].LastSent) != 0 || all[0].Failures != 2 {
		t.Fatalf("%+v %v", all, err)
	}
	must(t, s.Outbox.ChannelSent(ctx, id, []int64{all[0].Alerts[0].ID}, now))
	if c, err = s.Outbox.Channel(ctx, "home", anna.ID, id); err != nil || c.Failures != 0 || !c.Failing.IsZero() || !c.Next.IsZero() || c.LastError != "" || !c.Sent.Equal(now) || c.Waiting != 1 {
		t.Errorf("%+v %v", c, err)
	}
	all, err = s.Outbox.Queues(ctx)
	if err != nil || len(all) != 1 || len(all[0].Alerts) != 1 || !all[0].LastSent["topic"].Equal(now) {
		t.Errorf("%+v %v", all, err)
	}
	must(t, s.Outbox.Enqueue(ctx, "home", []outbox.Alert{anAlert("a", outbox.EventLine)}, outbox.Cursor{}))
	if got := sources(t, s, id); !slices.Equal(got, []string{"b"}) {
		t.Error(got)
	}
	// Long after, both are forgotten: the one that was sent, and the one of a time whose calls are deleted.
	must(t, s.expire(ctx, now.Add(time.Hour), now.Add(30*24*time.Hour)))
	var left int
	must(t, s.read.QueryRow("SELECT count(*) FROM notify_outbox").Scan(&left))
	if left != 0 {
		t.Errorf("%d are kept for ever", left)
	}
}

// Who may not see the household any more is told nothing more, and their address is forgotten; a new role changes nothing.
func TestWhoMayNotSeeGetsNoAlerts(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	ben, anna := aPerson(t, s, "Ben", RoleOwner), aPerson(t, s, "Anna", RoleCarer)
	annas, bens := aChannel(t, s, anna.ID, outbox.Events()...), aChannel(t, s, ben.ID, outbox.Events()...)
	must(t, s.Outbox.Enqueue(ctx, "home", []outbox.Alert{anAlert("a", outbox.EventLine)}, outbox.Cursor{}))
	must(t, s.SetMembership(ctx, "home", anna.ID, RoleViewer, false))
	if got := sources(t, s, annas); len(got) != 1 {
		t.Errorf("a new role takes %v", got)
	}
	if removed, err := s.RemoveMembership(ctx, "home", anna.ID); !removed || err != nil {
		t.Fatal(removed, err)
	}
	must(t, s.Outbox.Enqueue(ctx, "home", []outbox.Alert{anAlert("b", outbox.EventLine)}, outbox.Cursor{}))
	if got := sources(t, s, annas); got != nil {
		t.Error(got)
	}
	if address, _, err := s.Outbox.ChannelAddress(ctx, annas); address != "" || err != nil {
		t.Error(address, err)
	}
	must(t, s.SetMembership(ctx, "home", anna.ID, RoleCarer, true))
	if all, err := s.Outbox.Channels(ctx, "home", 0); err != nil || len(all) != 1 || all[0].ID != bens {
		t.Errorf("%+v %v", all, err)
	}
}

func TestNewForTelling(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now()
	first := aCall(t, s, "home", now, joan, "J")
	aCall(t, s, "other", now, joan, "J")
	second := aCall(t, s, "home", now, steve, "")
	calls, err := s.CallsAfter(ctx, "home", first, 10)
	if err != nil || len(calls) != 1 || calls[0].ID != second || calls[0].Number != steve {
		t.Errorf("%+v %v", calls, err)
	}
	must(t, s.AddNotice(ctx, "home", now, NoticeDiskFull, "one", 0))
	must(t, s.AddNotice(ctx, "other", now, NoticeDiskFull, "two", 0))
	must(t, s.AddNotice(ctx, "home", now.Add(-time.Hour), NoticeDiskFull, "three", 0)) // told late
	notices, err := s.NoticesAfter(ctx, "home", 1, 10)
	if err != nil || len(notices) != 1 || notices[0].Text != "three" {
		t.Errorf("%+v %v", notices, err)
	}
}

func TestTotalCalls(t *testing.T) {
	s, _ := open(t)
	now := time.Now().Truncate(time.Millisecond)
	for n, c := range []struct {
		action  screening.Action
		outcome calllog.Outcome
		at      time.Duration
	}{
		{screening.Ring, "talked", 0}, {"", "interrupted", 1}, {screening.Screen, "accepted", 2}, {screening.Screen, "let-through", 3}, {screening.Screen, "sent-away", 4},
		{screening.Screen, "message-left", 5}, {screening.TurnAway, "turned-away", 6}, {screening.Message, "no-message", 7},
		{screening.Ring, "talked", -1}, {screening.Ring, "talked", time.Hour},
	} {
		_, err := s.CallArrived(t.Context(), "home", fmt.Sprint(n), now.Add(c.at*time.Millisecond), screening.Identity{}, screening.Caller{}, screening.Verdict{Action: c.action}, c.outcome)
		must(t, err)
	}
	got, err := s.TotalCalls(t.Context(), "home", now, now.Add(time.Hour))
	want := CallTotals{CallCounts: CallCounts{Rang: 2, Screened: 4, TurnedAway: 1, MessageOnly: 1}, LetThrough: 2, SentAway: 1, Left: 1}
	if err != nil || got != want {
		t.Errorf("%+v %v", got, err)
	}
}

// After the upgrade nobody is told of what happened before it.
func TestNoAlertsOfWhatWasBeforeTheUpgrade(t *testing.T) {
	path := madeBefore(t, 6, `INSERT INTO households (id, name) VALUES (1, 'home');
		INSERT INTO calls (id, household_id, channel, at_ms, said_number, said_name, said_pres) VALUES (31, 1, '1.1', 1000, '', '', '');
		INSERT INTO notices (id, household_id, at, kind, text) VALUES (17, 1, 1000, 'disk-full', 'x')`)
	s, err := Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	if c, err := s.Outbox.Cursor(t.Context(), "home"); err != nil || c != (outbox.Cursor{Notice: 17, Call: 31}) {
		t.Errorf("%+v %v", c, err)
	}
}

// An alert that waits is sent without what the caller said, once its carer may no longer hear it or no longer wants it.
func TestWaitingAlertsLoseTheirWords(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	ben, anna := aPerson(t, s, "Ben", RoleOwner), aPerson(t, s, "Anna", RoleCarer)
	wants := usualChoices(outbox.EventMessageLeft)
	wants.Words = true
	channels := map[int64]int64{}
	for _, person := range []int64{ben.ID, anna.ID} {
		channel := aChannel(t, s, person, outbox.EventMessageLeft)
		must(t, s.Outbox.ChangeChannel(ctx, "home", person, channel, wants))
		channels[person] = channel
	}
	alert := anAlert("notice 1", outbox.EventMessageLeft)
	alert.Words = "“It's the surgery.”"
	must(t, s.Outbox.Enqueue(ctx, "home", []outbox.Alert{alert}, outbox.Cursor{}))
	waits := func(person int64, want string) {
		t.Helper()
		all, err := s.Outbox.Queues(ctx)
		must(t, err)
		for _, q := range all {
			if q.ID == channels[person] && (len(q.Alerts) != 1 || q.Alerts[0].Text != want) {
				t.Errorf("%+v waits, not %q", q.Alerts, want)
			}
		}
		if len(all) != 2 {
			t.Fatalf("%d alerts wait", len(all))
		}
	}
	with, without := alert.Text+" "+alert.Words, alert.Text
	waits(anna.ID, with)
	must(t, s.SetMembership(ctx, "home", anna.ID, RoleCarer, false))
	waits(anna.ID, without)
	waits(ben.ID, with)
	must(t, s.Outbox.ChangeChannel(ctx, "home", ben.ID, channels[ben.ID], usualChoices(outbox.EventMessageLeft)))
	waits(ben.ID, without)
}

// What a caller said is not queued for who may not hear it, and goes from the alerts once they are sent, or the call or a recording of it is deleted.
func TestWordsOfAlertsGo(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	wants := usualChoices(outbox.EventScamWords)
	wants.Words = true
	var channels []int64
	for _, name := range []string{"Ben", "Anna"} {
		person := aPerson(t, s, name, RoleOwner)
		channels = append(channels, aChannel(t, s, person.ID, outbox.EventScamWords))
		must(t, s.Outbox.ChangeChannel(ctx, "home", person.ID, channels[len(channels)-1], wants))
		must(t, s.SetMembership(ctx, "home", person.ID, RoleOwner, name == "Ben"))
	}
	has := func(what string, want ...string) {
		t.Helper()
		got, err := sqlite.Rows(ctx, s.read, func(source *string) []any { return []any{source} }, "SELECT source FROM notify_outbox WHERE words <> '' ORDER BY id")
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s there are words in %q, %v", what, got, err)
		}
	}
	queue := func(source string, call int64) {
		t.Helper()
		alert := anAlert(source, outbox.EventScamWords)
		alert.Call, alert.Words = call, "Says it's your bank."
		must(t, s.Outbox.Enqueue(ctx, "home", []outbox.Alert{alert}, outbox.Cursor{}))
	}
	queue("sent", aCall(t, s, "home", now, steve, ""))
	deleted, expired := aMessage(t, s, "home", now, steve, ""), aCall(t, s, "home", now.AddDate(0, 0, -2), steve, "")
	must(t, s.Keep(ctx, expired, "name", make([]byte, 100), time.Second))
	queue("of a recording", deleted)
	queue("of a call", expired)
	has("as Anna may not hear recordings,", "sent", "of a recording", "of a call")
	all, err := s.Outbox.Queues(ctx)
	must(t, err)
	must(t, s.Outbox.ChannelSent(ctx, channels[0], []int64{all[0].Alerts[0].ID}, now))
	has("after one was sent,", "of a recording", "of a call")
	_, err = s.ForgetMessage(ctx, "home", deleted)
	must(t, err)
	has("after a recording was deleted,", "of a call")
	must(t, s.SetOption(ctx, "home", "keep_days", 1))
	must(t, s.expire(ctx, now.AddDate(-1, 0, 0), now))
	has("after a call has expired,")
}
