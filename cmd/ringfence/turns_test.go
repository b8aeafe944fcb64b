package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// turns bounds how many stages are open at a time: what people hear must not depend on how many others speak. On a machine that does not
// keep up they become fewer. Tests that take long go first, so that at the end not everybody waits for them.
type turns struct {
	most, least int                                    // how many are open at a time, and how many however slow the machine is
	more        int                                    // how many, while the machine keeps up with ease: those that take long mostly wait
	lost        func(from, to time.Time) time.Duration // how long the machine stood still

	mu          sync.Mutex
	open        int
	last        time.Time       // when the last one was opened
	long, short []chan struct{} // those who wait, closed when it is their turn
}

const (
	window  = 2 * time.Second        // for as long the machine is looked at
	between = 200 * time.Millisecond // one stage and the next: how much it asks of the machine shows only once it is there
)

// take waits for a test's turn, which is until its end.
func (t *turns) take(of *testing.T, long bool) {
	<-t.line(long)
	of.Cleanup(t.giveBack)
}

func (t *turns) line(long bool) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	turn := make(chan struct{})
	if long {
		t.long = append(t.long, turn)
	} else {
		t.short = append(t.short, turn)
	}
	return turn
}

// admit begins the next turn if there is room for it now.
func (t *turns) admit(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.last) < between || t.open >= max(t.most, t.more) {
		return
	}
	bearable, queues := window/2, []*[]chan struct{}{&t.long, &t.short}
	if t.open >= t.most { // a test that does not take long asks most of the processor, and makes room soon
		bearable = window / 20
		slices.Reverse(queues)
	}
	if t.open >= t.least && t.lost(now.Add(-window), now) > bearable {
		return
	}
	for _, waiting := range queues {
		if len(*waiting) > 0 {
			close((*waiting)[0])
			*waiting = (*waiting)[1:]
			t.open++
			t.last = now
			return
		}
	}
}

// giveBack ends a turn.
func (t *turns) giveBack() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open--
}

// A test with subtests runs beside others itself, as those do that open a testbed first: go test begins none of the tests that run side by side before
// the others have ended, with their subtests. Three such tests took as long as a third of all calls, with nothing beside them.
func TestSubtestsHoldNothingUp(t *testing.T) {
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, is := d.(*ast.FuncDecl)
			if !is || !strings.HasPrefix(f.Name.Name, "Test") || f.Name.Name == "TestMain" {
				continue
			}
			calls := callsBesideSubtests(f.Body)
			if !calls["t.Run"] {
				continue
			}
			seen++
			if !calls["t.Parallel"] && !calls["beside"] && !calls["openHouse"] && !calls["openLongHouse"] && !calls["wired"] {
				t.Errorf("%s: %s has subtests, and does not begin with t.Parallel()", name, f.Name.Name)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d tests with subtests were found", seen)
	}
}

// callsBesideSubtests are the names of what a test calls, without what its subtests do.
func callsBesideSubtests(body ast.Node) map[string]bool {
	calls := map[string]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			switch f := n.Fun.(type) {
			case *ast.Ident:
				calls[f.Name] = true
			case *ast.SelectorExpr:
				if of, is := f.X.(*ast.Ident); is {
					calls[of.Name+"."+f.Sel.Name] = true
				}
			}
		}
		return true
	})
	return calls
}
