// Command lists measures how fast numbers are found among the millions that shared lists hold, how large they make the program,
// and how long they take to come in: on one machine, in one run, in turn. What counts are the ratios; the figures themselves
// are this machine's.
//
// Side by side stand four ways, each in a process of its own:
//
//   - verdict: all that is done with a caller before the call is: the number is understood, what the household has chosen and
//     knows is looked up, with its contacts, blocks and lists, and the verdict found (store.Lookup).
//   - look-up: the part of it that asks the database (store.Situation).
//   - AstDB: a million of the same numbers in Asterisk's own database: its table (key and value are text, the key is
//     "/blocked/+44…"), its statement, prepared once as Asterisk does it, and its settings, which are SQLite's own.
//   - callattendant's way: the same million in its table, whose key is the number as text, with no pages of the database kept
//     in memory between two look-ups.
//
// The last two only say whether the number is there. They are asked by the same driver, so that what differs is the database.
// All run with the garbage collector set as "ringfence serve" sets it. Half of the numbers that are looked up are on a list, and the
// household has a hundred contacts and twenty blocks.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	b := &bench{}
	flag.StringVar(&b.program, "program", "bin/ringfence", "the ringfence binary")
	flag.IntVar(&b.numbers.all, "entries", 10_000_000, "numbers on all lists together")
	flag.IntVar(&b.numbers.lists, "lists", 4, "lists")
	flag.IntVar(&b.numbers.first, "million", 1_000_000, "numbers on the first list, which AstDB and callattendant have too; and of those that are imported")
	flag.IntVar(&b.lookups, "lookups", 20_000, "numbers looked up a round")
	flag.IntVar(&b.rounds, "rounds", 5, "rounds of each way")
	flag.StringVar(&b.dir, "dir", "", "an empty folder for the databases, which are kept; without it they are temporary")
	way := flag.String("as", "", "what this process is, where the program starts itself: a way")
	pace := flag.Duration("every", 0, "the same: a pause between two look-ups; they go on until standard input ends")
	flag.IntVar(&b.filled, "filled", 0, "the same: how many of the lists there are")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if b.numbers.lists < 2 || b.numbers.first < 1 || b.numbers.first > b.numbers.all {
		fmt.Fprintln(os.Stderr, "bench: there have to be two lists at least, and fewer numbers on the first than on all")
		os.Exit(2)
	}
	var err error
	if *way != "" {
		err = b.one(ctx, *way, *pace)
	} else {
		err = b.run(ctx)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	program         string
	dir             string
	numbers         numbers
	filled          int // lists
	lookups, rounds int
	began           time.Time
}

func (b *bench) run(ctx context.Context) (err error) {
	b.began = time.Now()
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "ringfence-lists"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(b.dir) }() // a temporary folder
	}
	fmt.Printf("%d numbers on %d lists; %d rounds of %d look-ups each way, half of the numbers are on a list; %d cores, %s\n",
		b.numbers.all, b.numbers.lists, b.rounds, b.lookups, runtime.NumCPU(), runtime.GOARCH)
	if err := b.prepare(); err != nil {
		return err
	}
	one := b.numbers.first
	fmt.Printf("\nringfence list import, %d numbers, until the command has ended\n", one)
	for _, i := range []struct{ what, file, data, list string }{
		{"one a line, in order, a new list", plainFile, "plain", "one"},
		{"CSV, in no order, a new list", firstCSV, "csv", "one"},
		{"CSV, in no order, in place of as many", secondCSV, "csv", "one"},
	} {
		done, err := b.importList(ctx, i.data, i.file, i.list)
		if err != nil {
			return err
		}
		fmt.Printf("  %-42s %s\n", i.what, done)
	}
	b.say("filling AstDB and callattendant's table")
	if err := b.fillPeers(ctx); err != nil {
		return err
	}
	if err := b.fill(ctx, 1); err != nil {
		return err
	}
	if err := b.compare(ctx, one, []string{verdict, lookup, astDB, callattendant}); err != nil {
		return err
	}
	if err := b.fill(ctx, b.numbers.lists); err != nil {
		return err
	}
	if err := b.compare(ctx, b.numbers.all, []string{verdict, lookup}); err != nil {
		return err
	}
	return b.meanwhile(ctx)
}

// say tells what goes on: some of it takes a minute.
func (b *bench) say(what string) {
	fmt.Fprintf(os.Stderr, "%4.0f s  %s\n", time.Since(b.began).Seconds(), what)
}

// compare measures ways in turn, and prints of each the best round: the others show what else the machine had to do.
func (b *bench) compare(ctx context.Context, entries int, ways []string) error {
	best := map[string]result{}
	for range b.rounds {
		for _, way := range ways {
			r, err := b.child(ctx, way)
			if err != nil {
				return err
			}
			if before, measured := best[way]; measured {
				r = r.best(before)
			}
			best[way] = r
		}
	}
	fmt.Printf("\n%d numbers: the best of %d rounds\n  %-22s %9s %9s %9s %9s %12s %9s\n", entries, b.rounds, "", "p50", "p99", "CPU each", "CPU p99", "opening", "memory")
	for _, way := range ways {
		fmt.Printf("  %-22s %s\n", way, best[way])
	}
	if ours, theirs := best[lookup], best[astDB]; theirs.P99 > 0 {
		fmt.Printf("  look-up / AstDB: p50 %.2f, p99 %.2f; look-up / callattendant's way: p50 %.2f, p99 %.2f\n", ours.P50/theirs.P50, ours.P99/theirs.P99,
			ours.P50/best[callattendant].P50, ours.P99/best[callattendant].P99)
	}
	if p99 := best[verdict].P99; entries == b.numbers.all {
		fmt.Printf("  The verdict's p99 is %.0f µs, of which %.0f µs are work; the aim is under 100.\n", p99, best[verdict].CPUP99)
	}
	return nil
}

// child runs one round of a way in a process of its own.
func (b *bench) child(ctx context.Context, way string) (result, error) {
	c, err := b.start(ctx, way, 0)
	if err != nil {
		return result{}, err
	}
	return c.end()
}

// meanwhile measures verdicts, one a millisecond, beside nothing and beside an import.
func (b *bench) meanwhile(ctx context.Context) error {
	fmt.Printf("\n%d numbers, a verdict a millisecond\n", b.numbers.all)
	const quiet = 5 * time.Second
	c, err := b.start(ctx, verdict, time.Millisecond)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-time.After(quiet):
	}
	r, err := c.end()
	if err != nil {
		return err
	}
	fmt.Printf("  %-42s %s\n", "beside nothing", r)
	for _, i := range []struct{ what, file string }{{"beside the import of a new list", firstCSV}, {"beside one that takes the place of that", secondCSV}} {
		if c, err = b.start(ctx, verdict, time.Millisecond); err != nil {
			return err
		}
		done, err := b.importList(ctx, dataFolder, i.file, "imported")
		r, ended := c.end()
		if err := errors.Join(err, ended); err != nil {
			return err
		}
		fmt.Printf("  %-42s %s\n  %-42s %s\n", i.what, r, "  the import", done)
	}
	return nil
}

// imported is what an import took.
type imported struct {
	took, cpu time.Duration
	peak      int64 // KiB
}

func (i imported) String() string {
	return fmt.Sprintf("%5.1f s, %4.1f s of CPU, %3d MB at most", i.took.Seconds(), i.cpu.Seconds(), i.peak>>10)
}

// importList runs "ringfence list import" on a data folder.
func (b *bench) importList(ctx context.Context, data, file, list string) (imported, error) {
	b.say("importing " + file)
	began := time.Now()
	command := exec.CommandContext(ctx, b.program, "list", "import", filepath.Join(b.dir, file), "--name", list,
		"--config", filepath.Join(b.dir, configFile), "--data", filepath.Join(b.dir, data))
	out, err := command.CombinedOutput()
	if err != nil {
		return imported{}, fmt.Errorf("%s: %w: %s", strings.Join(command.Args, " "), err, out)
	}
	state := command.ProcessState
	usage, _ := state.SysUsage().(*syscall.Rusage)
	return imported{time.Since(began), state.UserTime() + state.SystemTime(), usage.Maxrss}, nil
}

// result is what one process has measured: microseconds, milliseconds for opening, and its memory in MB.
type result struct {
	P50, P99    float64
	CPU, CPUP99 float64 // CPU is of the whole process, with its garbage collector; CPUP99 of the thread that looks up
	Opening     float64
	Memory      float64
}

func (r result) String() string {
	return fmt.Sprintf("%6.1f µs %6.1f µs %6.1f µs %6.1f µs %9.1f ms %6.0f MB", r.P50, r.P99, r.CPU, r.CPUP99, r.Opening, r.Memory)
}

func (r result) best(other result) result {
	return result{
		P50: min(r.P50, other.P50), P99: min(r.P99, other.P99), CPU: min(r.CPU, other.CPU), CPUP99: min(r.CPUP99, other.CPUP99),
		Opening: min(r.Opening, other.Opening), Memory: max(r.Memory, other.Memory),
	}
}

func quantile(sorted []float64, share float64) float64 {
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// memory is what the process has in memory, its own and of files, in MB (VmRSS of proc(5)).
func memory() (float64, error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // only read
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var kib float64
		if _, err := fmt.Sscanf(lines.Text(), "VmRSS: %f kB", &kib); err == nil {
			return kib / 1024, nil
		}
	}
	return 0, errors.Join(lines.Err(), errors.New("/proc/self/status has no line VmRSS"))
}

// summary is a result of times in microseconds, and of those in which the processor was at work.
func summary(times, busy []float64, cpu time.Duration) result {
	slices.Sort(times)
	slices.Sort(busy)
	return result{P50: quantile(times, 0.5), P99: quantile(times, 0.99), CPU: micros(cpu) / float64(len(times)), CPUP99: quantile(busy, 0.99)}
}
