package doctor

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringfence/asterisk"
	"ringfence/config/configtest"
	"ringfence/store/datafolder"
)

// fakeAsterisk answers ARI's requests for endpoints and variables.
type fakeAsterisk struct {
	server    string            // the Server header
	states    map[string]string // of endpoints
	variables map[string]string
}

func (a *fakeAsterisk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", a.server)
	if name, is := strings.CutPrefix(r.URL.Path, "/ari/endpoints/PJSIP/"); is {
		state, known := a.states[name]
		if !known {
			http.Error(w, "", http.StatusNotFound)
			return
		}
		_, _ = w.Write([]byte(`{"state":"` + state + `"}`)) // a test's own connection
		return
	}
	_, _ = w.Write([]byte(`{"value":"` + a.variables[r.URL.Query().Get("variable")] + `"}`)) // the same
}

// doctorOf is a doctor for settings, with an Asterisk that answers.
func doctorOf(t *testing.T, settings string) (*Doctor, *fakeAsterisk) {
	t.Helper()
	a := &fakeAsterisk{server: "Asterisk/22.10.1", states: map[string]string{}, variables: map[string]string{}}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	s := configtest.Read(t, settings)
	s.Asterisk.ARI = strings.TrimPrefix(server.URL, "http://")
	if err := datafolder.Make(s.Data); err != nil {
		t.Fatal(err)
	}
	if _, err := s.MakeARIPassword(); err != nil {
		t.Fatal(err)
	}
	return New(s), a
}

// says checks that one finding has a state, some words, and a command where something is wrong.
func says(t *testing.T, found []Finding, check string, state State, words string) {
	t.Helper()
	for _, f := range found {
		if f.Check != check {
			continue
		}
		if f.State != state || !strings.Contains(f.Text, words) || state == Failed && f.Type == "" {
			t.Errorf("%s is %+v, not %s with %q", check, f, state, words)
		}
		return
	}
	t.Errorf("there is no check %s", check)
}

// What Asterisk says of a line and a phone, in words. What it does not know is never said to work.
func TestDoctorLooksAtTheLine(t *testing.T) {
	elsewhere := strings.Replace(configtest.Usual, `address = "127.0.0.2"`, `address = "192.168.99.20:5062"`, 1)
	outside := "[asterisk]\nsip = \"192.0.2.1:5060\"\n"
	for _, c := range []struct {
		settings, trunk string
		state           State
		words           string
	}{
		{outside + elsewhere, "online", OK, "192.168.99.20 answers"},
		{outside + elsewhere, "offline", Failed, "isn't working: the adapter at 192.168.99.20 doesn't answer. Check its power and cable."},
		{outside + elsewhere, "unknown", Skipped, "isn't known yet"},
		{outside + strings.Replace(elsewhere, ":5062\"", "\"\nqualify = false", 1), "online", Skipped, "isn't checked"},
		{elsewhere, "offline", Failed, "Asterisk listens at 127.0.0.1:5060, where nothing outside this machine can reach it"},
	} {
		d, a := doctorOf(t, c.settings)
		a.states["trunk-line"], a.states["home-hall"] = c.trunk, "online"
		found := d.lines(t.Context())
		says(t, found, "line", c.state, c.words)
		says(t, found, "phone", OK, "is connected")
	}
	d, a := doctorOf(t, elsewhere)
	says(t, d.lines(t.Context()), "line", Failed, "Asterisk doesn't know it")
	a.server = "nginx"
	says(t, d.lines(t.Context()), "line", Skipped, "can't be checked without Asterisk")
	if f := d.ARI(t.Context()); f.State != Failed || !strings.Contains(f.Text, "another program answers") {
		t.Errorf("%+v", f)
	}
}

// Whether a line is registered is known by the variables that Asterisk's side keeps, and by nothing else.
func TestDoctorLooksAtARegistration(t *testing.T) {
	d, a := doctorOf(t, "[asterisk]\nsip = \"192.0.2.1:5060\"\n"+strings.Replace(configtest.Usual, `address = "127.0.0.2"`, "address = \"fritz.box\"\nregister = true\nuser = \"u\"\npassword = \"p\"", 1))
	a.states["trunk-line"], a.states["home-hall"] = "online", "online"
	says(t, d.lines(t.Context()), "line", Skipped, "isn't known yet")
	a.variables["RF_REGISTERED_line"] = asterisk.Registered
	says(t, d.lines(t.Context()), "line", Skipped, "isn't known yet")
	a.variables[asterisk.RegistrationsAt] = strconv.FormatInt(time.Now().Unix(), 10)
	says(t, d.lines(t.Context()), "line", OK, "registered at fritz.box")
	a.variables["RF_REGISTERED_line"] = "Rejected"
	says(t, d.lines(t.Context()), "line", Failed, "isn't working: it isn't registered at fritz.box. Check that the internet works")
}

// A phone that is not connected: its password is not blamed where nothing can reach Asterisk.
func TestDoctorLooksAtAPhone(t *testing.T) {
	d, a := doctorOf(t, configtest.Usual)
	a.states["trunk-line"], a.states["home-hall"] = "online", "offline"
	says(t, d.lines(t.Context()), "phone", Failed, "isn't connected: Asterisk listens at 127.0.0.1:5060, where nothing outside this machine can reach it")
	d, a = doctorOf(t, "[asterisk]\nsip = \"192.0.2.1:5060\"\n"+configtest.Usual)
	a.states["trunk-line"], a.states["home-hall"] = "online", "offline"
	says(t, d.lines(t.Context()), "phone", Failed, "its server is 192.0.2.1:5060, its user name home-hall, and its password")
	d, a = doctorOf(t, "[asterisk]\nsip = \"192.0.2.1:5060\"\n"+strings.Replace(configtest.Usual, `password = "wet herons on 7 walls"`, `address = "192.168.99.21:5060"`, 1))
	a.states["trunk-line"], a.states["home-hall"] = "online", "offline"
	says(t, d.lines(t.Context()), "phone", Failed, "it doesn't answer at 192.168.99.21:5060")
}

// Another program that has the SIP port is named, with the command that stops it, although Asterisk runs.
func TestDoctorNamesTheProgramThatHasThePort(t *testing.T) {
	d, _ := doctorOf(t, configtest.Usual)
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }() // the test is over
	go func() {                      // speaks SIP, and is not ours
		packet := make([]byte, 2000)
		for {
			_, from, err := c.ReadFrom(packet)
			if err != nil {
				return
			}
			_, _ = c.WriteTo([]byte("SIP/2.0 200 OK\r\nServer: Somebody\r\n\r\n"), from) // the doctor asks again
		}
	}()
	d.settings.Asterisk.SIP = c.LocalAddr().String()
	f := d.sip(t.Context())
	if f.State != Failed || !strings.Contains(f.Text, "another program") || f.Type == "" {
		t.Errorf("%+v", f)
	}
	other, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	d.settings.Asterisk.SIP = other.LocalAddr().String()
	if f := d.sip(t.Context()); f.State != Failed || !strings.Contains(f.Text, "isn't listening") || !strings.Contains(f.Type, "restart") {
		t.Errorf("%+v", f)
	}
}

// A line with TLS that does not work because another program has its port says which.
func TestDoctorNamesTheProgramThatHasALinesPort(t *testing.T) {
	for _, tls := range []string{"\ntls = true", ""} {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		file, err := listener.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		other := exec.CommandContext(t.Context(), "sleep", "60") // has the port from now on, and this process no longer
		other.ExtraFiles = []*os.File{file}
		if err := errors.Join(other.Start(), file.Close(), listener.Close()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = other.Wait() }) // the context ends it
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		d, a := doctorOf(t, "[asterisk]\ntls_port = "+port+"\n"+strings.Replace(configtest.Usual, `address = "127.0.0.2"`, `address = "127.0.0.2"`+tls, 1))
		a.states["trunk-line"], a.states["home-hall"] = "offline", "online"
		if tls != "" {
			says(t, d.lines(t.Context()), "line", Failed, "another program on this machine has TCP port 127.0.0.1:"+port+", without which Asterisk has no TLS for this line: sleep (process")
		} else {
			says(t, d.lines(t.Context()), "line", Failed, "doesn't answer")
		}
		a.states["trunk-line"] = "online"
		says(t, d.lines(t.Context()), "line", OK, "answers")
	}
}

func TestSummary(t *testing.T) {
	ok, warning, failed, skipped := Finding{State: OK}, Finding{State: Warning}, Finding{State: Failed}, Finding{State: Skipped}
	for want, found := range map[string][]Finding{
		"Everything works.":                                             {ok},
		"Everything that was checked works.":                            {ok, skipped},
		"One thing needs mending.":                                      {ok, failed},
		"Two things need mending, and one thing needs attention.":       {failed, failed, warning},
		"Everything that was checked works. One thing needs attention.": {ok, warning},
	} {
		if got := Summary(found); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if Sound([]Finding{ok, warning, skipped}) != true || Sound([]Finding{ok, failed}) {
		t.Error("only what has failed is not sound")
	}
}
