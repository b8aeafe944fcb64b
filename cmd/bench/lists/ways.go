package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	_ "github.com/mattn/go-sqlite3" // the driver of both other ways

	"ringfence/screening"
	"ringfence/store"
)

const (
	verdict       = "verdict"
	lookup        = "look-up"
	astDB         = "AstDB"
	callattendant = "callattendant's way"

	databaseFile      = "ringfence.db"
	astDBFile         = "astdb.sqlite3"
	callattendantFile = "callattendant.db"
)

// Asterisk 22, main/db.c.
const (
	astDBTable = "CREATE TABLE astdb (key VARCHAR(256), value VARCHAR(256), PRIMARY KEY(key))"
	astDBGet   = "SELECT value FROM astdb WHERE key=?"
)

// callattendant, callattendant/screening/blacklist.py.
const (
	callattendantTable = "CREATE TABLE Blacklist (PhoneNo TEXT PRIMARY KEY, Name TEXT, Reason TEXT, SystemDateTime TEXT)"
	callattendantGet   = "SELECT Reason FROM Blacklist WHERE PhoneNo=?"
)

// fillPeers puts the numbers of the first list into the databases of the other ways.
func (b *bench) fillPeers(ctx context.Context) error {
	for _, peer := range []struct {
		file, table, insert string
		row                 func(digits string) []any
	}{
		{astDBFile, astDBTable, "INSERT INTO astdb VALUES (?, ?)", func(digits string) []any { return []any{astDBKey(digits), "1"} }},
		{callattendantFile, callattendantTable, "INSERT INTO Blacklist VALUES (?, ?, ?, ?)",
			func(digits string) []any { return []any{digits, "", "tech-support", "2026-03-02 10:30:00.000"} }},
	} {
		if err := b.fillPeer(ctx, peer.file, peer.table, peer.insert, peer.row); err != nil {
			return fmt.Errorf("%s: %w", peer.file, err)
		}
	}
	return nil
}

func astDBKey(digits string) string { return "/blocked/+" + digits }

func (b *bench) fillPeer(ctx context.Context, file, table, insert string, row func(string) []any) error {
	db, err := b.peer(file, nil)
	if err != nil {
		return err
	}
	err = func() error {
		if _, err := db.ExecContext(ctx, table); err != nil {
			return err
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		put, err := tx.PrepareContext(ctx, insert)
		if err != nil {
			return errors.Join(err, tx.Rollback())
		}
		for e, fault := range b.numbers.entries(0) {
			if fault != nil {
				return errors.Join(fault, tx.Rollback())
			}
			if _, err := put.ExecContext(context.WithoutCancel(ctx), row(e.Digits)...); err != nil {
				return errors.Join(err, tx.Rollback())
			}
		}
		return tx.Commit()
	}()
	return errors.Join(err, db.Close())
}

func (b *bench) peer(file string, options url.Values) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: filepath.Join(b.dir, file)}).EscapedPath()+"?"+options.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// found looks one number up, written as the network shows it.
type found func(number string) (bool, error)

// open opens what a way looks numbers up in.
func (b *bench) open(ctx context.Context, way string) (found, io.Closer, error) {
	switch way {
	case verdict, lookup:
		db, err := store.Open(ctx, filepath.Join(b.dir, dataFolder, databaseFile))
		if err != nil {
			return nil, nil, err
		}
		if way == lookup {
			return func(number string) (bool, error) {
				_, known, err := db.Situation(ctx, household, screening.Number(number))
				return len(known.Entries) > 0, err
			}, db, nil
		}
		return func(number string) (bool, error) {
			l, err := db.Lookup(ctx, household, screening.Line{Region: region}, number, time.Now())
			return l.Verdict.Action == screening.TurnAway, err
		}, db, nil
	case astDB:
		return b.openPeer(ctx, astDBFile, nil, astDBGet, func(number string) string { return astDBKey(number[len("+"):]) })
	case callattendant:
		return b.openPeer(ctx, callattendantFile, url.Values{"_cache_size": {"0"}}, callattendantGet, func(number string) string { return number[len("+"):] })
	default:
		return nil, nil, fmt.Errorf("there is no way called %q", way)
	}
}

func (b *bench) openPeer(ctx context.Context, file string, options url.Values, query string, key func(string) string) (found, io.Closer, error) {
	db, err := b.peer(file, options)
	if err != nil {
		return nil, nil, err
	}
	get, err := db.PrepareContext(ctx, query)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	ctx = context.WithoutCancel(ctx) // one that can end costs two goroutines a statement
	return func(number string) (bool, error) {
		var value string
		err := get.QueryRowContext(ctx, key(number)).Scan(&value)
		if errors.Is(err, sql.ErrNoRows) {
			return false, nil
		}
		return err == nil, err
	}, db, nil
}

// gcPercent is that of "ringfence serve".
const gcPercent = 400

// one is a process that measures one way and prints a result.
func (b *bench) one(ctx context.Context, way string, pace time.Duration) error {
	debug.SetGCPercent(gcPercent)
	began := time.Now()
	find, db, err := b.open(ctx, way)
	if err != nil {
		return err
	}
	opening := time.Since(began)
	r, err := b.measure(find, way, pace)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	r.Opening = float64(opening.Microseconds()) / 1000
	if r.Memory, err = memory(); err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(json.NewEncoder(os.Stdout).Encode(r), db.Close())
}

func (b *bench) measure(find found, way string, pace time.Duration) (result, error) {
	random := rand.New(rand.NewPCG(uint64(os.Getpid()), 8)) //nolint:gosec // any numbers do
	ended := make(chan struct{})
	if pace > 0 {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // that it has ended is all there is to know
			close(ended)
		}()
	}
	warm := b.lookups / 4
	if pace > 0 {
		warm = 100
	}
	var times, busy []float64
	var before time.Duration
	runtime.LockOSThread() // for its processor time
	defer runtime.UnlockOSThread()
	for i := 0; pace > 0 || i < warm+b.lookups; i++ {
		if i == warm {
			before = cpu()
		}
		list := random.IntN(b.filled)
		number := b.numbers.at(list, random.IntN(b.numbers.of(list)))
		listed := i%2 == 0
		if !listed {
			number += between
		}
		written := "+" + strconv.Itoa(number)
		began, working := time.Now(), threadCPU()
		there, err := find(written)
		took, worked := time.Since(began), threadCPU()-working
		if err != nil {
			return result{}, err
		}
		if there != listed {
			return result{}, fmt.Errorf("%s: %s is on a list: %v", way, written, there)
		}
		if i >= warm {
			times, busy = append(times, micros(took)), append(busy, micros(worked))
		}
		if pace > 0 {
			select {
			case <-ended:
				if len(times) == 0 {
					return result{}, errors.New("there was no time for look-ups: take more entries")
				}
				return summary(times, busy, cpu()-before), nil
			case <-time.After(pace):
			}
		}
	}
	return summary(times, busy, cpu()-before), nil
}

// cpu is the processor time of this process.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// threadCPU is the processor time of this thread, to the nanosecond (clock_gettime(2)). What else the machine has to do is not in it.
func threadCPU() time.Duration {
	const threadCPUTime = 3 // CLOCK_THREAD_CPUTIME_ID
	var now syscall.Timespec
	if _, _, fault := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadCPUTime, uintptr(unsafe.Pointer(&now)), 0); fault != 0 { //nolint:gosec // as the system call wants it
		return 0
	}
	return time.Duration(now.Nano())
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// child is a process of this program that measures a way.
type child struct {
	command *exec.Cmd
	in      io.Closer
	out     io.Reader
}

func (b *bench) start(ctx context.Context, way string, pace time.Duration) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	filled := b.filled
	if way == astDB || way == callattendant {
		filled = 1
	}
	c := exec.CommandContext(ctx, self, "-as", way, "-dir", b.dir, "-entries", strconv.Itoa(b.numbers.all), "-lists", strconv.Itoa(b.numbers.lists), "-million", strconv.Itoa(b.numbers.first),
		"-filled", strconv.Itoa(filled), "-lookups", strconv.Itoa(b.lookups), "-every", pace.String())
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &child{c, in, out}, c.Start()
}

// end ends a child that looks numbers up without end, and returns what a child has measured.
func (c *child) end() (r result, err error) {
	if err := c.in.Close(); err != nil {
		return r, err
	}
	err = json.NewDecoder(c.out).Decode(&r)
	return r, errors.Join(err, c.command.Wait())
}
