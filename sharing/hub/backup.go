package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"ringfence/store/sqlite"
)

// CopyTo makes a copy of the database while the hub goes on. What lets somebody in at once is left out of it: sessions, and links with which
// a password is chosen. Invitations are in it, and open with what was handed out.
func (h *Hub) CopyTo(ctx context.Context, path string) error {
	return sqlite.Copy(ctx, h.path, path, "DELETE FROM sessions", "DELETE FROM logins", "DELETE FROM password_links")
}

// TakeUp makes sure that a copy is whole, of a hub and not of a newer one, brings it up to date, and notes that it was put back.
func TakeUp(ctx context.Context, path string, group Group, by By) error {
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
	if err = h.likeOurs(ctx); err == nil {
		err = note(ctx, h.write, Restored, "", by)
	}
	return errors.Join(err, h.Close())
}

// likeOurs: a database with other tables or triggers than a new one has was not made by a hub, and must not run what is in them.
func (h *Hub) likeOurs(ctx context.Context) (err error) {
	folder, err := os.MkdirTemp("", "ringfence-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	fresh, err := Open(ctx, filepath.Join(folder, "hub.db"), h.group)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	want, err := sqlite.Shape(ctx, fresh.read)
	if err != nil {
		return err
	}
	got, err := sqlite.Shape(ctx, h.read)
	if err == nil && !slices.Equal(got, want) {
		err = errors.New("the database in this backup is not one of a hub: take another backup")
	}
	return err
}
