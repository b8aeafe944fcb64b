package calllog

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// homonyms are words that are also those of something else, so they cannot be looked for.
var homonyms = []string{
	"message", // an action, and a recording
	"fault",   // of a program
	"carer",   // a role
	"away",    // what the dialplan calls *7
	"kept",    // a recording
	"asked", "others",
	"no-answer", // an option
}

// otherWords are files with words of their own: of what carers are told of, and of columns and fields.
var otherWords = []string{"../store/notices.go", "../store/export/parts.go"}

// No word of an outcome or a step stands as a string in the rooms that write and read the log, but here.
func TestNoWordOfTheLogStandsElsewhere(t *testing.T) {
	words := slices.DeleteFunc(constants(t, "Outcome", "Kind", "CarerKey"), func(w string) bool { return slices.Contains(homonyms, w) })
	if len(words) < 25 {
		t.Fatalf("only %d words were found", len(words))
	}
	quoted := regexp.MustCompile(`'(` + strings.Join(words, "|") + `)'`) // in SQL
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil || !readsLog(file) || slices.Contains(otherWords, path) {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, is := n.(*ast.ValueSpec); is && spec.Type != nil {
				return false // a typed constant of another vocabulary
			}
			lit, is := n.(*ast.BasicLit)
			if !is || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Error(err)
			}
			if slices.Contains(words, text) || quoted.MatchString(text) {
				t.Errorf("%s says %q", path, text)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// readsLog tells whether a file has to do with the log: it knows its words, or the store's calls.
func readsLog(file *ast.File) bool {
	return slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool {
		return slices.Contains([]string{`"ringfence/calllog"`, `"ringfence/store"`}, i.Path.Value)
	}) || file.Name.Name == "store" || file.Name.Name == "ivr" || file.Name.Name == "timeline"
}

// constants are the values of this package's constants of some types.
func constants(t *testing.T, types ...string) (words []string) {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, is := n.(*ast.ValueSpec)
			if !is || len(spec.Values) != 1 {
				return true
			}
			kind, is := spec.Type.(*ast.Ident)
			lit, literal := spec.Values[0].(*ast.BasicLit)
			if !is || !literal || !slices.Contains(types, kind.Name) {
				return true
			}
			word, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Error(err)
			}
			words = append(words, word)
			return true
		})
	}
	return words
}
