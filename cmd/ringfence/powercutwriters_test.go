package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

// writeAll lets everybody write until the test ends.
func (c *powercut) writeAll(ctx context.Context, token string) {
	ctx, end := context.WithCancel(ctx)
	var writing sync.WaitGroup
	c.t.Cleanup(func() {
		end()
		writing.Wait()
	})
	calls := exec.CommandContext(ctx, os.Args[0]) //nolint:gosec // this program itself
	calls.Stderr = os.Stderr
	calls.Env = append(os.Environ(), powercutWriter+"="+filepath.Join(c.data, "ringfence.db"))
	lines, err := calls.StdoutPipe()
	c.must(err)
	c.must(c.start(calls))
	writing.Go(func() {
		read := bufio.NewScanner(lines)
		for read.Scan() {
			if kind, what, ok := strings.Cut(read.Text(), " "); ok {
				c.acknowledge(deed{kind: kind, what: what})
			}
		}
		_ = calls.Wait() // it is killed at the end
		if ctx.Err() == nil {
			c.t.Error("what stands for calls has ended")
		}
	})
	var log bytes.Buffer
	serve := exec.CommandContext(ctx, plain, "--config", c.config, "serve")
	serve.Stdout, serve.Stderr = io.Discard, &log
	c.must(c.start(serve))
	writing.Go(func() {
		_ = serve.Wait() // likewise
		if ctx.Err() == nil {
			c.t.Errorf("serve has ended: %s", log.String())
		}
	})
	writing.Go(func() { c.commands(ctx) })
	writing.Go(func() { c.programs(ctx, token) })
}

// commands are typed one after another.
func (c *powercut) commands(ctx context.Context) {
	for i := 0; ctx.Err() == nil; i++ {
		d, args := typed(i)
		c.begins(d)
		p := exec.CommandContext(ctx, plain, append([]string{"--config", c.config}, args...)...)
		var out bytes.Buffer
		p.Stdout, p.Stderr = &out, &out
		err := c.start(p)
		if err == nil {
			err = p.Wait()
			c.ended(p)
		}
		if ctx.Err() != nil {
			return
		}
		if strings.Contains(out.String(), "keeps the database") { // on a slow machine others write all the time, and a command does not wait for ever
			if d.nth > 0 {
				i-- // what may be half done is done again
			}
			continue
		}
		if err != nil {
			c.t.Errorf("%v: %v %s", args, err, out.String())
			return
		}
		c.acknowledge(d)
	}
}

// typed is what the command with this number does, and how it is typed: in turn a block, a contact, a mode and an option.
func typed(i int) (d deed, args []string) {
	round := i / 4
	london, leeds := strconv.Itoa(2079460000+round), strconv.Itoa(1134960000+round)
	free := round < 1000                                                               // so many numbers of each are nobody's
	modes := []screening.Mode{screening.KnownOnly, screening.BlockOnly, screening.Ask} // none is what it was one or two writes ago
	switch {
	case i%4 == 0 && free:
		return deed{kind: "block", what: "+44" + leeds}, []string{"block", "add", "0" + leeds}
	case i%4 == 1 && free:
		return deed{kind: "contact", what: "typed " + london}, []string{"contact", "add", "typed " + london, "0" + london}
	case i%2 == 0:
		mode := string(modes[i/2%len(modes)])
		return deed{kind: modeSet, what: mode, nth: i + 1}, []string{"mode", mode}
	default:
		threshold := fmt.Sprintf("0.%04d", 1000+i%9000)
		return deed{kind: optionSet, what: threshold, nth: i + 1}, []string{"option", "threshold", threshold}
	}
}

// programs ask the pages.
func (c *powercut) programs(ctx context.Context, token string) {
	client := http.Client{Timeout: time.Minute}
	for i := 0; ctx.Err() == nil; i++ {
		name := "by a program " + strconv.Itoa(i)
		body := fmt.Sprintf(`{"name":%q,"numbers":["+44161496%04d"]}`, name, i%10000)
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.listen+"/api/v1/households/home/contacts", strings.NewReader(body))
		c.must(err)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(r)
		if err != nil {
			time.Sleep(50 * time.Millisecond) // not there yet
			i--
			continue
		}
		_ = answer.Body.Close() // nothing of it is read
		switch {
		case answer.StatusCode/100 == 2:
			c.acknowledge(deed{kind: "contact", what: name})
		case answer.StatusCode == http.StatusTooManyRequests:
			time.Sleep(200 * time.Millisecond) // so many are allowed in a minute
			i--
		case answer.StatusCode == http.StatusInternalServerError: // as a command that finds the database locked
		default:
			c.t.Errorf("the interface for programs answers %s", answer.Status)
			return
		}
	}
}

// powercutWriter is the environment variable that makes the test's own program stand for calls: it writes what a household does by
// telephone into the database that it names, and says each time that it is done.
const powercutWriter = "RINGFENCE_TEST_POWERCUT"

func powercutMessage(call int64) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "message of call %d. ", call), 2000)
}

// patiently does something again where it finds the database locked: on a slow machine others write all the time.
func patiently(do func() error) error {
	for {
		err := do()
		var fault sqlite3.Error
		if !errors.As(err, &fault) || fault.Code != sqlite3.ErrBusy {
			return err
		}
	}
}

func writeUntilKilled(path string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		number := screening.Number(fmt.Sprintf("+4411749%05d", i%100000))
		var call int64
		if err := patiently(func() (err error) {
			call, err = db.CallArrived(ctx, "home", fmt.Sprintf("%d.1", i), time.Now(), screening.Identity{}, screening.Caller{Number: number}, screening.Verdict{}, "")
			return err
		}); err != nil {
			return err
		}
		for range 20 { // what nobody is told is done
			if err := patiently(func() error { return db.CallStep(ctx, call, time.Now(), calllog.Asked{}) }); err != nil {
				return err
			}
		}
		for _, told := range []struct {
			line string
			do   func() error
		}{
			{fmt.Sprint("message ", call), func() error { return db.Keep(ctx, call, "message", powercutMessage(call), time.Second) }},
			{"", func() error {
				return errors.Join(db.CallEnded(ctx, call, time.Now(), "message-left"), db.Checkpoint(ctx))
			}},
			{fmt.Sprint("block ", number), func() error {
				return db.AddBlock(ctx, "home", screening.Block{Digits: number.Digits(), Note: "scam"}, store.ByTelephone)
			}},
			{fmt.Sprint("report ", number), func() error {
				return db.ReportNumber(ctx, "home", number, store.CategoryOther, store.ByTelephone)
			}},
		} {
			if err := patiently(told.do); err != nil {
				return err
			}
			if told.line != "" {
				fmt.Println(told.line)
			}
		}
	}
}
