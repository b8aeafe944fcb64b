package backups

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"ringfence/sound"
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

// A backup counts the phrases that callers hear: each once, wherever its recording lies, and none that is only kept for undoing.
func TestABackupCountsThePhrasesInUse(t *testing.T) {
	record := func(ctx context.Context, s *store.Store, phrase string) error {
		return s.SetPhrase(ctx, "other", phrase, sound.WAV(sound.Rate, []byte("\x10\x20")))
	}
	greet := func(ctx context.Context, s *store.Store) error { return record(ctx, s, store.PhraseGreeting) }
	settle := func(ctx context.Context, s *store.Store) error { return s.SettlePhrases(ctx) }
	remove := func(ctx context.Context, s *store.Store) error {
		return s.RemovePhrase(ctx, "other", store.PhraseGreeting)
	}
	rollBack := func(ctx context.Context, s *store.Store) error {
		failed := errors.New("the deed fails")
		err := s.Together(ctx, func(ctx context.Context) error { return errors.Join(greet(ctx, s), failed) })
		if errors.Is(err, failed) {
			return nil
		}
		return err
	}
	ask := func(ctx context.Context, s *store.Store) error { return record(ctx, s, store.PhraseAskName) }
	type steps []func(context.Context, *store.Store) error
	for name, c := range map[string]struct {
		steps steps
		want  int // with the greeting of the household that aHouse has
	}{
		"none of its own":                  {nil, 1},
		"one":                              {steps{greet, settle}, 2},
		"one not in its place yet":         {steps{greet}, 2},
		"recorded again":                   {steps{greet, settle, greet, settle}, 2},
		"recorded again, not in its place": {steps{greet, settle, greet}, 2},
		"gone back to the usual words":     {steps{greet, settle, remove, settle}, 1},
		"gone back just now":               {steps{greet, settle, remove}, 1},
		"a deed that was never done":       {steps{rollBack}, 1},
		"two":                              {steps{greet, ask, settle, ask, settle}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			s, data := aHouse(t)
			for _, step := range c.steps {
				must(t, step(t.Context(), s))
			}
			b, err := Make(t.Context(), data, time.Now())
			must(t, err)
			var file bytes.Buffer
			must(t, errors.Join(b.Write(t.Context(), &file, nil), b.Close()))
			staged, err := Stage(t.Context(), data, &file, byCommand)
			if must(t, err); b.Phrases != c.want || staged.Phrases != c.want {
				t.Errorf("%d are in the backup, and %d come back from it, not %d", b.Phrases, staged.Phrases, c.want)
			}
		})
	}
}
