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
	err = s.do(ctx, func(tx *sql.Tx) error {
		id, err = sqlite.Insert(ctx, tx, "INSERT INTO logins (person_id, created_at, seen_at, agent, address) VALUES (?1, ?2, ?2, ?3, ?4)",
			person, now.Unix(), columns.Bounded(agent), columns.Bounded(address))
		return err
	})
	return id, err
}

// Login finds a login with its person. Every request asks it: so an ended login ends at the next one, with ErrNoLogin.
func (s *Store) Login(ctx context.Context, id int64) (l Login, p Person, err error) {
	var created, seen int64
	p, err = person(ctx, s.read, []any{&l.ID, &created, &seen, &l.Agent, &l.Address},
		"SELECT "+personColumns+", l.id, l.created_at, l.seen_at, l.agent, l.address FROM logins l JOIN people p ON p.id = l.person_id WHERE l.id = ?", id)
	if errors.Is(err, ErrNoPerson) {
		return Login{}, Person{}, ErrNoLogin
	}
	l.Person, l.Created, l.Seen = p.ID, time.Unix(created, 0), time.Unix(seen, 0)
	return l, p, err
}

// TouchLogin notes that a login was used, once a minute at most: a page must not cost a write.
func (s *Store) TouchLogin(ctx context.Context, l Login, now time.Time) error {
	if now.Sub(l.Seen) < time.Minute {
		return nil
	}
	_, err := s.write.ExecContext(ctx, "UPDATE logins SET seen_at = ? WHERE id = ?", now.Unix(), l.ID)
	return err
}

// Logins lists a person's logins, the one that was used last first.
func (s *Store) Logins(ctx context.Context, person int64) (all []Login, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id, person_id, created_at, seen_at, agent, address FROM logins WHERE person_id = ? ORDER BY seen_at DESC, id DESC", person)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var l Login
		var created, seen int64
		if err := rows.Scan(&l.ID, &l.Person, &created, &seen, &l.Agent, &l.Address); err != nil {
			return nil, err
		}
		l.Created, l.Seen = time.Unix(created, 0), time.Unix(seen, 0)
		all = append(all, l)
	}
	return all, rows.Err()
}

// EndLogin ends a login of a person. It returns false where they have no such one.
func (s *Store) EndLogin(ctx context.Context, person, login int64) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM logins WHERE person_id = ? AND id = ?", person, login)
}

// EndOtherLogins ends all logins of a person but one, and says how many.
func (s *Store) EndOtherLogins(ctx context.Context, person, keep int64) (int64, error) {
	done, err := s.write.ExecContext(ctx, "DELETE FROM logins WHERE person_id = ? AND id <> ?", person, keep)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// loginLasts is how long a login that is not used stays: somewhat longer than a browser keeps its cookie.
const loginLasts = 31 * 24 * time.Hour

// expireDoors deletes what opens nothing any more.
func (s *Store) expireDoors(ctx context.Context, now time.Time) error {
	var errs []error
	for query, before := range map[string]int64{
		"DELETE FROM web_sessions WHERE expires_ms <= ?":  now.UnixMilli(),
		"DELETE FROM logins WHERE seen_at < ?":            now.Add(-loginLasts).Unix(),
		"DELETE FROM invitations WHERE expires_at < ?":    now.Add(-loginLasts).Unix(), // until then the page says what became of it
		"DELETE FROM password_links WHERE expires_at < ?": now.Unix(),
		"DELETE FROM api_tokens WHERE expires_at < ?":     now.Add(-loginLasts).Unix(),
	} {
		_, err := s.write.ExecContext(ctx, query, before)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Sessions is where the pages keep their notes.
func (s *Store) Sessions() sqlite.Sessions {
	return sqlite.NewSessions(s.read, s.write, "web_sessions")
}
