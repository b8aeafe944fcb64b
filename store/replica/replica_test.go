package replica

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/store/datafolder"
	"ringfence/store/storetest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// opened is a household's database in a data folder.
func opened(t *testing.T) (s *store.Store, data string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	path := filepath.Join(data, datafolder.Database)
	must(t, storetest.Ready(context.Background(), path, store.Open))
	s, err := store.Open(t.Context(), path)
	must(t, err)
	must(t, s.EnsureHousehold(t.Context(), "home"))
	return s, data
}

// A folder is taken once, by the data folder that has it, and only if there is nothing else in it: two machines that write to one replica would spoil it.
func TestOneMachineWritesToAReplica(t *testing.T) {
	here, there, folder := t.TempDir(), t.TempDir(), t.TempDir()
	if err := Claim(here, filepath.Join(folder, "not-mounted")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	must(t, os.WriteFile(filepath.Join(folder, "photos"), nil, 0o600))
	if err := Claim(here, folder); err == nil || !strings.Contains(err.Error(), "photos") {
		t.Errorf("a folder with something else: %v", err)
	}
	must(t, os.Remove(filepath.Join(folder, "photos")))
	for range 2 {
		must(t, Claim(here, folder))
	}
	if err := Claim(there, folder); !errors.Is(err, ErrTaken) {
		t.Errorf("another machine: %v", err)
	}
	if until, err := Complete(folder); err != nil || !until.IsZero() {
		t.Errorf("nothing is in it, and it is complete until %v, %v", until, err)
	}
	now := time.Now().Truncate(time.Second)
	must(t, SetComplete(folder, now))
	if until, err := Complete(folder); err != nil || !until.Equal(now) {
		t.Errorf("complete until %v, %v", until, err)
	}
	must(t, takeOver(there, folder))
	if err := Claim(here, folder); !errors.Is(err, ErrTaken) {
		t.Errorf("the machine from before: %v", err)
	}
	must(t, Claim(there, folder))
}

// What comes, is replaced and goes is so in the copy, and what is half written is in neither.
func TestFilesFollow(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	p := Pair{From: from, To: to, Wanted: datafolder.IsMediaName}
	write := func(name, text string) {
		t.Helper()
		must(t, datafolder.WriteFile(filepath.Join(from, name), []byte(text)))
	}
	holds := func(want map[string]string) {
		t.Helper()
		names, err := namesIn(to)
		must(t, err)
		for name, text := range want {
			if got, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(got) != text {
				t.Errorf("%s: %q %v", name, got, err)
			}
		}
		if len(names) != len(want) {
			t.Errorf("%v is there", names)
		}
	}
	write("1-name.wav", "Anna")
	write("2-name.wav", "Ben")
	write(".new123", "half")
	must(t, p.All(t.Context()))
	holds(map[string]string{"1-name.wav": "Anna", "2-name.wav": "Ben"})
	write("1-name.wav", "Cleo") // of the same size
	write("3-message.wav", "hello")
	must(t, os.Remove(filepath.Join(from, "2-name.wav")))
	must(t, p.Some(t.Context(), map[string]bool{"1-name.wav": true, "2-name.wav": true, "3-message.wav": true, ".new123": true}))
	holds(map[string]string{"1-name.wav": "Cleo", "3-message.wav": "hello"})
	must(t, os.WriteFile(filepath.Join(to, copying+"9"), nil, 0o600)) // what a killed program has left
	must(t, os.Remove(filepath.Join(from, "1-name.wav")))
	must(t, p.All(t.Context()))
	holds(map[string]string{"3-message.wav": "hello"})
	info, err := os.Stat(filepath.Join(to, "3-message.wav"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	must(t, os.Rename(from, from+"-away"))
	if err := p.All(t.Context()); err == nil {
		t.Error("a folder that cannot be read is taken for an empty one")
	}
	holds(map[string]string{"3-message.wav": "hello"})
}

// followed is a Litestream that follows a database.
func followed(t *testing.T, l Litestream, data, folder string) *Follower {
	t.Helper()
	must(t, Claim(data, folder))
	f, err := l.Follow(data, folder, t.Output())
	must(t, err)
	t.Cleanup(f.Kill)
	synced(t, f)
	return f
}

// synced waits until everything is in the replica.
func synced(t *testing.T, f *Follower) {
	t.Helper()
	for {
		_, err := f.Sync(t.Context(), 10*time.Second)
		if err == nil {
			return
		}
		select {
		case <-f.Ended:
			t.Fatal("it has ended")
		case <-t.Context().Done():
			t.Fatal(err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func litestream(t *testing.T) Litestream {
	t.Helper()
	l, err := Find(t.Context())
	if err != nil {
		t.Skip(err)
	}
	return l
}

var note = store.AuditLine{At: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), By: store.ByCommand, What: "restored", Text: "The replica was restored."}

// What is restored is what was there, and the machine that has restored it keeps the replica from then on.
func TestRestoreFromAReplica(t *testing.T) {
	l := litestream(t)
	s, data := opened(t)
	folder, ctx := t.TempDir(), t.Context()
	f := followed(t, l, data, folder)
	must(t, s.AddContact(ctx, "home", "Joan", "+442079460001"))
	call, err := s.CallArrived(ctx, "home", "1.1", time.Now(), screening.Identity{}, screening.Caller{Number: "+442079460666"}, screening.Verdict{}, "message-left")
	must(t, errors.Join(err, s.Keep(ctx, call, "message", make([]byte, 100), time.Second)))
	synced(t, f)
	until := time.Now().Truncate(time.Second)
	must(t, errors.Join(Pair{filepath.Join(data, datafolder.Recordings), filepath.Join(folder, datafolder.Recordings), datafolder.IsMediaName}.All(ctx), SetComplete(folder, until)))
	f.Kill() // the machine is lost
	t.Cleanup(func() { must(t, s.Close()) })

	again := filepath.Join(t.TempDir(), "again")
	r, err := Restore(ctx, l, folder, again, note)
	must(t, err)
	if r.Calls != 1 || r.Contacts != 1 || r.Recordings != 1 || !r.Complete.Equal(until) || !r.Backup.IsZero() || r.NotTaken != nil {
		t.Errorf("%+v", r)
	}
	restored, err := store.Open(ctx, filepath.Join(again, datafolder.Database))
	must(t, err)
	defer func() { must(t, restored.Close()) }()
	must(t, restored.Verify(ctx))
	messages, err := restored.Messages(ctx, "home")
	must(t, err)
	if sound, err := os.ReadFile(messages[0].Path); err != nil || len(sound) != 100 {
		t.Errorf("the message: %d %v", len(sound), err)
	}
	if log, err := restored.AuditLog(ctx, "", 0, 1); err != nil || len(log) != 1 || log[0].Text != note.Text {
		t.Errorf("%+v %v", log, err)
	}
	if _, err := Restore(ctx, l, folder, again, note); !errors.Is(err, datafolder.ErrInUse) {
		t.Errorf("while it is in use: %v", err)
	}
	if err := Claim(data, folder); !errors.Is(err, ErrTaken) {
		t.Errorf("the machine that was lost comes back: %v", err)
	}

	// The new machine goes on with the replica, and a third one can be made from it.
	f = followed(t, l, again, folder)
	must(t, restored.AddContact(ctx, "home", "Ben", "+442079460002"))
	synced(t, f)
	must(t, f.Close())
	third := filepath.Join(t.TempDir(), "third")
	if r, err = Restore(ctx, l, folder, third, note); err != nil || r.Contacts != 2 {
		t.Errorf("%+v %v", r, err)
	}
}

// A generation goes on only where there can be no gap: with the same write-ahead log, since the system has started.
func TestAGenerationHasNoGap(t *testing.T) {
	l := litestream(t)
	s, data := opened(t)
	t.Cleanup(func() { must(t, s.Close()) })
	folder, ctx := t.TempDir(), t.Context()
	names := func() []string {
		t.Helper()
		all, err := generations(folder)
		must(t, err)
		return all
	}
	f := followed(t, l, data, folder)
	first := names()
	must(t, f.Close())
	must(t, s.AddContact(ctx, "home", "Joan", "+442079460001"))
	f = followed(t, l, data, folder)
	if now := names(); len(first) != 1 || len(now) != 1 || now[0] != first[0] {
		t.Errorf("with the same log: %v, then %v", first, now)
	}
	f.Kill()
	must(t, s.AddContact(ctx, "home", "Ben", "+442079460002"))
	must(t, s.CheckpointAll(ctx))
	must(t, s.AddContact(ctx, "home", "Cleo", "+442079460003")) // which restarts the log
	f = followed(t, l, data, folder)
	second := names()
	if len(second) != 1 || second[0] <= first[0] {
		t.Errorf("after the log was restarted: %v, then %v", first, second)
	}
	f.Kill()
	g := f.generation
	g.Boot = "another"
	must(t, g.write(data))
	f = followed(t, l, data, folder)
	if third := names(); len(third) != 1 || third[0] <= second[0] {
		t.Errorf("after the system was started again: %v, then %v", second, third)
	}
	f.Kill()
	if r, err := Restore(ctx, l, folder, filepath.Join(t.TempDir(), "again"), note); err != nil || r.Contacts != 3 {
		t.Errorf("%+v %v", r, err)
	}
}

// A copy that has just begun has nothing yet, and one that is damaged is not taken: the one before is, or the newest daily backup.
func TestRestoreTakesWhatIsWhole(t *testing.T) {
	l := litestream(t)
	s, data := opened(t)
	t.Cleanup(func() { must(t, s.Close()) })
	folder, ctx := t.TempDir(), t.Context()
	must(t, s.AddContact(ctx, "home", "Joan", "+442079460001"))
	made := time.Now().Truncate(time.Second)
	must(t, backups.MakeDaily(ctx, data, made))
	must(t, s.AddContact(ctx, "home", "Ben", "+442079460002"))
	f := followed(t, l, data, folder)
	must(t, Pair{filepath.Join(data, datafolder.Backups), filepath.Join(folder, BackupFolder), func(string) bool { return true }}.All(ctx))
	f.Kill()
	must(t, os.Mkdir(filepath.Join(folder, DatabaseFolder, "99990101-000000"), 0o700))
	if r, err := Restore(ctx, l, folder, filepath.Join(t.TempDir(), "again"), note); err != nil || r.Contacts != 2 || !r.Backup.IsZero() {
		t.Errorf("with one that has just begun: %+v %v", r, err)
	}
	must(t, filepath.WalkDir(filepath.Join(folder, DatabaseFolder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Truncate(path, 100)
	}))
	if r, err := Restore(ctx, l, folder, filepath.Join(t.TempDir(), "again"), note); err != nil || r.Contacts != 1 || !r.Backup.Equal(made.UTC()) {
		t.Errorf("with all of them damaged: %+v %v", r, err)
	}
}
