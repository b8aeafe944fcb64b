package people

import (
	"context"
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
	Address string    // from which it signed in; "" if that is not kept
}

// AddLogin notes that a person has signed in.
func (p People) AddLogin(ctx context.Context, person int64, agent, address string, now time.Time) (id int64, err error) {
	names, values, args := "{whose}, created_at, seen_at, agent", "?1, ?2, ?2, ?3", []any{person, now.Unix(), columns.Bounded(agent)}
	if p.Addresses {
		names, values, args = names+", address", values+", ?4", append(args, columns.Bounded(address))
	}
	return sqlite.Insert(ctx, p.write, p.sql("INSERT INTO logins ("+names+") VALUES ("+values+")"), args...)
}

const loginColumns = "l.id, l.{whose}, l.created_at, l.seen_at, l.agent, {address}"

func (l *Login) fields() []any {
	return []any{&l.ID, &l.Person, columns.ScanTime(&l.Created), columns.ScanTime(&l.Seen), &l.Agent, &l.Address}
}

// Login finds a login with its person. Every request asks for it, so an ended login fails at the next request, with ErrNoLogin.
func (p People) Login(ctx context.Context, id int64) (l Login, whose Person, err error) {
	whose, err = sqlite.One(ctx, p.read, ErrNoLogin, func(p *Person) []any { return append(p.Fields(), l.fields()...) },
		p.sql("SELECT {person}, "+loginColumns+" FROM logins l JOIN {accounts} p ON p.id = l.{whose} WHERE l.id = ?"), id)
	return l, whose, err
}

// TouchLogin notes that a login was used, once a minute at most: a page must not cost a write.
func (p People) TouchLogin(ctx context.Context, l Login, now time.Time) error {
	if now.Sub(l.Seen) < time.Minute {
		return nil
	}
	_, err := p.run(ctx, "UPDATE logins SET seen_at = ? WHERE id = ?", now.Unix(), l.ID)
	return err
}

// Logins lists a person's logins, the one that was used last first.
func (p People) Logins(ctx context.Context, person int64) ([]Login, error) {
	return sqlite.Rows(ctx, p.read, (*Login).fields,
		p.sql("SELECT "+loginColumns+" FROM logins l WHERE l.{whose} = ? ORDER BY l.seen_at DESC, l.id DESC"), person)
}

// EndLogin ends one of a person's logins. It returns false if they have no such login.
func (p People) EndLogin(ctx context.Context, person, login int64) (bool, error) {
	return p.run(ctx, "DELETE FROM logins WHERE {whose} = ? AND id = ?", person, login)
}

// EndOtherLogins ends all logins of a person but one, and says whether there were any; keep 0 ends all.
func (p People) EndOtherLogins(ctx context.Context, person, keep int64) (bool, error) {
	return p.run(ctx, "DELETE FROM logins WHERE {whose} = ? AND id <> ?", person, keep)
}

// Expire deletes the sessions, logins and links that no longer work. A login is kept a day longer than its browser keeps the cookie.
func (p People) Expire(ctx context.Context, now time.Time) error {
	return p.write.Together(ctx, func(ctx context.Context) error {
		return sqlite.Exec(ctx, p.write, p.sql(`DELETE FROM {sessions} WHERE expires_ms <= ?; DELETE FROM password_links WHERE expires_at < ?;
			DELETE FROM logins WHERE seen_at < ?`), now.UnixMilli(), now.Unix(), now.Add(-p.Lasts-24*time.Hour).Unix())
	})
}

// KeptSessions is where pages keep what they note of their visitors.
func (p People) KeptSessions() sqlite.Sessions {
	return sqlite.NewSessions(p.read, p.write, p.Sessions)
}
