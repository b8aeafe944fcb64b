package main_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ringfence/cmd/faults/figures"
	"ringfence/demo/testbed"
	"ringfence/store"
)

// Whatever somebody was told is done is on the disk: a power cut takes none of it. The data folder is on a file system of its own, on a
// loop device. Commands, the interface for programs and calls write there without pause. At moments that nobody chooses all of them
// are stopped, and the device is copied as it is: what has only reached the page cache of the file system above is not on it. Then the
// copy is mounted, which replays its journal, and compared with what was acknowledged before. RINGFENCE_LONG=1 makes 25 cuts of it.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	cuts := 2
	if figures.Wanted() {
		cuts = 25
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	c := newPowerCut(t)
	token := c.prepare(ctx)
	c.writeAll(ctx, token)
	lost := map[deed]bool{}
	for range cuts {
		c.someAcknowledged(ctx, 20)
		select {
		case <-time.After(time.Duration(rand.IntN(1000)) * time.Millisecond): // a moment that nobody chose
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		}
		image := c.cut()
		gone := c.missing(ctx, image)
		for _, d := range gone {
			lost[d] = true // once, though it is missing after each later cut too
		}
		for _, d := range gone[:min(len(gone), 5)] {
			t.Errorf("a power cut has taken what was acknowledged: %+v", d)
		}
	}
	kinds := map[string]int{}
	for _, d := range c.all {
		kinds[d.kind]++
	}
	t.Logf("acknowledged: %v", kinds)
	if figures.Wanted() && (kinds[modeSet] == 0 || kinds[optionSet] == 0) {
		t.Error("no mode or no option was set")
	}
	figures.Note(t, "%d power cuts, %d writes acknowledged before them, %d lost", cuts, len(c.all), len(lost))
}

// powercut is a machine that loses its power.
type powercut struct {
	t            *testing.T
	image, data  string
	config, ours string // ringfence.toml; where copies lie
	listen       string
	statistics   string // of the device: what was read and written

	mu    sync.Mutex
	told  []deed // acknowledged since the last cut
	all   []deed // before it
	typed deed   // what the command does that was typed last: done already, or not yet
	begun deed   // the same, at the last cut
	pids  []int  // of those who write now: process groups
}

// deed is something that somebody was told is done.
type deed struct {
	kind, what string
	nth        int // of what replaces what was done before, which of them; 0: nothing replaces it
}

// What replaces what was done before.
const (
	modeSet   = "mode"
	optionSet = "option"
)

func newPowerCut(t *testing.T) *powercut {
	dir := t.TempDir()
	c := &powercut{t: t, image: filepath.Join(dir, "disk"), data: filepath.Join(dir, "mounted", "data"), config: filepath.Join(dir, "ringfence.toml"), ours: dir}
	c.must(os.WriteFile(c.image, nil, 0o600))
	c.must(os.Truncate(c.image, 512<<20))
	c.command("mkfs.ext4", "-q", "-F", c.image)
	c.mount(c.image, filepath.Dir(c.data))
	loop, err := loopAt(filepath.Dir(c.data))
	c.must(err)
	c.statistics = filepath.Join("/sys/block", loop, "stat")
	listen, err := testbed.Free("tcp", testbed.AsteriskIP)
	c.must(err)
	c.listen = listen
	c.must(os.WriteFile(c.config, fmt.Appendf(nil, `data = %q
[asterisk]
ari = "127.0.0.1:1"
ari_password = "no Asterisk is needed to write"
[web]
listen = %q
[[trunk]]
name = "line"
address = "127.0.0.9"
[[household]]
name = "home"
trunk = "line"
[[household.phone]]
name = "hall"
password = "a password for no telephone"
`, c.data, c.listen), 0o600))
	return c
}

func (c *powercut) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *powercut) command(name string, args ...string) {
	c.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		c.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// mount mounts an image until the test ends, or the function that it returns is called. Without loop devices the test is skipped.
func (c *powercut) mount(image, at string) (unmount func()) {
	c.t.Helper()
	c.must(os.MkdirAll(at, 0o700))
	if out, err := exec.Command("mount", "-o", "loop", image, at).CombinedOutput(); err != nil {
		c.t.Skipf("no loop device can be mounted here: %v %s", err, out)
	}
	unmount = sync.OnceFunc(func() { c.command("umount", at) })
	c.t.Cleanup(unmount)
	return unmount
}

// prepare makes the database, and a token for the interface for programs.
func (c *powercut) prepare(ctx context.Context) (token string) {
	c.must(os.MkdirAll(c.data, 0o700))
	db, err := store.Open(ctx, filepath.Join(c.data, "ringfence.db"))
	c.must(err)
	c.must(db.EnsureHousehold(ctx, "home"))
	anna, err := db.People.Add(ctx, "Anna", "anna@example.org")
	c.must(err)
	c.must(db.SetMembership(ctx, "home", anna.ID, store.RoleOwner, true))
	token, err = db.AddToken(ctx, anna.ID, store.Token{Name: "power cut", Scope: store.ScopeChange}, time.Now())
	c.must(err)
	c.must(db.Close())
	return token
}

// start starts a process that is stopped while the device is copied.
func (c *powercut) start(p *exec.Cmd) error {
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := p.Start(); err != nil {
		return err
	}
	c.pids = append(c.pids, p.Process.Pid)
	return nil
}

func (c *powercut) ended(p *exec.Cmd) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pids = slices.DeleteFunc(c.pids, func(pid int) bool { return pid == p.Process.Pid })
}

func (c *powercut) begins(d deed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.typed = d
}

func (c *powercut) acknowledge(d deed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = append(c.told, d)
}

// someAcknowledged waits until so many more things are done.
func (c *powercut) someAcknowledged(ctx context.Context, n int) {
	for {
		c.mu.Lock()
		told := len(c.told)
		c.mu.Unlock()
		if told >= n {
			return
		}
		if ctx.Err() != nil || c.t.Failed() {
			c.t.Fatalf("nobody writes: %v", ctx.Err())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// cut stops everybody, copies the device and lets them go on. What was acknowledged before is on the copy, or is lost.
func (c *powercut) cut() (image string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all, c.told, c.begun = append(c.all, c.told...), nil, c.typed
	for _, pid := range c.pids {
		_ = syscall.Kill(-pid, syscall.SIGSTOP) // one may have ended in this moment
	}
	image = c.copied()
	for _, pid := range c.pids {
		_ = syscall.Kill(-pid, syscall.SIGCONT)
	}
	return image
}

// copied is a copy of the device as it was at one moment. The kernel writes on after everybody has stopped. If it does so while the device is copied, the
// copy can have a part of the journal that is newer than what the journal no longer holds: that is on no disk after a power cut. Each copy has a name of
// its own: mount takes the loop device that a file has, and one that another program still holds open shows some of what the file was before.
func (c *powercut) copied() (image string) {
	image = filepath.Join(c.ours, fmt.Sprint("copy-", len(c.all)))
	for before := ""; ; {
		now, err := os.ReadFile(c.statistics)
		c.must(err)
		if string(now) == before {
			return image
		}
		before = string(now)
		c.command("cp", "--sparse=always", c.image, image)
	}
}

// missing is what of all that was acknowledged before the last cut is not on the copy.
func (c *powercut) missing(ctx context.Context, image string) (gone []deed) {
	at := filepath.Join(c.ours, "after")
	unmount := c.mount(image, at)
	defer func() {
		unmount()
		c.must(os.Remove(image))
	}()
	data := filepath.Join(at, "data")
	db, err := store.Open(ctx, filepath.Join(data, "ringfence.db"))
	c.must(err)
	defer func() { c.must(db.Close()) }()
	there := map[deed]bool{}
	contacts, err := db.Contacts(ctx, "home")
	c.must(err)
	for _, k := range contacts {
		there[deed{kind: "contact", what: k.Name}] = true
	}
	blocks, err := db.Blocks(ctx, "home")
	c.must(err)
	for _, b := range blocks {
		there[deed{kind: "block", what: "+" + b.Digits}] = true
	}
	reports, err := db.Reports(ctx, "home")
	c.must(err)
	for _, r := range reports {
		there[deed{kind: "report", what: string(r.Number)}] = true
	}
	messages, err := db.Messages(ctx, "home")
	c.must(err)
	for _, m := range messages {
		if sound, err := os.ReadFile(m.Path); err == nil && bytes.Equal(sound, powercutMessage(m.Call)) {
			there[deed{kind: "message", what: strconv.FormatInt(m.Call, 10)}] = true
		}
	}
	house, err := db.Household(ctx, "home")
	c.must(err)
	now, last := map[string]string{modeSet: string(house.Mode), optionSet: fmt.Sprintf("%.4f", house.Threshold)}, map[string]deed{}
	for _, d := range c.all {
		switch {
		case d.nth > 0:
			last[d.kind] = d
		case !there[d]:
			gone = append(gone, d)
		}
	}
	for kind, d := range last {
		if now[kind] != d.what && (c.begun.kind != kind || now[kind] != c.begun.what) {
			gone = append(gone, d)
		}
	}
	return gone
}
