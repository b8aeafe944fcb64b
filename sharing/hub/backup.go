package hub

import (
	"context"
	"errors"
	"fmt"

	"ringfence/accounts"
	"ringfence/store/sqlite"
)

// CopyTo makes a copy of the database while the hub goes on. What lets somebody in at once is left out of it: sessions, and links with which
// a password is chosen; and so are the marks of networks, which nobody is to have for longer than seven days. Invitations are in it, and
// open with what was handed out.
func (h *Hub) CopyTo(ctx context.Context, path string) error {
	return sqlite.Copy(ctx, h.path, path, "DELETE FROM sessions", "DELETE FROM logins", "DELETE FROM password_links", "DELETE FROM marks", "DELETE FROM mark_secrets")
}

// TakeUp makes sure that a copy is whole, of a hub and not of a newer one, brings it up to date, and notes that it was put back.
func TakeUp(ctx context.Context, path string, group Group, by accounts.By) error {
	if err := sqlite.Whole(ctx, path); err != nil {
		return err
	}
	h, err := Open(ctx, path, group)
	if errors.Is(err, sqlite.ErrNewer) {
		return errors.New("this backup was made by a newer Ringfence: install that one first")
	}
	if err != nil {
		return fmt.Errorf("the database in this backup cannot be used: %w", err)
	}
	same, err := sqlite.Like(ctx, h.read, migrations)
	if err == nil && !same {
		err = errors.New("the database in this backup is not one of a hub: take another backup")
	}
	if err == nil {
		err = h.LogAccount(ctx, accounts.Deed{Word: Restored, By: by})
	}
	return errors.Join(err, h.Close())
}
