package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/cmd/faults/figures"
)

func TestAPromiseHoldsWhereAllOfItDoes(t *testing.T) {
	well := figures.Cell{
		State: "asked for a name", Fault: "application killed", Promise: figures.TheyMeet, Silence: 16 * time.Second,
		Rang: figures.Yes, RangAfter: 27 * time.Second, Talked: figures.Yes, Next: figures.Yes, Logged: figures.Yes,
	}
	ill := well
	ill.Fault, ill.Rang, ill.Silence, ill.Broken = "card read-only", figures.No, 21*time.Second, []string{"the house did not ring", "21 s of silence"}
	cuts := promise{sentence: "Nothing is lost.", tests: of("./store", "TestCuts")}
	for name, c := range map[string]struct {
		cells  []figures.Cell
		cuts   result
		broken []string
		says   []string
	}{
		"all well": {[]figures.Cell{well}, passed, nil, []string{
			"1 of 1 tries; rang after 27 seconds at the latest. Test: `TestFaultTable`.", "Ext4: 25 cuts. Test: `TestCuts`.",
			"| Asked for a name | 1 | 0 | 16 s | yes, within 27 s | yes | yes | yes |",
		}},
		"one cell": {[]figures.Cell{well, ill}, passed, []string{promises[0].sentence, promises[4].sentence, brokenCell(ill)}, []string{
			promises[0].sentence + "** (This does not hold yet.)\n1 of 2 tries", "### What did not hold\n\n- asked for a name, card read-only: the house did not ring; 21 s of silence\n",
		}},
		"no cell":           {nil, passed, []string{promises[0].sentence, promises[4].sentence}, nil},
		"a test fails":      {[]figures.Cell{well}, "fail", []string{cuts.sentence}, nil},
		"a test is skipped": {[]figures.Cell{well}, "skip", []string{cuts.sentence}, nil},
		"a test is absent":  {[]figures.Cell{well}, "", []string{cuts.sentence}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := report{
				promises: []promise{promises[0], promises[4], cuts}, results: map[string]result{"TestCuts": c.cuts, theTable: "fail"},
				figures: []figures.Figure{{Test: "TestCuts/ext4", Text: "25 cuts"}, {Test: "TestCutsOfOthers", Text: "not this"}},
				at:      time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), took: 29 * time.Minute, machine: "a machine",
			}
			for _, cell := range c.cells {
				r.figures = append(r.figures, figures.Figure{Test: theTable + "/x", Cell: &cell})
			}
			if got := r.broken(); strings.Join(got, "\n") != strings.Join(c.broken, "\n") {
				t.Errorf("broken: %q, not %q", got, c.broken)
			}
			text := r.markdown()
			for _, want := range append(c.says, "Last run: 28 November 2026, in 29 minutes, on a machine.") {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			if strings.Contains(text, "not this") {
				t.Error("figures of another test")
			}
		})
	}
}

// Whoever was on the line when Asterisk died was left as the promise says, and the document says how many heard what.
func TestWhatIsLeftOfACallThatDiesWithAsterisk(t *testing.T) {
	lost := func(l figures.Loss) figures.Figure {
		return figures.Figure{Test: theTable + "/x", Cell: &figures.Cell{AllLost: true, Lost: l, Next: figures.Yes, NextAfter: 3 * time.Second}}
	}
	for name, c := range map[string]struct {
		ends figures.Loss
		held bool
		says string
	}{
		"as promised": {figures.Silence, true, "3 of 3 tries; 2 heard silence, and 1 the ringing tone; the next call rang 3.0 seconds after Asterisk had died, at the latest."},
		"one ended":   {figures.CallEnded, false, "2 of 3 tries"},
	} {
		t.Run(name, func(t *testing.T) {
			r := report{figures: []figures.Figure{lost(figures.Silence), lost(figures.Ringing), lost(c.ends)}}
			if s := r.standing(promises[7]); s.held != c.held || !strings.HasPrefix(s.figures, c.says) {
				t.Errorf("%+v", s)
			}
		})
	}
}

// A promise without its test would be a sentence.
func TestEveryPromiseHasItsTests(t *testing.T) {
	root := filepath.Join("..", "..")
	for _, p := range promises {
		if len(p.tests) == 0 {
			t.Errorf("%q has no test", p.sentence)
		}
		for _, named := range p.tests {
			files, err := filepath.Glob(filepath.Join(root, named.pkg, "*_test.go"))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(files, func(file string) bool {
				text, err := os.ReadFile(file)
				return err == nil && bytes.Contains(text, []byte("func "+named.name+"(t *testing.T)"))
			}) {
				t.Errorf("%s has no test %s", named.pkg, named.name)
			}
		}
	}
}

// Every test is run once, the table first; what needs the machine for itself is last, and alone.
func TestPartsOfARun(t *testing.T) {
	all := parts([]promise{
		{tests: table}, {tests: alone(of("./store", "TestA"))}, {tests: of(calls, "TestB")}, {tests: of("./store", "TestC", "TestD")}, {tests: table},
		{tests: alone(of(calls, "TestE"))},
	})
	var got []string
	for _, p := range all {
		got = append(got, p.pkg+" "+p.parallel+" "+strings.Join(p.tests, ","))
	}
	want := "./cmd/ringfence 250 TestFaultTable,TestB; ./store 250 TestC,TestD; ./store 1 TestA; ./cmd/ringfence 1 TestE"
	if strings.Join(got, "; ") != want {
		t.Errorf("%q", got)
	}
}

// go test itself is run as make faults runs it, on the smallest package there is.
func TestAPartIsRun(t *testing.T) {
	var out, log bytes.Buffer
	r := runner{folder: t.TempDir(), out: &out, log: &log, results: map[string]result{}}
	p := part{pkg: "ringfence/cmd/faults/figures", tests: []string{"TestLongTestsAreSkipped", "TestNoSuch"}, parallel: "1"}
	if err := r.run(t.Context(), p); err != nil || r.results["TestLongTestsAreSkipped"] != passed || r.results["TestNoSuch"] != "" {
		t.Errorf("%v %v\n%s%s", err, r.results, out.String(), log.String())
	}
	p.pkg = "ringfence/no/such/package"
	if err := r.run(t.Context(), p); err != nil { // its tests are then missing, which is what is looked for
		t.Error(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := r.run(ended, p); err == nil {
		t.Error("a run that was interrupted looks like one that was not")
	}
}

func TestWhatGoTestSaysIsFollowed(t *testing.T) {
	var out, log bytes.Buffer
	r := runner{out: &out, log: &log, results: map[string]result{}}
	if err := r.follow(strings.NewReader(`# ringfence/store
{"Action":"run","Test":"TestT"}
{"Action":"run","Test":"TestT/a"}
{"Action":"run","Test":"TestT/b"}
{"Action":"output","Test":"TestT/a","Output":"    fault_test.go:7: the house did not ring\n"}
{"Action":"output","Test":"TestT/a","Output":"        said by Asterisk\n"}
{"Action":"fail","Test":"TestT/a","Elapsed":3.2}
{"Action":"pass","Test":"TestT/b","Elapsed":1}
{"Action":"fail","Test":"TestT","Elapsed":3.2}
{"Action":"fail","Elapsed":3.2}
`)); err != nil {
		t.Fatal(err)
	}
	if want := "    TestT/a: the house did not ring\n   1 of 2  fail  TestT/a (3 s)\n   2 of 2  pass  TestT/b (1 s)\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
	if r.results["TestT/a"] != "fail" || r.results["TestT/b"] != passed || r.results["TestT"] != "fail" {
		t.Errorf("%v", r.results)
	}
	if !strings.Contains(log.String(), "said by Asterisk") || !strings.Contains(log.String(), "# ringfence/store") {
		t.Errorf("%q", log.String())
	}
}
