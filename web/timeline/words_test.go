package timeline

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ringfence/calllog"
)

// Every outcome and every step has a sentence here, and every value of a detail has one of its own; and there is no step that
// nothing writes.
func TestEveryWordOfTheLogHasASentence(t *testing.T) {
	words := constantsOfLog(t)
	for _, w := range words["Outcome"] {
		if _, known := summaries[calllog.Outcome(w)]; !known {
			t.Errorf("there is no sentence for the outcome %q", w)
		}
	}
	writers := ""
	for _, path := range slices.Concat(sources(t, "ivr"), sources(t, "store")) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		writers += string(text)
	}
	for _, w := range words["Kind"] {
		step := calllog.Read(calllog.Kind(w), "{}")
		if sentence(step) == sentence(calllog.Other{Word: calllog.Kind(w)}) {
			t.Errorf("there is no sentence for the step %q", w)
		}
		if !strings.Contains(writers, fmt.Sprintf("%T{", step)) {
			t.Errorf("nothing writes the step %q", w)
		}
	}
	for detail, known := range map[string]func(word string) bool{
		"Phones":        func(w string) bool { return phones[calllog.Phones(w)] != "" },
		"WhyNoAnswer":   func(w string) bool { return noAnswers[calllog.WhyNoAnswer(w)] != "" },
		"WhySuspected":  func(w string) bool { return suspected[calllog.WhySuspected(w)] != "" },
		"WhySecondCall": func(w string) bool { return secondCalls[calllog.WhySecondCall(w)] != "" },
		"Key":           func(w string) bool { return keys[calllog.Key(w)] != "" },
		"WhyNotAllowed": func(w string) bool { return notAllowed[calllog.WhyNotAllowed(w)] != "" },
		"ScriptLevel":   func(w string) bool { return scripts[calllog.ScriptLevel(w)] != "" },
		"ScriptAction":  func(w string) bool { return scriptResults[calllog.ScriptAction(w)] != "" },
		"Effect":        func(w string) bool { return faults[calllog.Effect(w)] != "" },
	} {
		if len(words[detail]) == 0 {
			t.Errorf("there are no words of the type %s", detail)
		}
		for _, w := range words[detail] {
			if !known(w) {
				t.Errorf("there is no sentence for the %s %q", detail, w)
			}
		}
	}
	if len(words["Outcome"]) < 15 || len(words["Kind"]) < 20 {
		t.Errorf("only %d outcomes and %d steps were found", len(words["Outcome"]), len(words["Kind"]))
	}
}

func sources(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", folder, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s has no sources: %v", folder, err)
	}
	return slices.DeleteFunc(paths, func(path string) bool { return strings.HasSuffix(path, "_test.go") })
}

// constantsOfLog are the constants of package calllog by their types.
func constantsOfLog(t *testing.T) map[string][]string {
	t.Helper()
	words := map[string][]string{}
	for _, path := range sources(t, "calllog") {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, is := n.(*ast.ValueSpec)
			if !is || len(spec.Values) != 1 {
				return true
			}
			kind, typed := spec.Type.(*ast.Ident)
			lit, literal := spec.Values[0].(*ast.BasicLit)
			if !typed || !literal {
				return true
			}
			word, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Error(err)
			}
			words[kind.Name] = append(words[kind.Name], word)
			return true
		})
	}
	return words
}
