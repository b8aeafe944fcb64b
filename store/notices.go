package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Notice is something that a household's carers have to know.
type Notice struct {
	ID   int64
	At   time.Time
	Kind string // one of the kinds below
	Text string
	Call int64 // that it is about; 0: none, or one that has been deleted meanwhile
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
	NoticeLineDown         = "line-down" // once for each time that it is down
	NoticeLineUp           = "line-up"   // after NoticeLineDown
	NoticeListStale        = "list-stale"
	NoticeDatabaseDamaged  = "database-damaged"
	NoticePasswordGuessing = "password-guessing" // of the phones' passwords
	NoticeScamWords        = "scam-words"        // what a caller said sounds like a scam
	NoticeReplicaBehind    = "replica-behind"    // the copy on another disk
)

var noticeKinds = []string{
	NoticeEmergencyDialled, NoticeMessageLeft, NoticeMessagesFull, NoticeMessageExpiring,
	NoticeSentAway, NoticePassCodeUsed, NoticePassCodeGuessing, NoticeDiskFull,
	NoticeLineDown, NoticeLineUp, NoticeListStale, NoticeDatabaseDamaged, NoticePasswordGuessing, NoticeScamWords, NoticeReplicaBehind,
}

// errOtherCall says that the household has not had the call that is named.
var errOtherCall = errors.New("this household has had no such call")

// AddNotice stores a notice for the carers. call is 0 if it is about none.
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

// longestNotice is in bytes.
const longestNotice = 600

func addNotice(ctx context.Context, tx *sql.Tx, home int64, at time.Time, kind, text string, call int64) error {
	if !slices.Contains(noticeKinds, kind) {
		return fmt.Errorf("there are no notices of the kind %q", kind)
	}
	return sqlite.Exec(ctx, tx, "INSERT INTO notices (household_id, at, kind, text, call_id) VALUES (?, ?, ?, ?, nullif(?, 0))",
		home, at.Unix(), kind, columns.BoundedTo(text, longestNotice), call)
}

// callOf returns errOtherCall unless a call is this household's.
func callOf(ctx context.Context, tx *sql.Tx, home, call int64) error {
	theirs, err := sqlite.Value[bool](ctx, tx, "SELECT EXISTS (SELECT 1 FROM calls WHERE id = ? AND household_id = ?)", call, home)
	if err == nil && !theirs {
		err = fmt.Errorf("%w: %d", errOtherCall, call)
	}
	return err
}

// Notices lists a household's latest notices, newest first.
func (s *Store) Notices(ctx context.Context, household string, limit int) ([]Notice, error) {
	return s.notices(ctx, "WHERE h.name = ? ORDER BY n.at DESC, n.id DESC LIMIT ?", household, limit)
}

const noticesQuery = `SELECT n.id, n.at, n.kind, n.text, coalesce(n.call_id, 0) FROM households h JOIN notices n ON n.household_id = h.id `

func (n *Notice) fields() []any {
	return []any{&n.ID, columns.ScanTime(&n.At), &n.Kind, &n.Text, &n.Call}
}

func (s *Store) notices(ctx context.Context, which string, args ...any) ([]Notice, error) {
	return sqlite.Rows(ctx, s.read, (*Notice).fields, noticesQuery+which, args...)
}

// LastNotices are those of some kinds that households were given last, whatever the clock said then, by household.
func (s *Store) LastNotices(ctx context.Context, kinds ...string) (map[string]Notice, error) {
	these, err := json.Marshal(kinds)
	if err != nil {
		return nil, err
	}
	last := map[string]Notice{}
	return last, sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var household string
		var n Notice
		err := scan(append([]any{&household}, n.fields()...)...)
		last[household] = n
		return err
	}, `SELECT h.name, n.id, n.at, n.kind, n.text, coalesce(n.call_id, 0) FROM notices n JOIN households h ON h.id = n.household_id
		WHERE n.id IN (SELECT max(id) FROM notices WHERE kind IN (SELECT value FROM json_each(?)) GROUP BY household_id)`, string(these))
}

// noticesAtOnce is how many notices one write adds, so that others that write need not wait for long.
const noticesAtOnce = 50

// AddNotices stores the same notice for the carers of many households.
func (s *Store) AddNotices(ctx context.Context, households []string, at time.Time, kind, text string) error {
	for some := range slices.Chunk(households, noticesAtOnce) {
		err := s.Together(ctx, func(ctx context.Context) error {
			for _, household := range some {
				if err := s.AddNotice(ctx, household, at, kind, text, 0); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// NoticesAfter lists a household's notices after one, the oldest first.
func (s *Store) NoticesAfter(ctx context.Context, household string, after int64, limit int) ([]Notice, error) {
	return s.notices(ctx, "WHERE h.name = ? AND n.id > ? ORDER BY n.id LIMIT ?", household, after, limit)
}

// expireNotices deletes a household's old notices. The notice that a message will be deleted stays as long as the message.
func (s *Store) expireNotices(ctx context.Context, household int64, before time.Time) error {
	return sqlite.Exec(ctx, s.write, "DELETE FROM notices WHERE household_id = ? AND at < ? AND NOT (kind = ? AND call_id IS NOT NULL)",
		household, before.Unix(), NoticeMessageExpiring)
}
