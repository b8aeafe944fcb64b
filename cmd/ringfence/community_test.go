package main_test

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ringfence/demo/testbed"
	"ringfence/screening"
	"ringfence/sharing/list"
)

// town is a group's hub behind a proxy that remembers what households have sent to it.
type town struct {
	*house
	hub *testbed.Hub
	to  *url.URL

	mu   sync.Mutex
	sent []posted
	took chan posted // reports that the hub has answered
}

// posted is what a household has sent.
type posted struct {
	path, body string
	header     http.Header
	status     int
}

func openTown(h *house) *town {
	h.Helper()
	w := &town{house: h, took: make(chan posted, 100)}
	proxy := httptest.NewUnstartedServer(nil)
	public := "http://" + proxy.Listener.Addr().String()
	log := &syncBuffer{}
	var err error
	w.hub, err = testbed.OpenHub(h.ctx, testbed.HubOptions{Dir: h.TempDir(), Program: watched, Name: "Great Dunmow", Public: public, Log: log})
	h.must(err)
	h.Cleanup(func() {
		w.hub.Close()
		if bytes.Contains(log.Bytes(), []byte("DATA RACE")) {
			h.Error("the race detector has something to say of the hub")
		}
		if h.Failed() {
			h.Logf("what the hub said:\n%s", log)
		}
	})
	w.to = &url.URL{Scheme: "http", Host: w.hub.Address}
	proxy.Config.Handler = w
	proxy.Start()
	h.Cleanup(proxy.Close)
	return w
}

// ServeHTTP hands a request on to the hub, as a web server before it does.
func (w *town) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.Error(err)
	}
	one := posted{path: r.URL.Path, body: string(body), header: r.Header.Clone()}
	r.Body = io.NopCloser(bytes.NewReader(body))
	proxy := httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(w.to)
			r.SetXForwarded()
		},
		ModifyResponse: func(answer *http.Response) error {
			one.status = answer.StatusCode
			return nil
		},
	}
	proxy.ServeHTTP(to, r)
	if r.Method != http.MethodPost {
		return
	}
	w.mu.Lock()
	w.sent = append(w.sent, one)
	w.mu.Unlock()
	if one.path == "/v1/reports" {
		w.took <- one
	}
}

// all is what was sent so far.
func (w *town) all() []posted {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent)
}

// report waits until the hub has answered a report.
func (w *town) report() posted {
	w.Helper()
	select {
	case one := <-w.took:
		if one.status != http.StatusNoContent {
			w.Errorf("the hub answers %d to %s", one.status, one.body)
		}
		return one
	case <-w.ctx.Done():
		w.Fatal("no report has come to the hub")
	}
	return posted{}
}

func (w *town) run(args ...string) string {
	w.Helper()
	out, err := w.hub.Command(w.ctx, args...)
	w.must(err)
	return out
}

// publishes lets the hub publish its list, and a household get it.
func (w *town) publishes(numbers string, household *house) {
	w.Helper()
	if said := w.run("publish"); !strings.Contains(said, numbers) {
		w.Errorf("the hub should publish %s; it says %s", numbers, said)
	}
	if said := household.run("list", "update"); !strings.Contains(said, "it has "+numbers) && !strings.Contains(said, "not changed: "+numbers) {
		w.Errorf("the household should have a list with %s; it says %s", numbers, said)
	}
}

// neighbours report a number, each a household of its own.
func (w *town) neighbours(n int, link, number string) {
	w.Helper()
	for range n {
		w.must(testbed.Neighbour(w.ctx, w.TempDir(), link, screening.Number(number)))
		w.report()
	}
}

// verdict is what would be done with a call, and why.
func (h *house) verdict(number string) (action, code string) {
	h.Helper()
	var is struct {
		Action  string
		Reasons []struct{ Code string }
	}
	h.must(json.Unmarshal([]byte(h.run("lookup", number, "--json")), &is))
	return is.Action, is.Reasons[0].Code
}

// A household that has never met a scammer is protected by those who have: one reports him by a key on its telephone, others do so too, a
// moderator confirms what new households say, the group's hub publishes its list, and his call to the household that has got that list is
// turned away.
//
// Long: one story, each step of which rests on those before it.
func TestOneHouseholdProtectsAnother(t *testing.T) {
	atHome := func(o *testbed.Options) { o.Extra, o.HoldReports = testbed.AtHome, time.Second }
	first := openLongHouse(t, atHome)
	second := first.another(atHome)
	group := openTown(first)
	link := group.run("invite", "--note", "Leaflet in the library")
	for _, h := range []*house{first, second} {
		if said := h.run("group", "join", link, "--agree"); !strings.Contains(said, "subscribed to the group's list, which is called Great Dunmow here") {
			t.Fatal(said)
		}
	}

	// He rings the first, which sends him away as a scam. The group is told the number, the kind and the day.
	before := list.DayOf(time.Now())
	out, in := first.announced(scammer, "bank")
	first.presses(in, "3")
	first.hears(in, "sent-away")
	first.ended(in)
	first.hears(out, "inspection")
	first.ended(out)
	first.lastCall("screen", "sent-away")
	report := group.report()
	onlyNumberKindAndDay(t, report, before)
	if sent := group.all(); len(sent) != 3 || sent[0].path != "/v1/join" || sent[1].path != "/v1/join" || sent[0].body != sent[1].body {
		t.Errorf("more, or something else, was sent than two households' joining and one report: %+v", sent)
	}

	// One report is one opinion: the second household asks him who he is, as anybody.
	group.publishes("no numbers", second)
	out = second.dials(scammer)
	second.beginsToHear(out, "ask-name")
	second.hangsUp(out)
	if c := second.lastCall("screen", "caller-gone"); c.Reasons[0].Code != "unknown" {
		t.Errorf("the log says %+v", c)
	}
	// With two reports the list warns of him.
	group.neighbours(1, link, "+44"+scammer[1:])
	group.publishes("1 number", second)
	if action, code := second.verdict(scammer); action != "screen" || code != "reported" {
		t.Errorf("two reports: %s, because %s", action, code)
	}
	// Four would be enough, if they were not all new, of one invitation and of one network. So it still only warns, until a moderator has
	// looked at it.
	group.neighbours(2, link, "+44"+scammer[1:])
	group.publishes("1 number", second)
	if action, code := second.verdict(scammer); action != "screen" || code != "reported" {
		t.Errorf("four reports of new households: %s, because %s", action, code)
	}
	second.must(group.hub.Confirm(second.ctx, "+44"+screening.Number(scammer[1:])))
	group.publishes("1 number", second)
	out = second.dials(scammer)
	second.hears(out, "inspection")
	second.ended(out)
	second.neverRang(second.hall)
	c := second.lastCall("turn-away", "turned-away")
	if why := c.Reasons[0]; why.Code != "list" || !strings.HasPrefix(why.Text, `The list "Great Dunmow" reports this number as a scam`) {
		t.Errorf("the log says %+v", c)
	}
	if sent := second.run("group", "sent"); !strings.HasPrefix(sent, "Nothing has been sent") {
		t.Errorf("the second household has sent %s", sent)
	}
}

// onlyNumberKindAndDay checks that nothing else is in a report, in what comes with it neither.
func onlyNumberKindAndDay(t *testing.T, report posted, day list.Day) {
	t.Helper()
	bodies := []string{}
	for _, on := range []list.Day{day, list.DayOf(time.Now())} { // midnight may have passed
		bodies = append(bodies, `{"number":"+44`+scammer[1:]+`","category":"other","day":"`+on.String()+`","kind":"for"}`)
	}
	if !slices.Contains(bodies, report.body) {
		t.Errorf("the report is %s, and not %s", report.body, bodies[0])
	}
	want := http.Header{"Accept": {"application/json"}, "Accept-Encoding": {"gzip"}, "Content-Type": {"application/json"}, "User-Agent": {"Ringfence"}}
	for name, values := range report.header {
		switch {
		case name == "Content-Length", name == "Authorization" && strings.HasPrefix(values[0], "Bearer rfk_"), slices.Equal(values, want[name]):
		default:
			t.Errorf("the report comes with %s: %q", name, values)
		}
	}
}

// What root does with a hub that runs as a user of its own does not keep that user from publishing: neither a command, nor files that are root's.
//
// Long: one story, each step of which rests on those before it.
func TestHubOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder to somebody else")
	}
	const nobody = 65534
	dir := t.TempDir()
	for _, folder := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	hub := filepath.Join(dir, "hub")
	publish := func() {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), plain, "hub", "publish", "--dir", hub).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "The list was published") {
			t.Errorf("%v %s", err, out)
		}
	}
	give := func(path, owner string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), "chown", "-R", owner+":"+owner, path).CombinedOutput(); err != nil {
			t.Fatal(string(out), err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), plain, "hub", "init", hub, "--name", "Great Dunmow", "--contact", "x").CombinedOutput(); err != nil {
		t.Fatal(string(out), err)
	}
	give(hub, strconv.Itoa(nobody))
	publish()
	files, err := filepath.Glob(filepath.Join(hub, "list", "*"))
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	for _, file := range append(files, filepath.Join(hub, "list")) {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if owner, ok := info.Sys().(*syscall.Stat_t); !ok || owner.Uid != nobody {
			t.Errorf("%s belongs to %v", file, owner)
		}
	}
	for _, file := range files {
		give(file, "0")
	}
	publish()
	// A backup is root's, and leaves nothing of root's in the folder; put back into a folder of that user, all of it is theirs.
	file, again := filepath.Join(dir, "hub.tar.gz"), filepath.Join(dir, "again")
	if err := os.Mkdir(again, 0o700); err != nil {
		t.Fatal(err)
	}
	give(again, strconv.Itoa(nobody))
	for _, args := range [][]string{{"backup", file, "--dir", hub}, {"restore", file, "--dir", again}} {
		if out, err := exec.CommandContext(t.Context(), plain, append([]string{"hub"}, args...)...).CombinedOutput(); err != nil {
			t.Error(string(out), err)
		}
	}
	for path, owner := range map[string]uint32{file: 0, hub: nobody, again: nobody} {
		err := filepath.WalkDir(path, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			whose, ok := info.Sys().(*syscall.Stat_t)
			if !ok || whose.Uid != owner && !slices.Contains(files, path) {
				t.Errorf("%s belongs to %v", path, whose)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
