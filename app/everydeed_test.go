package app

import (
	"cmp"
	"database/sql"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/net/html"

	"ringfence/household"
	"ringfence/ivr"
	"ringfence/store"
	"ringfence/store/sqlite"
)

// Every deed, by every front end that has it: the audit log has the same word for it, who did it by which way, and what was before and
// after; a viewer is refused; and its undo brings back what was. No deed, form, request or feature code is left out.
func TestEveryDeedByEveryFrontEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes it last minutes")
	}
	t.Parallel()
	all := slices.Concat(deeds, phraseDeeds(), optionDeeds(), sharingDeeds(t))
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
					if !said.alone {
						t.Parallel()
					}
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

// state is all that a household has, but its calls, its audit log, and in which order things were made.
func (h *house) state() string {
	h.Helper()
	db := h.sql("ro")
	defer func() { h.must(db.Close()) }()
	var all []string
	for table, columns := range h.tables(db) {
		//nolint:rowserrcheck // EachOf looks
		rows, err := db.QueryContext(h.Context(), "SELECT concat_ws('|', "+strings.Join(columns, ", ")+") FROM "+table+
			" WHERE "+map[bool]string{true: "id", false: "household_id"}[table == "households"]+" = (SELECT id FROM households WHERE name = ?)"+
			map[string]string{"reports": " AND withdrawn_at IS NULL"}[table], h.name)
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
		if slices.Contains([]string{"changes", "calls", "notices", "pass_code_tries"}, table) {
			return true
		}
		return table != "households" && !strings.Contains(strings.Join(columns, " "), "household_id")
	})
	return all
}

// leavesNothingOut holds the table of deeds to what there is: household's methods and words, and what front ends offer.
func (w *walk) leavesNothingOut(all []deed) {
	w.Helper()
	w.use("word " + string(household.Undone)) // each is undone
	w.use("method Undo")
	for _, d := range all {
		w.use("word " + string(d.word))
		for _, m := range strings.Fields(d.methods) {
			w.use("method " + m)
		}
	}
	for _, word := range wordsOfHousehold(w.T) {
		w.mustUse("word " + word)
	}
	admin := reflect.TypeFor[household.Admin]()
	for i := range admin.NumMethod() {
		m := admin.Method(i)
		for j := range m.Type.NumOut() {
			if m.Type.Out(j) == reflect.TypeFor[household.Done]() {
				w.mustUse("method " + m.Name)
			}
		}
	}
	for _, c := range ivr.Codes() {
		w.mustUse("code " + c.Name)
	}
	for _, request := range w.requests() {
		w.mustUse("program " + request)
	}
	for _, form := range w.forms() {
		w.mustUse("form " + form)
	}
	for what := range elsewhere {
		if w.used[what] {
			w.Errorf("%s is used here", what)
		}
	}
}

func (w *walk) mustUse(what string) {
	w.Helper()
	if !w.used[what] && elsewhere[what] == "" {
		w.Errorf("nothing uses this: %s: add a deed", what)
	}
}

// wordsOfHousehold are the constants of household's type Word.
func wordsOfHousehold(t *testing.T) (words []string) {
	t.Helper()
	files, err := filepath.Glob("../household/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		words = append(words, wordsIn(t, file)...)
	}
	if len(words) < 20 {
		t.Fatalf("household has only the words %q", words)
	}
	return words
}

func wordsIn(t *testing.T, file *ast.File) (words []string) {
	t.Helper()
	ast.Inspect(file, func(n ast.Node) bool {
		spec, isValue := n.(*ast.ValueSpec)
		if !isValue {
			return true
		}
		if kind, named := spec.Type.(*ast.Ident); named && kind.Name == "Word" {
			word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			words = append(words, word)
		}
		return true
	})
	return words
}

// requests are all requests of a household that change something, as the description for programs has them.
func (w *walk) requests() (all []string) {
	w.Helper()
	described, err := openapi3.NewLoader().LoadFromFile("../web/api/openapi.yaml")
	w.must(err)
	for path, item := range described.Paths.Map() {
		_, within, is := strings.Cut(path, "/households/{household}/")
		for method := range item.Operations() {
			if is && method != http.MethodGet {
				all = append(all, method+" "+shape(within))
			}
		}
	}
	return all
}

// forms are those of all pages of a household that has something of everything, as its owner finds them by its links.
func (w *walk) forms() []string {
	w.Helper()
	h := w.house(w.T)
	h.blocked()
	h.reported()
	h.daughter()
	h.imported()
	h.leftMessage()
	h.onMonday()
	h.listed()
	h.must(h.db.SetPhrase(h.Context(), h.name, store.PhraseGreeting, aSound()))
	found, seen, root := map[string]bool{}, map[string]bool{}, "/h/"+h.name+"/"
	for next := []string{root}; len(next) > 0; next = next[1:] {
		answer, err := h.owner.browser.Get(h.web + next[0])
		h.must(err)
		text := h.read(answer)
		if !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
			continue
		}
		tree, err := html.Parse(strings.NewReader(text))
		h.must(err)
		for node := range tree.Descendants() {
			to, err := answer.Request.URL.Parse(cmp.Or(attribute(node, "href"), attribute(node, "action")))
			within, is := strings.CutPrefix(to.Path, root)
			if err != nil || !is {
				continue
			}
			if node.Data == "form" && attribute(node, "method") == "post" {
				found[shape(within)] = true
			}
			if node.Data == "a" && !seen[shape(within)+to.Query().Get("name")] {
				seen[shape(within)+to.Query().Get("name")] = true
				next = append(next, to.RequestURI())
			}
		}
	}
	if len(found) < 30 {
		w.Errorf("only %d forms were found", len(found))
	}
	return slices.Sorted(maps.Keys(found))
}

// elsewhere is what changes nothing in the household, or is tested otherwise, and why.
var elsewhere = map[string]string{
	"code last-caller": "it only tells",
	"code test-call":   "it only rings",
	"form start/house": "it chooses options and the mode, as their own forms do",

	"form settings/backup/restore": "it replaces the database",
	"word restored":                "it is written into the database of the backup",
	"program POST lists/#/update":  "it only gets what is new",

	// It needs a line; web's tests have one.
	"form start/test":   "it rings the phones",
	"word test-call":    "it rings the phones",
	"method OnTestCall": "it rings the phones",

	// These are about accounts, and are in the tests of people.
	"word invited":              "web's tests of people",
	"word invitation-withdrawn": "web's tests of people",
	"word joined":               "web's tests of people",
	"word member-set":           "web's tests of people",
	"word member-removed":       "web's tests of people",
	"method RemoveMember":       "web's tests of people",
	"method SetMember":          "web's tests of people",
	"method WithdrawInvitation": "web's tests of people",
	"form people/#":             "somebody's rights",
	"form people/#/password":    "somebody's link",
	"form people/#/remove":      "somebody's place",
	"form people/invitations":   "somebody new",
}
