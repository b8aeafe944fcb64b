package ringfence

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// retired are words that told a newcomer nothing, or had two meanings, and what is said instead. No function, type, constant, variable of a
// package or field may be called so any more.
var retired = map[string]string{
	"desk":   "what it is: choices of a household",
	"anew":   "again, replace",
	"ears":   "who listens, recognise",
	"facts":  "status, details",
	"given":  "what it is",
	"became": "outcome",
	"told":   "notified, sentence",
	"visit":  "request",
	"act":    "what is done",
}

// Names are the field's words. A function that cancels a context is called cancel.
func TestNamesAreTheFieldsWords(t *testing.T) {
	set, names := token.NewFileSet(), 0
	for path, file := range goFiles(t, set) {
		for _, name := range declared(file) {
			names++
			for _, word := range wordsOf(name.Name) {
				if say, is := retired[word]; is {
					t.Errorf("%s: %s: not %q any more (%s)", set.Position(name.Pos()), name.Name, word, say)
				}
			}
		}
		for _, name := range cancels(file) {
			if name.Name != "_" && !strings.Contains(strings.ToLower(name.Name), "cancel") {
				t.Errorf("%s: %s cancels a context: call it cancel", path, set.Position(name.Pos()))
			}
		}
	}
	if names < 5000 {
		t.Errorf("only %d names were found", names)
	}
}

func goFiles(t *testing.T, set *token.FileSet) map[string]*ast.File {
	t.Helper()
	all := map[string]*ast.File{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || path == "names_test.go" {
			return err
		}
		all[path], err = parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// declared are the names that a file gives to functions, types, fields, and constants and variables of its package.
func declared(file *ast.File) (names []*ast.Ident) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names = append(names, d.Name)
		case *ast.GenDecl:
			ast.Inspect(d, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.TypeSpec:
					names = append(names, n.Name)
				case *ast.ValueSpec:
					names = append(names, n.Names...)
				case *ast.StructType:
					names = append(names, fieldsOf(n.Fields)...)
				case *ast.InterfaceType:
					names = append(names, fieldsOf(n.Methods)...)
				case *ast.FuncLit:
					return false
				}
				return true
			})
		}
	}
	return names
}

func fieldsOf(list *ast.FieldList) (names []*ast.Ident) {
	for _, f := range list.List {
		names = append(names, f.Names...)
	}
	return names
}

// cancels are the variables that get what cancels a context.
func cancels(file *ast.File) (names []*ast.Ident) {
	ast.Inspect(file, func(n ast.Node) bool {
		assigned, is := n.(*ast.AssignStmt)
		if !is || len(assigned.Lhs) != 2 || len(assigned.Rhs) != 1 {
			return true
		}
		call, _ := assigned.Rhs[0].(*ast.CallExpr)
		if call == nil {
			return true
		}
		f, _ := call.Fun.(*ast.SelectorExpr)
		name, _ := assigned.Lhs[1].(*ast.Ident)
		if f != nil && name != nil && slices.Contains([]string{"WithCancel", "WithCancelCause", "WithTimeout", "WithTimeoutCause", "WithDeadline"}, f.Sel.Name) {
			names = append(names, name)
		}
		return true
	})
	return names
}

// wordsOf are the words of a name, in small letters: "OnCallGone" has on, call and gone.
func wordsOf(name string) (words []string) {
	word := ""
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 && !unicode.IsUpper(rune(name[i-1])) {
			words, word = append(words, word), ""
		}
		word += string(unicode.ToLower(r))
	}
	return append(words, word)
}
