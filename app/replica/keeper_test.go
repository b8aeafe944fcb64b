package replica

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ringfence/config"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/datafolder"
	"ringfence/store/replica"
	"ringfence/store/storetest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// kept is a household's database, and a keeper that copies it to a folder.
func kept(t *testing.T) (db *store.Store, k *Keeper) {
	t.Helper()
	if _, err := replica.Find(t.Context()); err != nil {
		t.Skip(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	path := filepath.Join(data, datafolder.Database)
	must(t, storetest.Ready(t.Context(), path, store.Open))
	db, err := store.Open(t.Context(), path)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	must(t, db.EnsureHousehold(t.Context(), "home"))
	s := config.Settings{Data: data, Replica: config.Replica{Folder: t.TempDir()}}
	k = New(s, slog.New(slog.NewTextHandler(t.Output(), nil)))
	k.again = 100 * time.Millisecond
	return db, k
}

// until waits until something is so.
func (k *Keeper) until(t *testing.T, what string, is func(Status) bool) {
	t.Helper()
	for !is(k.Status()) {
		select {
		case <-t.Context().Done():
			t.Fatal("never: " + what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// completeAfter waits until everything that was written by now is in the replica.
func (k *Keeper) completeAfter(t *testing.T) {
	t.Helper()
	now := time.Now()
	k.until(t, "complete", func(s Status) bool { return s.Complete.After(now) && s.Fault == nil })
}

// restored is the replica on another machine.
func (k *Keeper) restored(t *testing.T) (r replica.Restored, data string) {
	t.Helper()
	l, err := replica.Find(t.Context())
	must(t, err)
	data = filepath.Join(t.TempDir(), "again")
	r, err = replica.Restore(t.Context(), l, k.folder(), data, store.AuditLine{At: time.Now(), By: store.ByCommand, What: "restored", Text: "It was restored."})
	must(t, err)
	return r, data
}

// Database, recordings and settings are in the replica within seconds, and what is deleted is not.
func TestEverythingFollows(t *testing.T) {
	t.Parallel()
	db, k := kept(t)
	k.settings.File, k.settings.Replica.Settings = filepath.Join(t.TempDir(), "ringfence.toml"), true
	secret := filepath.Join(filepath.Dir(k.settings.File), "line-password")
	must(t, errors.Join(os.WriteFile(secret, []byte("secret"), 0o600), os.WriteFile(k.settings.File, []byte("password = \"file:"+secret+"\"\n"), 0o600),
		os.WriteFile(filepath.Join(filepath.Dir(secret), "diary"), nil, 0o600)))
	stop := k.Start(t.Context())
	defer stop()
	ctx := t.Context()
	message := func() int64 {
		call, err := db.CallArrived(ctx, "home", "1.1", time.Now(), screening.Identity{}, screening.Caller{Number: "+442079460666"}, screening.Verdict{}, "message-left")
		must(t, errors.Join(err, db.Keep(ctx, call, "message", make([]byte, 100), time.Second)))
		return call
	}
	before := message()
	k.completeAfter(t)
	message()
	sound, err := db.ForgetMessage(ctx, "home", before)
	must(t, errors.Join(err, db.DeleteSound(sound)))
	must(t, db.AddContact(ctx, "home", "Joan", "+442079460001"))
	k.completeAfter(t)
	if files, err := os.ReadDir(filepath.Join(k.folder(), datafolder.Recordings)); err != nil || len(files) != 1 {
		t.Errorf("recordings in the replica: %v %v", files, err)
	}
	for name, want := range map[string]bool{"ringfence.toml": true, "line-password": true, "diary": false} {
		if _, err := os.Stat(filepath.Join(k.folder(), replica.SettingsFolder, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	stop()
	r, _ := k.restored(t)
	if r.Calls != 2 || r.Contacts != 1 || r.Recordings != 1 {
		t.Errorf("restored: %+v", r)
	}
	again := filepath.Join(t.TempDir(), "etc", "ringfence.toml")
	if did, err := replica.RestoreSettings(k.folder(), again); err != nil || !did {
		t.Errorf("settings: %v %v", did, err)
	}
	if password, err := os.ReadFile(filepath.Join(filepath.Dir(again), "line-password")); err != nil || string(password) != "secret" {
		t.Errorf("password: %q %v", password, err)
	}
}

// Whoever chooses that no longer has the passwords in the replica.
func TestSettingsFollowOnlyIfChosen(t *testing.T) {
	f := newFiles(config.Settings{Replica: config.Replica{Folder: t.TempDir()}})
	there := filepath.Join(f.settings.Replica.Folder, replica.SettingsFolder)
	must(t, errors.Join(os.Mkdir(there, 0o700), os.WriteFile(filepath.Join(there, "ringfence.toml"), nil, 0o600), f.copySettings(t.Context())))
	if _, err := os.Stat(there); err == nil {
		t.Error("they are there")
	}
}

// A disk that is not there yet, or goes, is waited for, and said.
func TestADiskThatGoesAndComesBack(t *testing.T) {
	t.Parallel()
	db, k := kept(t)
	away := k.folder() + "-away"
	must(t, os.Rename(k.folder(), away))
	defer k.Start(t.Context())()
	missing := func(s Status) bool { return s.Fault != nil && strings.Contains(s.Fault.Error(), "is missing") }
	k.until(t, "said that it is missing", missing)
	must(t, os.Rename(away, k.folder()))
	k.completeAfter(t)
	must(t, os.Rename(k.folder(), away))
	k.until(t, "said that it went", missing)
	must(t, db.AddContact(t.Context(), "home", "Joan", "+442079460001"))
	must(t, os.RemoveAll(k.folder()))
	must(t, os.Rename(away, k.folder()))
	k.completeAfter(t)
	if r, _ := k.restored(t); r.Contacts != 1 {
		t.Errorf("restored: %+v", r)
	}
}

// A Litestream that gets no further is ended, so that the write-ahead log can begin anew, and the next one goes on. (Not
// in parallel: it looks for its own process.)
func TestAFrozenLitestreamIsEnded(t *testing.T) {
	db, k := kept(t)
	k.stuck = time.Second
	defer k.Start(t.Context())()
	k.completeAfter(t)
	frozen := childOf(t, "litestream")
	must(t, syscall.Kill(frozen, syscall.SIGSTOP))
	for i := range 300 {
		must(t, db.AddContact(t.Context(), "home", "Somebody "+strconv.Itoa(i), screening.Number("+44207946"+strconv.Itoa(1000+i))))
	}
	k.until(t, "said that it was stopped", func(s Status) bool { return s.Fault != nil && strings.Contains(s.Fault.Error(), "no further") })
	k.completeAfter(t)
	if now := childOf(t, "litestream"); now == frozen {
		t.Error("it is the same process")
	}
	if r, _ := k.restored(t); r.Contacts != 300 {
		t.Errorf("restored: %+v", r)
	}
}

// What Litestream has is tried out; where it is damaged, a new copy begins.
func TestADamagedReplicaIsFound(t *testing.T) {
	t.Parallel()
	db, k := kept(t)
	try := make(chan chan error)
	k.tryDaily = func(ctx context.Context, _ *slog.Logger, _ string, do func(context.Context) error) {
		for {
			select {
			case <-ctx.Done():
				return
			case result := <-try:
				result <- do(ctx)
			}
		}
	}
	tried := func() error {
		result := make(chan error)
		try <- result
		return <-result
	}
	defer k.Start(t.Context())()
	must(t, db.AddContact(t.Context(), "home", "Joan", "+442079460001"))
	k.completeAfter(t)
	must(t, tried())
	files, err := filepath.Glob(filepath.Join(k.folder(), replica.DatabaseFolder, "*", "ltx", "*", "*.ltx"))
	must(t, err)
	for _, path := range files {
		text, err := os.ReadFile(path)
		must(t, err)
		text[len(text)/2] ^= 0xff
		must(t, os.WriteFile(path, text, 0o600))
	}
	if err := tried(); !errors.Is(err, replica.ErrDamaged) {
		t.Fatalf("%d damaged files: %v", len(files), err)
	}
	k.completeAfter(t)
	must(t, tried())
	if r, _ := k.restored(t); r.Contacts != 1 || !r.Backup.IsZero() {
		t.Errorf("restored: %+v", r)
	}
}

// childOf is the process of this name that this process has started.
func childOf(t *testing.T, name string) int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	must(t, err)
	for _, path := range stats {
		text, err := os.ReadFile(path)
		fields := strings.Fields(string(text))
		if err != nil || len(fields) < 4 || !strings.Contains(fields[1], name) || fields[3] != strconv.Itoa(os.Getpid()) || fields[2] == "Z" {
			continue
		}
		id, err := strconv.Atoi(fields[0])
		must(t, err)
		return id
	}
	t.Fatal("there is no " + name)
	return 0
}

// Another machine that was restored from the replica has it; this one leaves it alone.
func TestTheReplicaOfAnotherMachineIsLeftAlone(t *testing.T) {
	t.Parallel()
	_, k := kept(t)
	stop := k.Start(t.Context())
	defer stop()
	k.completeAfter(t)
	_, again := k.restored(t)
	k.until(t, "said whose it is", func(s Status) bool { return errors.Is(s.Fault, replica.ErrTaken) })
	stop()
	other := New(config.Settings{Data: again, Replica: k.settings.Replica}, k.log)
	defer other.Start(context.Background())()
	other.completeAfter(t)
}
