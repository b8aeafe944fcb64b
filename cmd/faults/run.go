package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"ringfence/cmd/faults/figures"
)

// runner runs tests and keeps how they ended.
type runner struct {
	folder  string    // for figures
	log     io.Writer // all that the tests say
	out     io.Writer // progress
	results map[string]result
}

// result is how a test ended, as go test -json says: pass, fail or skip.
type result string

const passed result = "pass"

// part is what one go test runs.
type part struct {
	pkg      string
	tests    []string
	parallel string
}

// parts puts the tests of the promises together: those of a package side by side, the table first; those that need the machine for themselves after
// that, one after another.
func parts(promises []promise) (all []part) {
	seen, at := map[test]bool{}, map[string]int{}
	for _, alone := range []bool{false, true} {
		for _, p := range promises {
			for _, t := range p.tests {
				if seen[t] || t.alone != alone {
					continue
				}
				seen[t] = true
				parallel := "250" // tests of calls wait for their turn themselves: twenty run at a time
				if alone {
					parallel = "1"
				}
				i, is := at[t.pkg+parallel]
				if !is {
					i = len(all)
					at[t.pkg+parallel] = i
					all = append(all, part{pkg: t.pkg, parallel: parallel})
				}
				all[i].tests = append(all[i].tests, t.name)
			}
		}
	}
	return all
}

// timeout is for a part that hangs.
const timeout = "40m"

// run runs one part. A failing test is not an error: it is in results.
func (r *runner) run(ctx context.Context, p part) error {
	fmt.Fprintf(r.out, "\n%s: %s\n", p.pkg, strings.Join(p.tests, ", "))
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "-count=1", "-timeout", timeout, "-parallel", p.parallel,
		"-run", "^("+strings.Join(p.tests, "|")+")$", p.pkg)
	cmd.Env = append(os.Environ(), figures.LongVariable+"=1", figures.FolderVariable+"="+r.folder)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = r.follow(out)
	waited := cmd.Wait()
	fmt.Fprint(r.log, complaints.String())
	if ended := (*exec.ExitError)(nil); !errors.As(waited, &ended) || ended.ExitCode() == 1 || err != nil {
		return errors.Join(err, ctx.Err())
	}
	return fmt.Errorf("go test of %s did not run to its end", p.pkg)
}

// event is a line of go test -json (go doc test2json).
type event struct {
	Action, Test, Output string
	Elapsed              float64
}

// follow reads what go test says, to its end.
func (r *runner) follow(out io.Reader) error {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<24)
	under := map[string]bool{} // tests that have subtests
	started, ended := 0, 0
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(r.log, lines.Text()) // what the compiler says
			continue
		}
		switch e.Action {
		case "output":
			fmt.Fprint(r.log, e.Output)
			if told := failure.FindStringSubmatch(e.Output); told != nil {
				fmt.Fprintf(r.out, "    %s: %s\n", e.Test, told[1])
			}
		case "run":
			started++
			if parent, _, is := cutLast(e.Test); is && !under[parent] {
				under[parent] = true
				started--
			}
		case "pass", "fail", "skip":
			if e.Test == "" {
				continue
			}
			r.results[e.Test] = result(e.Action)
			if !under[e.Test] {
				ended++
				fmt.Fprintf(r.out, "%4d of %d  %s  %s (%.0f s)\n", ended, started, e.Action, e.Test, e.Elapsed)
			}
		}
	}
	return lines.Err()
}

// failure is what a test says itself, not what Asterisk and the application said in it.
var failure = regexp.MustCompile(`^    \w+_test\.go:\d+: (.*\S)\s*$`)

func cutLast(test string) (parent, name string, is bool) {
	at := strings.LastIndexByte(test, '/')
	if at < 0 {
		return "", test, false
	}
	return test[:at], test[at+1:], true
}
