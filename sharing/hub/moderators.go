package hub

import (
	"context"
	"database/sql"
	"errors"
	"net/mail"
	"strings"
	"time"

	"ringfence/store/sqlite"
)

// Moderator is somebody who decides what is on the list.
type Moderator struct {
	ID          int64
	Name        string // which stands beside what they decide
	Email       string // with which they sign in
	HasPassword bool
	HasTOTP     bool // they are asked for a code of an app
	Added       time.Time
}

// Errors of moderators.
var (
	ErrNoModerator = errors.New("there is no such moderator")
	ErrLink        = errors.New("this link has been used, or is too old: ask for a new one")
)

// AddModerator adds a moderator, who has no password yet. The error is a *Refused for a name or an address that is none, or that
// somebody has.
func (h *Hub) AddModerator(ctx context.Context, name, email string, by By) (m Moderator, err error) {
	if name, err = text(name, "the moderator's name", 80, false); err != nil {
		return m, err
	}
	email = strings.TrimSpace(email)
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email || len(email) > 254 {
		return m, &Refused{"Please write an e-mail address, such as anna@example.org."}
	}
	err = h.do(ctx, func(tx *sql.Tx) error {
		added, err := sqlite.Changes(ctx, tx, "INSERT INTO moderators (name, email, added_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", name, email, by.At.Unix())
		if err == nil && !added {
			return &Refused{"There is a moderator with the address " + email + " already."}
		}
		if err != nil {
			return err
		}
		return note(ctx, tx, ModeratorAdded, name, by)
	})
	if err != nil {
		return m, err
	}
	m, _, err = h.ModeratorByEmail(ctx, email)
	return m, err
}

// Secrets are what a moderator signs in with.
type Secrets struct {
	Password string // its hash; "" is none
	TOTP     string // the base32 secret of an app; "" is none
}

const moderatorColumns = "m.id, m.name, m.email, m.password, m.totp_secret, m.added_at"

func (m *Moderator) scan(scan func(...any) error) (x Secrets, err error) {
	var added int64
	err = scan(&m.ID, &m.Name, &m.Email, &x.Password, &x.TOTP, &added)
	if errors.Is(err, sql.ErrNoRows) {
		return Secrets{}, ErrNoModerator
	}
	m.HasPassword, m.HasTOTP, m.Added = x.Password != "", x.TOTP != "", moment(added)
	return x, err
}

// ModeratorByEmail finds a moderator, and what they sign in with: ErrNoModerator where there is none.
func (h *Hub) ModeratorByEmail(ctx context.Context, email string) (m Moderator, x Secrets, err error) {
	x, err = m.scan(h.read.QueryRowContext(ctx, "SELECT "+moderatorColumns+" FROM moderators m WHERE m.email = ?", strings.TrimSpace(email)).Scan)
	return m, x, err
}

// Moderator finds a moderator, and what they sign in with: ErrNoModerator where there is none.
func (h *Hub) Moderator(ctx context.Context, id int64) (m Moderator, x Secrets, err error) {
	return moderator(ctx, h.read, id)
}

func moderator(ctx context.Context, q sqlite.Querier, id int64) (m Moderator, x Secrets, err error) {
	x, err = m.scan(q.QueryRowContext(ctx, "SELECT "+moderatorColumns+" FROM moderators m WHERE m.id = ?", id).Scan)
	return m, x, err
}

// Moderators lists all, by name.
func (h *Hub) Moderators(ctx context.Context) (all []Moderator, err error) {
	err = sqlite.Each(ctx, h.read, func(scan func(...any) error) error {
		var m Moderator
		_, err := m.scan(scan)
		all = append(all, m)
		return err
	}, "SELECT "+moderatorColumns+" FROM moderators m ORDER BY m.name, m.id")
	return all, err
}

// account does something with a moderator's account, and notes it. The error is ErrNoModerator where there is none.
func (h *Hub) account(ctx context.Context, id int64, what string, by By, do func(tx *sql.Tx) error) error {
	return h.do(ctx, func(tx *sql.Tx) error {
		m, _, err := moderator(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		return note(ctx, tx, what, m.Name, by)
	})
}

// RemoveModerator takes a moderator's account away; they are signed out at once. What they have decided stays.
func (h *Hub) RemoveModerator(ctx context.Context, id int64, by By) error {
	return h.account(ctx, id, ModeratorRemoved, by, func(tx *sql.Tx) error {
		_, err := sqlite.Changes(ctx, tx, "DELETE FROM moderators WHERE id = ?", id)
		return err
	})
}

// SetPassword keeps a new password, hashed already. Links of the moderator are over then, and logins but one, that in which they did
// it; keep 0 ends all.
func (h *Hub) SetPassword(ctx context.Context, id int64, hash string, keep int64, by By) error {
	return h.account(ctx, id, PasswordSet, by, func(tx *sql.Tx) error { return setPassword(ctx, tx, id, hash, keep) })
}

// UpgradePassword keeps the same password hashed anew, unless it was changed meanwhile.
func (h *Hub) UpgradePassword(ctx context.Context, id int64, before, hash string) error {
	_, err := h.write.ExecContext(ctx, "UPDATE moderators SET password = ? WHERE id = ? AND password = ?", hash, id, before)
	return err
}

func setPassword(ctx context.Context, tx *sql.Tx, id int64, hash string, keep int64) error {
	if _, err := sqlite.Changes(ctx, tx, "UPDATE moderators SET password = ? WHERE id = ?", hash, id); err != nil {
		return err
	}
	if _, err := endOtherLogins(ctx, tx, id, keep); err != nil {
		return err
	}
	_, err := sqlite.Changes(ctx, tx, "DELETE FROM password_links WHERE moderator_id = ?", id)
	return err
}

// MakePasswordLink returns what stands in a link with which a moderator chooses a password, once.
func (h *Hub) MakePasswordLink(ctx context.Context, id int64, expires time.Time, by By) (secret string, err error) {
	secret, hash := newSecret()
	return secret, h.account(ctx, id, LinkMade, by, func(tx *sql.Tx) error {
		_, err := sqlite.Changes(ctx, tx, "INSERT INTO password_links (hash, moderator_id, expires_at) VALUES (?, ?, ?)", hash, id, expires.Unix())
		return err
	})
}

// PasswordLink finds whose password a link sets; where it does not open any more the error is ErrLink.
func (h *Hub) PasswordLink(ctx context.Context, secret string, now time.Time) (Moderator, error) {
	return passwordLink(ctx, h.read, secret, now)
}

func passwordLink(ctx context.Context, q sqlite.Querier, secret string, now time.Time) (m Moderator, err error) {
	_, err = m.scan(q.QueryRowContext(ctx, `SELECT `+moderatorColumns+` FROM password_links l
		JOIN moderators m ON m.id = l.moderator_id WHERE l.hash = ? AND l.expires_at > ?`, hashOf(secret), now.Unix()).Scan)
	if errors.Is(err, ErrNoModerator) {
		return Moderator{}, ErrLink
	}
	return m, err
}

// UsePasswordLink keeps the password, hashed already, of whom a link is for. It opens once.
func (h *Hub) UsePasswordLink(ctx context.Context, secret, hash string, now time.Time) (m Moderator, err error) {
	err = h.do(ctx, func(tx *sql.Tx) error {
		if m, err = passwordLink(ctx, tx, secret, now); err != nil {
			return err
		}
		if err := setPassword(ctx, tx, m.ID, hash, 0); err != nil {
			return err
		}
		return note(ctx, tx, PasswordSet, m.Name, By{m.Name, now})
	})
	return m, err
}

// Sessions is where the pages keep their notes.
func (h *Hub) Sessions() sqlite.Sessions { return sqlite.NewSessions(h.read, h.write, "sessions") }
