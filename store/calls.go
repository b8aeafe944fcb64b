package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// Call is one call as the log has it.
type Call struct {
	ID           int64
	At           time.Time
	Number       screening.Number // "" where there was none
	Said         string           // what the network sent in place of a number, or a number that cannot exist
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
	Kind   string // calllog.RecordedName or calllog.RecordedMessage
	Path   string
	Length time.Duration
	At     time.Time // when it was kept
	Heard  time.Time // when a message was first heard; zero: never, or it is no message
	Words            // of a machine, for people who may hear recordings
}

// Recording is the call's recording of a kind; false where there is none.
func (c Call) Recording(kind string) (Recording, bool) {
	for _, r := range c.Recordings {
		if r.Kind == kind {
			return r, true
		}
	}
	return Recording{}, false
}

// CallArrived logs a call the moment it arrives: what the network said, who it was, what is done, and why. v is the zero Verdict where
// nothing could be decided. outcome is "" for a call that goes on; where it is known already, the call's end is part of the same write.
func (s *Store) CallArrived(ctx context.Context, household, channel string, at time.Time, id screening.Identity, caller screening.Caller, v screening.Verdict, outcome calllog.Outcome) (call int64, err error) {
	args, err := arrivedArgs(household, channel, at, id, caller, v, outcome)
	if err != nil {
		return 0, err
	}
	result, err := s.log.arrived.ExecContext(sqlite.Quick(ctx), args...)
	if err != nil {
		return 0, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return 0, errors.Join(err, columns.NoHousehold(household))
	}
	return result.LastInsertId()
}

// arrivedArgs are the parameters of arrivedQuery. The first is the call's ID; nil is the next one.
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
	// The last call may have been deleted, and alerts look only at calls behind their cursors.
	lastCallQuery = "SELECT max((SELECT coalesce(max(id), 0) FROM calls), (SELECT coalesce(max(call_id), 0) FROM notify_cursors))"
	arrivedQuery  = `INSERT INTO calls (id, household_id, channel, at_ms, said_number, said_name, said_pres, number, number_text, name, presentation,
		action, would, reasons, outcome, ended_ms)
		SELECT coalesce(?, (` + lastCallQuery + `) + 1), id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM households WHERE name = +?`
	keptQuery = `INSERT INTO recordings (call_id, kind, file, length_ms, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (call_id, kind) DO UPDATE SET length_ms = excluded.length_ms, at = excluded.at, heard_at = NULL, told_at = NULL,
		words = NULL, words_unsure = 0, opinion = '', opinion_sentence = ''`
)

// goesOnQuery and overQuery look for the channel alone, because its index also has the calls that are over.
const (
	goesOnQuery = "UPDATE calls SET ended_ms = NULL, outcome = '' WHERE channel = ? AND outcome = ?"
	stepQuery   = "INSERT INTO call_steps (call_id, at_ms, step, detail) VALUES (?, ?, ?, ?)"
	endedQuery  = "UPDATE calls SET ended_ms = ?, outcome = ? WHERE id = ? AND ended_ms IS NULL"
	overQuery   = "SELECT EXISTS (SELECT 1 FROM calls WHERE channel = ? AND ended_ms IS NOT NULL)"
)

// CallGoesOn removes an end that was logged as soon as it was decided, but then did not happen; a call with another outcome keeps it. The call is
// named by its channel, because a program that has been restarted does not know its ID.
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

func (l *callLog) prepare(ctx context.Context, db *sql.DB) error {
	return prepareAll(ctx, db, map[string]**sql.Stmt{
		arrivedQuery: &l.arrived,
		stepQuery:    &l.step,
		endedQuery:   &l.ended,
		goesOnQuery:  &l.goesOn,
	})
}

// CallByChannel finds a channel's call that has no end, and its household; 0 if there is none.
func (s *Store) CallByChannel(ctx context.Context, channel string) (call int64, household string, err error) {
	open, _, err := s.openCall(ctx, channel)
	return open.ID, open.household, err
}

// CallOver says whether the log has a channel's call with its end.
func (s *Store) CallOver(ctx context.Context, channel string) (over bool, err error) {
	return sqlite.Value[bool](ctx, s.read, overQuery, channel)
}

// CallIsOpen says whether a household has had a call, and whether it has no end yet.
func (s *Store) CallIsOpen(ctx context.Context, household string, call int64) (there, open bool, err error) {
	open, there, err = sqlite.Row(ctx, s.read, func(open *bool) []any { return []any{open} },
		"SELECT c.ended_ms IS NULL FROM calls c JOIN households h ON h.id = c.household_id WHERE c.id = ? AND h.name = ?", call, household)
	return there, open, err
}

// Caller is the caller of a channel's call that has no end; call is 0 if there is none.
func (s *Store) Caller(ctx context.Context, channel string) (call int64, number screening.Number, name string, err error) {
	open, _, err := s.openCall(ctx, channel)
	return open.ID, open.Number, open.Name, err
}

// openCall is a call without an end, and whose it is.
type openCall struct {
	Call
	household string
}

func (s *Store) openCall(ctx context.Context, channel string) (openCall, bool, error) {
	return sqlite.Row(ctx, s.read, func(c *openCall) []any { return []any{&c.ID, &c.household, &c.Number, &c.Name} },
		`SELECT c.id, h.name, c.number_text, c.name FROM calls c JOIN households h ON h.id = c.household_id
		WHERE c.channel = ? AND c.ended_ms IS NULL ORDER BY c.id DESC LIMIT 1`, channel)
}

const openChannelsQuery = "SELECT channel FROM calls WHERE ended_ms IS NULL ORDER BY +id" // the + has it use the index of open calls

// OpenChannels lists the channels of the calls that have no end yet.
func (s *Store) OpenChannels(ctx context.Context) ([]string, error) {
	return sqlite.Values[string](ctx, s.read, openChannelsQuery)
}

// Calls lists a household's latest calls, newest first.
func (s *Store) Calls(ctx context.Context, household string, limit int) ([]Call, error) {
	calls, err := sqlite.Rows(ctx, s.read, (*Call).fields, "SELECT "+callColumns+` FROM calls c JOIN households h ON h.id = c.household_id
		WHERE h.name = ? ORDER BY c.at_ms DESC, c.id DESC LIMIT ?`, household, limit)
	if err != nil {
		return nil, err
	}
	all := make([]*Call, len(calls))
	for i := range calls {
		all[i] = &calls[i]
	}
	return calls, s.details(ctx, all)
}

const callColumns = "c.id, c.at_ms, c.number_text, c.said_number, c.name, c.presentation, c.action, c.would, c.reasons, c.outcome, c.ended_ms"

func (c *Call) fields() []any {
	return []any{
		&c.ID, columns.ScanMilliseconds(&c.At), &c.Number, &c.Said, &c.Name, &c.Presentation, &c.Action, &c.Would,
		columns.ScanJSON(&c.Reasons), &c.Outcome, columns.ScanMilliseconds(&c.Ended),
	}
}

// details adds steps and recordings to calls, with two queries for all of them.
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
		var call int64
		var step Step
		var kind calllog.Kind
		var detail string
		if err := scan(&call, columns.ScanMilliseconds(&step.At), &kind, &detail); err != nil {
			return err
		}
		step.Step = calllog.Read(kind, detail)
		byID[call].Steps = append(byID[call].Steps, step)
		return nil
	}, `SELECT call_id, at_ms, step, detail FROM call_steps WHERE call_id IN (SELECT value FROM json_each(?))
		ORDER BY call_id, at_ms, id`, string(these))
	if err != nil {
		return err
	}
	return sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var call int64
		var r Recording
		if err := scan(append([]any{&call}, s.recordingFields(&r)...)...); err != nil {
			return err
		}
		byID[call].Recordings = append(byID[call].Recordings, r)
		return nil
	}, `SELECT call_id, `+recordingColumns+` FROM recordings r WHERE call_id IN (SELECT value FROM json_each(?))
		ORDER BY id`, string(these))
}

const recordingColumns = "r.kind, r.file, r.length_ms, r.at, r.heard_at, " + wordsColumns

// recordingFields are for recordingColumns.
func (s *Store) recordingFields(r *Recording) []any {
	return append([]any{&r.Kind, columns.ScanPath(&r.Path, s.recordings), columns.ScanLength(&r.Length), columns.ScanTime(&r.At), columns.ScanTime(&r.Heard)},
		r.fields()...)
}

// Keep stores what was said in a call, as a WAV file; kind is calllog.RecordedName or calllog.RecordedMessage. A
// second one of a kind replaces the first. The file is on the disk before the log has it.
func (s *Store) Keep(ctx context.Context, call int64, kind string, wav []byte, length time.Duration) error {
	if err := s.keepFile(call, kind, wav); err != nil {
		return err
	}
	return s.keepLine(ctx, call, kind, length)
}

// nameOfRecording uses nothing that came from a caller.
func nameOfRecording(call int64, kind string) string { return fmt.Sprintf("%d-%s.wav", call, kind) }

func (s *Store) keepFile(call int64, kind string, wav []byte) error {
	if kind != calllog.RecordedName && kind != calllog.RecordedMessage {
		return fmt.Errorf("there are no recordings of the kind %q", kind)
	}
	if err := datafolder.WriteFile(filepath.Join(s.recordings, nameOfRecording(call, kind)), wav); err != nil {
		return fmt.Errorf("a recording cannot be kept: %w", err)
	}
	return nil
}

// orphanAge keeps the sweep away from a recording that is being written: its file is there before its row.
const orphanAge = time.Hour

func (s *Store) keepLine(ctx context.Context, call int64, kind string, length time.Duration) error {
	db := s.relaxed
	if kind == calllog.RecordedMessage { // the caller hears that it is kept
		db = s.write
	}
	return sqlite.Exec(ctx, db, keptQuery, keptArgs(call, kind, length)...)
}

func keptArgs(call int64, kind string, length time.Duration) []any {
	return []any{call, kind, nameOfRecording(call, kind), length.Milliseconds(), time.Now().Unix()}
}
