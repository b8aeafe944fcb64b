package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Message is what a caller has left for the household: voicemail.
type Message struct {
	Call   int64
	At     time.Time
	Number screening.Number // "" where there was none
	Name   string           // a contact's present name, else what the network said
	Said   string           // what the network sent in place of a number, or a number that cannot exist
	Path   string
	Length time.Duration
	Heard  bool
	Words  // of a machine, for people who may hear recordings
}

// ErrNoMessage says that the household has no message from that call.
var ErrNoMessage = errors.New("there is no message of that call")

func noMessage(call int64) error { return fmt.Errorf("%w: %d", ErrNoMessage, call) }

// Messages lists a household's messages: those that nobody has heard, then the others, each with the newest first.
func (s *Store) Messages(ctx context.Context, household string) ([]Message, error) {
	return s.messages(ctx, s.read, household)
}

func (s *Store) messages(ctx context.Context, from sqlite.Querier, household string) ([]Message, error) {
	return sqlite.Rows(ctx, from, func(m *Message) []any {
		return append([]any{
			&m.Call, columns.ScanTime(&m.At), &m.Number, &m.Name, &m.Said, columns.ScanPath(&m.Path, s.recordings), columns.ScanLength(&m.Length), &m.Heard,
		}, m.fields()...)
	}, `SELECT r.call_id, r.at, c.number_text, coalesce(p.name, c.name), c.said_number, r.file,
		r.length_ms, r.heard_at IS NOT NULL, `+wordsColumns+` FROM recordings r JOIN calls c ON c.id = r.call_id JOIN households h ON h.id = c.household_id
		LEFT JOIN contact_numbers n ON n.household_id = h.id AND n.number = `+columns.NumberOfContact("h.id", "c.number")+` LEFT JOIN contacts p ON p.id = n.contact_id
		WHERE r.kind = 'message' AND h.name = ? ORDER BY r.heard_at IS NOT NULL, r.at DESC, r.id DESC`, household)
}

// MessageCount counts a household's messages.
func (s *Store) MessageCount(ctx context.Context, household string) (unheard, heard int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*) - count(r.heard_at), count(r.heard_at) FROM recordings r
		JOIN calls c ON c.id = r.call_id JOIN households h ON h.id = c.household_id
		WHERE r.kind = 'message' AND h.name = ?`, household).Scan(&unheard, &heard)
	return unheard, heard, err
}

// MessageCount is how many messages a household has.
type MessageCount struct {
	Household      string
	Unheard, Heard int
}

// MessageCounts are those of all households that have messages.
func (s *Store) MessageCounts(ctx context.Context) ([]MessageCount, error) {
	return s.looked.messages.Look(ctx, s, func(ctx context.Context) ([]MessageCount, error) {
		return sqlite.Rows(ctx, s.read, func(c *MessageCount) []any { return []any{&c.Household, &c.Unheard, &c.Heard} },
			`SELECT h.name, count(*) - count(r.heard_at), count(r.heard_at) FROM recordings r JOIN calls c ON c.id = r.call_id
			JOIN households h ON h.id = c.household_id WHERE r.kind = 'message' GROUP BY h.id`)
	})
}

// ofHousehold picks a message of the recordings, by its call and household.
const ofHousehold = ` WHERE kind = 'message' AND call_id = ? AND call_id IN
	(SELECT c.id FROM calls c JOIN households h ON h.id = c.household_id WHERE h.name = ?)`

// MarkHeard notes that somebody has heard a message. The first time counts.
func (s *Store) MarkHeard(ctx context.Context, household string, call int64) error {
	return sqlite.Change(ctx, s.write, noMessage(call), "UPDATE recordings SET heard_at = coalesce(heard_at, ?)"+ofHousehold, time.Now().Unix(), call, household)
}

// MarkUnheard takes back that somebody has heard a message.
func (s *Store) MarkUnheard(ctx context.Context, household string, call int64) error {
	return sqlite.Change(ctx, s.write, noMessage(call), "UPDATE recordings SET heard_at = NULL"+ofHousehold, call, household)
}

// ForgetMessage removes a message, heard or not; its call stays in the log. sound is its file, for DeleteSound once the transaction is done.
// The error is ErrNoMessage if there is none.
func (s *Store) ForgetMessage(ctx context.Context, household string, call int64) (sound string, err error) {
	return sqlite.OneValue[string](ctx, s.write, noMessage(call), "DELETE FROM recordings"+ofHousehold+" RETURNING file", call, household)
}

// DeleteSound deletes the file of a message that ForgetMessage has removed.
func (s *Store) DeleteSound(sound string) error {
	return deleteFile(filepath.Join(s.recordings, sound))
}

// deleteFile deletes a recording that the log no longer has. If that fails, Expire tries again, as with every file that the log does not have.
func deleteFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("a message is off the list, but its sound is still on the disk: %w", err)
	}
	return nil
}

// expiryNotice is how long before an unheard message is deleted the carers are alerted.
const expiryNotice = 7 * 24 * time.Hour

// expireCalls deletes a household's old calls. For those with unheard messages the carers are alerted first, once; such a call is deleted a week
// later, on the day that the alert named, even if somebody has heard the message by then.
func (s *Store) expireCalls(ctx context.Context, household int64, before, now time.Time) error {
	return s.write.Do(ctx, func(tx *sql.Tx) error {
		if err := s.warnOfExpiry(ctx, tx, household, before, now); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, `DELETE FROM calls WHERE household_id = ?1 AND at_ms < ?2 AND coalesce(ended_ms, at_ms) < ?2
			AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.call_id = calls.id AND r.kind = 'message' AND r.told_at > ?3)`,
			household, before.UnixMilli(), now.Add(-expiryNotice).Unix())
	})
}

func (s *Store) warnOfExpiry(ctx context.Context, tx *sql.Tx, household int64, before, now time.Time) error {
	due, err := unheardCalls(ctx, tx, household, before)
	if err != nil {
		return err
	}
	day := now.Add(expiryNotice).Format("2 January")
	for _, d := range due {
		text := fmt.Sprintf("Nobody has heard the message that %s left on %s. It will be deleted on %s.", d.who, d.at.Format("2 January"), day)
		if err := addNotice(ctx, tx, household, now, NoticeMessageExpiring, text, d.call); err != nil {
			return err
		}
		if err := sqlite.Exec(ctx, tx, "UPDATE recordings SET told_at = ? WHERE kind = 'message' AND call_id = ?", now.Unix(), d.call); err != nil {
			return err
		}
	}
	return nil
}

// due is a call that is due to be deleted, with an unheard message about which carers have not been alerted.
type due struct {
	call int64
	at   time.Time
	who  string
}

func unheardCalls(ctx context.Context, tx *sql.Tx, household int64, before time.Time) ([]due, error) {
	return sqlite.Rows(ctx, tx, func(d *due) []any { return []any{&d.call, columns.ScanMilliseconds(&d.at), &d.who} }, `SELECT c.id, c.at_ms, coalesce(p.name, nullif(c.name, ''), nullif(c.number_text, ''),
		'a caller without a number') FROM recordings r JOIN calls c ON c.id = r.call_id
		LEFT JOIN contact_numbers n ON n.household_id = c.household_id AND n.number = `+columns.NumberOfContact("c.household_id", "c.number")+` LEFT JOIN contacts p ON p.id = n.contact_id
		WHERE r.kind = 'message' AND r.heard_at IS NULL AND r.told_at IS NULL AND c.household_id = ?1 AND c.at_ms < ?2
			AND coalesce(c.ended_ms, c.at_ms) < ?2`, household, before.UnixMilli())
}

// MessageSound is a message as a WAV file; the error is ErrNoMessage if there is none.
func (s *Store) MessageSound(ctx context.Context, household string, call int64) ([]byte, error) {
	messages, err := s.Messages(ctx, household)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		if m.Call == call {
			return os.ReadFile(m.Path)
		}
	}
	return nil, noMessage(call)
}
