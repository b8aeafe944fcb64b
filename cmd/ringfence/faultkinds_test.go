package main_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"ringfence/demo/testbed"
)

// breakage is something that breaks.
type breakage struct {
	name  string
	set   func(t *testing.T, c *cell, o *testbed.Options) // what it needs of a testbed; nil: nothing
	do    func(c *cell)
	undo  func(c *cell) error // nil: it has mended itself when do returns
	lasts time.Duration       // it is undone so long after it was done; 0: only when the next call has come
	dies  bool                // the application dies, and what it has in hand must not
	lost  bool                // every call is lost
	stays bool                // it cannot be undone
}

// next is how long the next call may need. Telephones that Asterisk knew before it was killed register again within two minutes (pjsip.conf).
func (b breakage) next() time.Duration {
	if b.lost {
		return 150 * time.Second
	}
	return nextWithin
}

// lockTime is for how long somebody else has the database.
const lockTime = 60 * time.Second

var breakages = []breakage{
	{name: "application killed", dies: true,
		do:   func(c *cell) { c.kill() },
		undo: func(c *cell) error { return c.Serve(c.ctx) }},
	{name: "application killed and back", dies: true,
		do: func(c *cell) {
			c.kill()
			c.must(c.Serve(c.ctx))
		}},
	{name: "application frozen for 30 s", lasts: 30 * time.Second,
		do:   func(c *cell) { c.must(c.Freeze()) },
		undo: func(c *cell) error { return c.Thaw() }},
	{name: "connection black-holed for 40 s", lasts: 40 * time.Second,
		do: func(c *cell) { c.BlackHole() },
		undo: func(c *cell) error {
			c.Carry()
			return nil
		}},
	{name: "Asterisk stopped for 5 s", lasts: 5 * time.Second,
		do:   func(c *cell) { c.must(c.FreezeAsterisk()) },
		undo: func(c *cell) error { return c.ThawAsterisk() }},
	{name: "Asterisk killed and back", lost: true,
		do: func(c *cell) { c.must(c.CrashAsterisk(c.ctx)) }},
	{name: "disk full", set: onDisk,
		do:   func(c *cell) { c.must(c.disk.Fill()) },
		undo: func(c *cell) error { return c.disk.Empty() }},
	{name: "card read-only", set: onDisk, stays: true,
		do: func(c *cell) { c.must(c.disk.TurnReadOnly()) }},
	{name: "database locked for 60 s", lasts: lockTime,
		do:   func(c *cell) { c.lockDatabase(lockTime) },
		undo: func(c *cell) error { return nil }},
	{name: "clock an hour on", set: withClock,
		do:   func(c *cell) { c.must(c.clock.Move(time.Hour)) },
		undo: func(c *cell) error { return c.clock.Move(0) }},
	{name: "clock an hour back", set: withClock,
		do:   func(c *cell) { c.must(c.clock.Move(-time.Hour)) },
		undo: func(c *cell) error { return c.clock.Move(0) }},
	{name: "clock an hour back and application killed", set: withClock, dies: true,
		do: func(c *cell) {
			c.must(c.clock.Move(-time.Hour))
			c.kill()
		},
		undo: func(c *cell) error {
			if err := c.clock.Move(0); err != nil {
				return err
			}
			return c.Serve(c.ctx)
		}},
}

// diskSize leaves room for messages, which are not taken where less than 100 MB is free. Little of it is ever written.
const diskSize = 256 << 20

// onDisk puts the data folder onto a file system of its own.
func onDisk(t *testing.T, c *cell, o *testbed.Options) {
	disk, err := newTestDisk(filepath.Join(o.Dir, "card"), filepath.Join(o.Dir, "data"), diskSize)
	if err != nil {
		t.Fatal(err)
	}
	c.disk = disk
	t.Cleanup(func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	})
}

// withClock gives Asterisk a clock that can be moved.
func withClock(t *testing.T, c *cell, o *testbed.Options) {
	clock, err := testbed.NewClock(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	c.clock, o.Launch = clock, clock.Launch
}

// lockDatabase lets somebody else write in one transaction for so long.
func (c *cell) lockDatabase(long time.Duration) {
	c.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(c.Dir, "data", "ringfence.db")+"?_busy_timeout=5000&_txlock=immediate")
	c.must(err)
	ctx, cancel := context.WithTimeout(c.ctx, long)
	_, err = db.BeginTx(ctx, nil) // which ends with its context
	c.must(err)
	c.Cleanup(func() {
		cancel()
		c.must(db.Close())
	})
}
