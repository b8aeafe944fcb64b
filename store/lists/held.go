package lists

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"ringfence/store/sqlite"
)

var (
	// ErrHeld says that an update waits for somebody to look at it.
	ErrHeld = errors.New("the list would change so much that somebody has to look at it first")
	// ErrNotHeld says that contents are not waiting any more.
	ErrNotHeld = errors.New("these changes are not waiting any more: look at the list again")
)

// releaseHeld lets go of the contents of a list that are held, if there are any; Clean deletes them.
func releaseHeld(ctx context.Context, tx *sql.Tx, list int64) error {
	if err := sqlite.Exec(ctx, tx, "UPDATE list_versions SET touched_at = 0 WHERE id = (SELECT held_version FROM subscriptions WHERE list_id = ?)", list); err != nil {
		return err
	}
	return sqlite.Exec(ctx, tx, "UPDATE subscriptions SET held_version = NULL, held_hash = '', held_at = 0 WHERE list_id = ?", list)
}

// OnStillHeld notes that a list was checked, and is still as the contents that somebody has to look at. The error is ErrNotHeld if there are none any more.
func (l *Lists) OnStillHeld(ctx context.Context, sub Subscription, state State, at, next time.Time) error {
	return sqlite.Change(ctx, l.write, ErrNotHeld, `UPDATE subscriptions SET etag = ?, modified = ?, checked_at = ?, next_at = ?, failures = 0, error = ''
		WHERE list_id = ? AND held_version = ?`, state.ETag, state.Modified, at.Unix(), next.Unix(), sub.ID, sub.Held.Version)
}

// HeldDifferences says what AcceptHeld would change, as Differences does. The error is ErrNotHeld if nothing waits, or nothing any more.
func (l *Lists) HeldDifferences(ctx context.Context, sub Subscription, first int) (Differences, error) {
	if sub.Held.Version == 0 {
		return Differences{}, ErrNotHeld
	}
	changes, err := l.Differences(ctx, sub.Household, sub.Held.Version, first)
	if errors.Is(err, ErrNoPrepared) {
		err = ErrNotHeld
	}
	return changes, err
}

// AcceptHeld puts the contents that somebody has looked at in force; Clean deletes those that they replace. until is how long they are valid. The error is
// ErrNotHeld if others came meanwhile.
func (l *Lists) AcceptHeld(ctx context.Context, household, list string, version int64, at, until time.Time) error {
	sub, err := l.Subscription(ctx, household, list)
	if err != nil {
		return err
	}
	if version == 0 || sub.Held.Version != version {
		return ErrNotHeld
	}
	entries, err := sqlite.OneValue[int](ctx, l.read, ErrNotHeld, "SELECT entries FROM list_versions WHERE id = ?", version)
	if err != nil {
		return err
	}
	return l.switchTo(ctx, sub.ID, version, entries, sub.URL, func(ctx context.Context, tx *sql.Tx) error {
		return sqlite.Change(ctx, tx, ErrNotHeld, `UPDATE subscriptions SET held_version = NULL, held_hash = '', held_at = 0, hash = held_hash, serial = serial + 1,
			made_at = ?1, valid_until = ?2, changed_at = ?1, told = 0 WHERE list_id = ?3 AND held_version = ?4`, at.Unix(), until.Unix(), sub.ID, version)
	})
}
