package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"

	"ringfence/calllog"
	"ringfence/screening"
)

// WriteBehind writes what calls write, in its order, behind them: a database that is locked, or a disk that is full or slow, must not
// hold up what a caller hears. Who has to know whether something was done uses Await.
type WriteBehind struct {
	db      *Store
	log     *slog.Logger
	written func() // called after something was written

	lastCall atomic.Int64
	down     atomic.Bool // there is something in unwrittenFile
	stalled  atomic.Bool // somebody has waited in vain, and nothing was written since

	file sync.Mutex // for unwrittenFile; taken before mu

	mu      sync.Mutex
	waiting []job
	closed  bool
	wake    chan struct{}
	ended   chan struct{}
	giveUp  chan struct{} // closed when what cannot be written now is to be written no more
}

// job is a line of the log of calls, or else something that is done as a whole.
type job struct {
	line   *sql.Stmt
	what   string // of a line that can be set down, its name (see unwritten), with args
	args   []any
	do     func(ctx context.Context) error
	before []unwritten // lines of the program before this one
}

const (
	// patience is for how long a call waits for an answer of the database. Callers should hear nothing for two seconds at most.
	patience = time.Second
	// mostWaiting bounds the queue: some hours of a household's calls.
	mostWaiting = 20_000
	// groupOf is how many lines go in with one transaction where they wait.
	groupOf = 200
	// writeAgain is after how long it is tried again to write what could not be written.
	writeAgain = 500 * time.Millisecond
	// lastWrites is for how long Close waits.
	lastWrites = 3 * time.Second
)

// ErrLater says that the database cannot be written now. What was asked for is tried again until the program ends.
var ErrLater = errors.New("the database is locked by another program, or its disk cannot be written: this is tried again until Ringfence stops, and lost then")

// WriteBehind begins to write behind. written is called after each write. It has to be closed before the store is.
func (s *Store) WriteBehind(ctx context.Context, log *slog.Logger, written func()) (*WriteBehind, error) {
	w := &WriteBehind{db: s, log: log, written: written, wake: make(chan struct{}, 1), ended: make(chan struct{}), giveUp: make(chan struct{})}
	var last int64
	if err := s.read.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM calls").Scan(&last); err != nil {
		return nil, err
	}
	w.lastCall.Store(max(last, w.takeUp()))
	go w.run(context.WithoutCancel(ctx))
	return w, nil
}

// Close writes what waits, for a few seconds where that is not possible at once. Lines that cannot be written by then are set down for the
// next start.
func (w *WriteBehind) Close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.rouse()
	select {
	case <-w.ended:
	case <-time.After(lastWrites):
		close(w.giveUp)
		kept, err := w.setDown()
		if err != nil {
			w.log.Error("the database cannot be written, and nor can a file beside it, so the end of the log of calls is lost", "err", err)
			return
		}
		w.log.Error("the database cannot be written, so the end of the log of calls waits in a file for the next start", "file", unwrittenFile, "lines", kept)
	}
}

func (w *WriteBehind) rouse() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *WriteBehind) add(j job) {
	w.mu.Lock()
	full := len(w.waiting) >= mostWaiting
	if !full {
		w.waiting = append(w.waiting, j)
	}
	w.mu.Unlock()
	if full {
		w.log.Error("the database has not been writable for so long that a line of the log of calls is lost")
	}
	w.rouse()
}

// Later does something in its turn, with a context of its own; an error is logged with the words in what.
func (w *WriteBehind) Later(ctx context.Context, what string, do func(ctx context.Context) error) {
	ctx = context.WithoutCancel(ctx)
	w.add(job{do: func(context.Context) error {
		err := do(ctx)
		if err != nil && !notNow(err) {
			w.log.Error(what, "err", err)
			return nil
		}
		return err
	}})
}

// Await does something in its turn and returns its answer; ErrLater where that takes too long. It is tried all the same, then, with a
// context of its own.
func Await[T any](ctx context.Context, w *WriteBehind, do func(ctx context.Context) (T, error)) (T, error) {
	return await(ctx, w, job{}, do)
}

// await is Await for something that may be a line that can be set down.
func await[T any](ctx context.Context, w *WriteBehind, j job, do func(ctx context.Context) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answered := make(chan answer, 1)
	own := context.WithoutCancel(ctx)
	j.do = func(context.Context) error {
		value, err := do(own)
		if err != nil && notNow(err) {
			return err
		}
		answered <- answer{value, err}
		return nil
	}
	w.add(j)
	wait := patience
	if w.stalled.Load() {
		wait = 0 // it was waited for before
	}
	late := time.NewTimer(wait)
	defer late.Stop()
	var none T
	select {
	case a := <-answered:
		return a.value, a.err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	case <-late.C:
		w.stalled.Store(true)
		return none, ErrLater
	}
}

// Flush waits until what was written before is in the database; ErrLater where that takes too long.
func (w *WriteBehind) Flush(ctx context.Context) error {
	_, err := Await(ctx, w, func(context.Context) (bool, error) { return true, nil })
	return err
}

// CallArrived is Store.CallArrived behind the call, whose number is known at once: this program alone logs calls.
func (w *WriteBehind) CallArrived(household, channel string, at time.Time, id screening.Identity, caller screening.Caller, v screening.Verdict, outcome calllog.Outcome) (call int64, err error) {
	args, err := arrivedArgs(household, channel, at, id, caller, v, outcome)
	if err != nil {
		return 0, err
	}
	call = w.lastCall.Add(1)
	args[0] = call
	w.add(job{line: w.db.log.arrived, what: lineArrived, args: args})
	return call, nil
}

// CallStep is Store.CallStep behind the call.
func (w *WriteBehind) CallStep(call int64, at time.Time, step calllog.Step) {
	w.add(job{line: w.db.log.step, what: lineStep, args: stepArgs(call, at, step)})
}

// CallEnded is Store.CallEnded behind the call.
func (w *WriteBehind) CallEnded(call int64, at time.Time, outcome calllog.Outcome) {
	w.add(job{line: w.db.log.ended, what: lineEnded, args: endedArgs(call, at, outcome)})
}

// CallGoesOn is Store.CallGoesOn behind the call.
func (w *WriteBehind) CallGoesOn(channel string, outcome calllog.Outcome) {
	w.add(job{line: w.db.log.goesOn, what: lineGoesOn, args: []any{channel, outcome}})
}

// Keep is Store.Keep, but that names have a budget, and none of the last of the disk. The sound is on the disk when it returns. So is its line in the log for a message, in a file
// for the next start where the database cannot be written now; a name's line is written behind.
func (w *WriteBehind) Keep(ctx context.Context, call int64, kind string, wav []byte, length time.Duration) error {
	if kind == "name" {
		if err := w.db.DiskTakes(Need{Bytes: int64(len(wav))}); err != nil {
			return err
		}
	}
	if err := w.db.keepFile(call, kind, wav); err != nil {
		return err
	}
	line := func(ctx context.Context) (bool, error) { return true, w.db.keepLine(ctx, call, kind, length) }
	if kind != "message" {
		w.Later(ctx, "what a caller has said is not in the log", func(ctx context.Context) error {
			_, err := line(ctx)
			return err
		})
		w.Later(ctx, "the oldest names of callers could not be deleted", func(ctx context.Context) error { return w.db.trimNames(ctx, call) })
		return nil
	}
	_, err := await(ctx, w, job{what: lineKept, args: keptArgs(call, kind, length)}, line)
	if errors.Is(err, ErrLater) {
		_, err = w.setDown()
	}
	return err
}

// run writes until the queue is closed and empty.
func (w *WriteBehind) run(ctx context.Context) {
	defer close(w.ended)
	failing := false
	for {
		group, closed := w.next()
		if len(group) == 0 {
			if closed {
				return
			}
			<-w.wake
			continue
		}
		done, err := w.write(ctx, group)
		if w.drop(done) {
			w.forgetSetDown()
		}
		if done > 0 {
			w.stalled.Store(false)
			w.written()
		}
		if (err != nil) != failing {
			failing = err != nil
			if failing {
				w.log.Error("what calls write has to wait, for the database cannot be written; calls go on", "err", err)
			} else {
				w.log.Info("the database can be written again")
			}
		}
		if err == nil {
			continue
		}
		select {
		case <-time.After(writeAgain):
		case <-w.giveUp:
			return
		}
	}
}

// next is what is written next: lines that wait, or one job that is done as a whole. It stays in the queue until it is done.
func (w *WriteBehind) next() (group []job, closed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for n < len(w.waiting) && n < groupOf && w.waiting[n].line != nil {
		n++
	}
	return w.waiting[:min(max(n, 1), len(w.waiting))], w.closed
}

// drop returns whether nothing waits any more after something did that was set down.
func (w *WriteBehind) drop(done int) (forget bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.waiting[:done]) // what they hold is not kept with the queue
	if w.waiting = w.waiting[done:]; len(w.waiting) == 0 {
		w.waiting = nil
	}
	return w.waiting == nil && w.down.Swap(false)
}

// write returns how many jobs need not be tried again, and the error of the others.
func (w *WriteBehind) write(ctx context.Context, group []job) (done int, err error) {
	if group[0].line == nil {
		if err := group[0].do(ctx); err != nil {
			return 0, err
		}
		return 1, nil
	}
	if len(group) == 1 {
		if err := w.line(group[0].line, group[0]); err != nil {
			return 0, err
		}
		return 1, nil
	}
	err = w.db.doRelaxed(ctx, func(tx *sql.Tx) error {
		for _, j := range group {
			if err := w.line(tx.StmtContext(ctx, j.line), j); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(group), nil
}

// line writes one line. One that can never be written is logged, and is no error.
func (w *WriteBehind) line(statement *sql.Stmt, j job) error {
	_, err := statement.ExecContext(context.Background(), j.args...)
	if err != nil && !notNow(err) {
		w.log.Error("a line of the log of calls cannot be written", "err", err)
		return nil
	}
	return err
}

// notNow tells whether something may be possible later that was not possible now.
func notNow(err error) bool {
	var fault sqlite3.Error
	if !errors.As(err, &fault) {
		return false
	}
	switch fault.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrFull, sqlite3.ErrReadonly, sqlite3.ErrIoErr, sqlite3.ErrCantOpen:
		return true
	default:
		return false
	}
}
