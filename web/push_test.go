package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ringfence/calllog"
	"ringfence/notify"
	"ringfence/screening"
	"ringfence/store/outbox"
	"ringfence/web/browse"
)

// shownNotifications are those that the browser shows, each as TITLE|TEXT|TAG|PATH and whether it makes no sound.
const shownNotifications = `navigator.serviceWorker.getRegistration("/").then((r) => r ? r.getNotifications() : []).then((all) =>
	all.map((n) => [n.title, n.body, n.tag, n.data.path, n.silent].join("|")).sort())`

func (b *tab) notifications(want ...string) {
	b.t.Helper()
	wanted, _ := json.Marshal(want) // cannot fail for strings
	b.until("the notifications "+string(wanted), fmt.Sprintf(`(window.shown = window.shown || "", %s.then((all) => { window.shown = JSON.stringify(all); }), window.shown === JSON.stringify(%s))`,
		shownNotifications, wanted))
}

// A carer switches alerts on in their browser. No push service of a browser's maker can be reached from a test, so the address that it would give is made up, and
// the messages are handed to the browser by its own developer tools. Its notification takes the place of the one before, and a tap opens the call.
func TestPushInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := &tab{browse.OpenWhole(t, s.web.URL, "/h/mum/alerts", s.cookie("carer")), t, s}
	b.AllowNotifications()
	b.press("This browser or phone")
	b.sees("even while this page is closed")
	b.until("nothing in the way", `[...document.querySelectorAll("[data-push-if]")].every((e) => e.hidden)`)
	b.shot("alerts-browser")
	b.axe()
	b.fits()
	eval[chromedp.Void](b, `void (PushManager.prototype.subscribe = async (o) => { window.asked = o; return { toJSON: () => ({ endpoint: "https://push.example/send/topsecret",
		keys: { p256dh: "`+pushKey+`", auth: "AAECAwQFBgcICQoLDA0ODw" } }) }; })`)
	b.press("Add, and send a test")
	b.sees("Browser: Chrome on Linux")
	channels, err := s.db.Outbox.Channels(t.Context(), "mum", s.people["carer"].ID)
	s.ok(err)
	if len(channels) != 1 || channels[0].Service != "webpush" || !slices.Contains(channels[0].Events, outbox.EventStranger) {
		t.Fatalf("%+v", channels)
	}
	address, _, err := s.db.Outbox.ChannelAddress(t.Context(), channels[0].ID)
	if u, _ := url.Parse(address); err != nil || u.Query().Get("endpoint") != "https://push.example/send/topsecret" || u.Query().Get("p256dh") != pushKey {
		t.Error(address, err)
	}
	if len(s.messenger.tested) != 1 {
		t.Error("no test was sent")
	}
	if a := s.as("carer").post("/h/mum/alerts/new/webpush", "event", "line", "s-endpoint", "https://push.example/send/topsecret", "s-p256dh", pushKey, "s-auth", "AAECAwQFBgcICQoLDA0ODw"); a.status != http.StatusUnprocessableEntity ||
		!strings.Contains(a.body, "This browser gets alerts already.") {
		t.Errorf("the same browser, again: %d", a.status)
	}

	now := "/h/mum/calls/" + itoa(s.calls["screened"]) + "/now"
	b.DeliverPush(`{"title": "A stranger is on the line", "text": "020 7946 0999", "tag": "call-1", "path": "` + now + `", "stays": true}`)
	b.notifications("A stranger is on the line|020 7946 0999|call-1|" + now + "|false")
	b.DeliverPush(`{"title": "No stranger is waiting now", "text": "They hung up.", "tag": "call-1", "path": "` + now + `", "quiet": true}`)
	b.notifications("No stranger is waiting now|They hung up.|call-1|" + now + "|true")
	b.DeliverPush(`{"title": "Ringfence: Mum", "text": "The line works again."}`)
	b.notifications("No stranger is waiting now|They hung up.|call-1|"+now+"|true", "Ringfence: Mum|The line works again.||/|false")
	if caches := eval[int](b, `caches.keys().then((k) => k.length)`); caches != 0 {
		t.Errorf("%d caches", caches)
	}
}

// pushAddress is where a carer's alerts in a browser go at last.
func (s *site) pushAddress(id int64) string {
	s.t.Helper()
	address, _, err := s.db.Outbox.ChannelAddress(s.t.Context(), id)
	s.ok(err)
	return notify.PushEndpoint(address)
}

// A browser that has another push address, or none any more, tells the server by itself: its service worker does when it is told, and when a page is opened.
// Its maker's push service can't be reached from a test, so what it says is made up; all else is a real service worker's.
func TestRenewedPushInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const begins = "https://push.example/send/"
	address := "webpush://browser?" + url.Values{"endpoint": {begins + "one"}, "p256dh": {pushKey}, "auth": {"AAECAwQFBgcICQoLDA0ODw"}}.Encode()
	var ids []int64
	for _, household := range []string{"mum", "gran"} { // two alerts in one browser, for two households
		id, err := s.db.Outbox.AddChannel(t.Context(), household, s.people["both"].ID, "Browser: Chrome", notify.WebPush, address, outbox.Choices{Events: outbox.Events(), Digest: -1})
		s.ok(err)
		ids = append(ids, id)
	}
	gone := func(to string) bool { return s.pushAddress(ids[0]) == begins+to && s.pushAddress(ids[1]) == begins+to }
	b := s.browse("both", "/h/mum/alerts")
	b.AllowNotifications()
	eval[chromedp.Void](b, `navigator.serviceWorker.register("/service-worker.js").then(() => navigator.serviceWorker.ready).then(() => undefined)`)
	browse.InServiceWorker[chromedp.Void](b.Tab, `void (() => {
		self.gives = (name) => self.now = name && { endpoint: "`+begins+`" + name, options: { applicationServerKey: new Uint8Array([4, 2]).buffer },
			toJSON() { return { endpoint: this.endpoint, keys: { p256dh: "`+pushKey+`", auth: "AAECAwQFBgcICQoLDA0ODw" } }; } };
		PushManager.prototype.getSubscription = async () => self.now || null;
		PushManager.prototype.subscribe = async (o) => { self.asked = o; return self.gives("two"); };
		self.change = () => { let done; const e = new Event("pushsubscriptionchange"); e.waitUntil = (p) => { done = p; }; self.dispatchEvent(e); return done; };
		self.gives("one");
	})()`)
	told := func(address string) {
		browse.InServiceWorker[chromedp.Void](b.Tab, `(async () => { while ((await kept())?.endpoint !== "`+begins+address+`") await new Promise((later) => setTimeout(later, 20)); })()`)
	}
	b.open("/h/mum/alerts")
	told("one")
	browse.InServiceWorker[chromedp.Void](b.Tab, `self.change().then(() => undefined)`)
	if !gone("one") {
		t.Error("an address that is as it was has changed")
	}

	browse.InServiceWorker[chromedp.Void](b.Tab, `self.gives(""), self.change().then(() => undefined)`)
	if !gone("two") {
		t.Errorf("a lost address is not renewed: %s", s.pushAddress(ids[0]))
	}
	if key := browse.InServiceWorker[string](b.Tab, `String(new Uint8Array(self.asked.applicationServerKey)) + self.asked.userVisibleOnly`); key != "4,2true" {
		t.Errorf("the browser was asked with %s", key)
	}
	b.open("/h/mum/changes")
	b.sees("A browser that gets alerts has a new address.")
	browse.InServiceWorker[chromedp.Void](b.Tab, `void self.gives("three")`)
	b.open("/h/mum/")
	told("three")
	if !gone("three") {
		t.Error("a page that is opened tells nobody of another address")
	}
}

// Only whoever gets the alerts can send them to their browser's new address, and only to one that a browser may have.
func TestRenewedPushIsOnesOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	old := "https://push.example/send/old"
	address := "webpush://browser?" + url.Values{"endpoint": {old}, "p256dh": {pushKey}, "auth": {"AAECAwQFBgcICQoLDA0ODw"}}.Encode()
	id, err := s.db.Outbox.AddChannel(t.Context(), "mum", s.people["carer"].ID, "Browser: Chrome", notify.WebPush, address, outbox.Choices{Events: outbox.Events(), Digest: -1})
	s.ok(err)
	for _, test := range []struct {
		who, was, to string
		want         int
	}{
		{"", old, "https://push.example/new", http.StatusSeeOther},
		{"owner", old, "https://push.example/new", http.StatusNotFound},
		{"carer", "https://push.example/other", "https://push.example/new", http.StatusNotFound},
		{"carer", "", "https://push.example/new", http.StatusNotFound},
		{"carer", old, "http://192.168.1.1/x", http.StatusUnprocessableEntity},
		{"carer", old, "https://push.example/new", http.StatusNoContent},
		{"carer", old, "https://push.example/new", http.StatusNoContent}, // sent once more
	} {
		a := s.as(test.who).post("/me/browser", "was", test.was, "s-endpoint", test.to, "s-p256dh", pushKey, "s-auth", "AAECAwQFBgcICQoLDA0ODw")
		want := old
		if a.status == http.StatusNoContent {
			want = test.to
		}
		if a.status != test.want || s.pushAddress(id) != want {
			t.Errorf("%+v answers %d, and alerts go to %s", test, a.status, s.pushAddress(id))
		}
	}
}

// A tap on a notification closes it and opens its page, and only one of ours: nobody can tap in a test, so the service worker's script is run in the page.
func TestTapOnANotificationInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("", "/sign-in")
	script := s.as("").get("/service-worker.js").body
	got := eval[string](b, `(() => { const handlers = {}, opened = [];
		const self = { addEventListener: (name, f) => { handlers[name] = f; }, skipWaiting() {}, location, clients: { openWindow: (to) => opened.push(to) } };
		new Function("self", `+quoted(script)+`)(self);
		for (const path of ["/h/mum/calls/7/now", "//evil.example/", "https://evil.example/"])
			handlers.notificationclick({ notification: { data: { path }, close: () => opened.push("closed") }, waitUntil() {} });
		return opened.join(" "); })()`)
	if want := "closed " + s.web.URL + "/h/mum/calls/7/now closed closed"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// Where a browser can't get alerts, the page says so in a plain sentence, without script too; and a form without an address is refused.
func TestNoPushInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("viewer", "/")
	b.withoutScript()
	b.open("/h/mum/alerts/new/webpush")
	b.hasText("where this page’s address begins with https://")
	c := s.as("viewer")
	for _, endpoint := range []string{"", "http://push.example/x", "https://push.example/x"} {
		a := c.post("/h/mum/alerts/new/webpush", "event", "line", "s-endpoint", endpoint, "s-p256dh", "AAAA", "s-auth", "AAAA")
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "has given no address that alerts can be sent to") {
			t.Errorf("%q answers %d", endpoint, a.status)
		}
	}
}

// The page can be put on a home screen: its manifest and icons are there for everybody, and have nothing of a household.
func TestHomeScreen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("")
	var manifest struct {
		StartURL string `json:"start_url"`
		Icons    []struct{ Src, Sizes, Purpose string }
	}
	a := c.get("/app.webmanifest")
	s.ok(json.Unmarshal([]byte(a.body), &manifest))
	if manifest.StartURL != "/" || len(manifest.Icons) != 3 || manifest.Icons[2].Purpose != "maskable" || a.header.Get("Content-Type") != "application/manifest+json" {
		t.Errorf("%+v %v", manifest, a.header)
	}
	for _, icon := range manifest.Icons {
		if a := c.get(icon.Src); a.status != http.StatusOK || a.header.Get("Content-Type") != "image/png" || len(a.body) > 8<<10 {
			t.Errorf("%s answers %d, %d bytes", icon.Src, a.status, len(a.body))
		}
	}
	worker := c.get("/service-worker.js")
	if worker.status != http.StatusOK || !strings.HasPrefix(worker.header.Get("Content-Type"), "text/javascript") || strings.Contains(worker.body, `"fetch"`) || strings.Contains(worker.body, "caches.") {
		t.Errorf("%d %v", worker.status, worker.header)
	}
	if !strings.Contains(c.get("/sign-in").body, `<link rel="manifest" href="/app.webmanifest">`) {
		t.Error("no page names the manifest")
	}
	if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'; script-src 'self';") || !strings.Contains(csp, "manifest-src 'self'") {
		t.Error(csp)
	}
}

// An alert's link opens the call: Today while it goes on, and its page once it is over. Whoever has not signed in comes back to it.
func TestLinkOfAnAlert(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, err := s.db.CallArrived(t.Context(), "mum", "now-1", siteNow, screening.Identity{}, screening.Caller{Number: "+442079460999"}, screening.Verdict{Action: screening.Screen}, "")
	s.ok(err)
	link := "/h/mum/calls/" + itoa(id) + "/now"
	viewer := s.as("viewer")
	if a := viewer.get(link); a.status != http.StatusSeeOther || a.header.Get("Location") != "/h/mum/" {
		t.Errorf("%d %v", a.status, a.header)
	}
	s.ok(s.db.CallEnded(t.Context(), id, siteNow, calllog.CallerGone))
	if a := viewer.get(link); a.header.Get("Location") != "/h/mum/calls/"+itoa(id) {
		t.Errorf("%v", a.header)
	}
	if a := s.as("").get(link); a.header.Get("Location") != "/sign-in?to="+url.QueryEscape(link) {
		t.Errorf("%v", a.header)
	}
}
