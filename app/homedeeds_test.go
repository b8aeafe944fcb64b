package app

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/household/cell"
	"ringfence/store"
)

// homeDeed is one thing that somebody does to the machine's lines and households, by each front end; NEW is the name of a household and its line.
type homeDeed struct {
	word    household.Word
	page    string // the address of the form
	fields  []string
	program string // the request within /api/v1/machine
	body    string
	command []string
}

var homeDeeds = []homeDeed{
	{word: cell.TrunkAdded, page: "/lines", fields: []string{"name", "NEW", "address", "127.0.0.9"}, program: "POST trunks", body: `{"name": "NEW", "settings": {"address": "127.0.0.9"}}`,
		command: []string{"trunk", "add", "NEW", "--address", "127.0.0.9"}},
	{word: cell.TrunkChanged, page: "/lines/NEW", fields: []string{"address", "127.0.0.8"}, program: "PATCH trunks/NEW", body: `{"settings": {"address": "127.0.0.8"}}`,
		command: []string{"trunk", "change", "NEW", "--address", "127.0.0.8"}},
	{word: cell.HouseholdAdded, page: "/households", fields: []string{"name", "NEW", "trunk", "NEW", "number", "0121 496 0999", "phone", "hall"}, program: "POST households",
		body: `{"name": "NEW", "settings": {"trunk": "NEW", "number": "0121 496 0999"}, "phones": [{"name": "hall"}]}`, command: []string{"add", "NEW", "--trunk", "NEW", "--number", "0121 496 0999", "--phone", "hall"}},
	{word: cell.HouseholdChanged, page: "/households/NEW", fields: []string{"number", "0121 496 0998"}, program: "PATCH households/NEW", body: `{"settings": {"number": "0121 496 0998"}}`,
		command: []string{"change", "NEW", "--number", "0121 496 0998"}},
	{word: cell.HouseholdChanged, page: "/households/NEW/phones", fields: []string{"phone", "attic", "address", ""}, program: "PATCH households/NEW", body: `{"phones": [{"name": "attic"}]}`,
		command: []string{"change", "NEW", "--phone", "attic"}},
	{word: cell.HouseholdChanged, page: "/households/NEW/phones/attic/password", program: "PATCH households/NEW", body: `{"phones": [{"name": "attic", "new_password": true}]}`,
		command: []string{"change", "NEW", "--new-password", "attic"}},
	{word: cell.HouseholdChanged, page: "/households/NEW/phones/attic/remove", program: "PATCH households/NEW", body: `{"phones": [{"name": "attic", "remove": true}]}`,
		command: []string{"change", "NEW", "--remove-phone", "attic"}},
	{word: cell.HouseholdRemoved, page: "/households/NEW/remove", fields: []string{"history", "keep"}, program: "DELETE households/NEW", command: []string{"remove", "NEW"}},
	{word: cell.TrunkRemoved, page: "/lines/NEW/remove", program: "DELETE trunks/NEW", command: []string{"trunk", "remove", "NEW"}},
}

// homesWalk is a walk on a machine that has its households in the database.
type homesWalk struct {
	*walk
	*testing.T
}

func newHomesWalk(t *testing.T) *homesWalk {
	t.Helper()
	w := &homesWalk{newWalk(t, 1), t}
	text, err := os.ReadFile(w.config)
	w.must(err)
	_, err = w.cell(household.CommandLine, time.Now()).Import(t.Context(), text)
	w.must(err)
	w.must(os.WriteFile(w.config, []byte("households = \"database\"\n[lists]\nallow_private = true\n"), 0o600))
	w.follow()
	return w
}

func (w *homesWalk) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// follow does what the running program does when settings change.
func (w *homesWalk) follow() {
	w.Helper()
	now, err := config.Read(w.config, w.data)
	w.must(err)
	w.adopt(w.Context(), w.Settings.WithHouseholdsOf(now))
}

// lines are the audit log's, of a household and of the machine.
func (w *homesWalk) lines(name string) (all []store.AuditLine) {
	w.Helper()
	for _, of := range []string{name, ""} {
		some, err := w.db.AuditLog(w.Context(), of, 0, 100)
		w.must(err)
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b store.AuditLine) int { return int(b.ID - a.ID) })
	return all
}

// does a deed by one front end, and returns its status.
func (w *homesWalk) does(d homeDeed, by store.Way, name string, as *person) int {
	w.Helper()
	with := func(text string) string { return strings.ReplaceAll(text, "NEW", name) }
	var answer *http.Response
	var err error
	switch by {
	case store.WayPage:
		form := url.Values{}
		for i := 0; i < len(d.fields); i += 2 {
			form.Set(d.fields[i], with(d.fields[i+1]))
		}
		answer, err = as.browser.PostForm(w.web+with(d.page), form)
	case store.WayProgram:
		method, path, _ := strings.Cut(with(d.program), " ")
		r, failed := http.NewRequestWithContext(w.Context(), method, w.web+"/api/v1/machine/"+path, strings.NewReader(with(d.body)))
		w.must(failed)
		r.Header.Set("Authorization", "Bearer "+as.token)
		r.Header.Set("Content-Type", "application/json")
		answer, err = http.DefaultClient.Do(r)
	default:
		var args []string
		for _, arg := range d.command {
			args = append(args, with(arg))
		}
		program, failed := w.program()
		w.must(failed)
		out, failed := exec.CommandContext(w.Context(), program, append([]string{"--config", w.config, "--data", w.data, "household"}, args...)...).CombinedOutput()
		if failed != nil {
			w.Fatalf("%v: %v: %s", args, failed, out)
		}
		w.follow()
		return http.StatusOK
	}
	w.must(err)
	text, err := io.ReadAll(answer.Body)
	w.must(err)
	w.must(answer.Body.Close())
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusNotFound {
		w.Fatalf("%s %s answered %d: %s", d.page, d.program, answer.StatusCode, text)
	}
	return answer.StatusCode
}

// Every deed about lines and households, by page, program and command: the same line in the audit log, in force when the answer comes, and for nobody
// who does not own all of the machine.
func TestEveryDeedAboutHomesByEveryFrontEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes it last minutes")
	}
	t.Parallel()
	w := newHomesWalk(t)
	said := map[int]store.AuditLine{}
	for _, by := range []store.Way{store.WayPage, store.WayProgram, store.WayCommand} {
		name := "by-" + string(by)
		for i, d := range homeDeeds {
			if by != store.WayCommand {
				before := len(w.lines(name))
				if status := w.does(d, by, name, w.carer); status != http.StatusNotFound || len(w.lines(name)) != before {
					t.Errorf("%s by %s of a carer answered %d", d.word, by, status)
				}
			}
			w.does(d, by, name, w.owner)
			l := w.lines(name)[0]
			if l.What != string(d.word) || l.Way != by || by != store.WayCommand && l.Person != w.owner.ID {
				t.Errorf("%s by %s: the audit log has %+v", d.word, by, l)
			}
			for _, text := range []*string{&l.Text, &l.Before, &l.After} {
				*text = strings.ReplaceAll(*text, name, "NEW")
			}
			if other, before := said[i]; before && (other.Text != l.Text || other.Before != l.Before || other.After != l.After) {
				t.Errorf("%s by %s has %q: %q -> %q; by page %q: %q -> %q", d.word, by, l.Text, l.Before, l.After, other.Text, other.Before, other.After)
			}
			said[i] = l
			is, _ := json.Marshal(cell.Look(w.current.Settings()))
			if there := strings.Contains(string(is), name); there != (d.word != cell.TrunkRemoved) {
				t.Errorf("after %s by %s it is there: %v", d.word, by, there)
			}
			if d.word == cell.HouseholdAdded && (w.regions.lines.Of(name).Number != "+441214960999" || len(w.current.Endpoints()[name]) != 1) {
				t.Errorf("%s by %s is not in force", d.word, by)
			}
		}
	}
}
