package web

import (
	"archive/zip"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/store"
)

// zipped are the files in an answer.
func (s *site) zipped(a answer) map[string]string {
	s.t.Helper()
	z, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		s.t.Fatalf("%d %s: %v", a.status, a.header.Get("Content-Type"), err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		s.ok(err)
		text, err := io.ReadAll(r)
		s.ok(err)
		files[f.Name] = string(text)
	}
	return files
}

// An owner who may hear recordings downloads everything that is kept about their household, with their password; and nothing of the other one.
func TestDownloadYourData(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.password("owner")
	owner := s.as("owner")
	if !strings.Contains(owner.get("/h/mum/settings").body, `href="/h/mum/export"`) || strings.Contains(s.as("carer").get("/h/mum/settings").body, "/h/mum/export") {
		t.Error("the way there is for owners, and not found or shown to others")
	}
	owner.refuses("/h/mum/export", "Your password isn&#39;t right", "current", "wrong")
	a := owner.post("/h/mum/export", "current", goodPassword)
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/zip" || a.header.Get("Content-Disposition") != "attachment; filename=ringfence-mum-2026-11-24.zip" {
		t.Fatalf("%d %v", a.status, a.header)
	}
	files := s.zipped(a)
	if !strings.Contains(files["calls.json"], "+442079460666") || files["recordings/"+itoa(s.calls["message"])+"-message.wav"] == "" {
		t.Errorf("something is missing: %v", files)
	}
	for name, text := range files {
		if strings.Contains(text, "Gran's secret") {
			t.Errorf("%s has what is gran's", name)
		}
	}
	if body := owner.get("/h/mum/changes").body; !strings.Contains(body, "Somebody exported everything that is kept about this household:") {
		t.Error("nobody can see that it was made")
	}
	s.ok(s.db.SetMembership(t.Context(), "mum", s.people["owner"].ID, store.RoleOwner, false))
	if body := owner.get("/h/mum/export").body; !strings.Contains(body, "which you may not hear") || strings.Contains(body, "<button class=\"main\">") {
		t.Error(body)
	}
	if a := owner.post("/h/mum/export", "current", goodPassword); a.status != http.StatusForbidden {
		t.Errorf("who may not hear recordings was answered %d", a.status)
	}
}

// So does an owner's program, if it may change things.
func TestExportByPrograms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.program("owner", store.ScopeChange, "")
	files := s.zipped(p.json(http.MethodPost, "households/mum/export", ""))
	if !strings.Contains(files["README.txt"], "Keep this file safe.") || files["calls.json"] == "" {
		t.Errorf("%v", files)
	}
	p.wants(p.json(http.MethodPost, "households/gran/export", ""), 404)
	reader := s.program("owner", store.ScopeRead, "")
	reader.wants(reader.json(http.MethodPost, "households/mum/export", ""), 403)
	s.ok(s.db.SetMembership(t.Context(), "mum", s.people["owner"].ID, store.RoleOwner, false))
	p.wants(p.json(http.MethodPost, "households/mum/export", ""), 403, "recordings")
	s.ok(s.db.SetMembership(t.Context(), "mum", s.people["owner"].ID, store.RoleOwner, true))
	s.ok(os.WriteFile(filepath.Join(s.db.Folder(), "unwritten.json"), []byte("[]"), 0o600))
	p.wants(p.json(http.MethodPost, "households/mum/export", ""), 409, "Start Ringfence")
}
