package store

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ringfence/calllog"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// ErrPassCodeWait says that after too many wrong tries no pass code is accepted for a while, not even a right one.
var ErrPassCodeWait = errors.New("no pass code is accepted for now, after too many wrong ones")

// freeTries is how many wrong tries in a row cause no wait.
const freeTries = 2

// waits is how long no code is accepted after the third wrong try in a row, the fourth, and so on; the last repeats. In the long run one code a day
// can be tried: in a thousand days the chance of finding one of six digits is one in a thousand.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour, maxWait}

const maxWait = 24 * time.Hour

// TryPassCode finds out whose pass code a caller has dialled. Wrong tries of all calls to the household count until a right one: after the third no
// code is accepted for a while (ErrPassCodeWait), and after each further one for longer. What is tried during a wait is ignored, and does not prolong
// it. Each try goes into the call's time line; the carers are alerted to a right one, and to the beginning of a wait. Neither says the code.
func (s *Store) TryPassCode(ctx context.Context, household, code string, call int64, at time.Time) (name string, ok bool, err error) {
	var waiting bool
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		if err := callOf(ctx, tx, home, call); err != nil {
			return err
		}
		wrong, until, err := tries(ctx, tx, home)
		if err != nil {
			return err
		}
		// A wait that seems longer than the longest was noted while the clock was wrong.
		if left := until.Sub(at); left > 0 && left <= maxWait {
			waiting = true
			return s.tryStep(ctx, tx, call, at, calllog.PassCodeRefused{})
		}
		codes, err := passCodes(ctx, tx, household)
		if err != nil {
			return err
		}
		if name, ok = whose(codes, code); ok {
			return s.onRightCode(ctx, tx, home, call, at, name)
		}
		return s.onWrongCode(ctx, tx, home, call, at, wrong+1)
	})
	if err != nil {
		return "", false, err
	}
	if waiting {
		return "", false, ErrPassCodeWait
	}
	return name, ok, nil
}

func tries(ctx context.Context, tx *sql.Tx, home int64) (wrong int, until time.Time, err error) {
	until, _, err = sqlite.Row(ctx, tx, func(until *time.Time) []any { return []any{&wrong, columns.ScanTime(until)} },
		"SELECT wrong, wait_until FROM pass_code_tries WHERE household_id = ?", home)
	return wrong, until, err
}

// whose compares with every code, always for the same time, so that a caller learns nothing from how long it takes.
func whose(codes []PassCode, code string) (name string, ok bool) {
	tried := sha256.Sum256([]byte(code)) // of one length, whatever was dialled
	for _, c := range codes {
		right := sha256.Sum256([]byte(c.Code))
		if subtle.ConstantTimeCompare(tried[:], right[:]) == 1 {
			name, ok = c.Name, true
		}
	}
	return name, ok
}

func (s *Store) tryStep(ctx context.Context, tx *sql.Tx, call int64, at time.Time, step calllog.Step) error {
	return sqlite.Exec(ctx, tx, stepQuery, stepArgs(call, at, step)...)
}

func (s *Store) onRightCode(ctx context.Context, tx *sql.Tx, home, call int64, at time.Time, name string) error {
	err := sqlite.Exec(ctx, tx, `UPDATE pass_codes SET used_at = ?, uses = uses + 1 WHERE household_id = ? AND name = ?;
		DELETE FROM pass_code_tries WHERE household_id = ?`, at.Unix(), home, name, home)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("A caller was let through with the pass code of %s.", name)
	return errors.Join(s.tryStep(ctx, tx, call, at, calllog.PassCode{Name: columns.Bounded(name)}), addNotice(ctx, tx, home, at, NoticePassCodeUsed, text, call))
}

func (s *Store) onWrongCode(ctx context.Context, tx *sql.Tx, home, call int64, at time.Time, wrong int) error {
	until := at
	if wrong > freeTries {
		wait := waits[min(wrong-freeTries, len(waits))-1]
		until = at.Add(wait)
		text := fmt.Sprintf("Somebody may be guessing pass codes: %d wrong ones in a row. None is accepted for %s.", wrong, inWords(wait))
		if err := addNotice(ctx, tx, home, at, NoticePassCodeGuessing, text, call); err != nil {
			return err
		}
	}
	err := sqlite.Exec(ctx, tx, `INSERT INTO pass_code_tries (household_id, wrong, wait_until) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET wrong = excluded.wrong, wait_until = excluded.wait_until`, home, wrong, until.Unix())
	return errors.Join(err, s.tryStep(ctx, tx, call, at, calllog.WrongPassCode{InARow: wrong}))
}

// inWords is one of the waits in words.
func inWords(wait time.Duration) string {
	switch {
	case wait == time.Minute:
		return "a minute"
	case wait < time.Hour:
		return fmt.Sprintf("%d minutes", wait/time.Minute)
	case wait == time.Hour:
		return "an hour"
	default:
		return fmt.Sprintf("%d hours", wait/time.Hour)
	}
}
