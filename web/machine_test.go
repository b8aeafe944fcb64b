package web

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/household/cell"
	"ringfence/store"
	"ringfence/store/datafolder"
)

// cell changes the machine's lines and households.
func (s *site) cell(actor household.Actor, now time.Time) cell.Admin {
	return cell.Admin{Store: s.db, Settings: s.settings, Actor: actor, Now: now}
}

// ofMachine has a household of the database, and makes somebody own all of the machine.
func (s *site) ofMachine(who string) {
	s.t.Helper()
	dir := s.t.TempDir()
	data := filepath.Join(dir, "data")
	s.ok(datafolder.Make(data))
	s.ok(os.WriteFile(filepath.Join(dir, "ringfence.toml"), []byte("households = \"database\"\n"), 0o600))
	s.settings, _ = config.Read(filepath.Join(dir, "ringfence.toml"), data) // there is no household yet
	for _, name := range siteHouseholds {
		s.ok(s.db.SetMembership(s.t.Context(), name, s.people[who].ID, store.RoleOwner, true))
	}
	a := s.cell(household.CommandLine, siteNow)
	_, err := a.AddTrunk(s.t.Context(), "line", cell.Fields{"address": "127.0.0.2"})
	s.ok(err)
	_, err = a.AddHousehold(s.t.Context(), "mum", cell.Fields{"trunk": "line", "number": "020 7946 0100"}, []cell.PhoneChange{{Name: "hall"}})
	s.ok(err)
	s.reread()
}

// reread does what the running program does after each deed.
func (s *site) reread() {
	s.t.Helper()
	now, err := s.settings.Reread()
	s.ok(err)
	s.settings = now
}

// Households and phones come, change and go on pages, for whoever owns all of the machine; for all others there is no such page.
// Long: one story, each step of which rests on those before it.
func TestHouseholdsOnPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ofMachine("owner")
	c := s.as("owner")
	if a := c.get("/households"); a.status != http.StatusOK || !strings.Contains(a.body, "020 7946 0100") || !strings.Contains(a.body, "Add a household") {
		t.Errorf("%d %s", a.status, a.body)
	}
	password := ""
	for _, step := range []struct {
		to     string
		fields []string
		says   string
	}{
		{"/lines", []string{"name", "new", "address", "127.0.0.9"}, "Added the line new"},
		{"/households", []string{"name", "dad", "trunk", "new", "number", "0121 496 0100", "phone", "hall"}, "dad-hall"},
		{"/households", []string{"name", "dad", "trunk", "new", "phone", "hall"}, "There is a household dad already"},
		{"/households/dad", []string{"number", "0121 496 0101", "timezone", "Mars"}, "which is not known"},
		{"/households/dad", []string{"number", "0121 496 0101", "timezone", ""}, "Changed the household dad"},
		{"/households/dad/phones", []string{"phone", "attic", "address", ""}, "dad-attic"},
		{"/households/dad/phones", []string{"phone", "desk", "address", "127.0.0.8:5060"}, "Changed the household dad"},
		{"/households/dad/phones/hall/password", nil, "dad-hall"},
		{"/households/dad/phones/attic/remove", nil, "with the phones hall and desk"},
		{"/lines/new", []string{"address", "127.0.0.7"}, "Changed the line new"},
		{"/lines/new/remove", nil, "The household dad has the line new"},
		{"/households/dad/remove", []string{"history", "delete"}, "Nothing has been removed yet"},
		{"/households/dad/remove", []string{"history", "keep"}, "Removed the household dad"},
		{"/lines/new/remove", nil, "Removed the line new"},
	} {
		a := c.post(step.to, step.fields...)
		if a.status == http.StatusSeeOther {
			a = c.get(a.header.Get("Location"))
		}
		if !strings.Contains(a.body, step.says) {
			t.Fatalf("%s %v answered %d: %s", step.to, step.fields, a.status, a.body)
		}
		s.reread()
		if h := s.settings.Named("dad"); len(h.Phones) > 0 {
			password = h.Phones[0].Password
		}
		for _, page := range []string{"/households", "/households/dad"} {
			if step.says != "dad-hall" && password != "" && strings.Contains(c.get(page).body, password) {
				t.Errorf("%s shows a password", page)
			}
		}
	}
	for _, who := range []string{"carer", "granowner"} {
		other := s.as(who)
		for _, rt := range (machineHandlers{s.Server}).routes() {
			method, path := s.sample(rt.pattern, "mum")
			a := answer{}
			if method == http.MethodGet {
				a = other.get(path)
			} else {
				a = other.post(path)
			}
			if a.status != http.StatusNotFound {
				t.Errorf("%s as %s answered %d", rt.pattern, who, a.status)
			}
		}
	}
}

// The pages of the machine are as easy to use as all others.
func TestMachinePagesInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ofMachine("owner")
	window := s.browse("owner", "/h/mum/")
	for _, path := range []string{"/households", "/households/mum"} {
		b := &tab{window.For(t), t, s}
		b.open(path)
		b.axe()
		b.fits()
		b.keyboard()
	}
}

// The same for programs. A token of one household, or one that only reads, changes nothing of the machine.
func TestHouseholdsForPrograms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ofMachine("owner")
	p := s.program("owner", store.ScopeChange, "")
	for _, step := range []struct{ method, path, body, says string }{
		{"POST", "machine/trunks", `{"name": "new", "settings": {"address": "127.0.0.9", "calls": 40, "qualify": false}}`, "Added the line new"},
		{"POST", "machine/households", `{"name": "dad", "settings": {"trunk": "new", "telecare": ["01632 960222"]}, "phones": [{"name": "hall"}, {"name": "desk", "settings": {"address": "127.0.0.8:5060"}}]}`, `"user":"dad-hall"`},
		{"PATCH", "machine/households/dad", `{"settings": {"telecare": null}, "phones": [{"name": "hall", "new_password": true}, {"name": "desk", "remove": true}]}`, `"phone":"hall"`},
		{"PATCH", "machine/households/dad", `{"settings": {"colour": "red"}}`, "there is no setting called"},
		{"PATCH", "machine/trunks/new", `{"settings": {"calls": 20}}`, "Changed the line new"},
		{"GET", "machine", "", `"name":"dad","trunk":"new"`},
		{"DELETE", "machine/households/dad?delete_history=true", "", "If you are sure"},
		{"DELETE", "machine/households/dad?delete_history=true&sure=true", "", "Removed the household dad, and deleted"},
		{"DELETE", "machine/trunks/new", "", "Removed the line new"},
	} {
		a := p.json(step.method, step.path, step.body)
		if text, _ := json.Marshal(a.body); !strings.Contains(a.body, step.says) {
			t.Fatalf("%s %s answered %d: %s", step.method, step.path, a.status, text)
		}
		s.reread()
	}
	for name, other := range map[string]*program{
		"one household": s.program("owner", store.ScopeChange, "mum"), "a carer": s.program("carer", store.ScopeChange, ""), "only reading": s.program("owner", store.ScopeRead, ""),
	} {
		other.lax = true
		if a := other.json("DELETE", "machine/trunks/line", ""); a.status != http.StatusNotFound && a.status != http.StatusForbidden {
			t.Errorf("a token of %s may: %d", name, a.status)
		}
	}
}
