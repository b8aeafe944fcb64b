package ringfence

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What the Makefile runs without the race detector has nothing for it to see: no such package, none of its tests, and nothing of ours that they
// import, starts a goroutine or imports what does.
func TestNothingConcurrentRunsWithoutTheRaceDetector(t *testing.T) {
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ALONE := (.+)$`).FindSubmatch(makefile)
	if line == nil {
		t.Fatal("the Makefile has no ALONE any more")
	}
	for _, folder := range strings.Fields(string(line[1])) {
		for where, what := range concurrent(t, filepath.Clean(folder)) {
			t.Errorf("%s is among the Makefile's ALONE, and %s has %s", folder, where, what)
		}
	}
	if len(concurrent(t, "softphone/recognise")) == 0 {
		t.Error("goroutines are not found any more")
	}
}

// concurrent is what starts goroutines, or may, in a package with its tests and in those of ours that they import: files, and what each has.
func concurrent(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	seen := map[string]bool{}
	for todo := []string{folder}; len(todo) > 0; todo = todo[1:] {
		if seen[todo[0]] {
			continue
		}
		seen[todo[0]] = true
		paths, err := filepath.Glob(filepath.Join(todo[0], "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if todo[0] != folder && strings.HasSuffix(path, "_test.go") {
				continue // tests of what is only imported do not run here
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					found[path] = "a go statement"
				case *ast.SelectorExpr:
					if n.Sel.Name == "Parallel" || n.Sel.Name == "Go" {
						found[path] = "a call of " + n.Sel.Name
					}
				case *ast.ImportSpec:
					name, _ := strconv.Unquote(n.Path.Value) // it has been parsed
					if slices.Contains([]string{"database/sql", "net", "net/http"}, name) {
						found[path] = "the import " + name
					}
					if ours, is := strings.CutPrefix(name, "ringfence/"); is {
						todo = append(todo, ours)
					}
				}
				return true
			})
		}
	}
	return found
}
