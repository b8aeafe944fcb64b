// Package ringfence has no code of its own: this test holds which room may import which. A room is a folder at the top, or one below it that has a
// line of its own here.
package ringfence

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport has a line for each room, from those that know nothing of the others to those that know all. What a room needs that does not stand
// behind it belongs elsewhere. A room's packages may import one another.
var mayImport = map[string][]string{
	// The rules: no I/O, no clock of their own.
	"screening": {},
	// Words and sounds, and what knows nothing of households.
	"sound": {}, "prompts": {"sound"}, "asterisk": {"internal/guesses", "internal/residence"}, "notify": {}, "licences": {}, "speech": {"sound"},
	// What callers and households hear and press. The scripts do not know Asterisk; the switchboard does.
	"calllog":         {"screening"},
	"ivr":             {"calllog", "prompts", "screening", "sound", "speech"},
	"ivr/switchboard": {"calllog", "internal/repeat", "ivr", "prompts", "screening", "sound"},
	// What is kept, shared and changed.
	"store":     {"calllog", "screening", "sound"},
	"accounts":  {"internal/guesses", "store"},
	"sharing":   {"accounts", "internal/homenet", "screening", "store"},
	"household": {"accounts", "calllog", "config", "notify", "screening", "sharing", "store"}, // household/cell changes what ringfence.toml would have, by its rules
	// Pages.
	"web": {"accounts", "calllog", "household", "internal/homenet", "notify", "screening", "setup", "sharing", "sound", "store"},
	// ringfence.toml. The feature codes that a household may change are those of the scripts.
	"config": {"asterisk", "internal/homenet", "ivr", "prompts", "screening"},
	// How a household is set up: the questions, their checks, and what they write.
	"setup": {"asterisk", "calllog", "config", "internal/homenet", "screening", "store"},
	// The running program. It knows everything but the commands, and what only simulates.
	"app": {
		"accounts", "asterisk", "calllog", "config", "household", "internal/homenet", "internal/repeat", "internal/residence", "internal/systemd", "ivr", "ivr/switchboard", "notify", "prompts",
		"screening", "setup", "sharing", "sound", "speech", "store", "web",
	},
	// Simulated callers and telephones. The testbed runs the program, and is no part of it.
	"softphone": {"sound"},
	"demo":      {"asterisk", "calllog", "prompts", "screening", "sharing", "softphone", "store"},
	// Commands import everything.
	"cmd": nil,
	// What has to happen before other packages are initialised.
	"internal/early": {},
	// How many guesses a password takes.
	"internal/guesses": {},
	// Which addresses are a home's.
	"internal/homenet": {},
	// Loops that run until a context ends.
	"internal/repeat": {},
	// Giving back what only a start needed.
	"internal/residence": {},
	// Telling systemd that a service works.
	"internal/systemd": {},
	// What a native speaker would not say. It reads files, and knows no room.
	"internal/wording": {},
	// For tests.
	"internal/servetest": {"config"}, "internal/qemutest": {}, "internal/contracttest": {},
}

// only is who alone may import a package of somebody else's.
var only = map[string][]string{
	"github.com/CyCoreSystems/ari": {"ivr/switchboard"},
	"database/sql":                 {"store", "sharing"}, // a hub has a database of its own
	"github.com/mattn/go-sqlite3":  {"store", "sharing"},
	"github.com/alecthomas/kong":   {"cmd"},
	"github.com/trustelem/zxcvbn":  {"internal/guesses", "internal/early"}, // which take its dictionaries away
	"github.com/yalue":             {"speech"},
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	used := map[[2]string]bool{}
	for path, imports := range sources(t) {
		room := roomOf(filepath.Dir(path))
		allowed, known := mayImport[room]
		if !known {
			t.Errorf("%s: the room %s has no line in mayImport", path, room)
			continue
		}
		for _, name := range imports {
			for theirs, rooms := range only {
				if (name == theirs || strings.HasPrefix(name, theirs+"/")) && !slices.Contains(rooms, room) && room != "cmd" {
					t.Errorf("%s imports %s, which is for %s alone", path, name, strings.Join(rooms, " and "))
				}
			}
			ours, found := strings.CutPrefix(name, "ringfence/")
			if !found || roomOf(ours) == room || room == "cmd" {
				continue
			}
			used[[2]string{room, roomOf(ours)}] = true
			if !slices.Contains(allowed, roomOf(ours)) {
				t.Errorf("%s imports %s: %s may import %s", path, name, room, strings.Join(allowed, ", "))
			}
		}
	}
	if len(used) < 20 {
		t.Errorf("only %d pairs of rooms were found", len(used))
	}
}

// roomOf is the room of a package: the longest name in mayImport that it is, or is below; else its first folder.
func roomOf(folder string) string {
	for name := folder; name != "."; name = filepath.Dir(name) {
		if _, known := mayImport[name]; known {
			return name
		}
	}
	first, _, _ := strings.Cut(folder, "/")
	return first
}

// sources are the imports of every Go file that is no test.
func sources(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, path := range files(t, ".go") {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		all[path] = nil
		for _, i := range f.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			all[path] = append(all[path], name)
		}
	}
	return all
}

// files are the repository's files with one of these endings. Folders whose names begin with a dot are not the repository's.
func files(t *testing.T, endings ...string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.IsDir() && slices.Contains(endings, filepath.Ext(path)):
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// mostMethods is how many methods a type of the pages may have. One had 409: whatever it was for, nobody could say it in a sentence.
const mostMethods = 60

func TestNoTypeOfThePagesHasTooManyMethods(t *testing.T) {
	methods := map[string]int{}
	for path, f := range parsed(t, "web") {
		for _, d := range f.Decls {
			if of := receiver(d); of != "" {
				methods[filepath.Dir(path)+"."+of]++
			}
		}
	}
	if len(methods) < 20 {
		t.Errorf("only %d types with methods were found", len(methods))
	}
	for name, n := range methods {
		if n > mostMethods {
			t.Errorf("%s has %d methods: give those that belong together a type of their own", name, n)
		}
	}
}

// receiver is the type that a declaration is a method of; "" if it is none.
func receiver(d ast.Decl) string {
	f, is := d.(*ast.FuncDecl)
	if !is || f.Recv == nil {
		return ""
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(types.ExprString(f.Recv.List[0].Type), "*"), "[")
	return name
}
