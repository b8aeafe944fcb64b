package people

import (
	"context"
	"time"
)

// SetPassword stores a new password, hashed already, withdraws all of the person's password links and ends their logins except keep; keep 0 ends all.
func (p People) SetPassword(ctx context.Context, person int64, hash string, keep int64) error {
	return p.write.Together(ctx, func(ctx context.Context) error {
		if err := p.change(ctx, "UPDATE {accounts} SET password = ? WHERE id = ?", hash, person); err != nil {
			return err
		}
		if _, err := p.run(ctx, "DELETE FROM password_links WHERE {whose} = ?", person); err != nil {
			return err
		}
		_, err := p.EndOtherLogins(ctx, person, keep)
		return err
	})
}

// UpgradePassword stores a new hash of the same password, if the old hash is still there. Nothing else changes.
func (p People) UpgradePassword(ctx context.Context, person int64, old, hash string) error {
	_, err := p.run(ctx, "UPDATE {accounts} SET password = ? WHERE id = ? AND password = ?", hash, person, old)
	return err
}

// MakePasswordLink returns the token of a link with which a person can choose a new password, once.
func (p People) MakePasswordLink(ctx context.Context, person int64, expires time.Time) (token string, err error) {
	token, hash := NewToken()
	return token, p.change(ctx, "INSERT INTO password_links (hash, {whose}, expires_at) SELECT ?, id, ? FROM {accounts} WHERE id = ?", hash, expires.Unix(), person)
}

const byLink = "JOIN password_links l ON l.{whose} = p.id WHERE l.hash = ? AND l.expires_at > ?"

// PasswordLink finds whose password a link changes; the error is ErrLinkOver if it does not work (any more).
func (p People) PasswordLink(ctx context.Context, token string, now time.Time) (Person, error) {
	found, _, err := p.find(ctx, p.read, ErrLinkOver, byLink, HashOf(token), now.Unix())
	return found, err
}

// UsePasswordLink stores a new password, hashed already, for the person whom a link is for. It ends all their links and logins.
func (p People) UsePasswordLink(ctx context.Context, token, hash string, now time.Time) (found Person, err error) {
	err = p.write.Together(ctx, func(ctx context.Context) error {
		if found, _, err = p.find(ctx, p.write, ErrLinkOver, byLink, HashOf(token), now.Unix()); err != nil {
			return err
		}
		return p.SetPassword(ctx, found.ID, hash, 0)
	})
	return found, err
}
