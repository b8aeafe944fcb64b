package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ringfence/store/datafolder"
)

// openUntidied is open without its end, for a database that is about to be removed.
func openUntidied(t *testing.T) (*Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "ringfence.db")
	s, err := Open(t.Context(), path)
	must(t, err)
	must(t, s.EnsureHousehold(t.Context(), "home"))
	return s, path
}

// A file that is removed while it is open is written again, with all that came after.
func TestADatabaseThatIsRemovedWhileItIsOpen(t *testing.T) {
	s, path := openUntidied(t)
	ctx := t.Context()
	must(t, s.Removed())
	must(t, s.AddContact(ctx, "home", "Daughter", joan))
	must(t, os.Remove(path))
	if err := s.Removed(); !errors.Is(err, datafolder.ErrMissing) {
		t.Errorf("that it is gone is not seen: %v", err)
	}
	must(t, s.AddContact(ctx, "home", "Neighbour", steve))
	must(t, s.PutBack(ctx, []string{"home"}))
	again, err := Open(ctx, path)
	must(t, err)
	defer func() { must(t, again.Close()) }()
	contacts, err := again.Contacts(ctx, "home")
	if err != nil || len(contacts) != 2 {
		t.Errorf("%+v %v", contacts, err)
	}
	if last, err := again.LastNotices(ctx, NoticeDatabaseDamaged); err != nil || last["home"].Kind == "" {
		t.Errorf("the carers are not told: %v", err)
	}
	must(t, again.Verify(ctx))
}

// One that was replaced while it was open is left to whoever has replaced it.
func TestADatabaseThatIsReplacedWhileItIsOpen(t *testing.T) {
	s, path := openUntidied(t)
	must(t, os.WriteFile(path+".new", []byte("another one"), 0o600))
	must(t, os.Rename(path+".new", path))
	if err := s.Removed(); !errors.Is(err, datafolder.ErrMissing) {
		t.Errorf("that it is another is not seen: %v", err)
	}
	must(t, s.PutBack(t.Context(), []string{"home"}))
	if now, err := os.ReadFile(path); err != nil || string(now) != "another one" {
		t.Errorf("%q %v", now, err)
	}
}

// Recordings from before the database was made belong to one that is gone. They stay for as long as calls do.
func TestRecordingsOfADatabaseThatIsGone(t *testing.T) {
	s, _ := open(t)
	now := time.Now()
	for name, age := range map[string]time.Duration{"of-today": 5 * time.Hour, "of-long-ago": 100 * 24 * time.Hour} {
		file := filepath.Join(s.recordings, name)
		must(t, os.WriteFile(file, []byte("a message"), 0o600))
		must(t, os.Chtimes(file, now, now.Add(-age)))
	}
	left := func() (names []string) {
		files, err := os.ReadDir(s.recordings)
		must(t, err)
		for _, f := range files {
			names = append(names, f.Name())
		}
		return names
	}
	must(t, s.Expire(t.Context(), now.AddDate(0, 0, -90)))
	if got := left(); !slices.Equal(got, []string{"of-today"}) {
		t.Errorf("left are %q", got)
	}
	made := filepath.Join(s.Folder(), "ringfence.db.made")
	must(t, os.Chtimes(made, now, now.Add(-24*time.Hour)))
	must(t, s.Expire(t.Context(), now.AddDate(0, 0, -90)))
	if got := left(); len(got) != 0 {
		t.Errorf("left are %q, which are of this one and which no call knows", got)
	}
}
