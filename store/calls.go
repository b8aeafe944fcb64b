package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Call is one call as the log has it.
type Call struct {
	ID           int64
	At           time.Time
	Number       screening.Number // "" where there was none
	Said         string           // what the network said instead of a number, or as a number that cannot exist
	Name         string
	Presentation screening.Presentation
	Action       screening.Action // "" as long as nothing was decided
	Would        screening.Action
	Reasons      []screening.Reason
	Outcome      calllog.Outcome
	Ended        time.Time
	Steps        []Step
	Recordings   []Recording
}

// Step is a line of a call's time line.
type Step struct {
	At time.Time
	calllog.Step
}

// Recording is what was said in a call.
type Recording struct {
	Kind   string // "name" or "message"
	Path   string
	Length time.Duration
	At     time.Time // when it was kept
	Heard  time.Time // when a message was first heard; zero: never, or it is no message
}

// CallArrived logs a call the moment that it arrives, whatever becomes of it: what the network said, who it was, what is
// done, and why. Where nothing could be decided, v is the zero Verdict. outcome is "" for a call that goes on, and what
// becomes of it where that is known already: the log then has its end too, in the one write.
func (s *Store) CallArrived(ctx context.Context, household, channel string, at time.Time, id screening.Identity, caller screening.Caller, v screening.Verdict, outcome calllog.Outcome) (call int64, err error) {
	args, err := arrivedArgs(household, channel, at, id, caller, v, outcome)
	if err != nil {
		return 0, err
	}
	done, err := s.log.arrived.ExecContext(sqlite.Quick(ctx), args...)
	if err != nil {
		return 0, err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return 0, errors.Join(err, fmt.Errorf("%w: %s", columns.ErrNoHousehold, household))
	}
	return done.LastInsertId()
}

// arrivedArgs are those of the line; the first is the call's number, nil for the next.
func arrivedArgs(household, channel string, at time.Time, id screening.Identity, caller screening.Caller, v screening.Verdict, outcome calllog.Outcome) ([]any, error) {
	var key, ended any
	if caller.Number != "" {
		key = caller.Number.Key()
	}
	if outcome != "" {
		ended = time.Now().UnixMilli()
	}
	reasons, err := json.Marshal(append([]screening.Reason{}, v.Reasons...)) // none is [], not null
	return []any{
		nil, channel, at.UnixMilli(), columns.Bounded(id.Number), columns.Bounded(id.Name), columns.Bounded(id.Presentation),
		key, caller.Number, caller.Name, caller.Presentation, v.Action, v.Would, string(reasons), outcome, ended, household,
	}, err
}

func stepArgs(call int64, at time.Time, step calllog.Step) []any {
	kind, detail := calllog.Stored(step)
	return []any{call, at.UnixMilli(), kind, detail}
}

func endedArgs(call int64, at time.Time, outcome calllog.Outcome) []any {
	return []any{at.UnixMilli(), outcome, call}
}

const (
	arrivedQuery = `INSERT INTO calls (id, household_id, channel, at_ms, said_number, said_name, said_pres, number, number_text, name, presentation,
		action, would, reasons, outcome, ended_ms)
		SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM households WHERE name = +?`
	keptQuery = `INSERT INTO recordings (call_id, kind, file, length_ms, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (call_id, kind) DO UPDATE SET length_ms = excluded.length_ms, at = excluded.at, heard_at = NULL, told_at = NULL`
)

// The first and the last go by the channel alone, whose index has the calls that are over too.
const (
	goesOnQuery = "UPDATE calls SET ended_ms = NULL, outcome = '' WHERE channel = ? AND outcome = ?"
	stepQuery   = "INSERT INTO call_steps (call_id, at_ms, step, detail) VALUES (?, ?, ?, ?)"
	endedQuery  = "UPDATE calls SET ended_ms = ?, outcome = ? WHERE id = ? AND ended_ms IS NULL"
	overQuery   = "SELECT EXISTS (SELECT 1 FROM calls WHERE channel = ? AND ended_ms IS NOT NULL)"
)

// CallGoesOn takes an end away again that was logged as soon as it was decided, and then did not come about; a call that has
// another end keeps it. The call is named by its channel, for an application that has died cannot tell its number.
func (s *Store) CallGoesOn(ctx context.Context, channel string, outcome calllog.Outcome) error {
	_, err := s.log.goesOn.ExecContext(sqlite.Quick(ctx), channel, outcome)
	return err
}

// CallStep adds a line to a call's time line.
func (s *Store) CallStep(ctx context.Context, call int64, at time.Time, step calllog.Step) error {
	_, err := s.log.step.ExecContext(sqlite.Quick(ctx), stepArgs(call, at, step)...)
	return err
}

// CallEnded gives a call its end, once: a second end changes nothing.
func (s *Store) CallEnded(ctx context.Context, call int64, at time.Time, outcome calllog.Outcome) error {
	_, err := s.log.ended.ExecContext(sqlite.Quick(ctx), endedArgs(call, at, outcome)...)
	return err
}

// callLog has the statements that every call writes, prepared.
type callLog struct{ arrived, step, ended, goesOn *sql.Stmt }

func (l *callLog) prepare(ctx context.Context, db *sql.DB) error {
	return prepareAll(ctx, db, map[string]**sql.Stmt{
		arrivedQuery: &l.arrived,
		stepQuery:    &l.step,
		endedQuery:   &l.ended,
		goesOnQuery:  &l.goesOn,
	})
}

// CallByChannel finds the call without an end that a channel carries, and whose it is; 0 where there is none.
func (s *Store) CallByChannel(ctx context.Context, channel string) (call int64, household string, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT c.id, h.name FROM calls c JOIN households h ON h.id = c.household_id
		WHERE c.channel = ? AND c.ended_ms IS NULL ORDER BY c.id DESC LIMIT 1`, channel).Scan(&call, &household)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	return call, household, err
}

// CallOver tells whether the log has a call of a channel, with its end.
func (s *Store) CallOver(ctx context.Context, channel string) (over bool, err error) {
	err = s.read.QueryRowContext(ctx, overQuery, channel).Scan(&over)
	return over, err
}

// CallIsOpen tells whether a household has had a call, and whether it has no end yet.
func (s *Store) CallIsOpen(ctx context.Context, household string, call int64) (there, open bool, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT c.ended_ms IS NULL FROM calls c JOIN households h ON h.id = c.household_id WHERE c.id = ? AND h.name = ?",
		call, household).Scan(&open)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	return err == nil, open, err
}

// Caller is who rings in the call without an end that a channel carries; call 0 where there is none.
func (s *Store) Caller(ctx context.Context, channel string) (call int64, number screening.Number, name string, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT id, number_text, name FROM calls WHERE channel = ? AND ended_ms IS NULL ORDER BY id DESC LIMIT 1", channel).
		Scan(&call, &number, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", "", nil
	}
	return call, number, name, err
}

// OpenChannels lists the channels of the calls that have no end yet.
func (s *Store) OpenChannels(ctx context.Context) (channels []string, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT channel FROM calls WHERE ended_ms IS NULL ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var channel string
		if err := rows.Scan(&channel); err != nil {
			return nil, err
		}
		channels = append(channels, channel)
	}
	return channels, rows.Err()
}

// Calls lists a household's latest calls, newest first.
func (s *Store) Calls(ctx context.Context, household string, limit int) ([]Call, error) {
	calls, err := s.bareCalls(ctx, household, limit)
	if err != nil {
		return nil, err
	}
	all := make([]*Call, len(calls))
	for i := range calls {
		all[i] = &calls[i]
	}
	return calls, s.details(ctx, all)
}

// callColumns are those of a Call, from the calls as c; scanCall reads them.
const callColumns = "c.id, c.at_ms, c.number_text, c.said_number, c.name, c.presentation, c.action, c.would, c.reasons, c.outcome, c.ended_ms"

// scanCall reads callColumns, and what more was asked for behind them.
func scanCall(scan func(...any) error, more ...any) (c Call, err error) {
	var at int64
	var ended sql.NullInt64
	var reasons []byte
	columns := []any{&c.ID, &at, &c.Number, &c.Said, &c.Name, &c.Presentation, &c.Action, &c.Would, &reasons, &c.Outcome, &ended}
	if err := scan(append(columns, more...)...); err != nil {
		return Call{}, err
	}
	if err := json.Unmarshal(reasons, &c.Reasons); err != nil {
		return Call{}, fmt.Errorf("the reasons of call %d: %w", c.ID, err)
	}
	c.At = time.UnixMilli(at)
	if ended.Valid {
		c.Ended = time.UnixMilli(ended.Int64)
	}
	return c, nil
}

func (s *Store) bareCalls(ctx context.Context, household string, limit int) (calls []Call, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+callColumns+` FROM calls c JOIN households h ON h.id = c.household_id
		WHERE h.name = ? ORDER BY c.at_ms DESC, c.id DESC LIMIT ?`, household, limit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		c, err := scanCall(rows.Scan)
		if err != nil {
			return nil, err
		}
		calls = append(calls, c)
	}
	return calls, rows.Err()
}

// details adds steps and recordings to calls, with two questions for all of them.
func (s *Store) details(ctx context.Context, calls []*Call) error {
	if len(calls) == 0 {
		return nil
	}
	byID := make(map[int64]*Call, len(calls))
	ids := make([]int64, len(calls))
	for i, c := range calls {
		byID[c.ID], ids[i] = c, c.ID
	}
	these, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	err = sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var call, at int64
		var kind calllog.Kind
		var detail string
		if err := scan(&call, &at, &kind, &detail); err != nil {
			return err
		}
		byID[call].Steps = append(byID[call].Steps, Step{time.UnixMilli(at), calllog.Read(kind, detail)})
		return nil
	}, `SELECT call_id, at_ms, step, detail FROM call_steps WHERE call_id IN (SELECT value FROM json_each(?))
		ORDER BY call_id, at_ms, id`, string(these))
	if err != nil {
		return err
	}
	return sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var call int64
		r, err := s.scanRecording(scan, &call)
		if err != nil {
			return err
		}
		byID[call].Recordings = append(byID[call].Recordings, r)
		return nil
	}, `SELECT call_id, kind, file, length_ms, at, heard_at FROM recordings WHERE call_id IN (SELECT value FROM json_each(?))
		ORDER BY id`, string(these))
}

// scanRecording reads a row that begins with first, and then has kind, file, length_ms, at and heard_at.
func (s *Store) scanRecording(scan func(...any) error, first ...any) (r Recording, err error) {
	var length, at int64
	var heard sql.NullInt64
	if err := scan(append(first, &r.Kind, &r.Path, &length, &at, &heard)...); err != nil {
		return Recording{}, err
	}
	r.Path, r.Length, r.At = filepath.Join(s.recordings, r.Path), time.Duration(length)*time.Millisecond, time.Unix(at, 0)
	if heard.Valid {
		r.Heard = time.Unix(heard.Int64, 0)
	}
	return r, nil
}

// Keep stores what was said in a call: kind "name" or "message", a WAV file. A second one of the same kind replaces the
// first. It is on the disk before the log knows of it.
func (s *Store) Keep(ctx context.Context, call int64, kind string, wav []byte, length time.Duration) error {
	if err := s.keepFile(call, kind, wav); err != nil {
		return err
	}
	return s.keepLine(ctx, call, kind, length)
}

// nameOfRecording is made of nothing that came from a caller.
func nameOfRecording(call int64, kind string) string { return fmt.Sprintf("%d-%s.wav", call, kind) }

func (s *Store) keepFile(call int64, kind string, wav []byte) error {
	if kind != "name" && kind != "message" {
		return fmt.Errorf("there are no recordings of the kind %q", kind)
	}
	if err := writeFile(filepath.Join(s.recordings, nameOfRecording(call, kind)), wav); err != nil {
		return fmt.Errorf("a recording cannot be kept: %w", err)
	}
	return nil
}

func (s *Store) keepLine(ctx context.Context, call int64, kind string, length time.Duration) error {
	db := s.relaxed
	if kind == "message" { // the caller hears that it is kept
		db = s.write
	}
	_, err := db.ExecContext(ctx, keptQuery, keptArgs(call, kind, length)...)
	return err
}

func keptArgs(call int64, kind string, length time.Duration) []any {
	return []any{call, kind, nameOfRecording(call, kind), length.Milliseconds(), time.Now().Unix()}
}

// writeFile writes a file whole or not at all, for its owner alone. It is on the disk when it returns.
func writeFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already once it has been renamed
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return sqlite.SyncFolder(filepath.Dir(path))
}
