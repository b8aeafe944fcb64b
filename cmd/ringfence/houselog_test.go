package main_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"time"

	"ringfence/calllog"
	"ringfence/store"
)

// step is a line of a call's time line.
type step struct {
	At           time.Time
	Step, Detail string
}

type reason struct{ Code, Text string }

type recording struct {
	Kind, File string
	Seconds    float64
}

// logged is a call with the fields of `ringfence calls --json`.
type logged struct {
	At           time.Time
	Number       string
	Name         string
	Action       string
	Would        string
	Outcome      string
	Ended        *time.Time
	Reasons      []reason
	Steps        []step
	Presentation string
	Recordings   []recording
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

// callLog is callsUpTo where the log may not be readable. It reads the database itself: a process for each look would take a tenth of what all calls ask of
// the processor. What `ringfence calls --json` prints is looked at where the words in it are.
func (h *house) callLog(ctx context.Context, most int) ([]logged, error) {
	db, err := store.Open(ctx, filepath.Join(h.Dir, "data", "ringfence.db"))
	if err != nil {
		return nil, err
	}
	found, err := db.Calls(ctx, "home", most)
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	calls := make([]logged, 0, len(found))
	for _, c := range found {
		calls = append(calls, loggedOf(c))
	}
	return calls, nil
}

func loggedOf(c store.Call) logged {
	l := logged{
		At: c.At, Number: string(c.Number), Name: c.Name, Action: string(c.Action), Would: string(c.Would), Outcome: string(c.Outcome),
		Presentation: string(c.Presentation),
	}
	if !c.Ended.IsZero() {
		l.Ended = &c.Ended
	}
	for _, r := range c.Reasons {
		l.Reasons = append(l.Reasons, reason{string(r.Code), r.Text})
	}
	for _, s := range c.Steps {
		l.Steps = append(l.Steps, step{s.At, string(calllog.KindOf(s.Step)), calllog.WordsOf(s.Step)})
	}
	for _, r := range c.Recordings {
		l.Recordings = append(l.Recordings, recording{r.Kind, r.Path, r.Length.Seconds()})
	}
	return l
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
