package notify

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A message of a thread replaces the one before it, by whatever way its service has for that; others can't, and say so by having no receipt.
func TestMessageOfAThreadReplacesTheOneBefore(t *testing.T) {
	s := newService(t)
	first := Message{Title: "On the line", Text: "020 7946 0999", Link: "https://ringfence.example/now", Thread: "home/7"}
	over := Message{Title: "Over", Text: "They hung up.", Link: "https://ringfence.example/now", Thread: "home/7", Quiet: true}
	both := func(address string) (one, two request) {
		t.Helper()
		receipt, err := process(0).Deliver(t.Context(), atHome(address), first)
		if err != nil || receipt == "" {
			t.Fatal(receipt, err)
		}
		all := s.requests()
		one = all[len(all)-1]
		over.Receipt = receipt
		if again, err := process(0).Deliver(t.Context(), atHome(address), over); err != nil || again != receipt {
			t.Fatal(again, err)
		}
		all = s.requests()
		return one, all[len(all)-1]
	}
	one, two := both(s.ntfy(t))
	if id := one.Header.Get("X-Sequence-ID"); id == "" || two.Header.Get("X-Sequence-ID") != id || one.Header.Get("Click") != first.Link ||
		one.Header.Get("Priority") != "High" || two.Header.Get("Priority") != "Low" || two.Body != over.Text {
		t.Errorf("ntfy: %+v %+v", one, two)
	}
	one, two = both(s.webhook(t))
	if !strings.Contains(one.Body, `"link":"https://ringfence.example/now","message":"020 7946 0999","thread":"home/7"`) || !strings.Contains(two.Body, `"thread":"home/7"`) {
		t.Errorf("a web address: %s %s", one.Body, two.Body)
	}
	s.answers(func(w http.ResponseWriter, r *http.Request) {
		answer := `{"room_id": "!room:example.org"}`
		if strings.Contains(r.URL.Path, "/send/") {
			answer = `{"event_id": "$first"}`
		}
		_, _ = io.WriteString(w, answer)
	})
	one, two = both(build(t, "matrix", filled{"server": s.URL, "token": "syt_topsecret", "room": "!room:example.org"}).URL)
	if one.Path != two.Path || !strings.Contains(two.Body, `"m.relates_to":{"event_id":"$first","rel_type":"m.replace"}`) || !strings.Contains(two.Body, `"m.new_content":{"body":"Over\nThey hung up.\nhttps://ringfence.example/now"`) ||
		two.Header.Get("Authorization") != "Bearer syt_topsecret" {
		t.Errorf("Matrix: %+v %+v", one, two)
	}
	if receipt, err := process(0).Deliver(t.Context(), atHome("gotify://"+strings.TrimPrefix(s.URL, "http://")+"/AAAAAAAAAAAAAAA?disabletls=yes"), first); err != nil || receipt != "" {
		t.Errorf("Gotify: %q %v", receipt, err)
	}
}

// Where the message that was to be replaced is lost, because somebody has deleted it or the address was another service's then, that is no fault of the address. Where several rooms
// got it, there is no receipt: only one of them could be told more.
func TestMessageThatCannotBeReplaced(t *testing.T) {
	s := newService(t)
	address := build(t, "matrix", filled{"server": s.URL, "token": "syt_topsecret", "room": "!room:example.org"}).URL
	m := Message{Title: "Over", Text: "They hung up.", Thread: "home/7", Receipt: "/_matrix/client/r0/rooms/x/send/m.room.message\n$first"}
	for status, kind := range map[int]string{404: KindNotReplaced, 400: KindNotReplaced, 401: "refused", 429: "too-many", 503: "trouble"} {
		s.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		var f *Failure
		if _, err := process(0).Deliver(t.Context(), atHome(address), m); !errors.As(err, &f) || f.Kind != kind {
			t.Errorf("%d: %v, not %s", status, err, kind)
		}
	}
	m.Receipt = "home/7" // ntfy's
	for _, to := range []string{address, build(t, "telegram", filled{"token": "110201543:AAHdqTcvCH1v", "chat": "-100123"}).URL} {
		var f *Failure
		if _, err := process(0).Deliver(t.Context(), atHome(to), m); !errors.As(err, &f) || f.Kind != KindNotReplaced {
			t.Errorf("%v", err)
		}
	}
	s.answers(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"event_id": "$first", "room_id": "!room:example.org"}`)
	})
	m.Receipt = ""
	both := strings.ReplaceAll(address, url.QueryEscape("!room:example.org"), url.QueryEscape("!room:example.org,!other:example.org"))
	if receipt, err := process(0).Deliver(t.Context(), atHome(both), m); err != nil || receipt != "" || both == address {
		t.Errorf("two rooms: %q %v", receipt, err)
	}
}

// elsewhere sends requests to a server of this machine, whatever host they are for.
type elsewhere struct{ to string }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	u, err := url.Parse(e.to)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = u.Scheme, u.Host
	return http.DefaultTransport.RoundTrip(r)
}

// Telegram's server is always the same one, on the internet, so here the requests to it are sent elsewhere.
func TestMessageInTelegramIsEdited(t *testing.T) {
	s := newService(t)
	s.answers(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok": true, "result": {"message_id": 42, "chat": {"id": -100123}}}`)
	})
	u, err := url.Parse(build(t, "telegram", filled{"token": "110201543:AAHdqTcvCH1v", "chat": "-100123"}).URL)
	if err != nil {
		t.Fatal(err)
	}
	w := newWeb(nil)
	w.remembers = true
	w.plain.RegisterProtocol("https", elsewhere{s.URL})
	first := Message{Title: "On the line", Text: "020 7946 0999", Thread: "home/7"}
	if err := w.post("https://api.telegram.org/sendMessage", nil, "x"); err != nil { // as shoutrrr does
		t.Fatal(err)
	}
	over := Message{Title: "Over", Text: "They hung up.", Thread: "home/7", Receipt: receiptOf(u, first, w)}
	if again, err := deliver(u, PushKeys{}, over, w); err != nil || again != "-100123/42" {
		t.Fatal(again, err)
	}
	if err := w.post("https://api.telegram.org/sendMessage", nil, "x"); err != nil {
		t.Fatal(err)
	}
	if receipt := receiptOf(u, first, w); receipt != "" {
		t.Errorf("of two chats, only one would be told more: %q", receipt)
	}
	if got := s.requests()[1]; got.Path != "/bot110201543:AAHdqTcvCH1v/editMessageText" || !strings.Contains(got.Body, `"chat_id":-100123,"disable_web_page_preview":true,"message_id":42,"text":"Over\nThey hung up."`) {
		t.Errorf("%+v", got)
	}
}
