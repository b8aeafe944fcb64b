package main_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
	"golang.org/x/sync/errgroup"

	"ringfence/asterisk"
	"ringfence/demo/testbed"
	"ringfence/softphone"
	"ringfence/store"
	"ringfence/store/storetest"
	"ringfence/web/browse"
)

// The end-to-end tests: a real Asterisk, the real program as a process of its own, and telephones that speak SIP and tell what they heard. Each test
// has a testbed of its own; they run side by side.
//
// The race detector makes a start of the program five times as dear, which was a fifth of what all calls ask of the processor. So one testbed of each
// subject has it: the first of each test that takes long (of a table of faults, one), and those that say so. The goroutines are the same in the others:
// the application has no more of them for one course of a call than for another. Unit tests have it everywhere.

var (
	watched string                // the program with the race detector
	plain   string                // and without it
	phrases string                // a folder with what Asterisk plays, which plain knows to be its own
	kept    string                // the same, which watched knows to be its own
	install asterisk.Installation // the Asterisk that all testbeds run
)

func TestMain(m *testing.M) {
	if path := os.Getenv(powercutWriter); path != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(path))
		os.Exit(1)
	}
	os.Exit(testMain(m))
}

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "ringfence-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if made := os.Getenv(builtIn); made != "" { // a test that runs once more, elsewhere
		_ = os.RemoveAll(dir)
		dir = made
	} else {
		defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	}
	watched, plain = filepath.Join(dir, "ringfence"), filepath.Join(dir, "plain", "ringfence")
	phrases, kept = filepath.Join(dir, "sounds"), filepath.Join(dir, "kept", "sounds")
	// At its end a program with the race detector waits a second for what others of its goroutines may still do (go.dev/doc/articles/race_detector):
	// two seconds of each test.
	if err := os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if install, err = asterisk.Find(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	whole := install.Documentation
	install.Documentation = filepath.Join(dir, "documentation")
	if err := makeAll(whole); err != nil {
		fmt.Fprintln(os.Stderr, "what the tests run cannot be made:", err)
		return 1
	}
	if err := hurry(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	stop := make(chan struct{})
	defer close(stop)
	go machine.run(stop, func() { slots.admit(time.Now()) })
	defer browse.Close()
	return m.Run()
}

// makeAll makes what all tests share; documentation is Asterisk's whole one.
func makeAll(documentation string) error {
	if os.Getenv(builtIn) != "" {
		return nil
	}
	var made errgroup.Group
	made.Go(func() error { return build("-o", watched, "-race") })
	made.Go(func() error {
		if err := build("-o", plain); err != nil {
			return err
		}
		return exec.Command(plain, "asterisk", "sounds", filepath.Dir(phrases)).Run() // which it then knows to be its own
	})
	made.Go(func() error { return shortenDocumentation(documentation, install.Documentation) })
	if err := made.Wait(); err != nil {
		return err
	}
	if err := lend(phrases, kept); err != nil {
		return err
	}
	return exec.Command(watched, "asterisk", "sounds", filepath.Dir(kept)).Run()
}

// build leaves out what only a debugger reads: without it, linking takes half as long.
func build(args ...string) error {
	b := exec.Command("go", append([]string{"build", "-ldflags=-s -w"}, args...)...)
	b.Stdout, b.Stderr = os.Stdout, os.Stderr
	return b.Run()
}

// perCore is how many testbeds may be open for each core. 48 tests took 277 s on one free core with five of them, 205 s with eight, 223 s with twelve and 274 s
// with twenty: few of them wait most of the time, and what one asks of the processor grows with how many share it (190 s with eight, 273 s with twenty).
const perCore = 8

// perIdleCore is how many may be open for each core while the machine keeps up with ease.
const perIdleCore = 12

var (
	machine pace                                                                                                          // how well the machine keeps up
	slots   = turns{most: perCore * runtime.NumCPU(), more: perIdleCore * runtime.NumCPU(), least: 3, lost: machine.lost} // the testbeds that may be open at a time
)

// limit is for a test that hangs, on the slowest machine; none of its steps is expected to come near it.
const limit = 10 * time.Minute

// house is a testbed with a telephone in the hall and a caller, and what a test needs of them.
type house struct {
	*testing.T
	*testbed.Testbed
	ctx     context.Context
	hall    *softphone.Phone
	caller  *softphone.Caller
	killed  bool     // the application was killed in this test
	spoiled bool     // recordings cannot be taken away: the disk that they are on is read-only
	excused []string // words of complaints of Asterisk's that this test provokes
}

// openHouse sets a testbed up for one test, and checks at its end that nothing is left of the calls.
func openHouse(t *testing.T, change ...func(*testbed.Options)) *house {
	t.Helper()
	t.Parallel()
	slots.take(t, false)
	return firstHouse(t, change...)
}

// openLongHouse is openHouse for a test of more than a minute, or one that waits out a deadline: it goes before the others.
func openLongHouse(t *testing.T, change ...func(*testbed.Options)) *house {
	t.Helper()
	t.Parallel()
	slots.take(t, true)
	if firstOf(t) {
		change = append([]func(*testbed.Options){raced}, change...)
	}
	return firstHouse(t, change...)
}

// firstOf says whether this is the first house of a test that takes long, or of its subtests.
func firstOf(t *testing.T) bool {
	whole, _, _ := strings.Cut(t.Name(), "/")
	_, again := begun.LoadOrStore(whole, true)
	return !again
}

// raced is for a testbed whose application runs with the race detector.
func raced(o *testbed.Options) { o.Program = watched }

// begun has the names of the tests that have opened a long house.
var begun sync.Map

func firstHouse(t *testing.T, change ...func(*testbed.Options)) *house {
	t.Helper()
	ctx, done := context.WithTimeout(context.Background(), limit)
	t.Cleanup(done)
	return house{T: t, ctx: ctx}.another(change...)
}

// another sets a further testbed up for the same test.
func (h house) another(change ...func(*testbed.Options)) *house {
	t, ctx := h.T, h.ctx
	t.Helper()
	log := &syncBuffer{}
	o := testbed.Options{Dir: t.TempDir(), Program: plain, Install: install, Phones: []testbed.Phone{{Name: "hall"}}, Log: log}
	for _, c := range change {
		c(&o)
	}
	// Migrations are tested elsewhere, and by the demonstration, as is putting 1,300 phrases of 59 MB into a folder: each takes more of the
	// processor than all else that opening does. Commands, of which a test has several, start in a third of the time without the race detector.
	lent, commands := phrases, plain
	if o.Keep && o.Program == watched { // it writes the configuration itself then, and looks whether the phrases are its own
		lent, commands = kept, watched
	}
	o.Commands = cmp.Or(o.Commands, commands)
	if err := lend(lent, filepath.Join(o.Dir, "data", "asterisk", "sounds")); err != nil {
		t.Fatal(err)
	}
	if err := storetest.Ready(ctx, filepath.Join(o.Dir, "data", "ringfence.db"), store.Open); err != nil {
		t.Fatal(err)
	}
	s, err := testbed.Open(ctx, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	opened := &house{T: t, Testbed: s, ctx: ctx}
	t.Cleanup(func() {
		switch err := s.Close(); {
		case errors.Is(err, asterisk.ErrKilled) && !t.Failed(): // all that the test is about was well before
			t.Log(err)
		case err != nil:
			t.Error(err)
		}
		if bytes.Contains(log.Bytes(), []byte("DATA RACE")) {
			t.Error("the race detector has something to say")
		}
		if t.Failed() {
			t.Logf("what Asterisk and the application said:\n%s", log)
		}
	})
	if slices.ContainsFunc(o.Phones, func(p testbed.Phone) bool { return p.Name == "hall" }) {
		opened.hall = opened.telephone("hall")
	}
	opened.caller = opened.somebody("caller")
	t.Cleanup(opened.checkNothingLeft)
	return opened
}

// lend puts links to the folders of one folder into another.
func lend(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	for _, e := range entries {
		err = errors.Join(err, os.Symlink(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())))
	}
	return err
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
func (s *syncBuffer) Bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.b.Bytes())
}
func (s *syncBuffer) String() string { return string(s.Bytes()) }

// checkNothingLeft: no leg, bridge or recording is left in Asterisk, and Asterisk had nothing to complain of.
func (h *house) checkNothingLeft() {
	if h.Failed() {
		return
	}
	for _, what := range []string{"/channels", "/bridges", "/recordings/stored"} {
		for !h.spoiled || what != "/recordings/stored" {
			left, err := h.Query(h.ctx, what)
			if err == nil && left == "[]" {
				break
			}
			if h.ctx.Err() != nil {
				h.Errorf("left behind at %s: %s %v", what, left, err)
				break
			}
			time.Sleep(50 * time.Millisecond) // a call that has just been hung up is gone within milliseconds
		}
	}
	// Asterisk warns when somebody hangs up while a sound plays: people do.
	// And when we ask for the events of a telephone that has refused a call within a millisecond. And when they hang up just as the call rings or is answered.
	// And, seldom, as it starts on a busy machine: its SIP stack already looked for packets when a module of its own was loaded.
	h.excuse("Playback failed for", "Event source not found", "Session already DISCONNECTED", "registered during operation")
	if h.killed { // with something unread in its socket, the kernel resets the connection; and the next one may be there before that is noticed
		h.excuse("Not creating context 'stasis-ringfence'", "Web socket closed abruptly", "Error reading from web socket", "WebSocket read error", "Stasis app 'ringfence'", "per-call config for app 'ringfence'")
	}
	if h.Asterisk == nil { // what it complains of is in the keeper's log
		return
	}
	for _, line := range h.Asterisk.Complaints() {
		if !slices.ContainsFunc(h.excused, func(words string) bool { return strings.Contains(line, words) }) {
			h.Errorf("Asterisk complains: %s", line)
		}
	}
}

// excuse says that this test makes Asterisk complain in these words.
func (h *house) excuse(words ...string) { h.excused = append(h.excused, words...) }

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// kill ends the application without a word.
func (h *house) kill() {
	h.killed = true
	h.Kill()
}

// run runs a ringfence command.
func (h *house) run(args ...string) string {
	h.Helper()
	out, err := h.Command(h.ctx, args...)
	h.must(err)
	return out
}

func (h *house) says(call *softphone.Call, voice string) {
	h.Helper()
	h.must(call.Say(h.ctx, h.voice(voice)))
}
