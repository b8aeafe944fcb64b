package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/procfs"

	"ringfence/cmd/bench/load"
	"ringfence/demo/testbed"
)

// mostCalls is how many calls go on at a time at most.
const mostCalls = 400

// cell is a machine with its households. The first household is the testbed's own.
type cell struct {
	bench
	dir     string
	homes   []testbed.Home
	testbed *testbed.Testbed
	metrics string // where serve tells its metrics
	table   table
	started float64 // Asterisk's CPU-seconds when it had started
	idle    used    // shares of a core without phones
}

// open sets a machine up, and stops both programs again: start measures a start with everything there.
func (b bench) open(ctx context.Context, households int) (c *cell, err error) {
	c = &cell{bench: b, homes: testbed.Village(households - 1)}
	fmt.Printf("%d households\n", households)
	if c.dir, err = os.MkdirTemp("", "ringfence-households"); err != nil {
		return nil, err
	}
	if c.metrics, err = testbed.Free("tcp", testbed.AsteriskIP); err != nil {
		return nil, err
	}
	profile := ""
	if b.profile != "" {
		profile = filepath.Join(b.profile, fmt.Sprintf("serve-%d.pprof", households))
	}
	c.testbed, err = testbed.Open(ctx, testbed.Options{
		Dir: c.dir, Program: b.program, Install: b.inst, Quiet: true, CPUProfile: profile, Phones: []testbed.Phone{{Name: "hall"}},
		RTPPorts: testbed.VillagePorts(households, mostCalls),
		Extra:    fmt.Sprintf("[metrics]\nlisten = %q\n", c.metrics) + testbed.VillageSettings(c.homes),
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	c.testbed.Stop()
	if err := c.testbed.StopAsterisk(ctx); err != nil {
		return nil, errors.Join(err, c.close())
	}
	if err := c.fill(ctx); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *cell) close() error { return errors.Join(c.testbed.Close(), os.RemoveAll(c.dir)) }

func (c *cell) asteriskFolder() string { return filepath.Join(c.dir, "data", "asterisk") }

// used is what the two programs use, in CPU-seconds or as shares of a core.
type used struct{ asterisk, serve float64 }

func (u used) minus(v used) used { return used{u.asterisk - v.asterisk, u.serve - v.serve} }

func (u used) both() float64 { return u.asterisk + u.serve }

func (c *cell) used() (u used, err error) {
	if u.asterisk, err = load.CPU(c.testbed.Asterisk.PID()); err != nil {
		return u, err
	}
	u.serve, err = load.CPU(c.testbed.PID())
	return u, err
}

// shares are those of a core that both use while something is done.
func (c *cell) shares(do func() error) (used, error) {
	before, err := c.used()
	if err != nil {
		return used{}, err
	}
	began := time.Now()
	if err := do(); err != nil {
		return used{}, err
	}
	after, err := c.used()
	took, u := time.Since(began).Seconds(), after.minus(before)
	return used{u.asterisk / took, u.serve / took}, err
}

// settled is when everything is over that a start does beside the calls: see app's checkUp, whose end gives memory back after 10 s more.
const settled = 20 * time.Second

// start starts both programs.
func (c *cell) start(ctx context.Context, t *table) error {
	size, err := configuration(c.asteriskFolder())
	if err != nil {
		return err
	}
	t.megabytes("Asterisk's configuration", size, "1,000 households add at most 2 MB")
	if err := c.testbed.StartAsterisk(ctx); err != nil {
		return err
	}
	if c.started, err = load.CPU(c.testbed.Asterisk.PID()); err != nil {
		return err
	}
	t.cpu("Asterisk's start", c.started, bar(c.stressed(), "under 2 CPU-s", "under 5 CPU-s"))
	if err := c.testbed.Serve(ctx); err != nil {
		return err
	}
	serve, err := load.CPU(c.testbed.PID())
	if err != nil {
		return err
	}
	t.cpu("serve's start, until it is connected", serve, "")
	if err := wait(ctx, settled); err != nil {
		return err
	}
	later, err := c.used()
	if err != nil {
		return err
	}
	t.cpu("the 20 s after that: Asterisk", later.asterisk-c.started, "")
	t.cpu("the 20 s after that: serve", later.serve-serve, "")
	return c.memory(t)
}

func (c *cell) stressed() bool { return len(c.homes)+1 == c.stress }

func bar(stressed bool, usual, stress string) string {
	if stressed {
		return stress
	}
	return usual
}

// memory is what both have in memory, once they have started.
func (c *cell) memory(t *table) error {
	for _, of := range []struct {
		what string
		pid  int
		bar  string
	}{
		{"memory of Asterisk (RSS)", c.testbed.Asterisk.PID(), bar(c.stressed(), "", "under 300 MB")},
		{"memory of serve (RSS)", c.testbed.PID(), bar(c.stressed(), "", "under 150 MB")},
	} {
		process, err := procfs.NewProc(of.pid)
		if err != nil {
			return err
		}
		status, err := process.NewStatus()
		if err != nil {
			return err
		}
		t.megabytes(of.what, status.VmRSS, of.bar)
	}
	return nil
}

// rest is what both use while nothing happens.
func (c *cell) rest(ctx context.Context, t *table) (err error) {
	c.idle, err = c.shares(func() error { return wait(ctx, c.bench.idle) })
	t.share("idle, no phone registered: Asterisk", c.idle.asterisk, bar(c.stressed(), "under 2 %", ""))
	t.share("idle, no phone registered: serve", c.idle.serve, bar(c.stressed(), "under 2 %", ""))
	return err
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// configuration is how large Asterisk's configuration is.
func configuration(folder string) (size uint64, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.conf"))
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			return 0, err
		}
		size += uint64(info.Size()) //nolint:gosec // no file has a negative size
	}
	return size, nil
}

// shortened makes the message for scammers a short one, so that hundreds of calls end within seconds.
func shortened(folder string) error {
	sounds := filepath.Join(folder, "sounds", "en-GB")
	for _, ending := range []string{".wav", ".wav16"} {
		short, err := os.ReadFile(filepath.Join(sounds, "goodbye"+ending)) //nolint:gosec // the bench's own folder
		if err == nil {
			err = os.WriteFile(filepath.Join(sounds, "inspection"+ending), short, 0o644) //nolint:gosec // Asterisk may be another user
		}
		if err != nil {
			return err
		}
	}
	return nil
}
