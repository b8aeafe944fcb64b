package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Token lets a program do what a person may.
type Token struct {
	ID        int64
	Name      string
	Scope     string // ScopeRead or ScopeChange
	Household string // the only one that it is for; "" is all of the person's
	Made      time.Time
	Used      time.Time // zero: never
	Expires   time.Time // zero: never
}

// What a token allows: a contract. Neither allows more than its person's role.
const (
	ScopeRead   = "read"
	ScopeChange = "change"
)

// maxTokens is how many a person can have.
const maxTokens = 50

// ErrNoToken says that a token was revoked, is too old, or never was one.
var ErrNoToken = errors.New("this token does not open anything (any more): make a new one on your page")

// AddToken makes a token of a person, and returns what the program sends, which is shown once. ID, Made and Used of t are of
// no account. A household has to be one of the person's.
func (s *Store) AddToken(ctx context.Context, person int64, t Token, now time.Time) (token string, err error) {
	if t.Scope != ScopeRead && t.Scope != ScopeChange {
		return "", fmt.Errorf("there is no scope %q: it is %s or %s", t.Scope, ScopeRead, ScopeChange)
	}
	name, err := PersonName(t.Name)
	if err != nil {
		return "", err
	}
	token, _, err = newToken()
	if err != nil {
		return "", err
	}
	token = "rf_" + token // so that a leaked one is known for what it is
	var expires any
	if !t.Expires.IsZero() {
		expires = t.Expires.Unix()
	}
	done, err := s.write.ExecContext(ctx, `INSERT INTO api_tokens (person_id, household_id, hash, name, scope, made_at, expires_at)
		SELECT ?1, (SELECT id FROM households WHERE name = ?2), ?3, ?4, ?5, ?6, ?7
		WHERE (?2 = '' OR EXISTS (SELECT 1 FROM memberships m JOIN households h ON h.id = m.household_id WHERE h.name = ?2 AND m.person_id = ?1))
		AND (SELECT count(*) FROM api_tokens WHERE person_id = ?1) < ?8`,
		person, t.Household, hashOf(token), name, t.Scope, now.Unix(), expires, maxTokens)
	if err != nil {
		return "", err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return "", errors.Join(err, errors.New("this token is for no household of yours, or you have too many: revoke one that you do not need"))
	}
	return token, nil
}

const columnsOfOne = `t.id, t.name, t.scope, coalesce(h.name, ''), t.made_at, coalesce(t.used_at, 0), coalesce(t.expires_at, 0)`

func (t *Token) fields(made, used, expires *int64) []any {
	return []any{&t.ID, &t.Name, &t.Scope, &t.Household, made, used, expires}
}

// TokenOf finds a token that a program has sent, and whose it is; the error is ErrNoToken where it does not open anything.
func (s *Store) TokenOf(ctx context.Context, token string, now time.Time) (t Token, p Person, err error) {
	var made, used, expires int64
	p, err = person(ctx, s.read, t.fields(&made, &used, &expires), "SELECT "+personColumns+", "+columnsOfOne+` FROM api_tokens t
		JOIN people p ON p.id = t.person_id LEFT JOIN households h ON h.id = t.household_id
		WHERE t.hash = ? AND (t.expires_at IS NULL OR t.expires_at > ?)`, hashOf(token), now.Unix())
	if errors.Is(err, ErrNoPerson) {
		return Token{}, Person{}, ErrNoToken
	}
	t.Made, t.Used, t.Expires = time.Unix(made, 0), columns.Time(used), columns.Time(expires)
	return t, p, err
}

// TouchToken notes that a token was used, once a minute at most.
func (s *Store) TouchToken(ctx context.Context, t Token, now time.Time) error {
	if now.Sub(t.Used) < time.Minute {
		return nil
	}
	_, err := s.write.ExecContext(ctx, "UPDATE api_tokens SET used_at = ? WHERE id = ?", now.Unix(), t.ID)
	return err
}

// Tokens lists a person's tokens, the newest first.
func (s *Store) Tokens(ctx context.Context, person int64) (all []Token, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+columnsOfOne+` FROM api_tokens t LEFT JOIN households h ON h.id = t.household_id
		WHERE t.person_id = ? ORDER BY t.id DESC`, person)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t Token
		var made, used, expires int64
		if err := rows.Scan(t.fields(&made, &used, &expires)...); err != nil {
			return nil, err
		}
		t.Made, t.Used, t.Expires = time.Unix(made, 0), columns.Time(used), columns.Time(expires)
		all = append(all, t)
	}
	return all, rows.Err()
}

// RevokeToken takes a token of a person back. It returns false where they have no such one.
func (s *Store) RevokeToken(ctx context.Context, person, id int64) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM api_tokens WHERE person_id = ? AND id = ?", person, id)
}
