package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Login is a browser in which a person has signed in.
type Login struct {
	ID      int64
	Person  int64
	Created time.Time
	Seen    time.Time // to the minute
	Agent   string    // what the browser calls itself: hostile
	Address string    // from where, when it signed in
}

// ErrNoLogin says that a login was ended, or that there never was one.
var ErrNoLogin = errors.New("you have been signed out: sign in again")

// AddLogin notes that a person has signed in.
func (s *Store) AddLogin(ctx context.Context, person int64, agent, address string, now time.Time) (id int64, err error) {
	return sqlite.Insert(ctx, s.write, "INSERT INTO logins (person_id, created_at, seen_at, agent, address) VALUES (?1, ?2, ?2, ?3, ?4)",
		person, now.Unix(), columns.Bounded(agent), columns.Bounded(address))
}

const loginColumns = "l.id, l.person_id, l.created_at, l.seen_at, l.agent, l.address"

func (l *Login) fields() []any {
	return []any{&l.ID, &l.Person, columns.ScanTime(&l.Created), columns.ScanTime(&l.Seen), &l.Agent, &l.Address}
}

// Login finds a login with its person. Every request asks it: so an ended login ends at the next one, with ErrNoLogin.
func (s *Store) Login(ctx context.Context, id int64) (l Login, p Person, err error) {
	p, err = person(ctx, s.read, ErrNoLogin, l.fields(),
		"SELECT "+personColumns+", "+loginColumns+" FROM logins l JOIN people p ON p.id = l.person_id WHERE l.id = ?", id)
	return l, p, err
}

// TouchLogin notes that a login was used, once a minute at most: a page must not cost a write.
func (s *Store) TouchLogin(ctx context.Context, l Login, now time.Time) error {
	if now.Sub(l.Seen) < time.Minute {
		return nil
	}
	return sqlite.Exec(ctx, s.write, "UPDATE logins SET seen_at = ? WHERE id = ?", now.Unix(), l.ID)
}

// Logins lists a person's logins, the one that was used last first.
func (s *Store) Logins(ctx context.Context, person int64) ([]Login, error) {
	return sqlite.Rows(ctx, s.read, (*Login).fields,
		"SELECT "+loginColumns+" FROM logins l WHERE person_id = ? ORDER BY seen_at DESC, id DESC", person)
}

// EndLogin ends a login of a person. It returns false where they have no such one.
func (s *Store) EndLogin(ctx context.Context, person, login int64) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM logins WHERE person_id = ? AND id = ?", person, login)
}

// EndOtherLogins ends all logins of a person but one, and says how many.
func (s *Store) EndOtherLogins(ctx context.Context, person, keep int64) (int64, error) {
	return sqlite.Affected(ctx, s.write, "DELETE FROM logins WHERE person_id = ? AND id <> ?", person, keep)
}

// loginLasts is how long a login that is not used stays: somewhat longer than a browser keeps its cookie.
const loginLasts = 31 * 24 * time.Hour

// expireLogins deletes what lets nobody in any more. Of an invitation the page says until then what became of it.
func (s *Store) expireLogins(ctx context.Context, now time.Time) error {
	unused := now.Add(-loginLasts).Unix()
	return s.write.Do(ctx, func(tx *sql.Tx) error {
		return sqlite.Exec(ctx, tx, `DELETE FROM web_sessions WHERE expires_ms <= ?; DELETE FROM password_links WHERE expires_at < ?;
			DELETE FROM logins WHERE seen_at < ?; DELETE FROM invitations WHERE expires_at < ?; DELETE FROM api_tokens WHERE expires_at < ?`,
			now.UnixMilli(), now.Unix(), unused, unused, unused)
	})
}

// Sessions is where the pages keep their visitors' sessions.
func (s *Store) Sessions() sqlite.Sessions {
	return sqlite.NewSessions(s.read, s.write, "web_sessions")
}
