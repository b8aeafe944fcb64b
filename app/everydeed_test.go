package app

import (
	"database/sql"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ringfence/household"
	"ringfence/store"
	"ringfence/store/sqlite"
)

// Every deed, by every front end that has it: the audit log has the same word for it, who did it by which way, and what was before and
// after; a viewer is refused; whoever does it while the database fails reads a plain sentence; and its undo brings back what was. No deed,
// form, request, command or feature code is left out.
func TestEveryDeedByEveryFrontEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes it last minutes")
	}
	t.Parallel()
	all := slices.Concat(deeds, phraseDeeds(), optionDeeds(), sharingDeeds(t), bookDeeds(t), peopleDeeds())
	households := 1
	for _, d := range all {
		households += len(d.ways)
	}
	w := newWalk(t, households)
	t.Run("deeds", func(t *testing.T) {
		for i := range all {
			said := &sentences{deed: &all[i]}
			for _, way := range all[i].ways {
				t.Run(all[i].name+" by "+string(way.by), func(t *testing.T) {
					t.Parallel()
					w.house(t).walk1(said, way)
				})
			}
		}
	})
	w.leavesNothingOut(all)
}

// sentences is what the audit log has of a deed, whoever did it.
type sentences struct {
	*deed
	mu   sync.Mutex
	line *store.AuditLine // of whoever was first
}

// same says whether a line is as that of another front end.
func (s *sentences) same(l store.AuditLine) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line == nil {
		s.line = &l
	}
	if other := *s.line; l.Before != other.Before || l.After != other.After || l.Text != other.Text && !s.differs {
		return fmt.Errorf("by %s the audit log has %q: %q -> %q; by %s %q: %q -> %q", l.Way, l.Text, l.Before, l.After, other.Way, other.Text, other.Before, other.After)
	}
	return nil
}

// toCome is a time in a sentence, which is another one a minute later.
var toCome = regexp.MustCompile(`(today|tomorrow|[A-Z][a-z]+day|\d+ [A-Z][a-z]+ \d+) (at )?\d\d:\d\d`)

// general is a line as it is in every household, and at any time.
func (h *house) general(l store.AuditLine) store.AuditLine {
	for _, text := range []*string{&l.Text, &l.Before, &l.After} {
		*text = strings.ReplaceAll(toCome.ReplaceAllString(strings.ReplaceAll(*text, "Today", "today"), "THEN"), h.name, "HOME")
	}
	return l
}

func (h *house) walk1(d *sentences, way way) {
	if d.needs != nil {
		d.needs(h)
	}
	h.age()
	before, lines := h.state(), len(h.auditLog())
	if way.refuses != nil {
		way.refuses(h)
		if h.state() != before || len(h.auditLog()) != lines {
			h.Error("a viewer has changed something")
		}
	}
	as := h.carer
	if way.owner {
		as = h.owner
	}
	if way.fails != nil {
		h.writesNothing(func() { way.fails(h, as) })
		if h.state() != before && !d.prepares || len(h.auditLog()) != lines {
			h.Error("what failed has changed something")
		}
	}
	way.does(h, as)
	log := h.auditLog()
	if len(log) != lines+1 {
		h.Fatalf("the audit log has %d lines more", len(log)-lines)
	}
	who := map[store.Way]string{store.WayPage: as.Name, store.WayProgram: as.Name + ", by the program “walker”", store.WayCommand: store.ByCommand, store.WayTelephone: store.ByTelephone}
	l := h.general(log[0])
	if l.What != string(d.word) || l.Way != way.by || l.By != who[way.by] || (l.Person != 0) != (way.refuses != nil || l.By == as.Name || way.by == store.WayProgram) {
		h.Errorf("the audit log has %+v", l)
	}
	if d.was != "?" && (l.Before != d.was || l.After != d.is) {
		h.Errorf("the audit log has %q -> %q, not %q -> %q", l.Before, l.After, d.was, d.is)
	}
	if err := d.same(l); err != nil {
		h.Error(err)
	}
	if h.undoes(log[0], *d.deed); !d.final && h.state() != before {
		h.Errorf("undone, it is\n%s\nnot\n%s", h.state(), before)
	}
}

// undoes undoes what a line of the audit log tells of, on the page. What is an owner's is an owner's to undo.
func (h *house) undoes(l store.AuditLine, d deed) {
	h.Helper()
	as := h.carer
	if d.owners {
		as = h.owner
	}
	answer, err := as.browser.PostForm(h.web+h.path("/h/{household}/undo/")+strconv.FormatInt(l.ID, 10), url.Values{})
	h.must(err)
	text := h.read(answer)
	if d.final {
		if answer.StatusCode != http.StatusNotFound {
			h.Errorf("what cannot be undone answered %d", answer.StatusCode)
		}
		return
	}
	if answer.StatusCode != http.StatusOK {
		h.Fatalf("the undo answered %d: %s", answer.StatusCode, faults.FindAllString(text, -1))
	}
	u := h.auditLog()[0]
	if u.What != string(household.Undone) || u.Undoes != l.ID || u.Before != l.After || u.After != l.Before || u.By != as.Name || u.Way != store.WayPage {
		h.Errorf("the undo's line is %+v", u)
	}
}

// age makes all that a household has an hour older, so that an undo that makes something anew shows.
func (h *house) age() {
	h.Helper()
	db := h.sql("rw")
	defer func() { h.must(db.Close()) }()
	for table, column := range map[string]string{"blocks": "added_at", "contacts": "added_at", "reports": "at"} {
		_, err := db.ExecContext(h.Context(), "UPDATE "+table+" SET "+column+" = "+column+" - 3600 WHERE household_id = (SELECT id FROM households WHERE name = ?)", h.name)
		h.must(err)
	}
}

func (h *house) sql(mode string) *sql.DB {
	h.Helper()
	db, err := sql.Open("sqlite3", "file:"+h.Settings.Database()+"?_busy_timeout=10000&mode="+mode)
	h.must(err)
	return db
}

// injected is what the database says where it writes nothing.
const injected = "injected fault"

// writesNothing does something while the database takes no line of this household's audit log.
func (h *house) writesNothing(do func()) {
	h.Helper()
	db := h.sql("rw")
	defer func() { h.must(db.Close()) }()
	h.must(sqlite.Exec(h.Context(), db, "CREATE TRIGGER IF NOT EXISTS \"fail "+h.name+"\" BEFORE INSERT ON changes WHEN NEW.household_id = (SELECT id FROM households WHERE name = '"+h.name+
		"') BEGIN SELECT RAISE(ABORT, '"+injected+"'); END"))
	do()
	h.must(sqlite.Exec(h.Context(), db, "DROP TRIGGER \"fail "+h.name+"\""))
}

// state is all that a household has, but its calls, its audit log, and in which order things were made.
func (h *house) state() string {
	h.Helper()
	db := h.sql("ro")
	defer func() { h.must(db.Close()) }()
	var all []string
	h.once.Do(func() { h.columns = h.tables(db) })
	for table, columns := range h.columns {
		//nolint:rowserrcheck // EachOf looks
		rows, err := db.QueryContext(h.Context(), "SELECT concat_ws('|', "+strings.Join(columns, ", ")+") FROM "+table+
			" WHERE "+map[bool]string{true: "id", false: "household_id"}[table == "households"]+" = (SELECT id FROM households WHERE name = ?)"+
			map[string]string{
				"reports": " AND withdrawn_at IS NULL",
				"lists":   " AND (version_id IS NOT NULL OR EXISTS (SELECT 1 FROM subscriptions WHERE list_id = lists.id))", // nobody sees others
			}[table], h.name)
		h.must(sqlite.EachOf(rows, err, func(scan func(...any) error) error {
			var row string
			err := scan(&row)
			all = append(all, table+": "+row)
			return err
		}))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// tables are those with rows of households, and their columns.
func (h *house) tables(db *sql.DB) map[string][]string {
	h.Helper()
	//nolint:rowserrcheck // EachOf looks
	rows, err := db.QueryContext(h.Context(), "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name NOT IN ('id', 'changed_at')")
	all := map[string][]string{}
	h.must(sqlite.EachOf(rows, err, func(scan func(...any) error) error {
		var table, column string
		err := scan(&table, &column)
		all[table] = append(all[table], "coalesce("+column+", '-')")
		return err
	}))
	all["pass_codes"] = []string{"household_id", "name", "code"}                                                                                   // one that is given back is a new one
	all["contact_numbers"] = slices.DeleteFunc(all["contact_numbers"], func(column string) bool { return strings.Contains(column, "contact_id") }) // and so is a contact
	maps.DeleteFunc(all, func(table string, columns []string) bool {
		if slices.Contains([]string{"changes", "calls", "notices", "pass_code_tries", "phrase_changes", "blocklist_fetches"}, table) {
			return true
		}
		return table != "households" && !strings.Contains(strings.Join(columns, " "), "household_id")
	})
	return all
}
