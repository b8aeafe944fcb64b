package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ringfence/accounts"
	"ringfence/app"
	"ringfence/app/hubserver"
	"ringfence/internal/servetest"
	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/sharing/hub"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/people"
)

// hubRun runs a command of a hub.
func hubRun(t *testing.T, typed string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"hub"}, args...), strings.NewReader(typed), &o, &e)
	return code, o.String(), e.String()
}

// makeHub makes a hub that listens at a free port, and says where.
func makeHub(t *testing.T, more ...string) (dir, address string) {
	t.Helper()
	dir, address = filepath.Join(t.TempDir(), "hub"), servetest.FreePort(t)
	code, out, errOut := hubRun(t, "", append([]string{"init", dir, "--name", "Great Dunmow", "--publisher", `The "parish" council`, "--contact", "mailto:scams@example.org",
		"--listen", address}, more...)...)
	if code != 0 {
		t.Fatal(out, errOut)
	}
	return dir, address
}

// Who publishes while the hub does so by itself, or somebody else does, waits for that.
func TestPublishingWaitsForAnother(t *testing.T) {
	beside(t)
	dir, _ := makeHub(t)
	publish := func() {
		if code, _, errOut := hubRun(t, "", "publish", "--dir", dir); code != 0 {
			t.Fatal(errOut)
		}
	}
	publish()
	other, err := os.Open(filepath.Join(dir, hubserver.ListFolder))
	if err == nil {
		err = syscall.Flock(int(other.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(300*time.Millisecond, func() { _ = other.Close() }) // which unlocks it
	publish()
}

// Long: one story, each step of which rests on those before it.
func TestHubIsMade(t *testing.T) {
	beside(t)
	dir, address := makeHub(t, "--moderator", "anna@example.org", "--called", "Anna Taylor")
	for name, mode := range map[string]os.FileMode{"": 0o700, hubserver.KeyFile: 0o600, hubserver.File: 0o600, hubserver.DatabaseFile: 0o600, hubserver.ProtectedFile: 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	s, err := hubserver.Read(dir)
	if err != nil || s.Publisher != `The "parish" council` || s.Web.Public != "http://"+address || s.Group().Appeals != "http://"+address+"/appeal" {
		t.Errorf("%+v %v", s, err)
	}
	defaults := hubserver.Defaults()
	if s.Reporters != defaults.Reporters || s.Confidence != defaults.Confidence || s.Every != defaults.Every || s.ValidDays != defaults.ValidDays || s.PerHour != defaults.PerHour || s.PerDay != defaults.PerDay {
		t.Errorf("hub.toml and its defaults differ: %+v", s)
	}
	for _, test := range []struct {
		typed string
		code  int
		says  string
		args  []string
	}{
		{"", 1, "there is a hub in", []string{"init", dir, "--name", "x", "--contact", "x"}},
		{"", 1, "is not a region", []string{"init", dir + "2", "--name", "x", "--contact", "x", "--region", "XX"}},
		{"", 1, "where others could listen in", []string{"init", dir + "2", "--name", "x", "--contact", "x", "--listen", "0.0.0.0:80"}},
		{"", 2, "--name", []string{"init", dir + "2"}},
		{"", 1, "there is no hub in", []string{"publish", "--dir", dir + "2"}},
		{"", 0, "anna@example.org", []string{"moderator", "--dir", dir}},
		{"", 1, "already", []string{"moderator", "add", "anna@example.org", "--name", "Anna", "--dir", dir}},
		{"", 0, "http://" + address + "/password/", []string{"moderator", "add", "ben@example.org", "--name", "Ben", "--dir", dir}},
		{"short\n", 1, "at least 12", []string{"moderator", "password", "ben@example.org", "--dir", dir}},
		{"kettle orbit walnut sofa\n", 0, "Ben has a new password", []string{"moderator", "password", "ben@example.org", "--dir", dir}},
		{"", 0, "http://" + address + "/password/", []string{"moderator", "password", "ben@example.org", "--link", "--dir", dir}},
		{"", 1, "no moderator signs in with", []string{"moderator", "remove", "carl@example.org", "--dir", dir}},
		{"", 0, "is no longer a moderator", []string{"moderator", "remove", "ben@example.org", "--dir", dir}},
		{"", 1, "1 to 5000 households", []string{"invite", "--note", "x", "--uses", "0", "--dir", dir}},
		{"", 1, "1 to 366 days", []string{"invite", "--note", "x", "--days", "0", "--dir", dir}},
		{"", 0, ", no numbers, 0 changed", []string{"publish", "--dir", dir}},
	} {
		if code, out, errOut := hubRun(t, test.typed, test.args...); code != test.code || !strings.Contains(out+errOut, test.says) {
			t.Errorf("hub %q: exit %d (not %d), said %q %q, not %q", test.args, code, test.code, out, errOut, test.says)
		}
	}
	// The list is one that the minisign command verifies, where there is one.
	if _, err := exec.LookPath("minisign"); err == nil {
		public, err := os.ReadFile(filepath.Join(dir, hubserver.KeyFile+".pub"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Fields(string(public))
		out, err := exec.CommandContext(t.Context(), "minisign", "-V", "-m", filepath.Join(dir, hubserver.ListFolder, list.ManifestFile), "-P", lines[len(lines)-1]).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v", out, err)
		}
	}
	// What cannot be read of the protected file stops a publication, and names the line.
	if err := os.WriteFile(filepath.Join(dir, hubserver.ProtectedFile), []byte("01371 872121\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errOut := hubRun(t, "", "publish", "--dir", dir); code != 1 || !strings.Contains(errOut, "line 1") {
		t.Error(code, errOut)
	}
	// Nor is anything signed with a key that nobody has been told of.
	other := filepath.Join(t.TempDir(), "other")
	if _, err := list.WriteKeys(other, ""); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, filepath.Join(dir, hubserver.KeyFile)); err != nil {
		t.Fatal(err)
	}
	if code, _, errOut := hubRun(t, "", "publish", "--dir", dir); code != 1 || !strings.Contains(errOut, "do not belong together") {
		t.Error(code, errOut)
	}
}

// A moderator whose telephone with the codes is gone is helped on the command line, which the journal notes.
func TestModeratorHasLostTheApp(t *testing.T) {
	beside(t)
	dir, _ := makeHub(t, "--moderator", "anna@example.org", "--called", "Anna Taylor")
	look := func(do func(db *hub.Hub, m people.Person) error) {
		t.Helper()
		_, db, err := hubserver.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := db.People.ByEmail(t.Context(), "anna@example.org")
		if err := errors.Join(err, do(db, m), db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	says := func(want string, args ...string) {
		t.Helper()
		if code, out, errOut := hubRun(t, "", append(args, "--dir", dir)...); code != 0 || !strings.Contains(out, want) {
			t.Errorf("%q: exit %d, said %q %q, not %q", args, code, out, errOut, want)
		}
	}
	says("isn't asked for codes.\n", "moderator", "password", "anna@example.org", "--link", "--forget-app")
	var login int64
	look(func(db *hub.Hub, m people.Person) (err error) {
		if _, err := db.People.SetTOTP(t.Context(), m.ID, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", 1); err != nil {
			return err
		}
		login, err = db.People.AddLogin(t.Context(), m.ID, "", "", time.Now())
		return err
	})
	says("  on\n", "moderator", "list")
	says("isn't asked for codes any more, and is signed out everywhere", "moderator", "password", "anna@example.org", "--link", "--forget-app")
	says("  off\n", "moderator", "list")
	look(func(db *hub.Hub, m people.Person) error {
		if _, _, err := db.People.Login(t.Context(), login); m.HasTOTP || !errors.Is(err, people.ErrNoLogin) {
			t.Error("whoever has found the telephone is still in")
		}
		noted, err := db.Journal(t.Context(), 2)
		if err == nil && (noted[0].What != accounts.LinkMade || noted[1].What != accounts.CodesOff || noted[1].Who != hub.ByCommand) {
			t.Errorf("%+v", noted)
		}
		return err
	})
}

// A hub that serves publishes by itself; households join by the link that a command makes, report, and the list has the number.
func TestHubServes(t *testing.T) {
	beside(t)
	dir, address := makeHub(t)
	oneIsEnough(t, dir)
	ctx := t.Context()
	stop := startHub(t, dir)
	code, link, errOut := hubRun(t, "", "invite", "--note", "library", "--dir", dir)
	found := regexp.MustCompile(`^http://` + regexp.QuoteMeta(address) + `/join\?key=RW[^#]+#([\w-]{43})\n$`).FindStringSubmatch(link)
	if code != 0 || found == nil {
		t.Fatal(code, link, errOut)
	}
	post := func(path, key, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		said, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(said)
	}
	status, said := post("/v1/join", "", `{"invite":"`+found[1]+`"}`)
	key := regexp.MustCompile(`"key":"(rfk_[^"]+)"`).FindStringSubmatch(said)
	if status != http.StatusCreated || key == nil {
		t.Fatal(status, said)
	}
	if status, said := post("/v1/reports", key[1], `{"number":"+442079460123","category":"tech-support","kind":"for"}`); status != http.StatusNoContent {
		t.Fatal(status, said)
	}
	if code, out, errOut := hubRun(t, "", "publish", "--dir", dir); code != 0 || !strings.Contains(out, ", 1 number,") {
		t.Error(code, out, errOut)
	}
	if said := stop(); strings.Contains(said, "442079460123") || strings.Contains(said, "rfk_") {
		t.Error(said)
	}
}

// oneIsEnough lets a hub list what one household has reported.
func oneIsEnough(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, hubserver.File))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, hubserver.File), bytes.Replace(text, []byte("reporters = 2"), []byte("reporters = 1"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

// startHub serves a hub until its end, or until stop, which returns what it has said.
func startHub(t *testing.T, dir string) (stop func() string) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	log, ended := servetest.NewText(), make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"hub", "serve", "--dir", dir}, strings.NewReader(""), io.Discard, log)
	}()
	log.Has(t, "pages are served")
	log.Has(t, "the list was published")
	stop = sync.OnceValue(func() string {
		end()
		if code := <-ended; code != 0 {
			t.Errorf("exit %d, after %s", code, log)
		}
		return log.String()
	})
	t.Cleanup(func() { stop() })
	return stop
}

// inviteTo makes a link to join a hub.
func inviteTo(t *testing.T, dir string) string {
	t.Helper()
	code, link, errOut := hubRun(t, "", "invite", "--note", "library", "--dir", dir)
	if code != 0 {
		t.Fatal(errOut)
	}
	return strings.TrimSpace(link)
}

// What a household sends is what a hub takes: a report, that it is taken back, and that the household leaves.
func TestHouseholdTakesAReportBack(t *testing.T) {
	beside(t)
	dir, _ := makeHub(t)
	oneIsEnough(t, dir)
	startHub(t, dir)
	h := newHome(t, usualSettings+atHome)
	h.says(0, "The household has joined Great Dunmow", "group", "join", inviteTo(t, dir), "--agree")
	p := &program{Config: h.config, Data: h.data}
	s, err := p.settings()
	if err != nil {
		t.Fatal(err)
	}
	db, err := app.OpenStore(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	groups := app.NewGroups(s, db, time.Nanosecond, func(context.Context, string) (screening.Household, error) {
		return screening.Household{Region: "GB"}, nil
	})
	listed := func(numbers string) {
		t.Helper()
		ctx, sent := context.WithTimeout(t.Context(), time.Minute)
		defer sent()
		sender := &group.Sender{Groups: groups, Log: slog.New(slog.DiscardHandler), Random: func() float64 { return 0 }, OnSent: sent}
		sender.Run(ctx, nil)
		if code, out, errOut := hubRun(t, "", "publish", "--dir", dir); code != 0 || !strings.Contains(out, ", "+numbers+", ") {
			t.Errorf("%d %s %s, and not %s", code, out, errOut, numbers)
		}
	}
	if err := db.ReportNumber(t.Context(), "home", "+442079460666", "bank", store.ByCommand); err != nil {
		t.Fatal(err)
	}
	listed("1 number")
	if _, err := db.WithdrawReport(t.Context(), "home", "+442079460666"); err != nil {
		t.Fatal(err)
	}
	listed("no numbers")
	said := h.says(0, `"kind":"withdraw"}`, "group", "sent")
	if strings.Count(said, "\n") != 2 || strings.Contains(said, "did not take") {
		t.Error(said)
	}
	h.says(0, "has left Great Dunmow", "group", "leave")
	command := &hubCmd{Dir: dir}
	err = command.with(t.Context(), func(_ hubserver.Settings, db *hub.Hub) error {
		n, err := db.Households(t.Context())
		if n != 0 {
			t.Errorf("%d households can report", n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A group that kept its list by hand before it had a hub has two lists of one name for a while; who has the one gets the other as well.
func TestGroupsListBesideOneOfTheSameName(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings+atHome)
	p := newServedList(h)
	p.publish("020 7946 0666\n")
	h.says(0, "subscribed to the list Great Dunmow", "list", "subscribe", p.url, "--key", p.key+".pub")
	dir, _ := makeHub(t)
	startHub(t, dir)
	h.says(0, "It has also subscribed to the group's list, which is called Great Dunmow 2 here.", "group", "join", inviteTo(t, dir), "--agree")
	h.says(0, "\nGreat Dunmow 2: no numbers, subscribed to at http://", "list", "show")
}
