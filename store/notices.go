package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Notice is something that the carers of a household have to be told.
type Notice struct {
	ID   int64
	At   time.Time
	Kind string // one of the kinds below
	Text string
	Call int64 // the call that it is about; 0: none, or one that has been deleted meanwhile
}

// Kinds of notices. They are a contract: added, never renamed.
const (
	NoticeEmergencyDialled = "emergency-dialled"
	NoticeMessageLeft      = "message-left"
	NoticeMessagesFull     = "messages-full"
	NoticeMessageExpiring  = "message-expiring"
	NoticeSentAway         = "sent-away"
	NoticePassCodeUsed     = "pass-code-used"
	NoticePassCodeGuessing = "pass-code-guessing"
	NoticeDiskFull         = "disk-full"
	NoticeLineDown         = "line-down" // and told once for each time that it is down
	NoticeLineUp           = "line-up"   // again, after NoticeLineDown
	NoticeListStale        = "list-stale"
	NoticeDatabaseDamaged  = "database-damaged"
	NoticePasswordGuessing = "password-guessing" // of the telephones' passwords
)

var noticeKinds = []string{
	NoticeEmergencyDialled, NoticeMessageLeft, NoticeMessagesFull, NoticeMessageExpiring,
	NoticeSentAway, NoticePassCodeUsed, NoticePassCodeGuessing, NoticeDiskFull,
	NoticeLineDown, NoticeLineUp, NoticeListStale, NoticeDatabaseDamaged, NoticePasswordGuessing,
}

// errOtherCall: a call is named that the household has not had.
var errOtherCall = errors.New("this household has had no such call")

// AddNotice keeps something for the carers. call is 0 where it is about none.
func (s *Store) AddNotice(ctx context.Context, household string, at time.Time, kind, text string, call int64) error {
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		if call != 0 {
			if err := callOf(ctx, tx, home, call); err != nil {
				return err
			}
		}
		return addNotice(ctx, tx, home, at, kind, text, call)
	})
}

func addNotice(ctx context.Context, tx *sql.Tx, home int64, at time.Time, kind, text string, call int64) error {
	if !slices.Contains(noticeKinds, kind) {
		return fmt.Errorf("there are no notices of the kind %q", kind)
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO notices (household_id, at, kind, text, call_id) VALUES (?, ?, ?, ?, nullif(?, 0))",
		home, at.Unix(), kind, columns.Bounded(text), call)
	return err
}

// callOf makes sure that a call is one of this household.
func callOf(ctx context.Context, tx *sql.Tx, home, call int64) error {
	var one int
	err := tx.QueryRowContext(ctx, "SELECT 1 FROM calls WHERE id = ? AND household_id = ?", call, home).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: %d", errOtherCall, call)
	}
	return err
}

// Notices lists a household's latest notices, newest first.
func (s *Store) Notices(ctx context.Context, household string, limit int) ([]Notice, error) {
	return s.notices(ctx, "WHERE h.name = ? ORDER BY n.at DESC, n.id DESC LIMIT ?", household, limit)
}

const noticesQuery = `SELECT n.id, n.at, n.kind, n.text, coalesce(n.call_id, 0) FROM households h JOIN notices n ON n.household_id = h.id `

func scanNotice(scan func(...any) error) (n Notice, err error) {
	var at int64
	err = scan(&n.ID, &at, &n.Kind, &n.Text, &n.Call)
	n.At = time.Unix(at, 0)
	return n, err
}

func (s *Store) notices(ctx context.Context, which string, args ...any) ([]Notice, error) {
	return sqlite.All(ctx, s.read, scanNotice, noticesQuery+which, args...)
}

// LastNotice is a household's latest notice of one of the kinds, and false where there is none.
func (s *Store) LastNotice(ctx context.Context, household string, kinds ...string) (n Notice, there bool, err error) {
	args := []any{household}
	for _, kind := range kinds {
		args = append(args, kind)
	}
	n, err = scanNotice(s.read.QueryRowContext(ctx, noticesQuery+"WHERE h.name = ? AND n.kind IN (?"+strings.Repeat(", ?", len(kinds)-1)+
		") ORDER BY n.at DESC, n.id DESC LIMIT 1", args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Notice{}, false, nil
	}
	return n, err == nil, err
}

// expireNotices deletes a household's old notices. That a message will be deleted stays to be read for as long as the message does.
func (s *Store) expireNotices(ctx context.Context, household int64, before time.Time) error {
	_, err := s.write.ExecContext(ctx, "DELETE FROM notices WHERE household_id = ? AND at < ? AND NOT (kind = ? AND call_id IS NOT NULL)",
		household, before.Unix(), NoticeMessageExpiring)
	return err
}
