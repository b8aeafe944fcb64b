package group

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ringfence/sharing/fetch"
	"ringfence/store/outbox"
)

// says is a report as the hub hears it.
func says(n, category, kind string, day time.Time) string {
	middle := ""
	if category != "" {
		middle = `"category":"` + category + `",`
	}
	return `POST /v1/reports Bearer ` + aHubsKey + ` {"number":"` + n + `",` + middle + `"day":"` + day.UTC().Format(time.DateOnly) + `","kind":"` + kind + `"}`
}

// A report is held for an hour, sent once and whole, sent anew when its category changes, and withdrawn when it is.
func TestAReportsWay(t *testing.T) {
	b := newBench(t)
	b.joins("home", false)
	made := b.now
	b.reports(steve, "other")
	b.after(0)
	b.after(59 * time.Minute)
	b.stage(Held)
	b.after(2*time.Minute, says("+442079460999", "other", "for", made))
	b.stage(Sent)
	b.after(time.Hour)
	b.reports(steve, "other") // he is sent away once more
	b.after(2 * time.Hour)
	b.now = time.Now().Add(3 * time.Hour)
	b.ok(b.Store.ReportNumber(b.Context(), "home", steve, "bank", "Susan"))
	b.after(0, says("+442079460999", "bank", "for", made))
	_, err := b.Store.WithdrawReport(b.Context(), "home", steve)
	b.ok(err)
	b.after(time.Second, says("+442079460999", "", "withdraw", b.now.Add(time.Second)))
	b.stage(Withdrawn)
	b.after(48 * time.Hour)
	if strings.Contains(b.log.String(), "207946") {
		t.Errorf("a number is in the log: %s", b.log)
	}
	// What was sent is kept as it went.
	g, err := b.Store.Outbox.JoinedGroups(t.Context())
	b.ok(err)
	sent, err := b.Store.Outbox.SentReports(t.Context(), g[0].ID, 10)
	if err != nil || len(sent) != 3 || sent[2].Body != `{"number":"+442079460999","category":"other","day":"`+made.UTC().Format(time.DateOnly)+`","kind":"for"}` {
		t.Errorf("%+v %v", sent, err)
	}
}

// Whoever withdraws within the hour has told nobody; nor is anything told of a contact, of a number that is never sent, or without a group.
func TestWhatIsNotSent(t *testing.T) {
	b := newBench(t)
	b.reports("+442079460111", "bank") // from before
	b.after(2 * time.Hour)
	b.now = time.Now().Add(time.Second)
	g := b.joins("home", false)
	b.reports(steve, "bank")
	_, err := b.Store.WithdrawReport(t.Context(), "home", steve)
	b.ok(err)
	b.reports(house.Number, "bank") // somebody shows it falsely
	b.reports("+441632960111", "bank")
	b.reports("+448001111", "bank")
	b.reports("999", "bank")
	b.after(3 * time.Hour)
	b.ok(b.Store.Outbox.SendEarlier(t.Context(), "home", g.ID))
	b.after(time.Second, says("+442079460111", "bank", "for", time.Now()))
	// The number turns out to be a friend's.
	b.ok(b.Store.AddContact(t.Context(), "home", "Frank", "+442079460111"))
	b.after(time.Second, says("+442079460111", "", "withdraw", b.now.Add(time.Second)))
}

func TestEarlierReportsAreSentWhereAnOwnerSaysSo(t *testing.T) {
	b := newBench(t)
	b.reports(steve, "bank")
	b.now = b.now.Add(2 * time.Hour)
	b.joins("home", true)
	b.after(0, says("+442079460999", "bank", "for", time.Now()))
}

// While a hub cannot be reached, or does not want more, everything waits, less and less often tried; and nothing is lost.
func TestAHubThatFails(t *testing.T) {
	b := newBench(t)
	g := b.joins("home", false)
	b.reports(steve, "bank")
	b.reports("+442079460998", "bank")
	first := says("+442079460998", "bank", "for", time.Now())
	b.hub.says(http.StatusInternalServerError, "<html>sorry +442079460999</html>")
	b.after(2*time.Hour, first)
	for range 12 {
		b.after(0) // not at once
		g, err := b.Store.Outbox.Group(t.Context(), "home", g.ID)
		if err != nil || !strings.Contains(g.Error, "trouble of its own") {
			t.Errorf("%+v %v", g, err)
		}
		b.after(g.Next.Sub(b.now) - time.Second)
		b.after(time.Second, first)
	}
	g, err := b.Store.Outbox.Group(t.Context(), "home", g.ID)
	if err != nil || g.Failures != 13 || g.Next.Sub(b.now).Round(time.Minute) != 24*time.Hour {
		t.Errorf("%+v %v", g, err)
	}
	b.hub.says(http.StatusTooManyRequests, `{}`, "Retry-After", "7200")
	b.ok(b.Store.Outbox.PauseGroup(t.Context(), "home", g.ID, false)) // tries now
	b.after(0, first)
	b.hub.says(http.StatusOK, "")
	b.after(24*time.Hour, first, says("+442079460999", "bank", "for", time.Now()))
	if g, err := b.Store.Outbox.Group(t.Context(), "home", g.ID); err != nil || g.Failures != 0 || g.Error != "" {
		t.Errorf("%+v %v", g, err)
	}
}

// The head of a request tells no more of a household than its body does: not which program, language, machine or time zone it has, and
// nothing by which it is known again.
func TestWhatGoesOverTheWire(t *testing.T) {
	b := newBench(t)
	b.hub.says(http.StatusOK, "", "Set-Cookie", "id=1", "ETag", `"1"`, "Accept-CH", "Device-Memory")
	b.joins("home", false)
	b.hub.says(http.StatusNoContent, "", "Set-Cookie", "id=1")
	b.reports(steve, "bank")
	b.reports("+442079460998", "bank")
	b.after(2*time.Hour, says("+442079460998", "bank", "for", time.Now()), says("+442079460999", "bank", "for", time.Now()))
	if len(b.hub.heads) != 3 {
		t.Fatal(b.hub.heads)
	}
	for _, head := range b.hub.heads {
		_, length, _ := strings.Cut(head, "Content-Length:[")
		length, _, _ = strings.Cut(length, "]")
		if want := "map[Accept:[application/json] Content-Length:[" + length + "] Content-Type:[application/json] User-Agent:[Ringfence]]"; head != want {
			t.Errorf("%s, not %s", head, want)
		}
	}
}

// A machine whose clock was years ahead when a hub could not be asked, or when a key was pressed, sends once the clock is right.
func TestAClockThatWasAhead(t *testing.T) {
	b := newBench(t)
	g := b.joins("home", false)
	const years = 3 * 365 * 24 * time.Hour
	b.reports(steve, "bank")
	b.hub.says(http.StatusInternalServerError, "")
	b.after(2*time.Hour, says("+442079460999", "bank", "for", time.Now()))
	b.hub.says(http.StatusUnprocessableEntity, `{"detail":"no"}`)
	b.after(-years, says("+442079460999", "bank", "for", time.Now().Add(2*time.Hour-years)))
	b.stage(Refused)
	b.after(time.Minute) // and not again and again
	b.after(time.Hour)
	if g, err := b.Store.Outbox.Group(t.Context(), "home", g.ID); err != nil || g.Failures != 0 {
		t.Errorf("%+v %v", g, err)
	}
}

// A hub that never ends: with an answer as it should be and far more behind it, or with one that begins and does not go on.
func TestAHubWithoutEnd(t *testing.T) {
	b := newBench(t)
	link, err := parseLink(b.hub.URL+"/join#"+aSecret, true)
	b.ok(err)
	b.hub.says(http.StatusOK, `{"key":"`+aHubsKey+`"}`+strings.Repeat(" ", mostOfAnswer))
	var f *Failure
	if _, err := b.Accept(t.Context(), "home", Offer{Link: link}); !errors.As(err, &f) || !strings.Contains(f.Sentence, "far more") {
		t.Error(err)
	}
	left := make(chan struct{})
	trickle := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "x")
		_ = http.NewResponseController(w).Flush() // until it is left
		<-r.Context().Done()
		close(left)
	}))
	defer trickle.Close()
	b.Client.patience = 100 * time.Millisecond
	began := time.Now()
	if err := b.Client.report(t.Context(), trickle.URL, aHubsKey, "{}"); !errors.As(err, &f) || time.Since(began) > 20*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
	<-left
}

// fault is a program that fails where nobody has thought of.
type fault struct{}

func (fault) RoundTrip(*http.Request) (*http.Response, error) { panic("a fault of ours") }

// What goes wrong in sending ends no calls.
func TestAFaultOfOurs(t *testing.T) {
	b := newBench(t)
	b.joins("home", false)
	b.reports(steve, "bank")
	right := b.Client.HTTP
	b.Client.HTTP = &http.Client{Transport: fault{}}
	b.after(2 * time.Hour)
	if !strings.Contains(b.log.String(), "a fault of ours") {
		t.Error(b.log)
	}
	b.Client.HTTP = right
	b.after(0, says("+442079460999", "bank", "for", time.Now()))
}

func TestRetryAfterIsKept(t *testing.T) {
	b := newBench(t)
	g := b.joins("home", false)
	b.reports(steve, "bank")
	b.hub.says(http.StatusTooManyRequests, `{}`, "Retry-After", "7200")
	b.after(time.Hour+time.Minute, says("+442079460999", "bank", "for", time.Now()))
	if g, err := b.Store.Outbox.Group(t.Context(), "home", g.ID); err != nil || g.Next.Sub(b.now).Round(time.Minute) != 2*time.Hour || !strings.Contains(g.Error, "sent later") {
		t.Errorf("%+v %v", g, err)
	}
	if s := b.stage(Waits); !strings.Contains(s.Why, "sent later") {
		t.Errorf("%+v", s)
	}
	for status, want := range map[int]string{401: "Leave it, and join again", 403: "takes no reports", 404: "no group’s hub", 307: "moved", 418: "trouble"} {
		b.hub.says(status, `{"error":"`+strings.Repeat("x", 500)+`"}`, "Location", "http://169.254.169.254/")
		b.ok(b.Store.Outbox.PauseGroup(t.Context(), "home", g.ID, false))
		b.after(time.Second, says("+442079460999", "bank", "for", time.Now()))
		if g, err := b.Store.Outbox.Group(t.Context(), "home", g.ID); err != nil || !strings.Contains(g.Error, want) {
			t.Errorf("%d: %+v %v", status, g, err)
		}
	}
	// One that the settings do not allow, and one that cannot be reached at all.
	allowed := b.Client.HTTP
	careful := fetch.New(fetch.Options{})
	defer careful.Close()
	b.Client.HTTP = careful.Messages()
	b.ok(b.Store.Outbox.PauseGroup(t.Context(), "home", g.ID, false))
	b.after(time.Second)
	if g, err := b.Store.Outbox.Group(t.Context(), "home", g.ID); err != nil || !strings.Contains(g.Error, "private network") {
		t.Errorf("%+v %v", g, err)
	}
	b.Client.HTTP = allowed
	b.hub.Close()
	b.ok(b.Store.Outbox.PauseGroup(t.Context(), "home", g.ID, false))
	b.after(time.Second)
	if g, err := b.Store.Outbox.Group(t.Context(), "home", g.ID); err != nil || !strings.Contains(g.Error, "cannot be reached") {
		t.Errorf("%+v %v", g, err)
	}
	if strings.Contains(b.log.String(), aHubsKey) {
		t.Error("the key is in the log")
	}
}

// What a hub refuses is not sent again, and what it says of that is shown as its own words. Others are sent all the same.
func TestARefusedReport(t *testing.T) {
	b := newBench(t)
	b.joins("home", false)
	b.reports(steve, "bank")
	b.hub.says(http.StatusUnprocessableEntity, `{"detail":"That is the surgery’s.\u202e\n<b>"}`)
	b.after(2*time.Hour, says("+442079460999", "bank", "for", time.Now()))
	if s := b.stage(Refused); s.Why != "“That is the surgery’s. <b>”" {
		t.Errorf("%+v", s)
	}
	b.hub.says(http.StatusOK, "")
	b.after(48 * time.Hour)
}

// The sender looks when it is told that something has changed, and ends with its context while a hub says nothing.
func TestRunEnds(t *testing.T) {
	b := newBench(t)
	b.joins("home", false)
	b.Hold, b.Now = 0, time.Now // the report below is made by the real clock
	asked, ended := make(chan struct{}, 1), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body) // so that the server sees when the other side hangs up
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer slow.Close()
	_, err := b.Store.Outbox.JoinGroup(t.Context(), outbox.Group{Household: "home", URL: slow.URL, Joined: b.now}, aHubsKey)
	b.ok(err)
	ctx, end := context.WithCancel(t.Context())
	changed := make(chan struct{}, 1)
	go func() { b.Sender.Run(ctx, changed); close(ended) }()
	b.reports(steve, "bank")
	changed <- struct{}{}
	<-asked
	end()
	<-ended
	all, err := b.Store.Outbox.JoinedGroups(t.Context())
	if err != nil || len(all) != 2 || all[1].Failures != 0 {
		t.Errorf("the end of the program counts as the hub's failure: %+v %v", all, err)
	}
}
