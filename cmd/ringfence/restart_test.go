package main

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"ringfence/accounts"
	"ringfence/app"
	"ringfence/internal/servetest"
	"ringfence/store"
	"ringfence/store/backups"
)

// A backup that is put back in the browser holds within seconds, with nobody at the machine: it restarts with it.
//
// Long: one story, each step of which rests on those before it.
func TestABackupIsPutBackInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	listen := servetest.FreePort(t)
	h := newHome(t, "[asterisk]\nari = \""+servetest.FreePort(t)+"\"\n[web]\nlisten = \""+listen+"\"\n"+usualSettings)
	s, err := (&program{Config: h.config, Data: h.data}).settings()
	fatal := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fatal(err)
	db, err := app.OpenStore(ctx, s)
	fatal(err)
	_, err = s.MakeARIPassword()
	fatal(err)
	const password = "seven wet herons on a wall"
	hash, err := accounts.NewPasswords().Hash(ctx, password)
	fatal(err)
	anna, err := db.People.Add(ctx, "Anna", "anna@example.org")
	fatal(errors.Join(err, db.People.SetPassword(ctx, anna.ID, hash, 0), db.SetMembership(ctx, "home", anna.ID, store.RoleOwner, true),
		db.AddContact(ctx, "home", "Daughter", "+442079460001")))
	b, err := backups.Make(ctx, db.Folder(), time.Now())
	fatal(err)
	var backup bytes.Buffer
	fatal(errors.Join(b.Write(ctx, &backup, nil), b.Close()))
	_, err = db.RemoveContactNumber(ctx, "home", "+442079460001")
	fatal(errors.Join(err, db.Close()))

	log, stop := h.serves()
	log.Has(t, "pages are served")
	jar, err := cookiejar.New(nil)
	fatal(err)
	client := &http.Client{Jar: jar, Timeout: time.Minute, Transport: servetest.Browser{}}
	at := "http://" + listen
	answer, err := client.PostForm(at+"/sign-in", url.Values{"email": {"anna@example.org"}, "password": {password}})
	fatal(err)
	fatal(answer.Body.Close())
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fatal(form.WriteField("current", password))
	part, err := form.CreateFormFile("backup", "ringfence.tar.gz")
	fatal(err)
	_, err = part.Write(backup.Bytes())
	fatal(errors.Join(err, form.Close()))
	answer, err = client.Post(at+"/h/home/settings/backup/restore", form.FormDataContentType(), &body)
	fatal(err)
	text, err := io.ReadAll(answer.Body)
	fatal(errors.Join(err, answer.Body.Close()))
	if answer.StatusCode != http.StatusOK || !strings.Contains(string(text), "The backup is restored") {
		t.Fatalf("answered %d: %s", answer.StatusCode, text)
	}
	log.Has(t, "restarting with it")
	_, after, _ := strings.Cut(log.String(), "restarting with it")
	for late := time.Now().Add(time.Minute); !strings.Contains(after, "pages are served"); _, after, _ = strings.Cut(log.String(), "restarting with it") {
		select {
		case <-log.Wrote:
		case <-time.After(time.Until(late)):
			t.Fatalf("the pages are not served again: %s", log)
		}
	}
	// Everybody has to sign in again.
	answer, err = client.Get(at + "/h/home/contacts")
	fatal(err)
	fatal(answer.Body.Close())
	if answer.Request.URL.Path != "/sign-in" {
		t.Errorf("somebody is still signed in: %s", answer.Request.URL)
	}
	if code := stop(); code != 0 {
		t.Errorf("it ended with %d: %s", code, log)
	}
	db, err = app.OpenStore(ctx, s)
	fatal(err)
	defer func() { fatal(db.Close()) }()
	if contacts, err := db.Contacts(ctx, "home"); err != nil || len(contacts) != 1 {
		t.Errorf("the contacts are %+v %v", contacts, err)
	}
	if entries, err := os.ReadDir(s.Data); err != nil || !strings.Contains(names(entries), "before-restore-") {
		t.Errorf("what was there before is not kept: %s %v", names(entries), err)
	}
}

func names(entries []os.DirEntry) (all string) {
	for _, e := range entries {
		all += e.Name() + " "
	}
	return all
}
