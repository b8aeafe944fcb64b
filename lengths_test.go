package ringfence

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// How many lines a function and a file may have, tests included, and how a comment above it begins to say why it has to have more.
const (
	longestFunction = 60
	longestFile     = 400
	longestCommand  = 150 // and a file beside it, such as what it asks or prints
	longBecause     = "Long: "
)

func TestFunctionsAndFilesAreShort(t *testing.T) {
	functions, reasons := 0, 0
	for _, path := range files(t, ".go") {
		text, err := os.ReadFile(path) //nolint:gosec // this repository
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(text), "\n"); lines > longestFile && !strings.Contains(f.Doc.Text(), longBecause) {
			t.Errorf("%s has %d lines, more than %d: divide it by what it is about", path, lines, longestFile)
		}
		for _, d := range f.Decls {
			fn, is := d.(*ast.FuncDecl)
			if !is {
				continue
			}
			functions++
			lines := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line + 1
			switch reason := strings.Contains(fn.Doc.Text(), longBecause); {
			case lines > longestFunction && !reason:
				t.Errorf("%s: %s has %d lines, more than %d: divide it, or say above it why it has to be long (%s…)", path, fn.Name.Name, lines, longestFunction, longBecause)
			case lines > longestFunction:
				reasons++
			case reason:
				t.Errorf("%s: %s has %d lines, and says why it is long", path, fn.Name.Name, lines)
			}
		}
	}
	if functions < 5000 || reasons == 0 {
		t.Errorf("only %d functions were found, of which %d say why they are long", functions, reasons)
	}
}

// A command parses its arguments, calls a room and prints. One that is longer does something that belongs elsewhere, or is several.
func TestCommandsAreShort(t *testing.T) {
	commands := 0
	for path, f := range parsed(t, "cmd/ringfence") {
		if strings.Contains(path, "/testdata/") {
			continue
		}
		text, err := os.ReadFile(path) //nolint:gosec // this repository
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(text), "\n"); lines > longestCommand {
			t.Errorf("%s has %d lines, more than %d: give each command a file, and what asks or prints another one; a rule goes to its room", path, lines, longestCommand)
		}
		for _, d := range f.Decls {
			if fn, is := d.(*ast.FuncDecl); is && fn.Recv != nil && fn.Name.Name == "Run" {
				commands++
			}
		}
	}
	if commands < 80 {
		t.Errorf("only %d commands were found", commands)
	}
}
