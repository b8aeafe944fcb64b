package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/store/columns"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

// Token lets a program do what a person may.
type Token struct {
	ID        int64
	Name      string
	Scope     string // ScopeRead or ScopeChange
	Household string // the only one that it is for; "" is all of the person's households
	Made      time.Time
	Used      time.Time // zero: never
	Expires   time.Time // zero: never
}

// What a token allows: a contract. It never allows more than its person's role.
const (
	ScopeRead   = "read"
	ScopeChange = "change"
)

// maxTokens is how many a person can have.
const maxTokens = 50

// ErrNoToken says that a token was revoked, has expired, or never was one.
var ErrNoToken = errors.New("this token does not open anything (any more): make a new one on your page")

const errNoMoreTokens people.Refusal = "this token is for no household of yours, or you have too many: revoke one that you do not need"

// AddToken makes a token for a person, and returns what the program has to send, which is shown once. It ignores t.ID, t.Made and t.Used. A household
// has to be one of the person's.
func (s *Store) AddToken(ctx context.Context, person int64, t Token, now time.Time) (token string, err error) {
	if t.Scope != ScopeRead && t.Scope != ScopeChange {
		return "", people.Refusal(fmt.Sprintf("there is no scope %q: it is %s or %s", t.Scope, ScopeRead, ScopeChange))
	}
	name, err := people.CheckName(t.Name)
	if err != nil {
		return "", err
	}
	token, _ = people.NewToken()
	token = "rf_" + token // so that a leaked one is recognised
	return token, sqlite.Change(ctx, s.write, errNoMoreTokens, `INSERT INTO api_tokens (person_id, household_id, hash, name, scope, made_at, expires_at)
		SELECT ?1, (SELECT id FROM households WHERE name = ?2), ?3, ?4, ?5, ?6, nullif(?7, 0)
		WHERE (?2 = '' OR EXISTS (SELECT 1 FROM memberships m JOIN households h ON h.id = m.household_id WHERE h.name = ?2 AND m.person_id = ?1))
		AND (SELECT count(*) FROM api_tokens WHERE person_id = ?1) < ?8`,
		person, t.Household, people.HashOf(token), name, t.Scope, now.Unix(), columns.Seconds(t.Expires), maxTokens)
}

const tokenColumns = "t.id, t.name, t.scope, coalesce(h.name, ''), t.made_at, t.used_at, t.expires_at" //nolint:gosec // columns, no secret

func (t *Token) fields() []any {
	return []any{&t.ID, &t.Name, &t.Scope, &t.Household, columns.ScanTime(&t.Made), columns.ScanTime(&t.Used), columns.ScanTime(&t.Expires)}
}

// TokenOf finds a token that a program has sent, and whose it is; the error is ErrNoToken if it does not work.
func (s *Store) TokenOf(ctx context.Context, token string, now time.Time) (t Token, p people.Person, err error) {
	p, err = sqlite.One(ctx, s.read, ErrNoToken, func(p *people.Person) []any { return append(p.Fields(), t.fields()...) }, "SELECT "+people.Columns+", "+tokenColumns+` FROM api_tokens t
		JOIN people p ON p.id = t.person_id LEFT JOIN households h ON h.id = t.household_id
		WHERE t.hash = ? AND (t.expires_at IS NULL OR t.expires_at > ?)`, people.HashOf(token), now.Unix())
	return t, p, err
}

// TouchToken notes that a token was used, once a minute at most.
func (s *Store) TouchToken(ctx context.Context, t Token, now time.Time) error {
	if now.Sub(t.Used) < time.Minute {
		return nil
	}
	return sqlite.Exec(ctx, s.write, "UPDATE api_tokens SET used_at = ? WHERE id = ?", now.Unix(), t.ID)
}

// Tokens lists a person's tokens, the newest first.
func (s *Store) Tokens(ctx context.Context, person int64) ([]Token, error) {
	return sqlite.Rows(ctx, s.read, (*Token).fields, "SELECT "+tokenColumns+` FROM api_tokens t LEFT JOIN households h ON h.id = t.household_id
		WHERE t.person_id = ? ORDER BY t.id DESC`, person)
}

// RevokeToken revokes one of a person's tokens. It returns false if they have no such token.
func (s *Store) RevokeToken(ctx context.Context, person, id int64) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM api_tokens WHERE person_id = ? AND id = ?", person, id)
}
