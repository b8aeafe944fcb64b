package doctor

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/config/configtest"
	"ringfence/internal/servetest"
	"ringfence/prompts"
	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/store/lists"
	"ringfence/store/outbox"
)

// withStore is a doctor with a database.
func withStore(t *testing.T) (*Doctor, *store.Store) {
	t.Helper()
	d, _ := doctorOf(t, configtest.Usual)
	db, err := store.Open(t.Context(), d.settings.Database())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.EnsureHousehold(t.Context(), "home"); err != nil {
		t.Fatal(err)
	}
	return d, db
}

// A machine that was just set up has no backup yet; one that has run for days should.
func TestDoctorLooksAtTheBackups(t *testing.T) {
	d, db := withStore(t)
	says(t, []Finding{d.backup()}, "backup", Skipped, "the first comes within a day")
	now := time.Now()
	d.now = func() time.Time { return now.Add(4 * 24 * time.Hour) }
	says(t, []Finding{d.backup()}, "backup", Warning, "no daily backup so far")
	if err := backups.MakeDaily(t.Context(), db.Folder(), now); err != nil {
		t.Fatal(err)
	}
	says(t, []Finding{d.backup()}, "backup", Warning, "one should be made each day")
	d.now = func() time.Time { return now.Add(time.Hour) }
	says(t, []Finding{d.backup()}, "backup", OK, "the newest was made")
}

// Recordings that Asterisk lacks, or has in part, are nothing that works.
func TestDoctorLooksAtTheRecordings(t *testing.T) {
	d, _ := doctorOf(t, configtest.Usual)
	says(t, []Finding{d.prompts()}, "prompts", Skipped, "when it starts for the first time")
	folder := filepath.Join(d.settings.AsteriskFolder(), "sounds")
	if err := prompts.Write(folder); err != nil {
		t.Fatal(err)
	}
	says(t, []Finding{d.prompts()}, "prompts", OK, "phrases in en-GB")
	file := filepath.Join(folder, "en-GB", string(prompts.Goodbye)+".wav")
	if err := os.Truncate(file, 100); err != nil {
		t.Fatal(err)
	}
	says(t, []Finding{d.prompts()}, "prompts", Failed, "1 recording is missing or damaged in "+folder)
	if err := os.RemoveAll(filepath.Join(folder, "en-GB")); err != nil {
		t.Fatal(err)
	}
	says(t, []Finding{d.prompts()}, "prompts", Failed, "recordings are missing or damaged")
}

// A disk with bytes left is of no use where no file can be made on it, or nothing be written: after an error Linux goes on so with a card.
func TestDoctorLooksAtTheDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	d, _ := doctorOf(t, configtest.Usual)
	says(t, []Finding{d.disk()}, "disk", OK, "MB free")
	mount := func(options string) {
		t.Helper()
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "none", d.settings.Data).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	unmount := func() {
		if out, err := exec.Command("umount", d.settings.Data).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
	mount("size=1g,nr_inodes=2")
	if err := os.WriteFile(filepath.Join(d.settings.Data, "last"), nil, 0o600); err != nil {
		t.Error(err)
	}
	says(t, []Finding{d.disk()}, "disk", Failed, "only 0 MB are free")
	unmount()
	mount("size=1g,ro")
	says(t, []Finding{d.disk()}, "disk", Failed, "it is read-only")
	unmount()
}

// A clock that was never set is wrong, whatever else is said of it.
func TestDoctorLooksAtTheClock(t *testing.T) {
	d := New(config.Settings{})
	d.now = func() time.Time { return time.Unix(0, 0) }
	says(t, []Finding{d.clock()}, "clock", Failed, "1970, which is wrong")
	d.now = time.Now
	if f := d.clock(); f.State == Failed {
		t.Errorf("%+v", f)
	}
}

func TestDoctorLooksAtTheListsAndAlerts(t *testing.T) {
	d, db := withStore(t)
	says(t, []Finding{d.lists(t.Context(), db)}, "lists", OK, "none is subscribed to")
	says(t, []Finding{d.alerts(t.Context(), db)}, "alerts", Skipped, "nobody has set any up")
	if err := db.Lists.Subscribe(t.Context(), lists.Subscription{Household: "home", List: "Scams", Kind: lists.Published, URL: "https://list.example/", Period: time.Hour, Begun: time.Now()}); err != nil {
		t.Fatal(err)
	}
	all, err := db.Lists.AllSubscriptions(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	says(t, []Finding{d.lists(t.Context(), db)}, "lists", OK, "1 is kept up to date")
	if err := db.Lists.OnFailed(t.Context(), all[0].Source, "its server does not answer.", time.Now()); err != nil {
		t.Fatal(err)
	}
	d.now = func() time.Time { return time.Now().Add(4 * 24 * time.Hour) }
	says(t, []Finding{d.lists(t.Context(), db)}, "lists", Warning, "Scams of home has not been updated since")

	anna, err := db.People.Add(t.Context(), "Anna", "anna@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.SetMembership(t.Context(), "home", anna.ID, store.RoleOwner, true); err != nil {
		t.Fatal(err)
	}
	channel, err := db.Outbox.AddChannel(t.Context(), "home", anna.ID, "ntfy on ntfy.example", "ntfy", "ntfy://ntfy.example/x", outbox.Choices{Events: outbox.Events(), Digest: -1})
	if err != nil {
		t.Fatal(err)
	}
	says(t, []Finding{d.alerts(t.Context(), db)}, "alerts", OK, "one way, and it works")
	if err := db.Outbox.ChannelFailed(t.Context(), channel, time.Now(), time.Now(), "ntfy.example does not answer."); err != nil {
		t.Fatal(err)
	}
	says(t, []Finding{d.alerts(t.Context(), db)}, "alerts", Warning, "ntfy on ntfy.example has failed since")
}

// The folder's owner alone may look into it, and without a database nothing is made: the user who checks may not be the one who serves.
func TestDoctorMakesNothing(t *testing.T) {
	d, _ := doctorOf(t, configtest.Usual)
	found := d.Everything(t.Context())
	says(t, found, "database", Skipped, "not made yet")
	if _, err := os.Stat(d.settings.Database()); err == nil {
		t.Error("the doctor has made a database")
	}
	if err := os.Chmod(d.settings.Data, 0o755); err != nil { //nolint:gosec // that is what is wrong
		t.Fatal(err)
	}
	says(t, d.Everything(t.Context()), "data-folder", Failed, "others on this machine can look into")
	d.settings.Data = filepath.Join(d.settings.Data, "none")
	found = d.Everything(t.Context())
	says(t, found, "data-folder", Failed, "there is no ")
	for _, f := range found {
		if f.Check == "data-folder" && !strings.HasSuffix(f.Type, "asterisk config "+d.settings.AsteriskFolder()) {
			t.Errorf("it says to type %q", f.Type)
		}
	}
	if _, err := os.Stat(d.settings.Data); err == nil {
		t.Error("the doctor has made a data folder")
	}
}

// A certificate that has run out, or whose key is another's, is said before browsers say it.
func TestDoctorLooksAtTheCertificate(t *testing.T) {
	dir := t.TempDir()
	d := New(config.Settings{})
	d.settings.Web = config.Web{Listen: "127.0.0.1:1", Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	says(t, []Finding{d.certificate(t.Context())}, "certificate", Failed, "can't be used")
	servetest.WriteCertificate(t, d.settings.Web, 1, time.Now().Add(90*24*time.Hour))
	says(t, []Finding{d.certificate(t.Context())}, "certificate", OK, "valid until")
	d.now = func() time.Time { return time.Now().Add(80 * 24 * time.Hour) }
	says(t, []Finding{d.certificate(t.Context())}, "certificate", Failed, "renew it")
	d.now = func() time.Time { return time.Now().Add(100 * 24 * time.Hour) }
	says(t, []Finding{d.certificate(t.Context())}, "certificate", Failed, "it ended on")
}

// Whoever has just installed the package reads that Asterisk is still being fetched, not that everything is broken.
func TestDoctorWhileAsteriskIsFetched(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	d := New(configtest.Read(t, "[asterisk]\nari = \""+servetest.FreePort(t)+"\"\n"+configtest.Usual))
	d.settings.Web.Listen = servetest.FreePort(t)
	if _, err := asterisk.Find(t.Context()); err == nil {
		t.Skip("this machine has an Asterisk of its own, beside the one in a cache")
	}
	for fetching, want := range map[bool]State{true: Skipped, false: Failed} {
		d.fetching = func(context.Context) bool { return fetching }
		for _, f := range []Finding{d.ARI(t.Context()), d.pages(t.Context())} {
			if f.State != want {
				t.Errorf("while it is fetched (%v), %+v", fetching, f)
			}
		}
		if f := d.program(t.Context()); f.State != Failed || strings.Contains(f.Text, "still being fetched") != fetching {
			t.Errorf("while it is fetched (%v), %+v", fetching, f)
		}
	}
	says(t, []Finding{d.passwords()}, "passwords", Skipped, "until Asterisk has started")
}
