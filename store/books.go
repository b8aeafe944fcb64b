package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Book is the address book of scam numbers that a household's devices may read.
type Book struct {
	Household string
	Most      int // numbers
	Made      time.Time
	By        string    // who made its password, as in a Block
	Used      time.Time // zero: never
}

// The sizes of a book: what a FRITZ!Box takes in one address book, and the most that a telephone should be asked to take.
const (
	UsualBook = 300
	MostBook  = 1000
)

// ErrNoBook says that a household has no such address book, or that the password is not that of it.
var ErrNoBook = errors.New("there is no address book with this name and password")

// MakeBook makes a household's address book, or gives the one that is there another password, which is returned and kept nowhere.
func (s *Store) MakeBook(ctx context.Context, b Book) (password string, err error) {
	if b.Most < 1 || b.Most > MostBook {
		return "", fmt.Errorf("an address book has 1 to %d numbers", MostBook)
	}
	password, hash, err := newToken()
	if err != nil {
		return "", err
	}
	return password, s.do(ctx, func(tx *sql.Tx) error {
		home, err := householdID(ctx, tx, b.Household)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO books (household_id, hash, most, made_at, made_by) VALUES (?, ?, ?, ?, ?)",
			home, hash, b.Most, b.Made.Unix(), b.By)
		return err
	})
}

// WithdrawBook takes a household's address book away. It returns false where there is none.
func (s *Store) WithdrawBook(ctx context.Context, household string) (bool, error) {
	return s.remove(ctx, "DELETE FROM books WHERE household_id = (SELECT id FROM households WHERE name = ?)", household)
}

// BookOf is a household's address book; the error is ErrNoBook where it has none.
func (s *Store) BookOf(ctx context.Context, household string) (Book, error) {
	return s.book(ctx, "SELECT b.most, b.made_at, b.made_by, b.used_at FROM books b JOIN households h ON h.id = b.household_id WHERE h.name = ?", household)
}

// OpenBook is a household's address book for whoever has its password; the error is ErrNoBook for another. That it was used is noted,
// once a minute at most.
func (s *Store) OpenBook(ctx context.Context, household, password string, now time.Time) (Book, error) {
	b, err := s.book(ctx, `SELECT b.most, b.made_at, b.made_by, b.used_at FROM books b JOIN households h ON h.id = b.household_id
		WHERE h.name = ? AND b.hash = ?`, household, hashOf(password))
	if err != nil || now.Sub(b.Used) < time.Minute {
		return b, err
	}
	_, err = s.write.ExecContext(ctx, "UPDATE books SET used_at = ? WHERE household_id = (SELECT id FROM households WHERE name = ?)", now.Unix(), household)
	return b, err
}

func (s *Store) book(ctx context.Context, query, household string, args ...any) (Book, error) {
	b := Book{Household: household}
	var made, used int64
	err := s.read.QueryRowContext(ctx, query, append([]any{household}, args...)...).Scan(&b.Most, &made, &b.By, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return b, ErrNoBook
	}
	b.Made, b.Used = momentOf(made), momentOf(used)
	return b, err
}

// SurestNumbers are the numbers that a household's lists turn away, without contacts: those of which the lists are surest, most of
// them at most, the surest first and of as sure ones those that were reported last. It reads all lists, which of millions of numbers
// takes seconds; no call waits for it. sure is from which confidence on numbers are turned away.
func (s *Store) SurestNumbers(ctx context.Context, household string, sure float64, now time.Time, most int) ([]Entry, error) {
	return s.entries(ctx, `SELECT e.number, 0, max(e.confidence), e.category, e.note, e.reporters, e.first_day, e.last_day, e.expires_day
		FROM households h JOIN lists l ON l.household_id = h.id JOIN list_entries e ON e.version_id = l.version_id
		LEFT JOIN subscriptions s ON s.list_id = l.id
		WHERE h.name = ?1 AND e.is_prefix = 0 AND e.confidence >= ?2 AND (e.expires_day = 0 OR e.expires_day > ?3 / 86400)
		AND coalesce(s.only_warns, 0) = 0 AND (coalesce(s.valid_until, 0) = 0 OR s.valid_until > ?3)
		AND NOT EXISTS (SELECT 1 FROM contact_numbers n WHERE n.household_id = h.id AND n.number = e.number)
		GROUP BY e.number ORDER BY 3 DESC, 8 DESC, 1 LIMIT ?4`, household, sure, now.Unix(), most)
}

// ListsMark is a text that changes when anything does of which SurestNumbers depends but the time.
func (s *Store) ListsMark(ctx context.Context, household string) (mark string, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT coalesce((SELECT group_concat(l.version_id || '.' || coalesce(l.update_id, 0) || '.' || l.imported_at || '.' ||
		coalesce(s.only_warns, 0) || '.' || coalesce(s.valid_until, 0)) FROM lists l LEFT JOIN subscriptions s ON s.list_id = l.id WHERE l.household_id = h.id), '')
		|| '/' || (SELECT count(*) || '.' || coalesce(sum(number), 0) FROM contact_numbers WHERE household_id = h.id) || '/' || h.threshold
		FROM households h WHERE h.name = ?`, household).Scan(&mark)
	return mark, err
}
