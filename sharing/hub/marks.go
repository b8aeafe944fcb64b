package hub

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"

	"ringfence/store/sqlite"
)

// markDays is how many days a mark of a network is kept. A household is new for as long.
const markDays = 7

// joining takes the place of the number in marks of networks from which households have joined.
const joining = 0

// noteNetwork notes that somebody has joined, or reported a number, from a network, and returns how often that was noted in the last seven days before. It keeps
// no address, only a mark that can be compared for seven days and by nobody afterwards: each day has a secret of its own, which is deleted together with the
// marks that were made with it.
func noteNetwork(ctx context.Context, tx *sql.Tx, network string, number, day int64) (before int, err error) {
	if err := forgetMarks(ctx, tx, day); err != nil {
		return 0, err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // which never fails
	if err := sqlite.Exec(ctx, tx, "INSERT INTO mark_secrets (day, secret) VALUES (?, ?) ON CONFLICT DO NOTHING", day, secret); err != nil {
		return 0, err
	}
	var today []byte
	args := []any{number}
	err = sqlite.Each(ctx, tx, func(scan func(...any) error) error {
		var of int64
		var secret []byte
		if err := scan(&of, &secret); err != nil {
			return err
		}
		mark := markOf(secret, network)
		if args = append(args, mark); of == day {
			today = mark
		}
		return nil
	}, "SELECT day, secret FROM mark_secrets")
	if err != nil {
		return 0, err
	}
	query := fmt.Sprintf("SELECT coalesce(sum(times), 0) FROM marks WHERE number = ? AND mark IN (?%s)", strings.Repeat(", ?", len(args)-2)) //nolint:gosec // placeholders alone
	if err := tx.QueryRowContext(ctx, query, args...).Scan(&before); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO marks (mark, number, day, times) VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1", today, number, day)
	return before, err
}

func markOf(secret []byte, network string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(network)) // which never fails (hash.Hash)
	return mac.Sum(nil)
}

// forgetMarks deletes marks that are seven days old, and the secrets of those days. Tomorrow's are kept, because another process may be there already; later
// ones were noted while the clock was wrong.
func forgetMarks(ctx context.Context, tx *sql.Tx, day int64) error {
	for _, statement := range []string{"DELETE FROM mark_secrets WHERE day <= ? OR day > ?", "DELETE FROM marks WHERE day <= ? OR day > ?"} {
		if err := sqlite.Exec(ctx, tx, statement, day-markDays, day+ahead); err != nil {
			return err
		}
	}
	return nil
}
