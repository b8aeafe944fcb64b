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
	"ringfence/store/sqlite"
)

// WriteBehind queues what calls write, and writes it in order: a locked database, or a full or slow disk, must not hold up what a caller hears.
// Await waits for the result.
type WriteBehind struct {
	Patience time.Duration // how long a call waits for a result. Tests that look at the result next wait longer, on a slow machine.

	db      *Store
	log     *slog.Logger
	written func() // called after something was written

	lastCall atomic.Int64
	saved    atomic.Bool // unwrittenFile has lines
	stalled  atomic.Bool // somebody has waited in vain, and nothing has been written since

	file sync.Mutex // for unwrittenFile; taken before mu

	mu      sync.Mutex
	waiting []job
	closed  bool
	wake    chan struct{}
	ended   chan struct{}
	giveUp  chan struct{} // closed when nothing is retried any more
}

// job is a line of the log of calls, or else a function.
type job struct {
	line   *sql.Stmt
	what   string // the name of a line that unwrittenFile can hold (see unwritten), with args
	args   []any
	do     func(ctx context.Context) error
	before []unwritten // lines that an earlier program has left
}

const (
	// patience is the usual one. Callers should hear nothing for two seconds at most.
	patience = time.Second
	// mostWaiting is the length of the queue: some hours of a household's calls.
	mostWaiting = 20_000
	// groupOf is how many waiting lines one transaction writes.
	groupOf = 200
	// writeAgain is the time between retries.
	writeAgain = 500 * time.Millisecond
	// lastWrites is how long Close waits.
	lastWrites = 3 * time.Second
)

// ErrLater says that the database can't be written now. It is retried until the program ends.
var ErrLater = errors.New("another program locks the database, or its disk cannot be written: Ringfence tries this again until it stops, and loses it then")

// WriteBehind starts the queue. It calls written after each write. It has to be closed before the store.
func (s *Store) WriteBehind(ctx context.Context, log *slog.Logger, written func()) (*WriteBehind, error) {
	w := &WriteBehind{Patience: patience, db: s, log: log, written: written, wake: make(chan struct{}, 1), ended: make(chan struct{}), giveUp: make(chan struct{})}
	last, err := sqlite.Value[int64](ctx, s.read, lastCallQuery)
	if err != nil {
		return nil, err
	}
	w.lastCall.Store(max(last, w.queueSaved()))
	go w.run(context.WithoutCancel(ctx))
	return w, nil
}

// Close writes what waits, for a few seconds if need be. Lines that can't be written by then go into a file for the next start.
func (w *WriteBehind) Close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.wakeUp()
	select {
	case <-w.ended:
	case <-time.After(lastWrites):
		close(w.giveUp)
		kept, err := w.saveWaiting()
		if err != nil {
			w.log.Error("the database cannot be written, and nor can a file beside it, so the end of the log of calls is lost", "err", err)
			return
		}
		w.log.Error("the database cannot be written, so the end of the log of calls waits in a file for the next start", "file", unwrittenFile, "lines", kept)
	}
}

func (w *WriteBehind) wakeUp() {
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
	w.wakeUp()
}

// Later queues a function, which gets a context of its own. Its error is logged as what.
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

// Await queues a function and waits for its result. If that takes too long the error is ErrLater, and the function still runs in its turn, with a
// context of its own.
func Await[T any](ctx context.Context, w *WriteBehind, do func(ctx context.Context) (T, error)) (T, error) {
	return await(ctx, w, job{}, do)
}

// await is Await for a job that may be a line for unwrittenFile.
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
	wait := w.Patience
	if w.stalled.Load() {
		wait = 0 // somebody has waited already
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

// Stalled says that what calls write waits in vain.
func (w *WriteBehind) Stalled() bool { return w.stalled.Load() }

// Flush waits until everything queued is in the database; the error is ErrLater if that takes too long.
func (w *WriteBehind) Flush(ctx context.Context) error {
	_, err := Await(ctx, w, func(context.Context) (bool, error) { return true, nil })
	return err
}

// CallArrived queues Store.CallArrived. The call's ID is known at once, because only this program logs calls.
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

// CallStep queues Store.CallStep.
func (w *WriteBehind) CallStep(call int64, at time.Time, step calllog.Step) {
	w.add(job{line: w.db.log.step, what: lineStep, args: stepArgs(call, at, step)})
}

// CallEnded queues Store.CallEnded.
func (w *WriteBehind) CallEnded(call int64, at time.Time, outcome calllog.Outcome) {
	w.add(job{line: w.db.log.ended, what: lineEnded, args: endedArgs(call, at, outcome)})
}

// CallGoesOn queues Store.CallGoesOn.
func (w *WriteBehind) CallGoesOn(channel string, outcome calllog.Outcome) {
	w.add(job{line: w.db.log.goesOn, what: lineGoesOn, args: []any{channel, outcome}})
}

// Keep is Store.Keep, with a budget for names, which are not kept on a disk that is nearly full. The sound is on the disk when it returns. So is a
// message's line in the log; if the database can't be written now it is in a file for the next start. A name's line is queued.
func (w *WriteBehind) Keep(ctx context.Context, call int64, kind string, wav []byte, length time.Duration) error {
	if kind == calllog.RecordedName {
		if err := w.db.DiskTakes(Need{Bytes: int64(len(wav))}); err != nil {
			return err
		}
	}
	if err := w.db.keepFile(call, kind, wav); err != nil {
		return err
	}
	line := func(ctx context.Context) (bool, error) { return true, w.db.keepLine(ctx, call, kind, length) }
	if kind != calllog.RecordedMessage {
		w.Later(ctx, "what a caller has said is not in the log", func(ctx context.Context) error {
			_, err := line(ctx)
			return err
		})
		w.Later(ctx, "the oldest names of callers could not be deleted", func(ctx context.Context) error { return w.db.trimNames(ctx, call) })
		return nil
	}
	_, err := await(ctx, w, job{what: lineKept, args: keptArgs(call, kind, length)}, line)
	if errors.Is(err, ErrLater) {
		_, err = w.saveWaiting()
	}
	return err
}

// KeepWords queues Store.KeepWords, behind the recording that they are of.
func (w *WriteBehind) KeepWords(ctx context.Context, call int64, kind, text string, unsure bool) {
	w.Later(ctx, "what a machine has read in a recording is not in the log", func(ctx context.Context) error {
		return w.db.KeepWords(ctx, call, kind, text, unsure)
	})
}

// KeepOpinion queues Store.KeepOpinion, behind the words.
func (w *WriteBehind) KeepOpinion(ctx context.Context, call int64, kind string, o Opinion) {
	w.Later(ctx, "a language model's opinion is not in the log", func(ctx context.Context) error {
		return w.db.KeepOpinion(ctx, call, kind, o)
	})
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
			w.removeSaved()
		}
		if done > 0 {
			w.stalled.Store(false)
			w.written()
		}
		if (err != nil) != failing {
			failing = err != nil
			if failing {
				w.log.Error("what calls write has to wait, because the database cannot be written; calls go on", "err", err)
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

// next is what is written next: waiting lines, or one function. It stays in the queue until it is done.
func (w *WriteBehind) next() (group []job, closed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for n < len(w.waiting) && n < groupOf && w.waiting[n].line != nil {
		n++
	}
	return w.waiting[:min(max(n, 1), len(w.waiting))], w.closed
}

// drop removes jobs that are done. It returns true when the queue is empty and unwrittenFile has lines.
func (w *WriteBehind) drop(done int) (forget bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.waiting[:done]) // so that their memory can be freed
	if w.waiting = w.waiting[done:]; len(w.waiting) == 0 {
		w.waiting = nil
	}
	return w.waiting == nil && w.saved.Swap(false)
}

// write returns how many jobs are done, and the error of the others.
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
	err = w.db.relaxed.Do(ctx, func(tx *sql.Tx) error {
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

// line writes one line. One that can never be written is only logged.
func (w *WriteBehind) line(statement *sql.Stmt, j job) error {
	_, err := statement.ExecContext(context.Background(), j.args...)
	if err != nil && !notNow(err) {
		w.log.Error("a line of the log of calls cannot be written", "err", err)
		return nil
	}
	return err
}

// notNow says whether an error may be gone the next time.
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
