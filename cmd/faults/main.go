// Command faults breaks Ringfence on purpose, and writes docs/dependability.md: what a family can rely on, promise by promise, each with its test
// and what that measured last. It runs the table of states and faults (cmd/ringfence/faulttable_test.go) and every other test that stands beside a
// promise in promises.go, and fails where one does not hold.
//
// It is a program beside the tests, not a test itself: what it does is to run go test, a part at a time, so that what needs the machine for itself
// has it; each test notes what it measured by package figures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"ringfence/cmd/faults/figures"
)

func main() {
	document := flag.String("document", "docs/dependability.md", "the file to write")
	whole := flag.String("log", "bin/faults.log", "the file for all that the tests say")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *document, *whole)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, document, whole string) (err error) {
	folder, err := os.MkdirTemp("", "ringfence-faults")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // a temporary folder
	log, err := os.Create(whole)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	began := time.Now()
	tests := runner{folder: folder, log: log, out: os.Stdout, results: map[string]result{}}
	for _, p := range parts(promises) {
		if err := tests.run(ctx, p); err != nil {
			return err
		}
	}
	all, err := figures.Read(folder)
	if err != nil {
		return err
	}
	r := report{
		promises: promises, results: tests.results, figures: all,
		at: began, took: time.Since(began), machine: machine(),
	}
	if err := os.WriteFile(document, []byte(r.markdown()), 0o644); err != nil {
		return err
	}
	fmt.Printf("\n%s is written. It took %s.\n", document, r.took.Round(time.Second))
	if broken := r.broken(); len(broken) > 0 {
		for _, text := range broken {
			fmt.Println("does not hold:", text)
		}
		return fmt.Errorf("%d promises do not hold, or were not tried to the end; all that the tests said is in %s", len(broken), whole)
	}
	return nil
}
