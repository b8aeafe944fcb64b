package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// The tests' own program is the process that sends.
const childArgument = "send-message"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childArgument {
		if err := Child(os.Stdin, os.Stdout, public, func() { os.Exit(3) }); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// publicHost is the one address that the sending process takes for public.
const publicHost = "127.0.0.2"

func public(at netip.AddrPort) error {
	if at.Addr().Unmap().String() != publicHost {
		return errors.New("not public")
	}
	return nil
}

func process(limit time.Duration) Process {
	return Process{Command: []string{os.Args[0], childArgument}, Limit: limit}
}

// atHome is an address to which the tests' services may be, which are on this machine.
func atHome(url string) Target { return Target{URL: url, AtHome: true} }

// request is what a service got.
type request struct {
	Path, Query, Body string
	Header            http.Header
}

// aService is a web server that answers as it is told, and remembers what it got.
type aService struct {
	*httptest.Server
	mu     sync.Mutex
	got    []request
	answer func(w http.ResponseWriter, r *http.Request)
}

func newService(t *testing.T) *aService { return newServiceAt(t, "127.0.0.1") }

func newServiceAt(t *testing.T, host string) *aService {
	s := &aService{answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.got = append(s.got, request{r.URL.EscapedPath(), r.URL.RawQuery, string(body), r.Header})
		answer := s.answer
		s.mu.Unlock()
		answer(w, r)
	}))
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *aService) answers(f func(w http.ResponseWriter, r *http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

func (s *aService) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request{}, s.got...)
}

func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func (s *aService) ntfy(t *testing.T) string {
	return build(t, "ntfy", filled{"server": s.URL, "topic": "topic-k3v9xq27", "token": "tk_secret123"}).URL
}

func (s *aService) webhook(t *testing.T) string {
	return build(t, "webhook", filled{"url": s.URL + "/hook/k3v9xq27ma?key=topsecret", "token": "bearersecret"}).URL
}

func TestSendToWebServices(t *testing.T) {
	s := newService(t)
	m := Message{Title: "Ringfence: Grand-mère", Text: "Tuesday: “J” left a message.\nTwo lines.", Urgent: true}
	if err := process(0).Send(t.Context(), atHome(s.ntfy(t)), m); err != nil {
		t.Fatal(err)
	}
	if err := process(0).Send(t.Context(), atHome(s.webhook(t)), m); err != nil {
		t.Fatal(err)
	}
	got := s.requests()
	if len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	if g := got[0]; g.Path != "/topic-k3v9xq27" || g.Body != m.Text || g.Header.Get("Title") != m.Title || g.Header.Get("Priority") != "Max" ||
		g.Header.Get("Authorization") != "Basic OnRrX3NlY3JldDEyMw==" {
		t.Errorf("%+v", g)
	}
	var sent map[string]string
	if g := got[1]; json.Unmarshal([]byte(g.Body), &sent) != nil || sent["title"] != m.Title || sent["message"] != m.Text || g.Path != "/hook/k3v9xq27ma" ||
		g.Query != "key=topsecret" || g.Header.Get("Authorization") != "Bearer bearersecret" || g.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%+v", g)
	}
}

// Each way to fail has its sentence, and neither that nor the detail has a secret in it.
func TestFailures(t *testing.T) {
	s := newService(t)
	elsewhere := newService(t)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = nil
	address := func(service string, f filled) string { return build(t, service, f).URL }
	gone := strings.TrimPrefix(closed.URL, "http://")
	for name, c := range map[string]struct {
		address string
		answer  func(http.ResponseWriter, *http.Request)
		kind    string
	}{
		"ntfy, wrong token":     {s.ntfy(t), status(403), "refused"},
		"ntfy, busy":            {s.ntfy(t), status(429), "too-many"},
		"webhook, wrong token":  {s.webhook(t), status(401), "refused"},
		"webhook, not there":    {s.webhook(t), status(404), "not-there"},
		"webhook, in trouble":   {s.webhook(t), status(502), "trouble"},
		"webhook, not accepted": {s.webhook(t), status(400), "rejected"},
		"webhook, redirected": {s.webhook(t), func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, "redirect"},
		"ntfy, redirected":    {s.ntfy(t), func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) }, "redirect"},
		"ntfy, not there":     {address("ntfy", filled{"server": closed.URL, "topic": "topic-k3v9xq27"}), nil, "unreachable"},
		"webhook, no server":  {address("webhook", filled{"url": closed.URL + "/hook/k3v9xq27ma"}), nil, "unreachable"},
		"a false certificate": {address("webhook", filled{"url": secure.URL + "/hook/k3v9xq27ma"}), nil, "certificate"},
		"link-local":          {address("webhook", filled{"url": "http://169.254.169.254/k3v9xq27ma"}), nil, "not-allowed"},
		"matrix":              {address("matrix", filled{"server": closed.URL, "token": "syt_topsecret", "room": "!room:example.org"}), nil, "unreachable"},
		"matrix, wrong token": {address("matrix", filled{"server": s.URL, "token": "syt_topsecret", "room": "!room:example.org"}), status(401), "refused"},
		"e-mail, no server":   {address("email", filled{"to": "anna@example.org", "server": "127.0.0.1", "port": gone[strings.LastIndex(gone, ":")+1:]}), nil, "unreachable"},
		// Shoutrrr takes a Telegram that cannot be reached for success.
		"telegram": {address("telegram", filled{"token": "1234567:topsecret", "chat": "987654321"}), nil, "unreachable"},
		"pushover": {address("pushover", filled{"user": strings.Repeat("topsecret", 3), "token": strings.Repeat("tk", 15)}), nil, "unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.answer != nil {
				s.answers(c.answer)
			}
			t.Setenv("HTTPS_PROXY", closed.URL) // what is outside is away
			t.Setenv("NO_PROXY", "127.0.0.1,169.254.169.254")
			err := process(0).Send(t.Context(), atHome(c.address), Message{Title: "t", Text: "text"})
			var f *Failure
			if !errors.As(err, &f) || f.Kind != c.kind {
				t.Fatalf("%v: %+v", err, f)
			}
			for _, secret := range []string{"topsecret", "k3v9xq27", "tk_secret", "bearersecret", "987654321", "anna@", "tktk", "syt_"} {
				if strings.Contains(f.Sentence+f.Detail, secret) {
					t.Errorf("%q is in it: %s / %s", secret, f.Sentence, f.Detail)
				}
			}
			t.Log(f.Sentence, "/", f.Detail)
		})
	}
	if got := elsewhere.requests(); len(got) > 0 {
		t.Errorf("it went where it was redirected: %+v", got)
	}
}

// A service that never answers has its process ended, also a mail server, which shoutrrr would wait for without end.
func TestNoAnswer(t *testing.T) {
	s := newService(t)
	s.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for _, address := range []string{s.webhook(t), build(t, "email", filled{"to": "anna@example.org", "server": "127.0.0.1", "port": portOf(l)}).URL} {
		begun := time.Now()
		err := process(time.Second).Send(t.Context(), atHome(address), Message{Text: "x"})
		var f *Failure
		if !errors.As(err, &f) || f.Kind != "no-answer" {
			t.Errorf("%v", err)
		}
		if took := time.Since(begun); took > time.Minute { // it would be without end
			t.Errorf("it took %v", took)
		}
	}
	// And with the one who asked for it.
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- process(time.Minute).Send(ctx, atHome(s.webhook(t)), Message{Text: "x"}) }()
	for len(s.requests()) < 2 {
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-stopped; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func portOf(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// The process ends by itself too, where nobody is left to end it.
func TestChildEnds(t *testing.T) {
	s := newService(t)
	release := make(chan struct{})
	s.answers(func(http.ResponseWriter, *http.Request) { <-release })
	ended := make(chan struct{})
	order, err := json.Marshal(order{To: atHome(s.webhook(t)), Message: Message{Text: "x"}, Limit: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	plain := http.DefaultTransport
	defer func() { http.DefaultTransport = plain }()
	over := make(chan error, 1)
	go func() { over <- Child(strings.NewReader(string(order)), io.Discard, nil, func() { close(ended) }) }()
	<-ended
	close(release)
	if err := <-over; err != nil {
		t.Error(err)
	}
	if err := Child(strings.NewReader("hello"), io.Discard, nil, nil); err == nil {
		t.Error("it takes what is no order")
	}
}

// Passwords in the environment are not handed on.
func TestEnvironment(t *testing.T) {
	t.Setenv("RINGFENCE_LINE_PASSWORD", "secret")
	t.Setenv("HTTPS_PROXY", "http://proxy.example:3128")
	if all := strings.Join(environment(), "\n"); strings.Contains(all, "secret") || !strings.Contains(all, "proxy.example") {
		t.Error(all)
	}
}

// A process that cannot even begin, or dies, is a failure like any other.
func TestBrokenProcess(t *testing.T) {
	for _, command := range [][]string{{"/nonexistent"}, {"/bin/false"}, {"/bin/echo", "{}"}} {
		var f *Failure
		if err := (Process{Command: command}).Send(t.Context(), atHome("ntfy://ntfy.sh/topsecret"), Message{}); !errors.As(err, &f) || f.Kind != "broken" || strings.Contains(f.Detail, "topsecret") {
			t.Errorf("%v: %v", command, err)
		}
	}
}

// Unless an owner allows it, nothing is sent to an address in a home network, by whatever service, name or way; nor is it told there that somebody tried.
func TestNothingIsSentIntoAHomeNetwork(t *testing.T) {
	s := newService(t)
	host := strings.TrimPrefix(s.URL, "http://")
	mail := newMailServer(t)
	for name, address := range map[string]string{
		"webhook":    s.webhook(t),
		"by name":    build(t, "webhook", filled{"url": "http://localhost:" + host[strings.LastIndex(host, ":")+1:] + "/x"}).URL,
		"ntfy":       s.ntfy(t),
		"matrix":     build(t, "matrix", filled{"server": s.URL, "token": "syt_x", "room": "!room:example.org"}).URL,
		"e-mail":     mail.address(t, filled{"from": "ringfence@example.org"}),
		"any method": "generic://" + host + "/x?disabletls=yes&method=DELETE",
		"gotify":     "gotify://" + host + "/AAAAAAAAAAAAAAA?disabletls=yes",
		"mattermost": "mattermost://" + host + "/token?disabletls=yes",
	} {
		var f *Failure
		if err := process(0).Send(t.Context(), Target{URL: address}, Message{Title: "t", Text: "x"}); !errors.As(err, &f) || f.Kind != "at-home" {
			t.Errorf("%s: %v %+v", name, err, f)
		}
	}
	public := newServiceAt(t, publicHost)
	public.answers(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, s.URL+"/elsewhere", http.StatusTemporaryRedirect)
	})
	host = strings.TrimPrefix(public.URL, "http://")
	for name, address := range map[string]string{
		"webhook":         public.webhook(t),
		"ntfy":            public.ntfy(t),
		"unverified ntfy": public.ntfy(t) + "&disabletlsverification=yes",
		"gotify":          "gotify://" + host + "/AAAAAAAAAAAAAAA?disabletls=yes",
		"mattermost":      "mattermost://" + host + "/token?disabletls=yes",
	} {
		var f *Failure
		if err := process(0).Send(t.Context(), Target{URL: address}, Message{Title: "t", Text: "x"}); !errors.As(err, &f) || f.Kind != "redirect" {
			t.Errorf("%s, redirected: %v %+v", name, err, f)
		}
	}
	if n := len(public.requests()); n != 5 {
		t.Errorf("the public server got %d requests", n)
	}
	t.Setenv("HTTP_PROXY", s.URL)
	var f *Failure
	err := process(0).Send(t.Context(), Target{URL: build(t, "webhook", filled{"url": "http://10.255.255.1/x"}).URL}, Message{Text: "x"})
	if !errors.As(err, &f) || f.Kind != "at-home" {
		t.Errorf("by a proxy: %v %+v", err, f)
	}
	if got := s.requests(); len(got) > 0 {
		t.Errorf("it was sent: %+v", got)
	}
}

// A server that cannot prove who it is gets alerts where the address says so, and only there.
func TestServersWithoutProof(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	t.Cleanup(s.Close)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes
	host := strings.TrimPrefix(s.URL, "https://")
	for address, without := range map[string]string{
		"ntfy://" + host + "/topic-k3v9xq27?scheme=https": "&disabletlsverification=yes",
		"gotify://" + host + "/AAAAAAAAAAAAAAA?":          "insecureskipverify=yes",
	} {
		var f *Failure
		if err := process(0).Send(t.Context(), atHome(address), Message{Text: "x"}); !errors.As(err, &f) || f.Kind != "certificate" {
			t.Errorf("%s: %v", address, err)
		}
		if err := process(0).Send(t.Context(), atHome(address+without), Message{Text: "x"}); err != nil {
			t.Errorf("%s without proof: %v", address, err)
		}
	}
}

// A panic in one of shoutrrr's services is a failure, and no more.
func TestFaultInAService(t *testing.T) {
	err := process(0).Send(t.Context(), atHome("matrix://:topsecret@host/?rooms=,"), Message{Text: "x"})
	var f *Failure
	if !errors.As(err, &f) || f.Kind != "broken" || strings.Contains(f.Detail, "topsecret") {
		t.Errorf("%v %+v", err, f)
	}
	if err := sendOn(&url.URL{Scheme: "matrix", Host: "h", User: url.UserPassword("", "p"), RawQuery: "rooms=,"}, Message{}, newWeb(nil)); err == nil || !strings.Contains(err.Error(), "shoutrrr:") {
		t.Error(err)
	}
}
