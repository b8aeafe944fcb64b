package alerts

import (
	"context"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/notify"
	"ringfence/store/outbox"
)

// A carer who deletes the alert on her phone gets no more about that call, and her channel goes on working.
func TestAlertThatWasDeletedOnThePhone(t *testing.T) {
	x := newStrangersFixture(t)
	id := x.channel("ntfy://a/x", outbox.Choices{Digest: notify.AtOnce})
	x.rings("+442079460999")
	x.step(calllog.Said{Length: time.Second})
	x.look()
	x.by.as["ntfy://a/x"] = &notify.Failure{Kind: notify.KindNotReplaced, Sentence: "It is lost."}
	x.no(x.db.CallEnded(t.Context(), x.call, x.at, calllog.CallerGone))
	x.look()
	x.look()
	if got := x.by.texts("ntfy://a/x"); len(got) != 2 {
		t.Errorf("%q", got)
	}
	c, err := x.db.Outbox.Channel(t.Context(), "home", x.person, id)
	open, openErr := x.db.Outbox.StrangerAlerts(t.Context())
	if err != nil || !c.Failing.IsZero() || c.LastError != "" || openErr != nil || len(open) > 0 {
		t.Errorf("%+v %v; %+v %v", c, err, open, openErr)
	}
}

// A service that hangs keeps nobody else's from being sent. One that fails is logged and tried again while the caller waits, three times at most. A browser that has
// given its address up is not asked again, and its address is forgotten.
func TestServicesThatHangOrFail(t *testing.T) {
	x := newStrangersFixture(t)
	x.by.hang["ntfy://hangs/x"] = true
	x.channel("ntfy://hangs/x", outbox.Choices{Digest: notify.AtOnce})
	x.channel("ntfy://works/x", outbox.Choices{Digest: notify.AtOnce})
	fails := x.channel("ntfy://fails/x", outbox.Choices{Digest: notify.AtOnce})
	x.by.as["ntfy://fails/x"] = &notify.Failure{Kind: "trouble", Sentence: "It has trouble.", Detail: "503"}
	gone := x.channel("ntfy://gone/x", outbox.Choices{Digest: notify.AtOnce})
	x.by.as["ntfy://gone/x"] = &notify.Failure{Kind: notify.KindGone, Sentence: "Switch them on again."}
	x.rings("+442079460999")
	x.step(calllog.Said{Length: time.Second})
	ctx, cancel := context.WithCancel(t.Context())
	sent := make(chan struct{}, 1)
	looks := func() {
		t.Helper()
		wait, err := x.s.look(ctx, sent)
		x.no(err)
		<-sent
		if wait > pollEvery {
			t.Error(wait)
		}
	}
	for done := 0; done < 3; { // all but the one that hangs
		looks()
		done = 4 - len(x.s.onTheirWay.Taken())
	}
	for range strangerTries + 2 {
		x.at = x.at.Add(strangerPause)
		_, err := x.s.look(ctx, sent)
		x.no(err)
		for busy := 2; busy > 1; { // the tries end, the one that hangs does not
			busy = len(x.s.onTheirWay.Taken())
			time.Sleep(time.Millisecond)
		}
	}
	for address, want := range map[string]int{"ntfy://hangs/x": 1, "ntfy://works/x": 1, "ntfy://fails/x": strangerTries, "ntfy://gone/x": 1} {
		if got := x.by.texts(address); len(got) != want {
			t.Errorf("%s got %q", address, got)
		}
	}
	cancel()
	x.s.going.Wait()
	if log := x.log.String(); !strings.Contains(log, "could not be alerted") || !strings.Contains(log, "kind=trouble detail=503 try=3") || strings.Contains(log, "0999") {
		t.Error(log)
	}
	for id, want := range map[int64]string{fails: "It has trouble.", gone: "Switch them on again."} {
		c, err := x.db.Outbox.Channel(t.Context(), "home", x.person, id)
		if err != nil || c.LastError != want || c.Failing.IsZero() {
			t.Errorf("%+v %v", c, err)
		}
	}
	if address, _, err := x.db.Outbox.ChannelAddress(t.Context(), gone); err != nil || address != "" {
		t.Errorf("%q %v", address, err)
	}
}

// When a browser has given its address up, its owner's other channels say so, once.
func TestLostBrowserIsToldOfByOtherChannels(t *testing.T) {
	x := newStrangersFixture(t)
	gone := x.channel("ntfy://gone/x", outbox.Choices{Digest: notify.AtOnce})
	paused := x.channel("ntfy://paused/x", outbox.Choices{Digest: notify.AtOnce})
	x.no(x.db.Outbox.PauseChannel(t.Context(), "home", x.person, paused, true))
	for range 2 { // as both senders may notice it
		x.at = x.at.Add(time.Minute)
		x.no(channelFailed(t.Context(), x.db, gone, x.at, x.at, &notify.Failure{Kind: notify.KindGone, Sentence: "Switch them on again."}))
	}
	queues, err := x.db.Outbox.Queues(t.Context())
	if err != nil || len(queues) != 1 || queues[0].ID != x.fixture.channel || len(queues[0].Alerts) != 1 || queues[0].Alerts[0].Text != goneText {
		t.Errorf("%+v %v", queues, err)
	}
}

// The keys for push services are made once, and a backup of the database has them.
func TestPushKeysAreMadeOnce(t *testing.T) {
	x := newStrangersFixture(t)
	first, err := pushKeys(t.Context(), x.db, Contact("http://127.0.0.1:8080"))
	x.no(err)
	again, err := pushKeys(t.Context(), x.db, Contact("https://ringfence.example"))
	x.no(err)
	if first.Public == "" || first.Public != again.Public || first.Private != again.Private || first.Contact != "https://localhost" || again.Contact != "https://ringfence.example" {
		t.Errorf("%+v %+v", first, again)
	}
}
