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
	"ringfence/store/sqlite"
)

// Message is what a caller has left for the household: voicemail.
type Message struct {
	Call   int64
	At     time.Time
	Number screening.Number // "" where there was none
	Name   string           // a contact's present name, else what the network said
	Said   string           // what the network said instead of a number, or as a number that cannot exist
	Path   string
	Length time.Duration
	Heard  bool
}

// ErrNoMessage says that the household has no message of that call.
var ErrNoMessage = errors.New("there is no message of that call")

// Messages lists a household's messages: those that nobody has heard first, and of both the newest first.
func (s *Store) Messages(ctx context.Context, household string) ([]Message, error) {
	return s.messages(ctx, s.read, household)
}

func (s *Store) messages(ctx context.Context, from sqlite.Querier, household string) ([]Message, error) {
	return sqlite.All(ctx, from, func(scan func(...any) error) (m Message, err error) {
		var at, length int64
		var file string
		err = scan(&m.Call, &at, &m.Number, &m.Name, &m.Said, &file, &length, &m.Heard)
		m.At, m.Length, m.Path = time.Unix(at, 0), time.Duration(length)*time.Millisecond, filepath.Join(s.recordings, file)
		return m, err
	}, `SELECT r.call_id, r.at, c.number_text, coalesce(p.name, c.name), c.said_number, r.file,
		r.length_ms, r.heard_at IS NOT NULL FROM recordings r JOIN calls c ON c.id = r.call_id JOIN households h ON h.id = c.household_id
		LEFT JOIN contact_numbers n ON n.household_id = h.id AND n.number = c.number LEFT JOIN contacts p ON p.id = n.contact_id
		WHERE r.kind = 'message' AND h.name = ? ORDER BY r.heard_at IS NOT NULL, r.at DESC, r.id DESC`, household)
}

// MessageCount counts a household's messages.
func (s *Store) MessageCount(ctx context.Context, household string) (unheard, heard int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*) - count(r.heard_at), count(r.heard_at) FROM recordings r
		JOIN calls c ON c.id = r.call_id JOIN households h ON h.id = c.household_id
		WHERE r.kind = 'message' AND h.name = ?`, household).Scan(&unheard, &heard)
	return unheard, heard, err
}

// ofHousehold picks a household's message out of the recordings, by call and household.
const ofHousehold = ` WHERE kind = 'message' AND call_id = ? AND call_id IN
	(SELECT c.id FROM calls c JOIN households h ON h.id = c.household_id WHERE h.name = ?)`

// MarkHeard remembers that somebody has heard a message. The first time counts.
func (s *Store) MarkHeard(ctx context.Context, household string, call int64) error {
	done, err := s.write.ExecContext(ctx, "UPDATE recordings SET heard_at = coalesce(heard_at, ?)"+ofHousehold, time.Now().Unix(), call, household)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("%w: %d", ErrNoMessage, call))
	}
	return nil
}

// ForgetMessage takes a message off the list, heard or not; the call stays in the log. sound is its file, for DeleteSound once that is
// certain. The error is ErrNoMessage where there is none.
func (s *Store) ForgetMessage(ctx context.Context, household string, call int64) (sound string, err error) {
	err = s.write.QueryRowContext(ctx, "DELETE FROM recordings"+ofHousehold+" RETURNING file", call, household).Scan(&sound)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("%w: %d", ErrNoMessage, call)
	}
	return sound, err
}

// DeleteSound deletes the file of a message that ForgetMessage has taken off the list.
func (s *Store) DeleteSound(sound string) error {
	return deleteFile(filepath.Join(s.recordings, sound))
}

// deleteFile deletes a recording that the log has forgotten already. One that cannot be deleted now is tried again by
// Expire, as every file that the log does not know.
func deleteFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("a message is off the list, but its sound is still on the disk: %w", err)
	}
	return nil
}

// expiryNotice is how long before a message is deleted unheard the carers are told.
const expiryNotice = 7 * 24 * time.Hour

// expireCalls deletes a household's old calls. Of one with a message that nobody has heard the carers are told first, once; it goes a
// week later, and not before the day that they were told, even where somebody has heard it by then.
func (s *Store) expireCalls(ctx context.Context, household int64, before, now time.Time) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		if err := s.warnOfExpiry(ctx, tx, household, before, now); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM calls WHERE household_id = ?1 AND at_ms < ?2 AND coalesce(ended_ms, at_ms) < ?2
			AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.call_id = calls.id AND r.kind = 'message' AND r.told_at > ?3)`,
			household, before.UnixMilli(), now.Add(-expiryNotice).Unix())
		return err
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
		if _, err := tx.ExecContext(ctx, "UPDATE recordings SET told_at = ? WHERE kind = 'message' AND call_id = ?", now.Unix(), d.call); err != nil {
			return err
		}
	}
	return nil
}

// due is a call that is to be deleted with a message that nobody has heard and nobody was told of.
type due struct {
	call int64
	at   time.Time
	who  string
}

func unheardCalls(ctx context.Context, tx *sql.Tx, household int64, before time.Time) ([]due, error) {
	return sqlite.All(ctx, tx, func(scan func(...any) error) (d due, err error) {
		var at int64
		err = scan(&d.call, &at, &d.who)
		d.at = time.UnixMilli(at)
		return d, err
	}, `SELECT c.id, c.at_ms, coalesce(p.name, nullif(c.name, ''), nullif(c.number_text, ''),
		'a caller without a number') FROM recordings r JOIN calls c ON c.id = r.call_id
		LEFT JOIN contact_numbers n ON n.household_id = c.household_id AND n.number = c.number LEFT JOIN contacts p ON p.id = n.contact_id
		WHERE r.kind = 'message' AND r.heard_at IS NULL AND r.told_at IS NULL AND c.household_id = ?1 AND c.at_ms < ?2
			AND coalesce(c.ended_ms, c.at_ms) < ?2`, household, before.UnixMilli())
}

// MessageSound is a message as a WAV file; ErrNoMessage where the household has none of that call.
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
	return nil, fmt.Errorf("%w: %d", ErrNoMessage, call)
}
