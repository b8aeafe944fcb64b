package lists_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"ringfence/store/lists"
)

// BenchmarkSorting imports a million entries in no order, sorted by our own merge sort and by SQLite in a temporary table, each in a
// process of its own: how long that takes, the processor's time of it, and the most memory that the process has.
func BenchmarkSorting(b *testing.B) {
	for _, way := range []string{"merge", "table"} {
		b.Run(way, func(b *testing.B) {
			var took, worked, most float64
			for range b.N {
				alone := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkSortingAlone$", "-test.benchtime=1x") //nolint:gosec // itself
				alone.Env = append(os.Environ(), "SORT_BY="+way)
				said, err := alone.Output()
				if err != nil {
					b.Fatalf("%v: %s", err, said)
				}
				var seconds, cpu, megabytes float64
				_, figures, _ := bytes.Cut(said, []byte("figures: "))
				if _, err := fmt.Sscan(string(figures), &seconds, &cpu, &megabytes); err != nil {
					b.Fatalf("%v: %s", err, said)
				}
				took, worked, most = took+seconds, worked+cpu, max(most, megabytes)
			}
			b.ReportMetric(took/float64(b.N), "s/import")
			b.ReportMetric(worked/float64(b.N), "cpu-s/import")
			b.ReportMetric(most, "MB-at-most")
		})
	}
}

// BenchmarkSortingAlone is one import of BenchmarkSorting.
func BenchmarkSortingAlone(b *testing.B) {
	way := os.Getenv("SORT_BY")
	if way == "" {
		b.Skip("BenchmarkSorting runs it")
	}
	s, _ := open(b)
	began := time.Now()
	const million = 1_000_000
	n, err := s.Lists.ImportBy(b.Context(), way, "home", "parish", func(yield func(lists.Entry, error) bool) {
		for i := range million {
			if !yield(lists.Entry{
				Digits: fmt.Sprint(447_100_000_000 + i*600_011%million*71), Confidence: 0.8, Category: "tech-support",
				Note: "says that the computer is broken", Reporters: 5, Last: 20_000,
			}, nil) {
				return
			}
		}
	})
	took := time.Since(began)
	if err != nil || n != million {
		b.Fatal(n, err)
	}
	var used syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	fmt.Println("figures:", took.Seconds(), time.Duration(used.Utime.Nano()+used.Stime.Nano()).Seconds(), float64(used.Maxrss)/1024)
}
