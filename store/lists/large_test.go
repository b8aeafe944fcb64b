package lists_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/lists"
)

// The measurements behind docs/large-lists.md. The numbers are those of mobile telephones, for no other range holds ten million; they never
// leave the temporary folder.
const million = 1_000_000

// numberOf is a list's i-th number of so many, in no order; no two are neighbours, and the next one is on no list.
func numberOf(list, i, of int) int { return 447_100_000_000 + 71*((i*600_011%of)*4+list) }

func manyOf(list, of int) iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		for i := range of {
			if !yield(lists.Entry{
				Digits: fmt.Sprint(numberOf(list, i, of)), Confidence: 0.8, Category: "tech-support",
				Note: "says that the computer is broken", Reporters: 5, Last: 20_000,
			}, nil) {
				return
			}
		}
	}
}

// BenchmarkLookup looks callers up, every second one of whom is on a list: the whole verdict, and of that what asks the database, with a
// million numbers on one list and with ten million on four. Asterisk's own database and callattendant's have the same million, and are asked by
// the same driver; they only say whether a number is there.
func BenchmarkLookup(b *testing.B) {
	s, _ := open(b)
	ctx := b.Context()
	for i := range 100 {
		must(b, s.AddContact(ctx, "home", fmt.Sprint("Contact ", i), screening.Number(fmt.Sprintf("+442079461%03d", i))))
	}
	for i := range 20 {
		must(b, s.AddBlock(ctx, "home", screening.Block{Digits: fmt.Sprintf("44909879%04d", i)}, ""))
	}
	filled := 0
	fill := func(until int) {
		for ; filled < until; filled++ {
			_, err := s.Lists.Replace(ctx, "home", fmt.Sprint("list ", filled), "", manyOf(filled, sizeOf(filled)))
			must(b, err)
		}
	}
	verdict := func(number string) (bool, error) {
		l, err := s.Lookup(ctx, "home", screening.Line{Region: "GB"}, number, time.Now())
		return l.Verdict.Action == screening.TurnAway, err
	}
	database := func(number string) (bool, error) {
		_, known, err := s.Situation(ctx, "home", screening.Number(number))
		return len(known.Entries) > 0, err
	}
	fill(1)
	lookUp(b, "1 million/verdict", filled, verdict)
	lookUp(b, "1 million/database", filled, database)
	lookUp(b, "1 million/AstDB", filled, peer{ // Asterisk 22, main/db.c
		table: "astdb (key VARCHAR(256), value VARCHAR(256), PRIMARY KEY(key))", insert: "astdb VALUES (?, ?)", query: "value FROM astdb WHERE key=?",
		row: func(number string) []any { return []any{"/blocked/" + number, "1"} },
	}.fill(b))
	lookUp(b, "1 million/callattendant", filled, peer{ // callattendant/screening/blacklist.py; it keeps no pages of the database in memory
		options: "?_cache_size=0", table: "Blacklist (PhoneNo TEXT PRIMARY KEY, Name TEXT, Reason TEXT, SystemDateTime TEXT)",
		insert: "Blacklist VALUES (?, ?, ?, ?)", query: "Reason FROM Blacklist WHERE PhoneNo=?",
		row: func(number string) []any {
			return []any{number[len("+"):], "", "tech-support", "2026-03-02 10:30:00.000"}
		},
	}.fill(b))
	fill(4)
	lookUp(b, "10 million/verdict", filled, verdict)
	lookUp(b, "10 million/database", filled, database)
}

func sizeOf(list int) int {
	if list == 0 {
		return million
	}
	return 3 * million
}

func lookUp(b *testing.B, name string, lists int, find func(number string) (bool, error)) {
	b.Run(name, func(b *testing.B) {
		var times []time.Duration
		for i := 0; b.Loop(); i++ {
			list := i % lists
			number := numberOf(list, i*7919%sizeOf(list), sizeOf(list))
			listed := i/lists%2 == 0
			if !listed {
				number++
			}
			written := fmt.Sprint("+", number)
			began := time.Now()
			found, err := find(written)
			times = append(times, time.Since(began))
			if err != nil || found != listed {
				b.Fatalf("%s is on a list: %v (%v)", written, found, err)
			}
		}
		slices.Sort(times)
		for share, unit := range map[int]string{50: "p50-µs", 99: "p99-µs"} {
			b.ReportMetric(float64(times[(len(times)-1)*share/100].Nanoseconds())/1000, unit)
		}
	})
}

// peer is another program's table of numbers, whose rows begin with their key.
type peer struct {
	options, table, insert, query string
	row                           func(number string) []any
}

// fill fills it with the numbers of the first list, and returns how it is asked.
func (p peer) fill(b *testing.B) func(number string) (bool, error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(b.TempDir(), "peer.db")+p.options)
	must(b, err)
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { must(b, db.Close()) })
	ctx := context.Background() // one that can end costs two goroutines a statement
	_, err = db.ExecContext(ctx, "CREATE TABLE "+p.table)
	must(b, err)
	tx, err := db.BeginTx(ctx, nil)
	must(b, err)
	for i := range million {
		_, err := tx.ExecContext(ctx, "INSERT INTO "+p.insert, p.row(fmt.Sprint("+", numberOf(0, i, million)))...)
		must(b, err)
	}
	must(b, tx.Commit())
	get, err := db.PrepareContext(ctx, "SELECT "+p.query)
	must(b, err)
	return func(number string) (bool, error) {
		var value string
		err := get.QueryRowContext(ctx, p.row(number)[0]).Scan(&value)
		if errors.Is(err, sql.ErrNoRows) {
			return false, nil
		}
		return err == nil, err
	}
}

// BenchmarkImport imports a million entries in no order, in a process of its own: how long that takes, the processor's time of it, and the
// most memory that the process has.
func BenchmarkImport(b *testing.B) {
	var took, worked, most float64
	for range b.N {
		alone := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkImportAlone$", "-test.benchtime=1x") //nolint:gosec // itself
		alone.Env = append(os.Environ(), "RINGFENCE_IMPORT_ALONE=1")
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
}

// BenchmarkImportAlone is one import of BenchmarkImport.
func BenchmarkImportAlone(b *testing.B) {
	if os.Getenv("RINGFENCE_IMPORT_ALONE") == "" {
		b.Skip("BenchmarkImport runs it")
	}
	s, _ := open(b)
	began := time.Now()
	n, err := s.Lists.Replace(b.Context(), "home", "parish", "", manyOf(0, million))
	took := time.Since(began)
	if err != nil || n != million {
		b.Fatal(n, err)
	}
	var used syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	fmt.Println("figures:", took.Seconds(), time.Duration(used.Utime.Nano()+used.Stime.Nano()).Seconds(), float64(used.Maxrss)/1024)
}
