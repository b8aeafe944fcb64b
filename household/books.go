package household

import (
	"context"
	"errors"

	"ringfence/screening"
	"ringfence/store"
)

// MakeBook lets devices read an address book of at most this many scam numbers with a password, which is returned but stored only as a hash. An
// earlier password stops working.
func (a Admin) MakeBook(ctx context.Context, most int) (password string, done Done, err error) {
	if most < 1 || most > store.MostBook {
		return "", Done{}, refuse("An address book has 1 to %d numbers.", store.MostBook)
	}
	done, err = a.do(ctx, func(ctx context.Context) (change, error) {
		before, err := a.book(ctx)
		if err != nil {
			return change{}, err
		}
		password, err = a.Store.MakeBook(ctx, store.Book{Household: a.Household, Most: most, Made: a.Now, By: a.Actor.String()})
		return change{
			word: BookMade, sentence: "There is a new password: devices use it to read the lists’ numbers as an address book.", before: before, after: bookInWords(most),
		}, err
	})
	return password, done, err
}

// WithdrawBook stops devices from reading the address book.
func (a Admin) WithdrawBook(ctx context.Context) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		before, err := a.book(ctx)
		if err != nil {
			return change{}, err
		}
		if before == "" {
			return change{}, refuseAs(Gone, "There is no password any more. Somebody may have withdrawn it.")
		}
		_, err = a.Store.WithdrawBook(ctx, a.Household)
		return change{word: BookWithdrawn, sentence: "Devices can't read the address book any more.", before: before}, err
	})
}

// book is the present address book in words; "" if there is none.
func (a Admin) book(ctx context.Context) (string, error) {
	b, err := a.Store.BookOf(ctx, a.Household)
	if errors.Is(err, store.ErrNoBook) {
		return "", nil
	}
	return bookInWords(b.Most), err
}

func bookInWords(most int) string { return screening.Counted(most, "number", "numbers") }
