package asterisk

import (
	"context"
	"crypto/md5" //nolint:gosec // the same as in contacts.go
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// answering is an ARI that gives these answers, by method and path, and notes what it is asked for.
func answering(t *testing.T, answers map[string]string) (*ari, *[]string) {
	t.Helper()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		what := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/ari")
		asked = append(asked, what)
		answer, there := answers[what]
		if !there {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return &ari{base: server.URL + "/ari", http: server.Client()}, &asked
}

// A leg that has sent nothing for two minutes is hung up, unless it is on hold or not up, or sound has come from it meanwhile.
func TestVanishedLegsAreHungUp(t *testing.T) {
	a, asked := answering(t, map[string]string{
		"GET /channels": `[{"id":"gone","name":"PJSIP/gone-1","state":"Up"},{"id":"hold","name":"PJSIP/hold-1","state":"Up"},
			{"id":"talks","name":"PJSIP/talks-1","state":"Up"},{"id":"rings","name":"PJSIP/rings-1","state":"Ring"},{"id":"new","name":"PJSIP/new-1","state":"Up"}]`,
		"GET /channels/gone/rtp_statistics":  `{"rxcount":5}`,
		"GET /channels/hold/rtp_statistics":  `{"rxcount":5}`,
		"GET /channels/talks/rtp_statistics": `{"rxcount":6}`,
		"GET /channels/new/rtp_statistics":   `{"rxcount":0}`,
		"GET /channels/gone/variable":        `{"value":"0"}`,
		"GET /channels/hold/variable":        `{"value":"1"}`,
		"DELETE /channels/gone":              ``,
	})
	long := received{5, time.Now().Add(-vanishedAfter)}
	v := &vanished{ari: a, last: map[string]received{"gone": long, "hold": long, "talks": long, "rings": long, "left": long}}
	gone, err := v.hangUp(t.Context())
	if err != nil || !slices.Equal(gone, []string{"PJSIP/gone-1"}) || !slices.Contains(*asked, "DELETE /channels/gone") {
		t.Errorf("hung up %v (%v), asked for %v", gone, err, *asked)
	}
	if _, there := v.last["left"]; there || v.last["talks"].packets != 6 {
		t.Errorf("remembered: %v", v.last)
	}
}

// A jump is reported once, one since the start at the first look; the passing of time is none.
func TestClockTellsJumps(t *testing.T) {
	answers := map[string]string{}
	a, _ := answering(t, answers)
	c := &clock{ari: a, began: time.Now()}
	for i, by := range []time.Duration{5 * time.Hour, 5 * time.Hour, 6 * time.Hour, 6 * time.Hour, 5 * time.Hour} {
		want := []time.Duration{5 * time.Hour, 0, time.Hour, 0, -time.Hour}[i]
		answers["GET /asterisk/ping"] = fmt.Sprintf(`{"timestamp":%q}`, time.Now().Add(by).Format("2006-01-02T15:04:05.000-0700"))
		_, jump, err := c.look(t.Context())
		if err != nil || (jump-want).Abs() > jumpLeast {
			t.Errorf("look %d: a jump of %s, not %s (%v)", i, jump, want, err)
		}
	}
}

// Where the clock is set back, deadlines come no later than they would have, and whoever waits for the phones goes on.
func TestClockSetBackPutsOffNothing(t *testing.T) {
	a, _ := answering(t, map[string]string{
		"GET /channels": `[{"id":"asked","name":"PJSIP/asked-1","dialplan":{"context":"arrive","app_name":"Stasis"}},
			{"id":"waits","name":"PJSIP/waits-1","dialplan":{"context":"arrive","app_name":"Wait"}},
			{"id":"rings","name":"PJSIP/rings-1","dialplan":{"context":"arrive","app_name":"Dial"}},
			{"id":"still","name":"PJSIP/still-1","dialplan":{"context":"stand-still","app_name":"Wait"}},
			{"id":"count","name":"Local/for-a-minute@unlogged-1;1","dialplan":{"context":"refused","app_name":"Wait"}},
			{"id":"gone","name":"PJSIP/gone-1"}]`,
		"GET /channels/asked/variable": `{"value":"3609.2"}`,
		"GET /channels/waits/variable": `{"value":"0"}`,
		"GET /channels/rings/variable": `{"value":"0"}`,
		"GET /channels/still/variable": `{"value":"3590"}`,
		"GET /channels/count/variable": `{"value":"0"}`,
	})
	var said []string
	console := func(_ context.Context, command string) (string, error) {
		said = append(said, command)
		return "", nil
	}
	if err := keepDeadlines(t.Context(), a, console, time.Hour); err != nil {
		t.Fatal(err)
	}
	if want := []string{
		"dialplan set chanvar PJSIP/asked-1 TIMEOUT(absolute) 10",
		"dialplan set chanvar PJSIP/waits-1 TIMEOUT(absolute) 1",
		"dialplan set chanvar PJSIP/still-1 TIMEOUT(absolute) 1", // overdue
	}; !slices.Equal(said, want) {
		t.Errorf("it says %q to the console, not %q", said, want)
	}
}

// An Asterisk that refuses the telephones at first, because it is busy, is told them again, and only then that all of them are known.
func TestTelephonesThatAreRefusedComeBack(t *testing.T) {
	t.Parallel()
	var tries, known atomic.Int32
	all := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPut && tries.Add(1) == 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/ari/asterisk/ping":
			_, _ = fmt.Fprintf(w, `{"timestamp":%q}`, time.Now().Format("2006-01-02T15:04:05.000-0700"))
		default:
			_, _ = io.WriteString(w, "[]")
		}
	}))
	defer server.Close()
	sip, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sip.Close() }()
	_, dir := pretend(t, "", func(command string) (string, bool) {
		if command == "dialplan set global RF_PHONES_KNOWN 1" {
			known.Store(tries.Load())
			close(all)
		}
		return "", true
	})
	k := &Keeper{
		Dir: dir, Moved: func(Site) bool { return false }, Log: slog.New(slog.DiscardHandler),
		contacts: &contacts{file: filepath.Join(dir, contactsFile), known: map[string]contact{"home-hall": {AOR: "home-hall", Fields: []field{{"uri", "sip:a@127.0.0.3"}}}}},
	}
	at := server.Listener.Addr().(*net.TCPAddr)
	site := Site{SIPHost: "127.0.0.1", SIPPort: sip.LocalAddr().(*net.UDPAddr).Port, HTTPHost: at.IP.String(), HTTPPort: at.Port}
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error)
	go func() { over <- k.watch(ctx, &Server{dir: dir}, site, time.Now()) }()
	<-all
	stop()
	if err := <-over; err != nil || known.Load() != 2 {
		t.Errorf("the phones are said to be known after %d tries (%v)", known.Load(), err)
	}
}

// The console's list, as Asterisk 22.10 prints it.
func TestRegisteredTelephonesAreRead(t *testing.T) {
	list := `
  Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>
==========================================================================================

  Contact:  home-hall/sip:home-hall@127.0.0.3:40001;line=a 325abb0510 Avail         0.368
  Contact:  home-attic/sip:home-attic@[::1]:5060           0123456789 NonQual        -nan
  Contact:  trunk-line/sip:127.0.0.2:15062                 8767d3aa19 NonQual        -nan

Objects found: 3
`
	want := map[string]string{"home-hall": "325abb0510", "home-attic": "0123456789"}
	if got := registered(list); !maps.Equal(got, want) {
		t.Errorf("read %v", got)
	}
}

// A call that comes while the telephones are told to an Asterisk that has just started finds all of them or none: none is asked before all are there.
func TestTelephonesComeBackTogether(t *testing.T) {
	paths := map[string]string{}
	known := map[string]contact{}
	for _, aor := range []string{"home-hall", "home-attic", "home-bed"} {
		uri := "sip:" + aor + "@127.0.0.3:5060"
		sum := md5.Sum([]byte(uri)) //nolint:gosec // Asterisk names a contact by it
		paths["PUT /asterisk/config/dynamic/res_pjsip/contact/"+aor+";@"+hex.EncodeToString(sum[:])] = `[]`
		known[aor] = contact{AOR: aor, Fields: []field{{"uri", uri}, {"expiration_time", "1"}}}
	}
	a, asked := answering(t, paths)
	answers := []string{"  Contact:  home-hall/sip:a@b  0123456789 Unavail  -nan\n", "  Contact:  home-hall/sip:a@b  0123456789 Avail  0.3\n"}
	console := func(_ context.Context, command string) (string, error) {
		*asked = append(*asked, command)
		if command != "pjsip show contacts" {
			return "", nil
		}
		now := answers[0]
		answers = answers[1:]
		return now, nil
	}
	c := &contacts{console: console, ari: a, known: known}
	if err := c.restore(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, what := range *asked {
		order = append(order, what[:len("pjsip q")])
	}
	if got := strings.Join(slices.Compact(order), ", "); got != "PUT /as, pjsip q, pjsip s" || len(answers) > 0 {
		t.Errorf("asked for %q", *asked)
	}
}
