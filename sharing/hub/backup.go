package hub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/accounts"
	"ringfence/store"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// CopyTo makes a copy of the database while the hub goes on. Invitations are in it, and still work.
func (h *Hub) CopyTo(ctx context.Context, path string) error {
	without, err := h.leftOut(ctx)
	if err != nil {
		return err
	}
	return sqlite.Copy(ctx, h.path, path, without...)
}

// leftOut deletes from a copy what no copy has: whatever lets somebody in at once (sessions, and links to choose a password), and the marks of
// networks, which nobody may have for longer than seven days. A database of an earlier Ringfence does not have all of these tables.
func (h *Hub) leftOut(ctx context.Context) ([]string, error) {
	return sqlite.Values[string](ctx, h.write, `SELECT 'DELETE FROM ' || name FROM sqlite_schema
		WHERE type = 'table' AND name IN ('sessions', 'logins', 'password_links', 'marks', 'mark_secrets')`)
}

// beforeUpgrade keeps a copy of the database as an earlier Ringfence has left it, but for what no copy has.
func (h *Hub) beforeUpgrade(ctx context.Context) error {
	if h.isCopy {
		return nil
	}
	without, err := h.leftOut(ctx)
	if err != nil {
		return err
	}
	h.keptBefore, err = datafolder.KeepBeforeUpgrade(ctx, h.path, store.FreeDisk, time.Now(), without...)
	return err
}

// KeptBeforeUpgrade is the copy of the database that was made because this program has brought it up to date; "" where it was.
func (h *Hub) KeptBeforeUpgrade() string { return h.keptBefore }

// TakeUp makes sure that a copy is whole, a hub's, and not of a newer version; it brings it up to date, and notes that it was restored.
func TakeUp(ctx context.Context, path string, group Group, by accounts.By) error {
	if err := sqlite.Whole(ctx, path); err != nil {
		return err
	}
	h, err := open(ctx, path, group, true)
	if errors.Is(err, sqlite.ErrNewer) {
		return errors.New("this backup was made by a newer Ringfence: install that one first")
	}
	if err != nil {
		return fmt.Errorf("the database in this backup cannot be used: %w", err)
	}
	same, err := sqlite.Like(ctx, h.read, newShape)
	if err == nil && !same {
		err = errors.New("the database in this backup is not one of a hub: take another backup")
	}
	if err == nil {
		err = h.LogAccount(ctx, accounts.Deed{Word: Restored, By: by})
	}
	return errors.Join(err, h.Close())
}
