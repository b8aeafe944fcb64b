package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// PassCode lets somebody through who rings from an unknown number.
type PassCode struct {
	Name    string
	Code    string
	Contact int64 // whose it is, and then Name is theirs; 0: no contact's
	Added   time.Time
	Used    time.Time // the last time; zero: never
	Uses    int
}

// MakePassCode in place of a pass code has SaveContact draw one.
const MakePassCode = "make"

// madeDigits is how many digits a pass code has that Ringfence draws.
const madeDigits = 6

// AddPassCode gives somebody a pass code, and returns it; for "" it draws one. If there is a contact of that name (in any case) it is theirs.
func (s *Store) AddPassCode(ctx context.Context, household, name, code string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return "", unfit("a pass code needs a name: say who it is for")
	}
	made := code == ""
	if code = strings.ReplaceAll(code, " ", ""); !made {
		if err := goodCode(code); err != nil {
			return "", &UnfitContactError{err}
		}
	}
	err := s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		taken, err := passCodes(ctx, tx, household)
		if err != nil {
			return err
		}
		if made {
			code, err = makeCode(taken)
		} else {
			err = freeCode(taken, code)
		}
		if err == nil {
			err = freeName(taken, name)
		}
		if err != nil {
			return &UnfitContactError{err}
		}
		return sqlite.Exec(ctx, tx, `INSERT INTO pass_codes (household_id, name, code, added_at, contact_id) VALUES (?1, ?2, ?3, ?4,
			(SELECT min(id) FROM contacts WHERE household_id = ?1 AND name = ?2 COLLATE NOCASE))`, home, name, code, time.Now().Unix())
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

func freeName(taken []PassCode, name string) error {
	for _, t := range taken {
		if strings.EqualFold(t.Name, name) {
			return fmt.Errorf("%s has a pass code already: remove that one first, or use another name", t.Name)
		}
	}
	return nil
}

func freeCode(taken []PassCode, code string) error {
	for _, t := range taken {
		if t.Code == code {
			return fmt.Errorf("this pass code is in use already, by %s: take another", t.Name)
		}
	}
	return nil
}

func makeCode(taken []PassCode) (string, error) {
	end := new(big.Int).Exp(big.NewInt(10), big.NewInt(madeDigits), nil)
	for {
		n, err := rand.Int(rand.Reader, end)
		if err != nil {
			return "", err
		}
		code := fmt.Sprintf("%0*d", madeDigits, n)
		if !trivial(code) && freeCode(taken, code) == nil {
			return code, nil
		}
	}
}

// goodCode says what is wrong with a code that somebody has chosen, without repeating it: it may be a good one with a typing error.
func goodCode(code string) error {
	switch {
	case strings.Trim(code, "0123456789") != "":
		return fmt.Errorf("a pass code has only digits, because a phone has to dial it: choose %d to %d of them", screening.ShortestPassCode, screening.LongestPassCode)
	case len(code) < screening.ShortestPassCode || len(code) > screening.LongestPassCode:
		return fmt.Errorf("a pass code has %d to %d digits: take another, or none, and one is made", screening.ShortestPassCode, screening.LongestPassCode)
	case trivial(code):
		return errors.New("this pass code is too easy to guess: take another, or none, and one is made")
	}
	return nil
}

// trivial says whether a code is among the first that a stranger would try: few different digits, equal steps such as 1234 or 9753, a repeated
// group of digits, a year, or the middle column of the keys.
func trivial(code string) bool {
	different := map[rune]bool{}
	for _, digit := range code {
		different[digit] = true
	}
	if len(different) < 3 || evenSteps(code) {
		return true
	}
	for period := 1; period <= len(code)/2; period++ {
		if strings.Repeat(code[:period], len(code)/period+1)[:len(code)] == code {
			return true
		}
	}
	year := len(code) == 4 && (code[:2] == "19" || code[:2] == "20")
	return year || code == "2580" || code == "0852"
}

// evenSteps says whether the digits of a code are all the same distance apart; 0 follows 9.
func evenSteps(code string) bool {
	for i := 2; i < len(code); i++ {
		if (int(code[i])-int(code[i-1])+10)%10 != (int(code[i-1])-int(code[i-2])+10)%10 {
			return false
		}
	}
	return true
}

// PassCodes lists a household's pass codes by name.
func (s *Store) PassCodes(ctx context.Context, household string) ([]PassCode, error) {
	return passCodes(ctx, s.read, household)
}

func passCodes(ctx context.Context, from sqlite.Querier, household string) ([]PassCode, error) {
	return sqlite.Rows(ctx, from, func(p *PassCode) []any {
		return []any{&p.Name, &p.Code, &p.Contact, columns.ScanTime(&p.Added), columns.ScanTime(&p.Used), &p.Uses}
	}, `SELECT p.name, p.code, coalesce(p.contact_id, 0), p.added_at, p.used_at, p.uses FROM households h
		JOIN pass_codes p ON p.household_id = h.id WHERE h.name = ? ORDER BY p.name, p.id`, household)
}

// WithdrawPassCode withdraws somebody's pass code, by their name in any case; false if there is none.
func (s *Store) WithdrawPassCode(ctx context.Context, household, name string) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM pass_codes WHERE name = ? AND "+columns.ByName,
		strings.TrimSpace(name), household)
}
