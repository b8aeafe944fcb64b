package timeline

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringfence/store"
)

// Every step that the program can write into a call's log has a sentence here, and so has every outcome. The words are
// looked for in the sources, for web may not import ivr.
func TestEveryWordOfTheLogHasASentence(t *testing.T) {
	words := sourceWords{outcomes: map[string]bool{}}
	for _, room := range []string{"ivr", "store", "app"} {
		words.read(t, filepath.Join("..", "..", room))
	}
	if len(words.steps) < 20 || len(words.outcomes) < 14 {
		t.Fatalf("only %d steps and %d outcomes were found in the sources", len(words.steps), len(words.outcomes))
	}
	for _, s := range words.steps {
		if _, there := spoken[s.Step]; there {
			continue
		}
		about, there := steps[s.Step]
		if !there || about[""] == "" {
			t.Errorf("there is no sentence for the step %q", s.Step)
		} else if _, there := about[s.Detail]; !there {
			t.Errorf("there is no sentence for the step %q with %q", s.Step, s.Detail)
		}
	}
	// A sentence for a step that nobody writes any more is one too many.
	for step := range steps {
		if !slices.ContainsFunc(words.steps, func(s store.Step) bool { return s.Step == step }) {
			t.Errorf("nothing writes the step %q", step)
		}
	}
	for step := range spoken {
		if !slices.ContainsFunc(words.steps, func(s store.Step) bool { return s.Step == step }) {
			t.Errorf("nothing writes the step %q", step)
		}
	}
	for outcome := range words.outcomes {
		c := store.LoggedCall{Call: store.Call{Ended: time.Now(), Outcome: outcome}}
		if _, known := became(c); !known {
			t.Errorf("there is no sentence for the outcome %q", outcome)
		}
	}
}

// sourceWords are the words that sources write into the log.
type sourceWords struct {
	steps    []store.Step // a detail that is put together when the program runs is ""
	outcomes map[string]bool
}

func (w *sourceWords) read(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no sources: %v", dir, err)
	}
	var parsed []*ast.File
	consts := map[string]string{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
		w.constants(file, consts)
	}
	for _, file := range parsed {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil && stepArgument(f.Name.Name) == 0 {
				w.function(t, f, consts)
			}
		}
	}
}

// constants collects the constants of a file, and the outcomes among them.
func (w *sourceWords) constants(file *ast.File, consts map[string]string) {
	for _, d := range file.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.CONST {
			continue
		}
		for _, spec := range decl.Specs {
			v := spec.(*ast.ValueSpec)
			for i, name := range v.Names {
				if i >= len(v.Values) {
					continue
				}
				text, ok := literal(v.Values[i], nil)
				if !ok {
					continue
				}
				consts[name.Name] = text
				if kind, ok := v.Type.(*ast.Ident); ok && kind.Name == "Outcome" {
					w.outcomes[text] = true
				}
			}
		}
	}
}

// stepArgument is which argument of a function is the step, the detail behind it; 0 of one that writes none.
func stepArgument(function string) int {
	return map[string]int{"step": 1, "stepAt": 2, "CallStep": 3, "tryStep": 4}[function]
}

func (w *sourceWords) function(t *testing.T, f *ast.FuncDecl, consts map[string]string) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		selected, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		at := stepArgument(selected.Sel.Name)
		if at == 0 || len(call.Args) < at+2 {
			return true
		}
		step, ok := literal(call.Args[at], consts)
		if !ok {
			t.Errorf("%s writes a step that this test cannot read", f.Name.Name)
			return true
		}
		detail, _ := literal(call.Args[at+1], consts)
		w.steps = append(w.steps, store.Step{Step: step, Detail: detail})
		return true
	})
}

func literal(e ast.Expr, consts map[string]string) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		text, ok := consts[e.Name]
		return text, ok
	default:
		return "", false
	}
}
