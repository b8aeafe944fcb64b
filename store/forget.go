package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Traces is what is kept of a caller, besides what the household has chosen for the number: a contact, a block, an entry of a list.
type Traces struct {
	Calls, Recordings        int
	Unheard                  int  // messages among the recordings that nobody has heard
	OnTheLine                bool // a call is in progress
	Named, Dialled, Reported bool
	Groups                   int // that have a report on the number from the household, and can be told that it is withdrawn

	notices, alerts []int64
	lines           []int64 // of the audit log, about the caller
	undos           []int64 // likewise, where only how they are undone names the caller
	withheld        []int64 // calls that withheld the number, which the network gave all the same; nobody learns of them, so Nothing doesn't count them
}

// Nothing says that nothing is kept of the caller.
func (t Traces) Nothing() bool {
	return t.Calls == 0 && !t.Named && !t.Dialled && !t.Reported && t.Groups == 0 && len(t.notices)+len(t.alerts)+len(t.lines)+len(t.undos) == 0
}

// longestCall is how long a call may have no end and still be taken for one in progress. An older one has lost its end, in a power cut for instance.
const longestCall = 24 * time.Hour

// TracesOf finds what is kept of a number. about says whether a line of the audit log is about whoever has it, and mentions whether any other text is.
func (s *Store) TracesOf(ctx context.Context, household string, n screening.Number, about func(AuditLine) bool, mentions func(text string) bool) (t Traces, err error) {
	home, err := columns.HouseholdID(ctx, s.read, household)
	if err != nil {
		return t, err
	}
	if err := s.awaitLog(ctx); err != nil {
		return t, err
	}
	err = s.read.QueryRowContext(ctx, `WITH theirs AS (SELECT id, ended_ms, at_ms FROM calls WHERE household_id = ?1 AND number = ?2),
			sounds AS (SELECT kind = 'message' AND heard_at IS NULL AS unheard FROM recordings WHERE call_id IN (SELECT id FROM theirs))
		SELECT (SELECT count(*) FROM theirs), (SELECT count(*) FROM sounds), (SELECT count(*) FROM sounds WHERE unheard),
			EXISTS (SELECT 1 FROM theirs WHERE ended_ms IS NULL AND at_ms > ?3),
			EXISTS (SELECT 1 FROM caller_names WHERE household_id = ?1 AND number = ?2), EXISTS (SELECT 1 FROM dialled WHERE household_id = ?1 AND number = ?2),
			EXISTS (SELECT 1 FROM reports WHERE household_id = ?1 AND number = ?2), (SELECT count(*) FROM joined_groups g WHERE g.household_id = ?1 AND `+hasOurReport+`)`,
		home, n.Key(), time.Now().Add(-longestCall).UnixMilli()).
		Scan(&t.Calls, &t.Recordings, &t.Unheard, &t.OnTheLine, &t.Named, &t.Dialled, &t.Reported, &t.Groups)
	if err != nil {
		return t, err
	}
	const ofTheirs = "call_id IN (SELECT id FROM calls WHERE household_id = ?1 AND number = ?2)"
	t.notices, err = mentioning(ctx, s.read, mentions, "SELECT id, "+ofTheirs+", text FROM notices WHERE household_id = ?1", home, n.Key())
	if err != nil {
		return t, err
	}
	t.alerts, err = mentioning(ctx, s.read, mentions, "SELECT id, "+ofTheirs+`, text || ' ' || words || ' ' || topic FROM notify_outbox
		WHERE channel_id IN (SELECT id FROM notify_channels WHERE household_id = ?1)`, home, n.Key())
	if err != nil {
		return t, err
	}
	t.withheld, err = mentioning(ctx, s.read, mentions, "SELECT id, NULL, said_number FROM calls WHERE household_id = ?1 AND number IS NULL AND said_number <> ''", home)
	if err != nil {
		return t, err
	}
	err = s.findLines(ctx, household, about, mentions, &t)
	return t, err
}

// NamesShown are the names that the network has shown with calls from a number.
func (s *Store) NamesShown(ctx context.Context, household string, n screening.Number) ([]string, error) {
	return sqlite.Values[string](ctx, s.read, "SELECT DISTINCT name FROM calls WHERE name <> '' AND number = ? AND "+columns.ByName, n.Key(), household)
}

// hasOurReport is true for a group g that has accepted a report on the number ?2, and that the household has not left.
const hasOurReport = `g.left_at IS NULL AND 'for' = (SELECT kind FROM sent_reports s WHERE s.group_id = g.id AND s.number = ?2 AND s.refused = '' ORDER BY s.id DESC LIMIT 1)`

// mentioning are the IDs of rows that are of a call of the caller, or whose text mentions them.
func mentioning(ctx context.Context, q sqlite.Querier, mentions func(text string) bool, query string, args ...any) (ids []int64, err error) {
	err = sqlite.Each(ctx, q, func(scan func(...any) error) error {
		var id int64
		var theirs sql.NullBool
		var text string
		err := scan(&id, &theirs, &text)
		if theirs.Bool || mentions(text) {
			ids = append(ids, id)
		}
		return err
	}, query, args...)
	return ids, err
}

// findLines finds the lines of the audit log that are about a caller.
func (s *Store) findLines(ctx context.Context, household string, about func(AuditLine) bool, mentions func(text string) bool, t *Traces) error {
	return sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var l AuditLine
		err := scan(l.fields()...)
		switch {
		case about(l):
			t.lines = append(t.lines, l.ID)
		case mentions(l.Undo):
			t.undos = append(t.undos, l.ID)
		}
		return err
	}, "SELECT "+auditColumns+" FROM changes c WHERE c.household_id = (SELECT id FROM households WHERE name = ?1) AND c.text <> ?2", household, ErasedText)
}

// EraseCaller erases a caller's traces, in one transaction. sounds are the files of their recordings, for DeleteSound once that is done. The error is
// ErrCallOpen if a call from the number is in progress.
//
// What a group was told stays until the group has been told that it is withdrawn (see outbox.Outbox.ReportSent).
func (s *Store) EraseCaller(ctx context.Context, household string, n screening.Number, t Traces) (sounds []string, err error) {
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		open, err := sqlite.Value[bool](ctx, tx, "SELECT EXISTS (SELECT 1 FROM calls WHERE household_id = ? AND number = ? AND ended_ms IS NULL AND at_ms > ?)",
			home, n.Key(), time.Now().Add(-longestCall).UnixMilli())
		if err == nil && open {
			err = ErrCallOpen
		}
		if err != nil {
			return err
		}
		if err := sqlite.Exec(ctx, tx, "PRAGMA secure_delete = on"); err != nil { // free pages keep nothing
			return err
		}
		if err := eraseTexts(ctx, tx, t); err != nil {
			return err
		}
		if sounds, err = eraseCalls(ctx, tx, home, n); err != nil {
			return err
		}
		for _, table := range []string{"caller_names", "dialled", "reports"} {
			if err := sqlite.Exec(ctx, tx, "DELETE FROM "+table+" WHERE household_id = ? AND number = ?", home, n.Key()); err != nil {
				return err
			}
		}
		return sqlite.Exec(ctx, tx, `DELETE FROM sent_reports WHERE number = ?2 AND group_id IN
			(SELECT g.id FROM joined_groups g WHERE g.household_id = ?1 AND NOT coalesce(`+hasOurReport+`, 0))`, home, n.Key())
	})
	return sounds, err
}

// ErrCallOpen says that the caller is on the line.
var ErrCallOpen = errors.New("a call from this number is in progress")

// eraseTexts deletes notices and alerts, and empties lines of the audit log and what calls have that withheld the number.
func eraseTexts(ctx context.Context, tx *sql.Tx, t Traces) error {
	for _, rows := range []struct {
		statement string
		ids       []int64
	}{
		{"DELETE FROM notify_outbox", t.alerts},
		{"DELETE FROM notices", t.notices},
		{"UPDATE changes SET text = '" + ErasedText + "', was = '', is_now = '', undo = ''", t.lines},
		{"UPDATE changes SET undo = ''", t.undos},
		{"UPDATE calls SET said_number = '', said_name = '', name = ''", t.withheld},
	} {
		these, err := json.Marshal(slices.Concat([]int64{}, rows.ids))
		if err != nil {
			return err
		}
		if err := sqlite.Exec(ctx, tx, rows.statement+" WHERE id IN (SELECT value FROM json_each(?))", string(these)); err != nil {
			return err
		}
	}
	return nil
}

// eraseCalls deletes the calls from a number, with their steps and recordings. Notices and alerts that were made since they were looked for go too.
func eraseCalls(ctx context.Context, tx *sql.Tx, home int64, n screening.Number) (sounds []string, err error) {
	const theirs = " WHERE call_id IN (SELECT id FROM calls WHERE household_id = ? AND number = ?)"
	for _, table := range []string{"notify_outbox", "notices", "call_steps"} {
		if err := sqlite.Exec(ctx, tx, "DELETE FROM "+table+theirs, home, n.Key()); err != nil {
			return nil, err
		}
	}
	sounds, err = sqlite.Values[string](ctx, tx, "DELETE FROM recordings"+theirs+" RETURNING file", home, n.Key())
	if err != nil {
		return nil, err
	}
	return sounds, sqlite.Exec(ctx, tx, "DELETE FROM calls WHERE household_id = ? AND number = ?", home, n.Key())
}

// DeleteSounds deletes the files of recordings that EraseCaller has removed, and counts those that are still there: Expire tries them again.
func (s *Store) DeleteSounds(sounds []string) (left int, err error) {
	for _, sound := range sounds {
		if failed := s.DeleteSound(sound); failed != nil {
			left++
			err = errors.Join(err, fmt.Errorf("%s: %w", filepath.Base(sound), failed))
		}
	}
	return left, err
}
