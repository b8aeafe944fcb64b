package hubserver

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestHubSettings(t *testing.T) {
	s := Defaults()
	s.Name, s.Publisher, s.Purpose, s.Contact, s.Web.Public = "x", "x", "x", "x", "http://127.0.0.1:8090"
	good := s.Text()
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string][2]string{
		"name is empty":                   {`name = "x"`, `name = " "`},
		"there is no setting called":      {`reporters = 2`, `reporter = 2`},
		"from 1 to 1000":                  {`reporters = 2`, `reporters = 0`},
		"it is from 0 to 1":               {`confidence = 0.15`, `confidence = 15`},
		"write it as 90m or 6h":           {`"6h"`, `"often"`},
		"from 10m":                        {`"6h"`, `"1s"`},
		"twice as long as publish_every":  {`"6h"`, `"168h"`},
		"a list is valid for":             {`valid_days = 30`, `valid_days = 1000`},
		"a day has no fewer than an hour": {`reports_per_day = 60`, `reports_per_day = 10`},
		"write one such as Europe/London": {`"Europe/London"`, `"Dunmow"`},
		"web.listen is empty":             {`listen = "127.0.0.1:8090"`, `listen = ""`},
		"begins with https":               {`public = "http://127.0.0.1:8090"`, `public = "http://hub.example.org"`},
	} {
		text := strings.Replace(good, change[0], change[1], 1)
		if says == "twice as long as publish_every" {
			text = strings.Replace(text, "valid_days = 30", "valid_days = 7", 1)
		}
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", change[1], err)
		}
	}
}

// A hub that has published while its clock was ahead does not wait for that time to come: no household takes a list from the future.
func TestHubWhoseClockWasAhead(t *testing.T) {
	s := Defaults()
	s.Dir, s.Name, s.Publisher, s.Purpose, s.Contact, s.Web.Public = filepath.Join(t.TempDir(), "hub"), "x", "x", "x", "x", "http://127.0.0.1:8090"
	if err := Make(s); err != nil {
		t.Fatal(err)
	}
	_, db, err := Open(t.Context(), s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // only read
	p, err := NewPublisher(s, db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if next := p.next(now.AddDate(-1, 0, 0)); next.After(now.AddDate(-1, 0, 0)) {
		t.Errorf("a year ago it is published again at %s", next)
	}
	if next := p.next(now); !next.After(now) {
		t.Errorf("it is published again at once: %s, now %s", next, now)
	}
}
