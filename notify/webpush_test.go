package notify_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"ringfence/notify"
	"ringfence/notify/notifytest"
)

// publicHost is the one address that the sending process of these tests takes for public.
const publicHost = "127.0.0.2"

func send(t *testing.T, to notify.Target, m notify.Message) (receipt string, f *notify.Failure) {
	t.Helper()
	receipt, err := notify.Process{Command: []string{os.Args[0], "send-message"}}.Deliver(t.Context(), to, m)
	if err != nil && !errors.As(err, &f) {
		t.Fatal(err)
	}
	return receipt, f
}

func newPushService(t *testing.T, host string) *notifytest.PushService {
	t.Helper()
	s := notifytest.NewPushService(t, host)
	t.Setenv("SSL_CERT_FILE", s.Certificate)
	return s
}

func pushKeys(t *testing.T) notify.PushKeys {
	t.Helper()
	k, err := notify.NewPushKeys()
	if err != nil {
		t.Fatal(err)
	}
	k.Contact = "https://ringfence.example"
	return k
}

// A browser gets what its notification shows, encrypted for it and signed by this Ringfence, and no more. A later message of the thread replaces the
// one before, on the phone and where it waits for the phone.
func TestWebPush(t *testing.T) {
	s, keys := newPushService(t, publicHost), pushKeys(t)
	to := notify.Target{URL: s.Address(t), Push: keys}
	receipt, f := send(t, to, notify.Message{
		Title: "A stranger is on the line", Text: "020 7946 0999 “says” <hello>", Link: "https://ringfence.example/h/home/calls/7/now", Thread: "call 7", Expires: time.Minute, Stays: true,
	})
	if f != nil || receipt == "" {
		t.Fatal(receipt, f)
	}
	first := <-s.Heard
	var shown map[string]any
	if err := json.Unmarshal([]byte(first.Payload), &shown); err != nil {
		t.Fatal(err)
	}
	if shown["title"] != "A stranger is on the line" || shown["text"] != "020 7946 0999 “says” <hello>" || shown["path"] != "/h/home/calls/7/now" || shown["stays"] != true || len(shown) != 5 {
		t.Errorf("%v", shown)
	}
	if first.Key != keys.Public || first.Claims["sub"] != keys.Contact || first.Header.Get("TTL") != "60" || first.Header.Get("Urgency") != "high" || first.Header.Get("Topic") != shown["tag"] {
		t.Errorf("%+v", first)
	}
	if _, f := send(t, to, notify.Message{Title: "It is over", Text: "They hung up.", Thread: "call 7", Receipt: receipt, Quiet: true, Expires: time.Hour}); f != nil {
		t.Fatal(f)
	}
	second := <-s.Heard
	if second.Header.Get("Topic") != first.Header.Get("Topic") || second.Header.Get("Urgency") != "normal" || second.Header.Get("TTL") != "3600" || !strings.Contains(second.Payload, `"quiet":true`) || strings.Contains(second.Payload, "stays") {
		t.Errorf("%+v", second)
	}
	if _, f := send(t, to, notify.Message{Title: "Ringfence", Text: strings.Repeat("“&<>\"", 1000)}); f != nil {
		t.Errorf("a long one: %+v", f)
	}
	if long := <-s.Heard; len(long.Payload) < 2000 || long.Header.Get("Topic") != "" {
		t.Errorf("%d bytes, topic %q", len(long.Payload), long.Header.Get("Topic"))
	}
}

// What a push service answers is told apart: an address that a browser has given up is never to be tried again.
func TestWebPushFailures(t *testing.T) {
	s := newPushService(t, publicHost)
	to := notify.Target{URL: s.Address(t), Push: pushKeys(t)}
	for status, kind := range map[int]string{404: notify.KindGone, 410: notify.KindGone, 403: "refused", 429: "too-many", 503: "trouble", 413: "rejected"} {
		s.Answers(status)
		if _, f := send(t, to, notify.Message{Title: "t", Text: "x"}); f == nil || f.Kind != kind || strings.Contains(f.Sentence+f.Detail, "topsecret") {
			t.Errorf("%d: %+v", status, f)
		}
	}
}

// A browser's address is whatever somebody has posted. It leads to no place in the home network, even where an owner allows alerts there, and to nothing but https.
func TestWebPushAddressIsHostile(t *testing.T) {
	home := newPushService(t, "127.0.0.1")
	if _, f := send(t, notify.Target{URL: home.Address(t), AtHome: true, Push: pushKeys(t)}, notify.Message{Title: "t", Text: "x"}); f == nil || f.Kind != "at-home" {
		t.Errorf("%+v", f)
	}
	service, _ := notify.ServiceOf("webpush")
	for name, field := range map[string][2]string{
		"no https":         {"endpoint", "http://push.example/x"},
		"no address":       {"endpoint", "javascript:alert(1)"},
		"a user":           {"endpoint", "https://a:b@push.example/x"},
		"too long":         {"endpoint", "https://push.example/" + strings.Repeat("x", 5000)},
		"no key":           {"p256dh", "AAAA"},
		"a key off curve":  {"p256dh", "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
		"a short secret":   {"auth", "AAAA"},
		"an odd character": {"auth", "%%%%"},
	} {
		filled := home.Fields()
		filled[field[0]] = field[1]
		if a, err := service.Build(filled); err == nil {
			t.Errorf("%s is taken: %s", name, a.URL)
		}
	}
	select {
	case got := <-home.Heard:
		t.Errorf("it was sent: %+v", got)
	default:
	}
}
