package ringfence

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// retired are words that told a newcomer nothing, or had two meanings, and what to say instead. No package, file, function, type or field, and no
// constant or variable of a package, is called so any more.
var retired = map[string]string{
	"act":    "what is done: send, save, press",
	"anew":   "again, or replace",
	"became": "outcome",
	"desk":   "choices, or callers",
	"ears":   "recognise, or a listener",
	"facts":  "details, status, or a description",
	"given":  "what it is",
	"live":   "a stream, or in progress",
	"told":   "sent, alerted, shown, or found",
	"visit":  "visitor, or request",
}

// retiredExported are words that may name something within a package, where the code beside them says what they mean, but not for others to use.
var retiredExported = map[string]string{
	"others": "which ones: devices, services, households",
	"right":  "permission, or valid",
	"there":  "existing, found, or connected",
}

// retiredPlaces are words that no package and no file is called by, though they have their uses within one.
var retiredPlaces = map[string]string{
	"day": "the demonstration", "others": "what they are", "stage": "the testbed", "there": "what it is", "common": "what it does", "util": "what it does",
}

// Names are the field's words, and functions that cancel a context are called cancel.
func TestNamesAreTheFieldsWords(t *testing.T) {
	names := 0
	for path, file := range parsed(t, ".") {
		names += len(declared(file))
		for _, what := range slices.Concat(oddNames(file), oddPlaces(path, file.Name.Name), oddCancels(file)) {
			t.Errorf("%s: %s", path, what)
		}
	}
	if names < 5000 {
		t.Errorf("only %d names were found", names)
	}
}

// Every kind of offence is found, and what only looks like one is not.
func TestOffencesAreFound(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "planted.go", `package planted
import "context"
type toldPage struct { Told, Given int; there bool }
type Right int
const liveTime = 1
var ears, day = 1, 2
func (p toldPage) OnVisit() {}
func ErrNotThere() {}
func fine(ctx context.Context) {
	ctx, done := context.WithCancel(ctx)
	defer done()
	told := 1
	_ = told
	_, cancelTest := context.WithTimeoutCause(ctx, 1, nil)
	defer cancelTest()
}
func SignOthersOut() {}
func Delivered(stage, living, react, rightmost int) {}
`, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := slices.Concat(oddNames(file), oddCancels(file))
	for _, name := range []string{"toldPage", "Told", "Given", "Right", "liveTime", "ears", "OnVisit", "ErrNotThere", "done", "SignOthersOut"} {
		if !slices.ContainsFunc(found, func(what string) bool { return strings.HasPrefix(what, name+":") }) {
			t.Errorf("%s is not found", name)
		}
	}
	if len(found) != 10 {
		t.Errorf("%d offences are found, not 10: %q", len(found), found)
	}
	for _, place := range []struct {
		path, name string
		odd        bool
	}{
		{"softphone/ears/library.go", "ears", true},
		{"web/live.go", "web", true},
		{"web/beingtold.go", "web", true},
		{"web/toldchoices.go", "web", true},
		{"screening/others.go", "screening", true},
		{"demo/day/day.go", "day", true},
		{"internal/util/strings.go", "util", true},
		{"web/today.go", "web", false},
		{"store/lists/clean.go", "lists", false},
		{"notify/deliver.go", "notify", false},
		{"store/years.go", "store", false},
	} {
		if odd := oddPlaces(place.path, place.name); (len(odd) > 0) != place.odd {
			t.Errorf("%s: %q", place.path, odd)
		}
	}
}

// oddNames are the names that a file declares with a retired word in them.
func oddNames(file *ast.File) (odd []string) {
	for _, name := range declared(file) {
		for _, word := range wordsOf(name.Name) {
			say, is := retired[word]
			if !is && name.IsExported() {
				say, is = retiredExported[word]
			}
			if is {
				odd = append(odd, fmt.Sprintf("%s: not %q (say %s)", name.Name, word, say))
			}
		}
	}
	return odd
}

// oddPlaces are retired words in the name of a package, of a file or of a folder.
func oddPlaces(path, name string) (odd []string) {
	compounds := []string{"told", "facts"} // as in beingtold.go; "ears" would be found in years
	parts := strings.FieldsFunc(strings.TrimSuffix(path, filepath.Ext(path)), func(r rune) bool { return strings.ContainsRune("/_-.", r) })
	for _, word := range append(parts, name) {
		for not, say := range retired {
			if word == not || slices.Contains(compounds, not) && strings.Contains(word, not) {
				odd = append(odd, fmt.Sprintf("not %q (say %s)", not, say))
			}
		}
		if say, is := retiredPlaces[word]; is {
			odd = append(odd, fmt.Sprintf("not %q (say %s)", word, say))
		}
	}
	return odd
}

// oddCancels are the functions that cancel a context and are not called so.
func oddCancels(file *ast.File) (odd []string) {
	makers := []string{"WithCancel", "WithCancelCause", "WithTimeout", "WithTimeoutCause", "WithDeadline", "WithDeadlineCause"}
	ast.Inspect(file, func(n ast.Node) bool {
		assigned, ok := n.(*ast.AssignStmt)
		if !ok || len(assigned.Lhs) != 2 || len(assigned.Rhs) != 1 {
			return true
		}
		call, ok := assigned.Rhs[0].(*ast.CallExpr)
		if !ok {
			return true
		}
		f, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains(makers, f.Sel.Name) {
			return true
		}
		if name, ok := assigned.Lhs[1].(*ast.Ident); ok && name.Name != "_" && !strings.Contains(strings.ToLower(name.Name), "cancel") {
			odd = append(odd, name.Name+": it cancels a context, so call it cancel")
		}
		return true
	})
	return odd
}

// declared are the names that a file gives to functions, types, fields, and constants and variables of its package.
func declared(file *ast.File) (names []*ast.Ident) {
	for _, d := range file.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				names = append(names, n.Name)
				return false
			case *ast.TypeSpec:
				names = append(names, n.Name)
			case *ast.ValueSpec:
				names = append(names, n.Names...)
			case *ast.Field:
				names = append(names, n.Names...)
			case *ast.FuncType, *ast.FuncLit:
				return false
			}
			return true
		})
	}
	return names
}

// wordsOf are the words of a name in small letters: "OnCallGone" has on, call and gone.
func wordsOf(name string) (all []string) {
	word := ""
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 && !unicode.IsUpper(rune(name[i-1])) {
			all, word = append(all, word), ""
		}
		word += string(unicode.ToLower(r))
	}
	return append(all, word)
}
