package alerts

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/notify"
	"ringfence/screening"
	"ringfence/store/outbox"
)

// fakeCourier notes what was sent, and fails or hangs for some addresses.
type fakeCourier struct {
	mu   sync.Mutex
	sent map[string][]notify.Message
	as   map[string]error // what it answers for an address
	hang map[string]bool
}

func (f *fakeCourier) Deliver(ctx context.Context, to notify.Target, m notify.Message) (string, error) {
	f.mu.Lock()
	f.sent[to.URL] = append(f.sent[to.URL], m)
	err, hangs := f.as[to.URL], f.hang[to.URL]
	f.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return "", ctx.Err()
	}
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(to.URL, "gotify") { // which can't replace
		return "", nil
	}
	return m.Thread, nil
}

// texts are what was sent to an address, each as TITLE|TEXT, and cleared.
func (f *fakeCourier) texts(address string) (all []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.sent[address] {
		all = append(all, m.Title+"|"+m.Text)
	}
	delete(f.sent, address)
	return all
}

// strangersFixture is a fixture with people who want to know of strangers.
type strangersFixture struct {
	*fixture
	by   *fakeCourier
	s    *Strangers
	log  strings.Builder
	call int64
}

func newStrangersFixture(t *testing.T) *strangersFixture {
	x := &strangersFixture{
		fixture: newFixture(t, nil, "ntfy://unwanted/x", outbox.EventWeek),
		by:      &fakeCourier{sent: map[string][]notify.Message{}, as: map[string]error{}, hang: map[string]bool{}},
	}
	x.start()
	return x
}

// start makes a new Strangers, as a start of the program does.
func (x *strangersFixture) start() {
	o := x.dispatcher.Options
	o.Pages, o.Log = "https://ringfence.example", slog.New(slog.NewTextHandler(&x.log, nil))
	x.s = newStrangers(o, x.by, func() time.Time { return x.at })
}

func (x *strangersFixture) channel(address string, c outbox.Choices) int64 {
	x.Helper()
	if c.Events == nil {
		c.Events = []outbox.Event{outbox.EventStranger}
	}
	id, err := x.db.Outbox.AddChannel(x.Context(), "home", x.person, address, "ntfy", address, c)
	x.no(err)
	return id
}

// rings is a call of somebody who has not spoken yet.
func (x *strangersFixture) rings(number screening.Number, reasons ...screening.Reason) {
	x.Helper()
	var err error
	x.call, err = x.db.CallArrived(x.Context(), "home", fmt.Sprint(time.Now().UnixNano()), x.at, screening.Identity{}, numbered(number, ""),
		screening.Verdict{Action: screening.Screen, Reasons: reasons}, "")
	x.no(err)
}

func (x *strangersFixture) step(steps ...calllog.Step) {
	x.Helper()
	for _, s := range steps {
		x.no(x.db.CallStep(x.Context(), x.call, x.at, s))
	}
}

// look looks until nothing is left to be sent.
func (x *strangersFixture) look() {
	x.Helper()
	sent := make(chan struct{}, 1)
	for {
		_, err := x.s.look(x.Context(), sent)
		x.no(err)
		x.s.going.Wait()
		select {
		case <-sent:
		default:
			return
		}
	}
}

// Whoever wants it is alerted once the stranger has spoken, sees their words as soon as they are read, and how it ended; with words and reasons only
// where they may have them, at the hours that they have chosen, once, and not again after a restart.
func TestStrangerOnTheLine(t *testing.T) {
	x := newStrangersFixture(t)
	minute := x.at.In(london).Hour()*60 + x.at.In(london).Minute()
	x.channel("ntfy://words/x", outbox.Choices{Digest: 18 * 60, Words: true})
	x.channel("ntfy://none/x", outbox.Choices{Digest: notify.AtOnce})
	x.channel("gotify://once/x", outbox.Choices{Digest: notify.AtOnce})
	x.channel("ntfy://quiet/x", outbox.Choices{Digest: notify.AtOnce, QuietFrom: minute, QuietTo: (minute + 5) % 1440, BreakQuiet: true})
	paused := x.channel("ntfy://paused/x", outbox.Choices{Digest: notify.AtOnce})
	x.no(x.db.Outbox.PauseChannel(t.Context(), "home", x.person, paused, true))
	expect := func(address string, want ...string) {
		t.Helper()
		if got := x.by.texts(address); !slices.Equal(got, want) {
			t.Errorf("%s got\n%q, not\n%q", address, got, want)
		}
	}
	x.rings("+442079460999", screening.Reason{Code: screening.CodeUnknown, Text: "The mode decides."}, screening.Reason{Code: screening.CodeReported, Text: "A list reports this number."})
	x.step(calllog.Asked{})
	x.look()
	expect("ntfy://words/x")
	x.step(calllog.Said{Length: time.Second})
	x.look()
	first := "A stranger is on the line: home|020 7946 0999\nA list reports this number."
	expect("ntfy://words/x", first)
	expect("ntfy://none/x", first)
	expect("gotify://once/x", first)
	x.start()
	x.look()
	expect("ntfy://words/x")

	x.no(x.db.Keep(t.Context(), x.call, calllog.RecordedName, nil, time.Second))
	x.no(x.db.KeepWords(t.Context(), x.call, calllog.RecordedName, "This is Steve from www.microsoft.example", true))
	x.step(calllog.Script{Level: calllog.ScriptWarn, Reasons: "They say that they are from Microsoft."}, calllog.Rang{})
	x.look()
	expect("ntfy://words/x", "A stranger is on the line: home|020 7946 0999\n“This is Steve from www microsoft example” (The machine that wrote this down isn’t sure.)\n"+
		"This may be a scam. They say that they are from Microsoft.\nA list reports this number.")
	expect("ntfy://none/x", "A stranger is on the line: home|020 7946 0999\nThis may be a scam.\nA list reports this number.")

	x.step(calllog.PickedUp{}, calllog.CarerPressed{Key: calllog.CarerSendAway, By: "Anna"})
	x.look()
	away := "No stranger is waiting now: home|020 7946 0999: sent away as a scam by Anna, on the page."
	expect("ntfy://words/x", away)
	x.no(x.db.CallEnded(t.Context(), x.call, x.at, calllog.SentAway))
	x.look()
	x.start()
	x.look()
	expect("ntfy://words/x")
	expect("ntfy://none/x", away)
	expect("gotify://once/x")
	expect("ntfy://quiet/x")
	expect("ntfy://paused/x")
	expect("ntfy://unwanted/x")
	if open, err := x.db.Outbox.StrangerAlerts(t.Context()); err != nil || len(open) > 0 {
		t.Errorf("%+v %v", open, err)
	}
}

// What is sent replaces the alert before it, opens the call, and makes no second sound.
func TestStrangersMessages(t *testing.T) {
	x := newStrangersFixture(t)
	x.channel("ntfy://a/x", outbox.Choices{Digest: notify.AtOnce})
	x.rings("+442079460999")
	x.step(calllog.Said{Length: time.Second})
	x.look()
	x.no(x.db.CallEnded(t.Context(), x.call, x.at, calllog.CallerGone))
	x.look()
	sent := x.by.sent["ntfy://a/x"]
	if len(sent) != 2 {
		t.Fatalf("%+v", sent)
	}
	first, last := sent[0], sent[1]
	if first.Link != fmt.Sprintf("https://ringfence.example/h/home/calls/%d/now", x.call) || first.Thread == "" || first.Quiet || first.Expires != strangerExpiry || !first.Stays {
		t.Errorf("%+v", first)
	}
	if last.Thread != first.Thread || last.Receipt != first.Thread || !last.Quiet || last.Expires != answeredExpiry || last.Stays || last.Text != "020 7946 0999: they hung up." {
		t.Errorf("%+v", last)
	}
}

// Nobody is alerted to callers who are known, turned away, or already dealt with; nor to what seems to be a recorded call, unless it shows that it is
// a person.
func TestNoStrangerToAlertTo(t *testing.T) {
	x := newStrangersFixture(t)
	x.channel("ntfy://a/x", outbox.Choices{Digest: notify.AtOnce})
	said := calllog.Said{Length: time.Second}
	for what, steps := range map[string][]calllog.Step{
		"silent":                  {calllog.Asked{}, calllog.Asked{Again: true}},
		"recorded":                {said, calllog.Suspected{Why: calllog.TalkedOn}},
		"knew a pass code":        {said, calllog.PassCode{Name: "Joan"}, calllog.Rang{}},
		"let through by a carer":  {calllog.CarerPressed{Key: calllog.CarerLetThrough, By: "Anna"}, calllog.Rang{}},
		"answered before we look": {said, calllog.Rang{}, calllog.PickedUp{}, calllog.Pressed{Key: calllog.KeyTake}},
	} {
		x.rings("+442079460999")
		x.step(steps...)
		x.look()
		if got := x.by.texts("ntfy://a/x"); len(got) > 0 {
			t.Errorf("%s: %q", what, got)
		}
	}
	x.rings("+442079460998")
	x.step(said, calllog.Suspected{Why: calllog.TalkedOn}, calllog.PassedCheck{})
	x.look()
	if got := x.by.texts("ntfy://a/x"); len(got) != 1 {
		t.Errorf("a person: %q", got)
	}
	for _, action := range []screening.Action{screening.Ring, screening.Message} {
		id, err := x.db.CallArrived(t.Context(), "home", fmt.Sprint(time.Now().UnixNano()), x.at, screening.Identity{}, numbered("+442079460997", ""), screening.Verdict{Action: action}, "")
		x.no(err)
		x.no(x.db.CallStep(t.Context(), id, x.at, calllog.Rang{}))
	}
	x.look()
	if got := x.by.texts("ntfy://a/x"); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

// An alert is told to its end, whatever its call turns out to be: a recorded call too. Who is sent to a message or away waits no longer, unless the phones ring
// for them after all, which makes a sound again.
func TestAlertedStrangerIsToldToTheEnd(t *testing.T) {
	x := newStrangersFixture(t)
	x.channel("ntfy://a/x", outbox.Choices{Digest: notify.AtOnce})
	expect := func(what string, quiet bool, want string) {
		t.Helper()
		x.look()
		sent := x.by.sent["ntfy://a/x"]
		if len(sent) != 1 || sent[0].Title+"|"+sent[0].Text != want || sent[0].Quiet != quiet {
			t.Errorf("%s: %+v", what, sent)
		}
		delete(x.by.sent, "ntfy://a/x")
	}
	const line, over = "A stranger is on the line: home|020 7946 0999", "No stranger is waiting now: home|020 7946 0999: "
	rings := func() {
		x.rings("+442079460999")
		x.step(calllog.Asked{}, calllog.Said{Length: time.Second})
		expect("at first", false, line)
	}
	ends := func(o calllog.Outcome) { x.no(x.db.CallEnded(t.Context(), x.call, x.at, o)) }
	rings()
	x.step(calllog.Suspected{Why: calllog.SaidSo})
	expect("recorded", true, line+"\nThis seems to be a recorded call.")
	ends(calllog.NotProven)
	expect("recorded, over", true, over+"did not press the key that was asked for: perhaps a recorded call.")
	rings()
	x.step(calllog.SecondCall{Why: calllog.RingingAlready})
	expect("a second call", true, over+"the phone is ringing for another caller.")
	x.step(calllog.Rang{})
	expect("their turn", false, line)
	ends(calllog.CallerGone)
	expect("gone", true, over+"they hung up.")
	for result, want := range map[calllog.ScriptAction]string{
		calllog.ScriptMessage: "sounded like a scam, and can only leave a message.", calllog.ScriptTurnedAway: "turned away: sounded like a scam.",
	} {
		rings()
		x.step(calllog.ScriptResult{Result: result})
		expect(string(result), true, over+want)
		ends(calllog.TurnedAway)
		x.look()
		delete(x.by.sent, "ntfy://a/x")
	}
	if open, err := x.db.Outbox.StrangerAlerts(t.Context()); err != nil || len(open) > 0 {
		t.Errorf("%+v %v", open, err)
	}
}

// What is left of a call of long ago, or was sent to a channel that has been paused, moved or turned to other things since, is closed, without another message.
func TestOldStrangersAreNotToldOf(t *testing.T) {
	x := newStrangersFixture(t)
	choices := outbox.Choices{Events: []outbox.Event{outbox.EventStranger}, Digest: notify.AtOnce}
	var ids []int64
	for _, a := range []string{"ntfy://old/x", "ntfy://paused/x", "ntfy://moved/x", "ntfy://other/x", "ntfy://gone/x"} {
		ids = append(ids, x.channel(a, choices))
	}
	x.rings("+442079460999")
	x.step(calllog.Said{Length: time.Second})
	x.look()
	x.no(x.db.Outbox.PauseChannel(t.Context(), "home", x.person, ids[1], true))
	x.no(x.db.Outbox.ReplaceChannelAddress(t.Context(), "home", x.person, ids[2], "Telegram", "telegram", "telegram://new/x"))
	x.no(x.db.Outbox.ChangeChannel(t.Context(), "home", x.person, ids[3], outbox.Choices{Events: []outbox.Event{outbox.EventLine}, Digest: notify.AtOnce}))
	x.no(x.db.Outbox.ChannelGone(t.Context(), ids[4], x.at, "Gone.", "Gone."))
	if open, err := x.db.Outbox.StrangerAlerts(t.Context()); err != nil || len(open) != 1 || open[0].Channel != ids[0] {
		t.Errorf("%+v %v", open, err)
	}
	x.no(x.db.Outbox.PauseChannel(t.Context(), "home", x.person, ids[1], false))
	x.no(x.db.Outbox.ChangeChannel(t.Context(), "home", x.person, ids[3], choices))
	x.by.sent = map[string][]notify.Message{}
	x.at = x.at.Add(longestWait + time.Second)
	x.no(x.db.CallEnded(t.Context(), x.call, x.at, calllog.CallerGone))
	x.look()
	if len(x.by.sent) != 0 {
		t.Errorf("%+v", x.by.sent)
	}
	if open, err := x.db.Outbox.StrangerAlerts(t.Context()); err != nil || len(open) > 0 {
		t.Errorf("%+v %v", open, err)
	}
}
