package main_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// step is a line of a call's time line.
type step struct {
	At           time.Time
	Step, Detail string
}

// logged is a call as `ringfence calls --json` has it.
type logged struct {
	At           time.Time
	Number       string
	Name         string
	Action       string
	Would        string
	Outcome      string
	Ended        *time.Time
	Reasons      []struct{ Code, Text string }
	Steps        []step
	Presentation string
	Recordings   []struct {
		Kind, File string
		Seconds    float64
	}
}

// calls is the log, newest first.
func (h *house) calls() []logged {
	h.Helper()
	return h.callsUpTo(50)
}

// callsUpTo is the log up to a number of calls.
func (h *house) callsUpTo(most int) []logged {
	h.Helper()
	calls, err := h.callLog(h.ctx, most)
	h.must(err)
	return calls
}

// callLog is callsUpTo where the log may not be readable.
func (h *house) callLog(ctx context.Context, most int) (calls []logged, err error) {
	text, err := h.Command(ctx, "calls", "--json", "--limit", strconv.Itoa(most))
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	for decoder.More() {
		var c logged
		if err := decoder.Decode(&c); err != nil {
			return nil, err
		}
		calls = append(calls, c)
	}
	return calls, nil
}

// lastCall waits until the newest call has its end in the log, and checks what was done with it and how it ended.
func (h *house) lastCall(action, outcome string) logged {
	h.Helper()
	for {
		calls := h.calls()
		if len(calls) == 0 && h.ctx.Err() == nil {
			time.Sleep(50 * time.Millisecond) // once the database can be written again, for example
			continue
		}
		if len(calls) == 0 {
			h.Fatal("no call was logged")
		}
		c := calls[0]
		if c.Outcome != "" || h.ctx.Err() != nil {
			if c.Action != action || c.Outcome != outcome {
				h.Errorf("the log says %s, %s; it should say %s, %s (%+v)", c.Action, c.Outcome, action, outcome, c)
			}
			return c
		}
		time.Sleep(50 * time.Millisecond) // written within milliseconds of the end of the call
	}
}

// breakDatabase takes the table of calls away under the running application, which leaves Asterisk for the moment in which it puts a backup in its place.
func (h *house) breakDatabase() {
	h.Helper()
	h.excuse("Stasis app 'ringfence'", "per-call config for app 'ringfence'")
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(h.Dir, "data", "ringfence.db")+"?_busy_timeout=5000")
	h.must(err)
	_, err = db.ExecContext(h.ctx, "ALTER TABLE calls RENAME TO lost")
	h.must(err)
	h.must(db.Close())
}
