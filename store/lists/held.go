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

// HeldDifferences says what AcceptHeld would change, as Differences does. The error is ErrNotHeld if nothing waits.
func (l *Lists) HeldDifferences(ctx context.Context, sub Subscription, first int) (Differences, error) {
	if sub.Held.Version == 0 {
		return Differences{}, ErrNotHeld
	}
	return l.differences(ctx, sub.ID, sub.Held.Version, first)
}

// AcceptHeld puts the contents that somebody has looked at in force for one household; Clean deletes those that they replace, if nobody else has them. The error
// is ErrNotHeld if others came meanwhile.
func (l *Lists) AcceptHeld(ctx context.Context, household, list string, version int64) error {
	sub, err := l.Subscription(ctx, household, list)
	if err != nil {
		return err
	}
	return l.write.Do(ctx, func(tx *sql.Tx) error {
		err := sqlite.Change(ctx, tx, ErrNotHeld, `UPDATE subscriptions SET held_version = NULL, held_at = 0, told = 0 WHERE list_id = ? AND held_version = ?
			AND held_version = (SELECT version_id FROM list_sources WHERE id = source_id)`, sub.ID, version)
		if err != nil {
			return err
		}
		return replace(ctx, tx, sub.ID, version, time.Time{})
	})
}
