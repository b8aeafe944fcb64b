package store

import (
	"context"
	"errors"
	"time"

	"ringfence/store/columns"
	"ringfence/store/people"
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

// MakeBook makes a household's address book, or changes the password of the one it has. It returns the password, of which only a hash is
// kept.
func (s *Store) MakeBook(ctx context.Context, b Book) (password string, err error) {
	password, hash := people.NewToken()
	return password, s.change(ctx, b.Household, `INSERT OR REPLACE INTO books (household_id, hash, most, made_at, made_by)
		SELECT id, ?, ?, ?, ? FROM households WHERE name = ?`, hash, b.Most, b.Made.Unix(), b.By)
}

// WithdrawBook removes a household's address book; false where it has none.
func (s *Store) WithdrawBook(ctx context.Context, household string) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM books WHERE "+columns.ByName, household)
}

// BookOf is a household's address book; the error is ErrNoBook where it has none.
func (s *Store) BookOf(ctx context.Context, household string) (Book, error) {
	return s.book(ctx, "", household)
}

// OpenBook is a household's address book for whoever has its password; otherwise the error is ErrNoBook. Its use is noted once a minute at
// most.
func (s *Store) OpenBook(ctx context.Context, household, password string, now time.Time) (Book, error) {
	b, err := s.book(ctx, " AND b.hash = ?", household, people.HashOf(password))
	if err != nil || now.Sub(b.Used) < time.Minute {
		return b, err
	}
	return b, sqlite.Exec(ctx, s.write, "UPDATE books SET used_at = ? WHERE "+columns.ByName, now.Unix(), household)
}

func (s *Store) book(ctx context.Context, condition string, args ...any) (Book, error) {
	return sqlite.One(ctx, s.read, ErrNoBook, func(b *Book) []any {
		return []any{&b.Household, &b.Most, columns.ScanTime(&b.Made), &b.By, columns.ScanTime(&b.Used)}
	}, `SELECT h.name, b.most, b.made_at, b.made_by, b.used_at FROM books b JOIN households h ON h.id = b.household_id
		WHERE h.name = ?`+condition, args...)
}
