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
	Epoch       int64 // of their sessions: those of an earlier one are over
	Added       time.Time
}

// Errors of moderators.
var (
	ErrNoModerator = errors.New("there is no such moderator")
	ErrLink        = errors.New("this link has been used, or is too old: ask for a new one")
)

// AddModerator adds a moderator, who has no password yet. The error is a *Refused for a name or an address that is none, or that
// somebody has.
func (h *Hub) AddModerator(ctx context.Context, name, email string, now time.Time) (m Moderator, err error) {
	if name, err = text(name, "the moderator's name", 80, false); err != nil {
		return m, err
	}
	email = strings.TrimSpace(email)
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email || len(email) > 254 {
		return m, &Refused{"Please write an e-mail address, such as anna@example.org."}
	}
	added, err := changes(ctx, h.write, "INSERT INTO moderators (name, email, added_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", name, email, now.Unix())
	if err == nil && !added {
		return m, &Refused{"There is a moderator with the address " + email + " already."}
	}
	if err != nil {
		return m, err
	}
	m, _, err = h.ModeratorByEmail(ctx, email)
	return m, err
}

const moderatorColumns = "id, name, email, password, epoch, added_at"

func (m *Moderator) scan(scan func(...any) error) (password string, err error) {
	var added int64
	err = scan(&m.ID, &m.Name, &m.Email, &password, &m.Epoch, &added)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNoModerator
	}
	m.HasPassword, m.Added = password != "", moment(added)
	return password, err
}

// ModeratorByEmail finds a moderator, and the hash of their password ("" for none): ErrNoModerator where there is none.
func (h *Hub) ModeratorByEmail(ctx context.Context, email string) (m Moderator, password string, err error) {
	password, err = m.scan(h.read.QueryRowContext(ctx, "SELECT "+moderatorColumns+" FROM moderators WHERE email = ?", strings.TrimSpace(email)).Scan)
	return m, password, err
}

// Moderator finds a moderator: ErrNoModerator where there is none.
func (h *Hub) Moderator(ctx context.Context, id int64) (m Moderator, err error) {
	_, err = m.scan(h.read.QueryRowContext(ctx, "SELECT "+moderatorColumns+" FROM moderators WHERE id = ?", id).Scan)
	return m, err
}

// Moderators lists all, by name.
func (h *Hub) Moderators(ctx context.Context) (all []Moderator, err error) {
	err = each(ctx, h.read, func(scan func(...any) error) error {
		var m Moderator
		_, err := m.scan(scan)
		all = append(all, m)
		return err
	}, "SELECT "+moderatorColumns+" FROM moderators ORDER BY name, id")
	return all, err
}

// RemoveModerator takes a moderator's account away; they are signed out at once. What they have decided stays. It returns false where
// there is none.
func (h *Hub) RemoveModerator(ctx context.Context, id int64) (bool, error) {
	return changes(ctx, h.write, "DELETE FROM moderators WHERE id = ?", id)
}

// SetPassword keeps a new password, hashed already. Links and sessions of the moderator are over then.
func (h *Hub) SetPassword(ctx context.Context, id int64, hash string) error {
	return h.do(ctx, func(tx *sql.Tx) error { return setPassword(ctx, tx, id, hash) })
}

// UpgradePassword keeps the same password hashed anew, unless it was changed meanwhile.
func (h *Hub) UpgradePassword(ctx context.Context, id int64, before, hash string) error {
	_, err := h.write.ExecContext(ctx, "UPDATE moderators SET password = ? WHERE id = ? AND password = ?", hash, id, before)
	return err
}

func setPassword(ctx context.Context, tx *sql.Tx, id int64, hash string) error {
	there, err := changes(ctx, tx, "UPDATE moderators SET password = ?, epoch = epoch + 1 WHERE id = ?", hash, id)
	if err == nil && !there {
		return ErrNoModerator
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM password_links WHERE moderator_id = ?", id)
	return err
}

// MakePasswordLink returns what stands in a link with which a moderator chooses a password, once.
func (h *Hub) MakePasswordLink(ctx context.Context, id int64, expires time.Time) (secret string, err error) {
	secret, hash := newSecret()
	_, err = h.write.ExecContext(ctx, "INSERT INTO password_links (hash, moderator_id, expires_at) VALUES (?, ?, ?)", hash, id, expires.Unix())
	return secret, err
}

// PasswordLink finds whose password a link sets; where it does not open any more the error is ErrLink.
func (h *Hub) PasswordLink(ctx context.Context, secret string, now time.Time) (Moderator, error) {
	return passwordLink(ctx, h.read, secret, now)
}

func passwordLink(ctx context.Context, q queries, secret string, now time.Time) (m Moderator, err error) {
	_, err = m.scan(q.QueryRowContext(ctx, `SELECT m.id, m.name, m.email, m.password, m.epoch, m.added_at FROM password_links l
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
		return setPassword(ctx, tx, m.ID, hash)
	})
	m.Epoch++ // as it is now
	return m, err
}

// Sessions is where the pages keep their notes.
func (h *Hub) Sessions() sqlite.Sessions { return sqlite.NewSessions(h.read, h.write, "sessions") }
