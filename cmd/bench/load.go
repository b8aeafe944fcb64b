package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/procfs"
)

// How much may have grown after minutes of calls: memory is given back to the system late, and in pieces.
const (
	mayGrowMB  = 8
	mayGrowFDs = 4
)

// withoutPause makes blocked calls for minutes on end. None may fail, and memory must not grow.
func (b *bench) withoutPause(ctx context.Context) error {
	if b.load == 0 {
		return nil
	}
	calls := int(b.load.Seconds()) * b.rate
	fmt.Printf("\n%d blocked calls, %d a second for %v\n", calls, b.rate, b.load)
	// What grows with the first calls, such as pools and caches, has done so after some of them.
	if err := b.sipp(ctx, viaApp, 60*b.rate, b.rate); err != nil {
		return err
	}
	before, err := b.use(ctx)
	if err != nil {
		return err
	}
	if err := b.sipp(ctx, viaApp, calls, b.rate); err != nil {
		return err
	}
	after, err := b.use(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("  none failed\n  %-12s %-34s %s\n  %-12s %-34s %s\n", "", "application", "Asterisk", "after 1 min", before.app, before.asterisk)
	fmt.Printf("  %-12s %-34s %s\n", "at the end", after.app, after.asterisk)
	return errors.Join(after.app.growth("the application", before.app), after.asterisk.growth("Asterisk", before.asterisk))
}

// use is what both programs use while there is no call.
type use struct{ app, asterisk usage }

type usage struct{ megabytes, fds, goroutines int }

func (u usage) String() string {
	text := fmt.Sprintf("%d MB, %d descriptors", u.megabytes, u.fds)
	if u.goroutines > 0 {
		text += fmt.Sprintf(", %d goroutines", u.goroutines)
	}
	return text
}

func (u usage) growth(what string, before usage) error {
	if u.megabytes-before.megabytes > mayGrowMB || u.fds-before.fds > mayGrowFDs || u.goroutines-before.goroutines > mayGrowFDs {
		return fmt.Errorf("%s has grown: %s before, %s after", what, before, u)
	}
	return nil
}

// use waits until no call is left, and until everything the last one opened is closed.
func (b *bench) use(ctx context.Context) (u use, err error) {
	for {
		left, err := b.testbed.Query(ctx, "/channels")
		if err == nil && left == "[]" {
			break
		}
		if ctx.Err() != nil {
			return u, errors.Join(err, ctx.Err())
		}
		time.Sleep(100 * time.Millisecond) // the last calls end within seconds
	}
	// The least of several readings, because something small may be in progress during any of them.
	for range 5 {
		one, err := b.look(ctx)
		if err != nil {
			return u, err
		}
		if u.app.fds == 0 || one.app.fds+one.app.goroutines < u.app.fds+u.app.goroutines {
			u = one
		}
		time.Sleep(time.Second)
	}
	return u, nil
}

func (b *bench) look(ctx context.Context) (u use, err error) {
	if u.asterisk, err = usageOf(b.testbed.Asterisk.PID()); err != nil {
		return u, err
	}
	if u.app, err = usageOf(b.testbed.PID()); err != nil {
		return u, err
	}
	u.app.goroutines, err = b.goroutines(ctx)
	return u, err
}

// usageOf is the memory of a process that is its own (proc(5): RssAnon), and its open files.
func usageOf(pid int) (u usage, err error) {
	process, err := procfs.NewProc(pid)
	if err != nil {
		return u, err
	}
	if u.fds, err = process.FileDescriptorsLen(); err != nil {
		return u, err
	}
	status, err := process.NewStatus()
	u.megabytes = int(status.RssAnon >> 20)
	return u, err
}

// goroutines reads the application's own metrics.
func (b *bench) goroutines(ctx context.Context) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.metrics+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }() // read as far as it is needed
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if rest, found := strings.CutPrefix(lines.Text(), "go_goroutines "); found {
			return strconv.Atoi(rest)
		}
	}
	return 0, errors.New("the figures have no go_goroutines")
}

// part is a share of sorted figures: 0.5 is the median.
func part(figures []time.Duration, share float64) time.Duration {
	slices.Sort(figures)
	return figures[min(len(figures)-1, int(share*float64(len(figures))))]
}
