package app

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/net/html"

	"ringfence/household"
	"ringfence/ivr"
	"ringfence/store"
)

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
	for _, command := range w.commands() {
		w.mustUse("command " + command)
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
	command, is := strings.CutPrefix(what, "command ")
	if is && slices.ContainsFunc(slices.Collect(maps.Values(otherCommands)), func(names []string) bool { return slices.Contains(names, command) }) {
		return
	}
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

// commands are all that the program's help names.
func (w *walk) commands() (all []string) {
	w.Helper()
	program, err := w.program()
	w.must(err)
	var below func(words []string)
	below = func(words []string) {
		help, err := exec.CommandContext(w.Context(), program, append(words, "--help")...).Output()
		w.must(err)
		found := regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z]+)*)  +[A-Z]`).FindAllStringSubmatch(string(help), -1)
		if len(found) == 0 {
			all = append(all, strings.Join(words, " "))
		}
		for _, command := range found {
			below(strings.Fields(command[1]))
		}
	}
	below(nil)
	if len(all) < 50 {
		w.Errorf("only the commands %q were found", all)
	}
	return all
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

// otherCommands change nothing of a household, by what they do.
var otherCommands = map[string][]string{
	"tell": {
		"check", "lookup", "replay", "calls", "contact list", "contact export", "contact sync show", "block list", "country list", "passcode list", "messages list", "notices", "alert list", "alert show", "alert test", "dialled list",
		"list list", "list export", "list ready show", "list show", "list verify", "group list", "group sent", "schedule list", "user list", "area list", "card", "version", "licences",
	},
	"run":                   {"serve", "demo", "asterisk install", "asterisk config", "asterisk run", "asterisk upgrade", "asterisk wait"},
	"only get what is new":  {"list update", "contact sync update"},
	"are about the machine": {"backup", "restore", "replica restore", "setup", "household list", "household show", "household export", "area add", "area include", "area exclude", "area rename", "area remove"},
	"are in TestEveryDeedAboutHomesByEveryFrontEnd": {
		"household add", "household change", "household remove", "household import", "household trunk add", "household trunk change", "household trunk remove",
	},
	"are about a hub, not here": {"hub init", "hub serve", "hub publish", "hub invite", "hub moderator add", "hub moderator password", "hub moderator list", "hub moderator remove", "hub backup", "hub restore"},
}

// elsewhere is what changes nothing in the household, or is tested otherwise, and why.
var elsewhere = map[string]string{
	"code last-caller": "it only tells",
	"code test-call":   "it only rings",

	"form settings/backup/restore": "it replaces the database",
	"word restored":                "it is written into the database of the backup",
	"program POST lists/#/update":  "it only gets what is new",

	"program POST contact-sync/check": "it only gets what is new",
	"form contacts/sync/check":        "likewise",
	"form contacts/sync/book":         "it begins like contacts/sync; web's tests have it",

	"program POST preview": "it changes nothing; web's tests have it",

	"command speech install": "it brings files to the machine, for all households",
	"command speech read":    "it only reads a recording",
	"command speech script":  "it only reads a text",

	// It needs a line; web's tests have one.
	"form start/test":   "it rings the phones",
	"word test-call":    "it rings the phones",
	"method OnTestCall": "it rings the phones",

	// They are of the machine, and change roles in many households.
	"word area-added":      "tests of areas in household and web have it",
	"word area-renamed":    "likewise",
	"word area-removed":    "likewise",
	"word area-households": "likewise",
	"word area-role":       "likewise",

	"word joined": "whoever comes in has no account before; web's tests of people have it",
}
