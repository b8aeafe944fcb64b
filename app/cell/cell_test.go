package cell

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/app/doctor"
	"ringfence/config"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/rescue"
	"ringfence/store/storetest"
	"ringfence/web/backend"
)

// fixture is a cell whose households, and how their lines are, a test sets.
type fixture struct {
	*testing.T
	*Cell
	settings config.Settings
	lines    map[string]backend.Line
	machine  []doctor.Finding
	stalled  bool
	rescued  rescue.Report
}

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

var works = backend.Line{Asterisk: backend.Part{Up: true, Known: true, Since: noon}, Trunk: backend.Part{Name: "county", Up: true, Known: true},
	Phones: []backend.Part{{Name: "hall", Up: true, Known: true}, {Name: "kitchen", Up: true, Known: true}}}

func newFixture(t *testing.T, households ...string) *fixture {
	x := &fixture{T: t, settings: config.Defaults(), lines: map[string]backend.Line{}}
	x.settings.Data = t.TempDir()
	path := filepath.Join(x.settings.Data, "ringfence.db")
	x.no(storetest.Ready(t.Context(), path, store.Open))
	db, err := store.Open(t.Context(), path)
	x.no(err)
	t.Cleanup(func() { _ = db.Close() }) // a test may have closed it
	x.settings.Trunks = []config.Trunk{{Name: "county", Calls: 5}}
	for _, h := range households {
		x.no(db.EnsureHousehold(t.Context(), h))
		x.settings.Households = append(x.settings.Households, config.Household{Name: h, Trunk: "county", Phones: make([]config.Phone, 2)})
		x.lines[h] = works
	}
	x.Cell = &Cell{
		Settings: func() config.Settings { return x.settings }, Release: "1.2.3", Store: db, Line: func(h string) backend.Line { return x.lines[h] },
		Machine: func() []doctor.Finding { return x.machine }, Stalled: func() bool { return x.stalled },
		Rescued: func() (rescue.Report, bool) { return x.rescued, !x.rescued.At.IsZero() },
		Failed:  func(string, error) {}, Now: func() time.Time { return noon }, Started: noon.Add(-time.Hour),
	}
	return x
}

func (x *fixture) no(err error) {
	x.Helper()
	if err != nil {
		x.Fatal(err)
	}
}

// calls are calls in progress of a household.
func (x *fixture) calls(household string, n int) {
	x.Helper()
	for range n {
		_, err := x.Store.CallArrived(x.Context(), household, household, noon, screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
		x.no(err)
	}
}

// get asks for a page, and returns its status and text.
func (x *fixture) get(host, path string) (int, string) {
	x.Helper()
	h, err := x.Handler()
	x.no(err)
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(x.Context(), http.MethodGet, path, nil)
	r.Host = host
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// finding is what one check says.
func (x *fixture) finding(check string) doctor.Finding {
	x.Helper()
	for _, f := range x.Findings(x.Look(x.Context())) {
		if f.Check == check {
			return f
		}
	}
	return doctor.Finding{}
}

// What the operator reads, in every state of the parts.
func TestWhatTheOperatorReads(t *testing.T) {
	away := works
	away.Phones = []backend.Part{{Name: "hall", Known: true}, {Name: "kitchen", Known: true}}
	down := works
	down.Trunk = backend.Part{Name: "county", Known: true}
	unknown := works
	unknown.Trunk, unknown.Phones = backend.Part{Name: "county"}, []backend.Part{{Name: "hall"}}
	for name, test := range map[string]struct {
		do    func(x *fixture)
		check string
		state doctor.State
		text  string
	}{
		"all is well":         {func(*fixture) {}, "application", doctor.OK, "Ringfence 1.2.3 has run since"},
		"no Asterisk":         {func(x *fixture) { x.lines["a"] = backend.Line{} }, "application", doctor.Failed, "no connection to Asterisk"},
		"no SIP":              {func(x *fixture) { l := works; l.SIP = "the port is taken"; x.lines["a"] = l }, "sip", doctor.Failed, "the port is taken"},
		"the lines work":      {func(*fixture) {}, "line", doctor.OK, "1 of 1 works"},
		"a line for all":      {func(x *fixture) { x.lines["a"], x.lines["b"] = down, down }, "line", doctor.Failed, "1 of 1 doesn't work: county. That is the line of 2 households"},
		"lines not known":     {func(x *fixture) { x.lines["a"], x.lines["b"] = unknown, unknown }, "line", doctor.Skipped, "1 can't be checked"},
		"the phones":          {func(*fixture) {}, "phone", doctor.OK, "4 of 4 are connected"},
		"a house without":     {func(x *fixture) { x.lines["b"] = away }, "phone", doctor.Warning, "2 of 4 are connected. No phone is connected in b"},
		"no calls":            {func(*fixture) {}, "calls", doctor.OK, "0 of at most"},
		"a full household":    {func(x *fixture) { x.calls("b", 4) }, "calls", doctor.Warning, "The household b has 4 of at most 5"},
		"a full cell":         {func(x *fixture) { x.settings.Asterisk.RTPLast = 10099; x.calls("a", 30) }, "calls", doctor.Warning, "Above that, callers hear the engaged tone"},
		"none refused":        {func(*fixture) {}, "refused", doctor.OK, "none since"},
		"some refused":        {func(x *fixture) { x.OnRefused(40); x.OnRefused(2) }, "refused", doctor.OK, "42 callers have heard the engaged tone"},
		"no alerts":           {func(*fixture) {}, "alerts-waiting", doctor.OK, "none"},
		"the database":        {func(*fixture) {}, "database", doctor.OK, "2 households"},
		"it is not readable":  {func(x *fixture) { x.no(x.Store.Close()) }, "database", doctor.Failed, "it can't be read"},
		"nor written":         {func(x *fixture) { x.stalled = true }, "database", doctor.Failed, "their log waits"},
		"it was damaged":      {func(x *fixture) { x.rescued.At = noon.Add(-time.Hour) }, "database", doctor.Failed, ""},
		"that is long ago":    {func(x *fixture) { x.rescued.At = noon.Add(-25 * time.Hour) }, "database", doctor.OK, ""},
		"the machine's parts": {func(x *fixture) { x.machine = []doctor.Finding{{Check: "disk", State: doctor.Failed, Text: "full"}} }, "disk", doctor.Failed, "full"},
	} {
		x := newFixture(t, "a", "b")
		test.do(x)
		if f := x.finding(test.check); f.State != test.state || !strings.Contains(f.Text, test.text) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// In a large cell somebody's adapter is always unplugged, which is no failure of the machine.
func TestOneLineOfMany(t *testing.T) {
	var all []string
	for _, name := range strings.Fields("a b c d e f g h i j k l m n o p q r s t") {
		all = append(all, "house-"+name)
	}
	x := newFixture(t, all...)
	for _, h := range all {
		l := works
		l.Trunk.Name = "line-" + h
		x.lines[h] = l
	}
	unplug := func(n int) {
		for _, h := range all[:n] {
			l := x.lines[h]
			l.Trunk.Up, l.Phones = false, []backend.Part{{Known: true}}
			x.lines[h] = l
		}
	}
	unplug(2)
	if f := x.finding("line"); f.State != doctor.Warning || !strings.Contains(f.Text, "2 of 20 don't work: line-house-a and line-house-b.") {
		t.Errorf("%+v", f)
	}
	unplug(8)
	if f := x.finding("line"); f.State != doctor.Failed || !strings.Contains(f.Text, "line-house-e and 3 more") {
		t.Errorf("%+v", f)
	}
	if f := x.finding("phone"); !strings.Contains(f.Text, "No phone is connected in house-a, house-b, house-c, house-d, house-e and 3 more") {
		t.Errorf("%+v", f)
	}
}

// A monitor reads the same as a person, and gets 503 if something has failed.
func TestPageAndItsJSON(t *testing.T) {
	x := newFixture(t, "a", "b")
	x.calls("a", 2)
	status, page := x.get("127.0.0.1:9464", "/")
	if status != http.StatusOK || !strings.Contains(page, "Everything works.") || !strings.Contains(page, "2 of at most") || strings.Contains(page, "ZgotmplZ") {
		t.Errorf("%d %s", status, page)
	}
	status, text := x.get("localhost:9464", "/health")
	var got report
	x.no(json.Unmarshal([]byte(text), &got))
	want := Use{Name: "a", Calls: 2, Limit: 5}
	if status != http.StatusOK || !got.OK || got.Version != "1.2.3" || got.Households != 2 || got.Calls.Calls != 2 || got.Calls.Fullest != want || got.Phones.Up != 4 || got.Trunks.Up != 1 {
		t.Errorf("%d %s", status, text)
	}
	for _, field := range strings.Fields("ok summary checks at version started households trunks phones households_without_phone calls_refused calls limit known fullest_household") {
		if !strings.Contains(text, `"`+field+`":`) {
			t.Errorf("there is no %s in %s", field, text)
		}
	}
	x.lines["a"] = backend.Line{}
	if status, text = x.get("[::1]:9464", "/health"); status != http.StatusServiceUnavailable || !strings.Contains(text, `"ok": false`) {
		t.Errorf("%d %s", status, text)
	}
	x.no(x.Store.Close())
	if status, text = x.get("cell1:9464", "/health"); status != http.StatusServiceUnavailable || strings.Contains(text, `"calls":`) {
		t.Errorf("%d %s", status, text)
	}
}

// A page on the internet can have its own name lead to this machine, and may not read it in the operator's browser.
func TestNoNameOfTheInternet(t *testing.T) {
	x := newFixture(t, "a")
	for host, want := range map[string]int{
		"evil.example": http.StatusMisdirectedRequest, "evil.example:9464": http.StatusMisdirectedRequest, "127.0.0.1.evil.example:80": http.StatusMisdirectedRequest,
		"192.0.2.7:9464": http.StatusOK, "localhost": http.StatusOK, "cell1:9464": http.StatusOK, "[fd00::1]:9464": http.StatusOK,
	} {
		for _, path := range []string{"/", "/health"} {
			if status, _ := x.get(host, path); status != want {
				t.Errorf("%s%s: %d", host, path, status)
			}
		}
	}
}

// What can't be found is said once to the log, and the rest is still told.
func TestFaultIsTold(t *testing.T) {
	x := newFixture(t, "a")
	var told []error
	x.Failed = func(_ string, err error) { told = append(told, err) }
	x.no(x.Store.Close())
	s := x.Look(t.Context())
	if len(told) != 1 || !errors.Is(told[0], s.Fault) || s.Phones.Up != 2 || s.Calls != nil {
		t.Errorf("%v %+v", told, s)
	}
}
