package backups

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/storetest"
)

const (
	joan  = screening.Number("+442079460001")
	steve = screening.Number("+442079460666")
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// opened is a database that is closed at the end of the test.
func opened(t *testing.T) (s *store.Store, data string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	path := filepath.Join(data, memberDatabase)
	must(t, storetest.Ready(context.Background(), path, store.Open))
	s, err := store.Open(t.Context(), path)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	must(t, errors.Join(s.EnsureHousehold(t.Context(), "home"), s.EnsureHousehold(t.Context(), "other")))
	return s, data
}

func aMessage(t *testing.T, s *store.Store, number screening.Number) {
	t.Helper()
	call, err := s.CallArrived(t.Context(), "home", "1.1", time.Now(), screening.Identity{}, screening.Caller{Number: number}, screening.Verdict{}, "message-left")
	must(t, errors.Join(err, s.Keep(t.Context(), call, "message", make([]byte, 100), 10*time.Second)))
	must(t, s.KeepWords(t.Context(), call, "message", "the boiler has gone out", false))
}

// aHouse is a store with something of everything in it.
func aHouse(t *testing.T) (s *store.Store, data string) {
	t.Helper()
	s, data = opened(t)
	now := time.Now()
	anna, err := s.People.Add(t.Context(), "Anna", "anna@example.org")
	must(t, errors.Join(err, s.SetMembership(t.Context(), "home", anna.ID, store.RoleOwner, true)))
	must(t, s.AddContact(t.Context(), "home", "Joan", joan))
	aMessage(t, s, steve)
	must(t, os.WriteFile(filepath.Join(data, "phrases", "1-greeting.wav"), []byte("hello"), 0o600))
	must(t, os.WriteFile(filepath.Join(data, "recordings", "99-name.wav"), []byte("of no call"), 0o600))
	must(t, os.WriteFile(filepath.Join(data, "recordings", ".new123"), []byte("half written"), 0o600))
	_, err = s.People.AddLogin(t.Context(), anna.ID, "Browser", "192.0.2.1", now)
	must(t, err)
	_, err = s.People.MakePasswordLink(t.Context(), anna.ID, now.Add(time.Hour))
	must(t, err)
	_, _, err = s.Invite(t.Context(), store.Invitation{Household: "home", Name: "Ben", Role: store.RoleCarer, Expires: now.Add(time.Hour)}, now)
	must(t, err)
	must(t, s.People.KeptSessions().Commit("token", []byte("a session's notes"), now.Add(time.Hour)))
	must(t, s.AddAuditLine(t.Context(), &store.AuditLine{Household: "home", At: now, By: "Anna", What: "contact-added", Text: "Joan always rings."}))
	return s, data
}

func backup(t *testing.T, s *store.Store) []byte {
	t.Helper()
	b, err := Make(t.Context(), s.Folder(), time.Now())
	must(t, err)
	var file bytes.Buffer
	must(t, b.Write(t.Context(), &file, nil))
	must(t, b.Close())
	return file.Bytes()
}

var byCommand = store.AuditLine{At: time.Date(2026, 11, 24, 17, 30, 0, 0, time.UTC), By: store.ByCommand, What: "restored", Text: "A backup was restored."}

// members lists what is in a backup.
func members(t *testing.T, file []byte) (names []string, contents map[string][]byte) {
	t.Helper()
	pressed, err := gzip.NewReader(bytes.NewReader(file))
	must(t, err)
	archive, contents := tar.NewReader(pressed), map[string][]byte{}
	for {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return names, contents
		}
		must(t, err)
		if head.Mode != 0o600 || head.Uid != 0 || head.Uname != "" {
			t.Errorf("%+v", head)
		}
		names = append(names, head.Name)
		contents[head.Name], err = io.ReadAll(archive)
		must(t, err)
	}
}
