package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/app"
	"ringfence/internal/servetest"
	"ringfence/screening"
	"ringfence/store/backups"
	"ringfence/store/rescue"
)

// A database that is damaged when the application starts is replaced before anything else, and everybody is told: the log, the carers,
// check and whoever asks for its health.
func TestADamagedDatabaseIsReplacedAtTheStart(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(path string) error{
		"damaged": func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("this is no database. ", 500)), 0o600)
		},
		"missing": os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
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
			fatal(errors.Join(db.AddContact(ctx, "home", "Daughter", "+442079460001"), backups.MakeDaily(ctx, db.Folder(), time.Now()), db.Close()))
			fatal(damage(s.Database()))
			h.says(exitFailed, name, "contact", "list") // no command makes a new one

			log, stop := h.serves()
			log.Has(t, "a damaged database was replaced")
			log.Has(t, "pages are served")
			answer, err := http.Get("http://" + listen + "/health")
			fatal(err)
			text, err := io.ReadAll(answer.Body)
			fatal(errors.Join(err, answer.Body.Close()))
			if answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(text), `{"name":"database","up":false}`) {
				t.Errorf("its health is %d %s", answer.StatusCode, text)
			}
			if code := stop(); code != 0 {
				t.Errorf("it ended with %d: %s", code, log)
			}
			h.says(exitDone, "Daughter", "contact", "list")
			h.says(exitDone, "The database was damaged. Its backup of", "notices")
			_, out, _ := h.run("check")
			r, _, err := rescue.Last(h.data)
			fatal(err)
			if !strings.Contains(out, "FAIL  database") || !strings.Contains(out, "delete that folder once you need nothing of it") || !strings.Contains(out, r.Folder) {
				t.Errorf("check says %s", out)
			}
			fatal(os.RemoveAll(r.Folder))
			if _, out, _ := h.run("check"); !strings.Contains(out, "ok    database") {
				t.Errorf("check says %s", out)
			}
		})
	}
}

// A database whose file is removed while the application runs is written again from what the application has of it.
func TestADatabaseThatIsRemovedWhileItRuns(t *testing.T) {
	t.Parallel()
	listen := servetest.FreePort(t)
	h := newHome(t, "[asterisk]\nari = \""+servetest.FreePort(t)+"\"\n[web]\nlisten = \""+listen+"\"\n"+usualSettings)
	s, err := (&program{Config: h.config, Data: h.data}).settings()
	if err != nil {
		t.Fatal(err)
	}
	h.says(exitDone, "Daughter", "contact", "add", "Daughter", "02079460001")
	if _, err := s.MakeARIPassword(); err != nil {
		t.Fatal(err)
	}
	log, stop := h.serves()
	log.Has(t, "pages are served")
	if err := os.Remove(s.Database()); err != nil {
		t.Fatal(err)
	}
	log.Has(t, "the database's file is not there any more")
	log.Has(t, "restarting the application with it")
	for {
		answer, err := http.Get("http://" + listen + "/health")
		if err == nil {
			_ = answer.Body.Close() // nothing of it is read
			break
		}
		time.Sleep(20 * time.Millisecond) // not there yet
	}
	if code := stop(); code != 0 {
		t.Errorf("it ended with %d: %s", code, log)
	}
	h.says(exitDone, "Daughter", "contact", "list")
	h.says(exitDone, "with nothing lost", "notices")
}

// The end of a log that cannot be read is told to carers; the database itself is used as it is.
func TestADamagedLogIsToldOf(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h := newHome(t, "[asterisk]\nari = \""+servetest.FreePort(t)+"\"\n[web]\nlisten = \"\"\n"+usualSettings)
	s, err := (&program{Config: h.config, Data: h.data}).settings()
	if err != nil {
		t.Fatal(err)
	}
	db, err := app.OpenStore(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Daughter", "Son"} {
		if err := db.AddContact(ctx, "home", name, map[string]screening.Number{"Daughter": "+442079460001", "Son": "+442079460002"}[name]); err != nil {
			t.Fatal(err)
		}
	}
	log := s.Database() + "-wal"
	wal, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	database, err := os.ReadFile(s.Database())
	_, made := s.MakeARIPassword()
	if err := errors.Join(err, made, db.Close()); err != nil {
		t.Fatal(err)
	}
	wal[100] ^= 0xff // in the first frame of what came after the last checkpoint
	if err := errors.Join(os.WriteFile(s.Database(), database, 0o600), os.WriteFile(log, wal, 0o600)); err != nil {
		t.Fatal(err)
	}
	said, stop := h.serves()
	said.Has(t, "no connection to Asterisk")
	stop()
	h.says(exitDone, "The last entries before Ringfence's start could not be read", "notices")
	kept, err := filepath.Glob(filepath.Join(h.data, "damaged-*", "ringfence.db-wal"))
	if err != nil || len(kept) != 1 {
		t.Errorf("the log was not set aside: %v", err)
	}
}
