package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ringfence/notify"
	"ringfence/notify/notifytest"
	"ringfence/store"
	"ringfence/store/outbox"
)

// aNtfy is a fake of ntfy, which tells what it was sent, each as TITLE|TEXT|LINK|SEQUENCE.
func aNtfy(t *testing.T) (address string, sent chan string) {
	t.Helper()
	sent = make(chan string, 20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent <- strings.Join([]string{r.Header.Get("Title"), string(body), r.Header.Get("Click"), r.Header.Get("X-Sequence-ID")}, "|")
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	service, _ := notify.ServiceOf("ntfy")
	a, err := service.Build(map[string]string{"topic": "ringfence-k3v9xq27ma", "server": server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return a.URL, sent
}

// wantsStrangers has Anna alerted at these addresses, by their services, while a stranger is on the line.
func (h *house) wantsStrangers(addresses map[string]string) {
	h.Helper()
	db, err := store.Open(h.ctx, filepath.Join(h.Dir, "data", "ringfence.db"))
	h.must(err)
	members, err := db.Members(h.ctx, "home")
	h.must(err)
	h.must(db.SetAlertsAtHome(h.ctx, "home", true)) // where the fake of ntfy is
	for service, address := range addresses {
		_, err := db.Outbox.AddChannel(h.ctx, "home", members[0].ID, service, service, address,
			outbox.Choices{Events: []outbox.Event{outbox.EventStranger}, Digest: notify.AtOnce, Words: true})
		h.must(err)
	}
	h.must(db.Close())
}

// next is what comes from a channel.
func next[T any](h *house, what string, from <-chan T) (got T) {
	h.Helper()
	select {
	case got = <-from:
	case <-h.ctx.Done():
		h.Fatalf("%s never came", what)
	}
	return got
}

// inFirstScreen is a script that lists what of a call in progress is not whole within the first screen of a phone.
const inFirstScreen = `(() => { const call = document.querySelector(".call-now"); if (!call) return "no call"; scrollTo(0, 0);
	const words = [...call.querySelectorAll("*")].filter((e) => e.children.length === 0 && e.textContent.includes("Steve from Microsoft"));
	const keys = [...call.querySelectorAll(".keys button")];
	const out = [call.querySelector("a"), ...words, call.querySelector("audio"), ...keys].filter((e) => { if (!e) return true; const r = e.getBoundingClientRect();
		return !e.checkVisibility() || r.width < 1 || r.left < 0 || r.top < 0 || r.right > innerWidth || r.bottom > innerHeight; });
	return [innerWidth, innerHeight, words.length > 0 ? "words" : "", keys.map((k) => k.textContent.trim()).join(","), ...out.map((e) => e ? e.outerHTML : "nothing")].join("|"); })()`

// A swindler rings. While the household's phone rings, the alert is with a carer's ntfy and with her browser's push service; its link opens the
// call with his words and all keys on the first screen of her phone, and she sends him away from there. The alert then says so. What comes before what is the
// order of events, and not a matter of seconds; how long it took is logged.
func TestStrangerReachesACarerWhileThePhoneRings(t *testing.T) {
	const words = "Hello, this is Steve from Microsoft Windows. Please go to your computer."
	push := notifytest.NewPushService(t, "127.0.0.77")
	if err := os.Setenv("SSL_CERT_FILE", push.Certificate); err != nil { //nolint:usetesting // the test is parallel; only the process that sends to it reads this
		t.Fatal(err)
	}
	h := hearing(t, reads(t, words))
	h.here()
	page := h.browse()
	page.sees("the phone is connected")
	topic, sent := aNtfy(t)
	h.wantsStrangers(map[string]string{"ntfy": topic, "webpush": push.Address(t)})
	out := h.dials(neighbour)
	h.statesName(out, "microsoft")
	spoken := time.Now()
	first := next(h, "a push", push.Heard)
	title, rest, _ := strings.Cut(next(h, "a message by ntfy", sent), "|")
	t.Logf("both alerts came %v after the caller had spoken", time.Since(spoken))
	in := h.rings(h.hall)
	t.Logf("the phone rang %v after the caller had spoken", time.Since(spoken))
	var shown struct{ Title, Text, Tag, Path string }
	h.must(json.Unmarshal([]byte(first.Payload), &shown))
	if !strings.HasPrefix(shown.Title, "A stranger is on the line") || shown.Title != title || !strings.HasPrefix(shown.Text, "020 7946 0009") || !strings.Contains(rest, "http://"+h.Web+shown.Path) {
		t.Errorf("%+v, and by ntfy %s %s", shown, title, rest)
	}
	for text := first.Payload; !strings.Contains(text, "Steve from Microsoft"); text = next(h, "a push with the words", push.Heard).Payload {
		t.Log(text)
	}
	page.do(chromedp.Navigate("http://" + h.Web + shown.Path))
	page.sees("Steve from Microsoft")
	look, err := chromedp.Run(page.ctx, chromedp.Evaluate[string](inFirstScreen))
	h.must(err)
	if want := "390|844|words|Let through,Not now,Send away as a scam"; look != want {
		t.Errorf("the first screen has\n%s, not\n%s", look, want)
	}
	page.script(`document.querySelector(".call-now form[action$='/away'] button").click()`)
	h.hears(out, "inspection")
	h.ended(out)
	h.ended(in)
	h.lastCall("screen", "sent-away")
	const over = "sent away as a scam by Anna Taylor, on the page."
	for text := ""; !strings.Contains(text, over); text = next(h, "a push that he is sent away", push.Heard).Payload {
		t.Log(text)
	}
	for text := rest; !strings.Contains(text, over); text = next(h, "that he is sent away, by ntfy", sent) {
		t.Log(text)
	}
}
