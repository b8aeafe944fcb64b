package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
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
	return password, s.inHousehold(ctx, b.Household, func(tx *sql.Tx, home int64) error {
		_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO books (household_id, hash, most, made_at, made_by) VALUES (?, ?, ?, ?, ?)",
			home, hash, b.Most, b.Made.Unix(), b.By)
		return err
	})
}

// WithdrawBook takes a household's address book away. It returns false where there is none.
func (s *Store) WithdrawBook(ctx context.Context, household string) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM books WHERE household_id = (SELECT id FROM households WHERE name = ?)", household)
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
	b.Made, b.Used = columns.Time(made), columns.Time(used)
	return b, err
}
