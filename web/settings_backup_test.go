package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/store"
)

// sendBackup sends the form of a restore: the password first, as the page has it.
func (c *client) sendBackup(password string, backup []byte) answer {
	c.site.t.Helper()
	return c.sendFile("/h/mum/settings/backup/restore", "backup", "ringfence.tar.gz", backup, "current", password)
}

// An owner of all households takes a backup with their password, and puts it back; nobody else can, and nothing that is not
// a whole backup changes anything.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const page = "/h/mum/settings/backup"
	for _, household := range []string{"gran", "else"} {
		if a := s.as("owner").post(page+"/download", "current", ""); !strings.Contains(a.body, "Only an owner of all households") || a.header.Get("Content-Type") == "application/gzip" {
			t.Errorf("who owns one household got %d, %s", a.status, a.header.Get("Content-Type"))
		}
		s.ok(s.db.SetMembership(t.Context(), household, s.people["owner"].ID, store.RoleOwner, true))
	}
	s.password("owner")
	c := s.as("owner")
	c.refuses(page+"/download", "Your password isn&#39;t right", "current", "wrong")
	a := c.post(page+"/download", "current", goodPassword)
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/gzip" || !strings.Contains(a.header.Get("Content-Disposition"), "ringfence-2026-11-24.tar.gz") {
		t.Fatalf("answered %d: %s", a.status, faultIn(a.body))
	}
	backup := []byte(a.body)
	if _, err := gzip.NewReader(bytes.NewReader(backup)); err != nil {
		t.Error(err)
	}
	staged := filepath.Join(s.rest.data, "restore-ready")
	for words, send := range map[string]func() answer{
		"Your password isn&#39;t right": func() answer { return c.sendBackup("wrong", backup) },
		"There is no file":              func() answer { return c.sendBackup(goodPassword, nil) },
		"not a backup of Ringfence":     func() answer { return c.sendBackup(goodPassword, []byte("<html>")) },
		"or not the whole of one":       func() answer { return c.sendBackup(goodPassword, backup[:len(backup)/2]) },
		"There is no file. Please cho":  func() answer { return c.post(page+"/restore", "current", goodPassword) },
	} {
		a := send()
		if _, err := os.Stat(staged); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, words) || err == nil || s.rest.began != 0 {
			t.Errorf("%s: answered %d: %s", words, a.status, faultIn(a.body))
		}
	}
	a = c.sendBackup(goodPassword, backup)
	if _, err := os.Stat(staged); a.status != http.StatusOK || !strings.Contains(a.body, "has 3 households, ") || err != nil || s.rest.began != 1 {
		t.Errorf("answered %d: %s %v", a.status, faultIn(a.body), err)
	}
}

func TestBackupInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, household := range []string{"gran", "else"} {
		s.ok(s.db.SetMembership(t.Context(), household, s.people["owner"].ID, store.RoleOwner, true))
	}
	s.password("owner")
	b := s.browse("owner", "/h/mum/settings")
	b.press("Backup")
	b.sees("Restore a backup")
	b.shot("settings-backup")
	b.axe()
	b.fits()
	b.keyboard()
	b.fill("Your password", "wrong")
	b.press("Download a backup")
	b.sees("Your password isn't right")
}
