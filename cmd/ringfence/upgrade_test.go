package main

import (
	"archive/tar"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ringfence/internal/servetest"
	"ringfence/store"
	"ringfence/store/datafolder"
)

// fromBefore is a machine with the data folder and the ringfence.toml of testdata/before (which says how they were made). Where nothing listens,
// it listens elsewhere than that machine did.
func fromBefore(t *testing.T) (h home, pages string) {
	t.Helper()
	text, err := os.ReadFile("testdata/before/ringfence.toml")
	if err != nil {
		t.Fatal(err)
	}
	pages = servetest.FreePort(t)
	h = newHome(t, strings.NewReplacer("127.0.0.1:8080", pages, "127.0.0.1:8088", servetest.FreePort(t)).Replace(string(text)))
	unpackBefore(t, h.data)
	return h, pages
}

// unpackBefore makes the data folder of testdata/before.
func unpackBefore(t *testing.T, into string) {
	t.Helper()
	f, err := os.Open("testdata/before/data.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // only read
	zipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for all := tar.NewReader(zipped); ; {
		header, err := all.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(into, header.Name) //nolint:gosec // an archive of our own
		if header.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o700)
		} else {
			var content []byte
			if content, err = io.ReadAll(all); err == nil {
				err = os.WriteFile(path, content, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What a household had before the upgrade it has after it: contacts match, the log is read, recordings play, and its people can sign in.
func TestAFolderFromBeforeTheUpgrade(t *testing.T) {
	h, pages := fromBefore(t)
	h.says(0, "mon-fri 22:00-07:00 quiet", "schedule")
	h.says(0, "", "schedule", "remove", "mon-fri", "22:00-07:00", "quiet") // or what follows would be otherwise at night
	for number, what := range map[string]string{
		"02079460001": "would ring", "07700900123": "would ring", "02079460009": "would be asked", "01614960666": "would be turned away", "02079460999": "would be turned away",
		"09098790123": "would be turned away",
	} {
		h.says(0, what, "lookup", number)
	}
	h.says(0, "Surgery: 0116 496 0123", "contact", "list")
	h.says(0, "(rude)", "block", "list")
	h.says(0, "Ward", "passcode", "list")
	h.says(0, "Anna  anna@example.org", "user", "list")
	recordings := h.fourCalls()

	_, stop := servesBefore(h)
	browser := signIn(t, pages)
	for name, length := range recordings {
		sound := get(t, browser, "http://"+pages+"/h/home/recordings/"+name)
		if !strings.HasPrefix(sound, "RIFF") || int64(len(sound)) != length {
			t.Errorf("%s is %d bytes, not %d: %.40q", name, len(sound), length, sound)
		}
	}
	for _, page := range []string{"/h/home/", "/h/home/calls", "/h/home/contacts", "/h/home/blocks", "/h/home/settings"} {
		get(t, browser, "http://"+pages+page)
	}
	if code := stop(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
}

// fourCalls checks the log, and returns the size of each recording, by its call and kind.
func (h home) fourCalls() map[string]int64 {
	h.Helper()
	decoder := json.NewDecoder(strings.NewReader(h.says(0, "", "calls", "--json")))
	recordings, outcomes := map[string]int64{}, ""
	for call := 4; decoder.More(); call-- {
		var c struct {
			Outcome    string
			Steps      []any
			Recordings []struct{ Kind, File string }
		}
		if err := decoder.Decode(&c); err != nil {
			h.Fatal(err)
		}
		outcomes += c.Outcome + " "
		for _, r := range c.Recordings {
			info, err := os.Stat(r.File)
			if err != nil {
				h.Fatal(err)
			}
			recordings[fmt.Sprintf("%d/%s", call, r.Kind)] = info.Size()
		}
	}
	if outcomes != "sent-away turned-away message-left talked " || len(recordings) != 3 {
		h.Errorf("the log has %q, with the recordings %v", outcomes, recordings)
	}
	return recordings
}

// servesBefore runs the application until its pages are there.
func servesBefore(h home) (said *servetest.Text, stop func() int) {
	h.Helper()
	said, stop = h.serves()
	said.Has(h.T, "pages are served")
	return said, stop
}

func signIn(t *testing.T, pages string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: time.Minute, Transport: servetest.Browser{}}
	answer, err := browser.PostForm("http://"+pages+"/sign-in", url.Values{"email": {"anna@example.org"}, "password": {"walnut sofa kettle orbit"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK || answer.Request.URL.Path == "/sign-in" {
		t.Fatalf("signing in leads to %s, %s (%v)", answer.Request.URL, answer.Status, err)
	}
	return browser
}

func get(t *testing.T, browser *http.Client, address string) string {
	t.Helper()
	answer, err := browser.Get(address) //nolint:noctx // it has a time limit
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", address, answer.Status, err)
	}
	return string(text)
}

// inDatabase changes the database as no command does.
func (h home) inDatabase(statement string) {
	h.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(h.data, "ringfence.db"))
	if err == nil {
		_, err = db.ExecContext(h.Context(), statement)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		h.Fatal(err)
	}
}

// An older Ringfence refuses what a newer one has written, and says what to type; that leads back to what there was before the upgrade, with its
// recordings. What was changed since is kept.
func TestGoingBackAfterAnUpgrade(t *testing.T) {
	beside(t)
	h, _ := fromBefore(t)
	h.says(0, "Daughter", "contact", "list") // which brings it up to date; the copy that is kept of it is another test's
	kept, err := filepath.Glob(filepath.Join(h.data, datafolder.Backups, "before-upgrade-*"))
	for _, file := range kept {
		err = errors.Join(err, os.Remove(file))
	}
	if err != nil {
		t.Fatal(err)
	}
	h.says(1, "nothing has to be put back", "restore", "--before-upgrade")
	// This is what a newer Ringfence does: it keeps the database as it is, and brings it up to date.
	if _, err := datafolder.KeepBeforeUpgrade(t.Context(), filepath.Join(h.data, datafolder.Database), store.FreeDisk, time.Now()); err != nil {
		t.Fatal(err)
	}
	h.says(0, "", "contact", "add", "After", "02079460002")
	h.inDatabase("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	refused := regexp.MustCompile("`ringfence ([^`]+)`").FindStringSubmatch(h.refusal("contact", "list"))
	if refused == nil {
		t.Fatal("it does not say what to type")
	}
	h.says(2, "name the file", "restore")
	h.says(2, "name the file", "restore", "all.tar.gz", "--before-upgrade")
	out := h.says(0, "Put back: the database from before the upgrade of ", strings.Fields(refused[1])...)
	if strings.Contains(out, "could not be kept") || !strings.Contains(out, "Start Ringfence again") {
		t.Errorf("it says %q", out)
	}
	if list := h.says(0, "Daughter", "contact", "list"); strings.Contains(list, "After") {
		t.Errorf("the contacts are those of after the upgrade: %s", list)
	}
	h.fourCalls()
	h.inLog("After (020 7946 0002) is one of your contacts now", "The database from before an upgrade was put back.")
	h.says(1, "nothing has to be put back", "restore", "--before-upgrade") // there is nothing more to undo
	set := regexp.MustCompile(`(?m)What was changed since then is in (.*);`).FindStringSubmatch(out)
	if set == nil {
		t.Fatal(out)
	}
	h.data = set[1]
	h.inDatabase("DELETE FROM goose_db_version WHERE version_id = 9999")
	h.says(0, "After: 020 7946 0002", "contact", "list")
}

// refusal is the one sentence with which a command fails.
func (h home) refusal(args ...string) string {
	h.Helper()
	code, out, errOut := h.run(args...)
	if code != exitFailed || out != "" || !strings.Contains(errOut, "a newer Ringfence has written it") {
		h.Errorf("ringfence %s: exit %d, said %q %q", strings.Join(args, " "), code, out, errOut)
	}
	return errOut
}

// inLog checks that the log of changes has sentences that begin so, of the household and of the machine.
func (h home) inLog(sentences ...string) {
	h.Helper()
	db := h.store()
	defer func() { _ = db.Close() }() // only read
	log := ""
	for _, household := range []string{"home", ""} {
		lines, err := db.AuditLog(h.Context(), household, 0, 50)
		if err != nil {
			h.Fatal(err)
		}
		for _, l := range lines {
			log += "\n" + l.Text
		}
	}
	for _, s := range sentences {
		if !strings.Contains(log, "\n"+s) {
			h.Errorf("the log of changes lacks %q:%s", s, log)
		}
	}
}
