package backups

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"ringfence/store"
)

func TestBackup(t *testing.T) {
	s, data := aHouse(t)
	b, err := Make(t.Context(), s.Folder(), time.Now())
	must(t, err)
	c := b.Contents
	if !slices.Equal(c.Households, []string{"home", "other"}) || c.People != 1 || c.Contacts != 1 || c.Calls != 1 || c.Recordings != 1 || c.Phrases != 1 {
		t.Errorf("%+v", c)
	}
	var file bytes.Buffer
	var last int64
	must(t, b.Write(t.Context(), &file, func(done int64) {
		if done <= last {
			t.Errorf("from %d to %d", last, done)
		}
		last = done
	}))
	must(t, b.Close())
	if last != c.Bytes {
		t.Errorf("%d of %d bytes", last, c.Bytes)
	}
	names, inside := members(t, file.Bytes())
	if want := []string{memberContents, memberDatabase, "recordings/1-message.wav", "phrases/1-greeting.wav"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	for _, secret := range []string{"a session's notes", "192.0.2.1"} {
		if bytes.Contains(inside[memberDatabase], []byte(secret)) {
			t.Errorf("%q is in the backup", secret)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(data, backupPrefix+"*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if _, err := s.People.Logins(t.Context(), 1); err != nil {
		t.Error(err)
	}
	if l, _ := s.People.Logins(t.Context(), 1); len(l) != 1 {
		t.Error("the backup has signed people out")
	}
}

// Calls go on while a backup is made, and what it has is of one moment: to each call its recording.
func TestBackupWhileCallsGoOn(t *testing.T) {
	s, _ := aHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	calls.Go(func() {
		for ctx.Err() == nil {
			aMessage(t, s, joan) // it fails where it is locked out for 5 seconds
		}
	})
	for range 5 {
		file := backup(t, s)
		path := filepath.Join(t.TempDir(), "data")
		must(t, os.MkdirAll(path, 0o700))
		if _, err := Stage(t.Context(), path, bytes.NewReader(file), byCommand); err != nil {
			t.Fatal(err)
		}
		again, err := store.Open(t.Context(), filepath.Join(path, memberDatabase))
		must(t, err)
		messages, err := again.Messages(t.Context(), "home")
		must(t, err)
		for _, m := range messages {
			if _, err := os.Stat(m.Path); err != nil {
				t.Error(err)
			}
		}
		must(t, again.Close())
	}
	cancel()
	calls.Wait()
}
