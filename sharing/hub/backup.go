package hub

import (
	"context"
	"errors"
	"fmt"

	"ringfence/accounts"
	"ringfence/store/sqlite"
)

// CopyTo makes a copy of the database while the hub goes on. Whatever lets somebody in at once is left out: sessions, and links to choose a password;
// and so are the marks of networks, which nobody may have for longer than seven days. Invitations are in it, and still work.
func (h *Hub) CopyTo(ctx context.Context, path string) error {
	return sqlite.Copy(ctx, h.path, path, "DELETE FROM sessions", "DELETE FROM logins", "DELETE FROM password_links", "DELETE FROM marks", "DELETE FROM mark_secrets")
}

// TakeUp makes sure that a copy is whole, a hub's, and not of a newer version; it brings it up to date, and notes that it was restored.
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
