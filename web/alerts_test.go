package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/store"
	"ringfence/store/outbox"
)

const secretAddress = "smtp://owner:topsecret@smtp.example.org:587/?from=owner@example.org&to=owner@example.org"

// messenger sends nothing.
type messenger struct {
	db     *store.Store
	mu     sync.Mutex
	tested []outbox.Channel
	refuse error
}

func (m *messenger) Test(ctx context.Context, c outbox.Channel) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tested = append(m.tested, c)
	if m.refuse != nil {
		return m.refuse
	}
	return m.db.Outbox.ChannelSent(ctx, c.ID, nil, siteNow)
}

// pushKey is a real one: browsers refuse what is none.
const pushKey = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"

func (m *messenger) PushKey(context.Context) (string, error) { return pushKey, nil }

func (m *messenger) refuses(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuse = err
}

// Who may only look cannot make this machine send what they like to where they like, and only an owner lets alerts into the home network.
func TestWhoMaySendAlertsWhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	viewer, carer, owner := s.as("viewer"), s.as("carer"), s.as("owner")
	for _, service := range []string{"webhook", "other"} {
		if a := viewer.get("/h/mum/alerts/new/" + service); a.status != http.StatusNotFound {
			t.Errorf("a viewer is offered %s: %d", service, a.status)
		}
		if a := viewer.post("/h/mum/alerts/new/"+service, "s-url", "https://example.org/x", "s-address", "generic://example.org/x?method=DELETE"); a.status != http.StatusNotFound {
			t.Errorf("a viewer adds %s: %d", service, a.status)
		}
		if a := carer.get("/h/mum/alerts/new/" + service); a.status != http.StatusOK {
			t.Errorf("a carer is not offered %s: %d", service, a.status)
		}
	}
	if page := viewer.get("/h/mum/alerts").body; strings.Contains(page, "new/other") || strings.Contains(page, "at-home") || !strings.Contains(page, "new/email") {
		t.Error("a viewer's page offers other things than it should")
	}
	// One that was set up by somebody who was a carer then goes on, and gets no other address.
	id, err := s.db.Outbox.AddChannel(t.Context(), "mum", s.people["viewer"].ID, "Web address on example.org", "webhook", "generic://example.org/x", outbox.Choices{Digest: -1})
	s.ok(err)
	if a := viewer.post("/h/mum/alerts/edit/"+itoa(id)+"/address", "s-url", "http://192.168.1.1/x"); a.status != http.StatusForbidden {
		t.Errorf("a viewer changes the address: %d", a.status)
	}
	for _, c := range []*client{viewer, carer} {
		if a := c.post("/h/mum/alerts/at-home", "alerts-at-home", "on"); a.status != http.StatusForbidden {
			t.Errorf("it is not only an owner's to allow: %d", a.status)
		}
	}
	for _, allow := range []string{"on", "off"} {
		owner.post("/h/mum/alerts/at-home", "alerts-at-home", allow)
		lines, err := s.db.AuditLog(t.Context(), "mum", 0, 1)
		s.ok(err)
		undo := "/h/mum/undo/" + itoa(lines[0].ID)
		if a := carer.post(undo); a.status != http.StatusForbidden {
			t.Errorf("a carer undoes what an owner has allowed: %d", a.status)
		}
		for c, shown := range map[*client]bool{viewer: false, carer: false, owner: true} {
			if strings.Contains(c.get("/h/mum/changes").body, undo+`"`) != shown {
				t.Errorf("the button of %s is shown to whoever must not see it, or not to the owner", undo)
			}
		}
		added, err := s.db.Outbox.AddChannel(t.Context(), "mum", s.people["viewer"].ID, "Web address on home", "webhook", "generic://home/x", outbox.Choices{Digest: -1})
		s.ok(err)
		for channel, want := range map[int64]bool{id: true, added: allow == "on"} { // what could go there goes on
			if _, atHome, err := s.db.Outbox.ChannelAddress(t.Context(), channel); err != nil || atHome != want {
				t.Errorf("allowed %s: channel %d: %v %v", allow, channel, atHome, err)
			}
		}
	}
}

// A viewer, who changes nothing else, sets up how they are told, in a browser.
//
// Long: one story, each step of which rests on those before it.
func TestAlertsInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("viewer", "/h/mum/")
	b.press("Menu")
	b.press("Alerts")
	b.sees("You haven't set up any alerts yet")
	b.shot("alerts-none")
	b.press("E-mail")
	b.sees("Ringfence sends from a mailbox: yours, or one made for it.")
	b.fill("Send to", "vera@example.org")
	b.fill("Mail server for sending", "smtp example")
	b.fill("User name", "vera@example.org")
	b.fill("Password", "topsecret")
	b.press("What and when")
	b.press("Somebody leaves a message")
	b.fill("From", "22:00")
	b.fill("Until", "07:00")
	b.press("Add, and send a test")
	b.sees("This is not a mail server's name")
	b.shot("alerts-wrong")
	b.axe()
	if strings.Contains(eval[string](b, "document.documentElement.outerHTML"), "topsecret") {
		t.Error("the password is sent back")
	}
	if v := eval[string](b, `document.querySelector("#f-s-to").value + document.querySelector("#f-from").value`); v != "vera@example.org22:00" {
		t.Errorf("what was right has to be typed again: %q", v)
	}
	b.fill("Mail server for sending", "smtp.example.org")
	b.fill("Password", "topsecret")
	b.press("Add, and send a test")
	b.sees("A test message is sent: look whether it has arrived.")
	b.sees("E-mail to vera@example.org")
	b.sees("at once, but not from 22:00 to 07:00 unless it is urgent")
	b.shot("alerts-one")
	channels, err := s.db.Outbox.Channels(t.Context(), "mum", s.people["viewer"].ID)
	s.ok(err)
	if len(channels) != 1 || len(channels[0].Events) != len(outbox.Events())-3 || channels[0].QuietFrom != 22*60 || !channels[0].BreakQuiet {
		t.Fatalf("%+v", channels)
	}
	if address, _, err := s.db.Outbox.ChannelAddress(t.Context(), channels[0].ID); err != nil || !strings.Contains(address, "topsecret") {
		t.Error(address, err)
	}
	if log, err := s.db.AuditLog(t.Context(), "mum", 0, 1); err != nil || len(log) != 1 || log[0].Text != "An alert by e-mail is added." {
		t.Errorf("the audit log says %+v (%v)", log, err)
	}

	// It fails for a while; the page says why, and what is done.
	s.ok(s.db.Outbox.Enqueue(t.Context(), "mum", []outbox.Alert{{Event: outbox.EventLine, Source: "notice 1", At: time.Now().Add(time.Hour), Text: "x"}}, outbox.Cursor{}))
	s.ok(s.db.Outbox.ChannelFailed(t.Context(), channels[0].ID, siteNow.Add(-2*time.Hour), siteNow.Add(30*time.Minute), "The mail server does not accept the password, token or key. Look whether it is right and still holds."))
	b.open("/h/mum/alerts")
	b.sees("Not working since today at 09:00. The mail server does not accept the password")
	b.sees("One alert is waiting until it works again; the next try is today at 11:30.")
	b.shot("alerts-failing")
	b.axe()
	s.messenger.refuses(errors.New("The mail server cannot be reached."))
	b.press("Send a test: E-mail to vera@example.org")
	b.sees("the test message could not be sent. The mail server cannot be reached.")
	s.messenger.refuses(nil)
	b.press("Send a test: E-mail to vera@example.org")
	b.sees("A test message is sent")
	b.sees("It works. The last message was sent today at 11:00. One alert is waiting to be sent.")

	b.press("Choose what and when: E-mail to vera@example.org")
	b.press("One message a day; urgent alerts, and strangers on the line, still come at once")
	b.fill("Time of the daily message", "23:00")
	b.press("Save")
	b.sees("The daily message would be in the quiet hours")
	b.fill("Time of the daily message", "19:30")
	b.press("Save")
	b.sees("once a day, at 19:30")
	b.press("Pause: E-mail to vera@example.org")
	b.sees("Paused: no alerts are sent here")
	b.shot("alerts-paused")
	b.press("Undo")
	b.sees("The alert is on again.")
	b.press("Other address, or remove: E-mail to vera@example.org")
	b.press("Another address or password: E-mail to vera@example.org")
	b.sees("address and password aren’t shown")
	b.shot("alerts-address")
	b.fill("Send to", "vera2@example.org")
	b.fill("Mail server for sending", "smtp.example.org")
	b.press("Save, and send a test")
	b.sees("E-mail to vera2@example.org")
	b.press("Other address, or remove: E-mail to vera2@example.org")
	b.press("Remove for good: E-mail to vera2@example.org")
	b.sees("is removed, with its address")
	b.sees("You haven't set up any alerts yet")
}

// Without script the same works.
func TestAlertsWithoutScriptInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("owner", "/")
	b.withoutScript()
	b.open("/h/mum/alerts")
	b.clickNode(`form[action$="/edit/` + itoa(s.way) + `/pause"] button`)
	b.hasText("The alert is paused: nothing comes until you resume it.")
	b.clickNode(`.flash form button`)
	b.hasText("The alert is on again.")
}

// Nobody sees or changes another one's ways, not even an owner of the same household, and no address is ever shown.
func TestAlertsIsOnesOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	way := "/h/mum/alerts/edit/" + itoa(s.way)
	for _, who := range []string{"carer", "both", "viewer"} {
		c := s.as(who)
		if strings.Contains(c.get("/h/mum/alerts").body, "owner@example.org") {
			t.Errorf("%s sees the owner's way", who)
		}
		for _, a := range []answer{c.get(way), c.get(way + "/address"), c.post(way, "event", "line", "when", "at-once"), c.post(way+"/address", "s-to", "x@example.org", "s-server", "smtp.example.org"),
			c.post(way + "/test"), c.post(way + "/pause"), c.post(way + "/remove")} {
			if a.status != http.StatusNotFound {
				t.Errorf("as %s it answers %d", who, a.status)
			}
		}
	}
	s.ok(s.db.SetMembership(t.Context(), "gran", s.people["owner"].ID, store.RoleViewer, false))
	owner := s.as("owner")
	if a := owner.get("/h/gran/alerts/edit/" + itoa(s.way)); a.status != http.StatusNotFound {
		t.Errorf("under another household it answers %d", a.status)
	}
	for _, path := range []string{"/h/mum/alerts", way, way + "/address", "/h/mum/changes"} {
		if a := owner.get(path); a.status != http.StatusOK || strings.Contains(a.body, "topsecret") || strings.Contains(a.body, "smtp.example.org:587") {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if c, err := s.db.Outbox.Channel(t.Context(), "mum", s.people["owner"].ID, s.way); err != nil || c.Paused || c.Name != "E-mail to owner@example.org" {
		t.Errorf("%+v %v", c, err)
	}
	if len(s.messenger.tested) != 0 {
		t.Error("a test was sent")
	}
}

func TestAlertsRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	add := func(fields ...string) answer {
		return c.post("/h/mum/alerts/new/ntfy", append([]string{"s-topic", "topic-k3v9"}, fields...)...)
	}
	for words, fields := range map[string][]string{
		"at least one thing":                      {"when", "at-once"},
		"both a beginning and an end":             {"event", "line", "from", "22:00"},
		"begin and end at the same time":          {"event", "line", "from", "22:00", "to", "22:00"},
		"needs a time of day":                     {"event", "line", "when", "daily", "at", "noon"},
		"There is no time zone":                   {"event", "line", "zone", "Mars/North"},
		"A topic has only letters":                {"event", "line", "s-topic", "x", "s-topic", "y"},
		"The daily message would be in the quiet": {"event", "line", "when", "daily", "at", "23:00", "from", "22:00", "to", "07:00"},
	} {
		a := add(fields...)
		if words == "A topic has only letters" {
			a = c.post("/h/mum/alerts/new/ntfy", "s-topic", "no topic", "event", "line")
		}
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, words) {
			t.Errorf("%v answers %d, without %q", fields, a.status, words)
		}
	}
	if a := c.get("/h/mum/alerts/new/pigeon"); a.status != http.StatusNotFound {
		t.Errorf("a service that is none answers %d", a.status)
	}
	// Tests are for finding out, not for sending without end.
	for range 8 {
		if a := add("event", "line"); a.status != http.StatusSeeOther {
			t.Errorf("%d", a.status)
		}
	}
	if n := len(s.messenger.tested); n != someTests {
		t.Errorf("%d tests", n)
	}
	if a := c.get("/h/mum/alerts"); !strings.Contains(a.body, "No test was sent, because there have been many") {
		t.Error("it does not say that no test was sent")
	}
	for range 2 {
		add("event", "line")
	}
	if a := add("event", "line"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, fmt.Sprintf("You have %d alerts already", 10)) {
		t.Errorf("%d", a.status)
	}
}
