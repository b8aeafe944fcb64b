package lists

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Removed is a list that was removed, and all that it takes to restore it as long as its contents are there.
type Removed struct {
	Name, Source string
	Imported     time.Time
	Version      int64         // its contents; 0: there were none
	Update       int64         // what an update was changing of them; 0: nothing
	Sub          *Subscription // nil: it was not subscribed to
	Key          string        // of a blocklist
}

// Remove removes a list, and ends the subscription to it; Clean deletes its contents. It returns false where there is no such list.
func (l *Lists) Remove(ctx context.Context, household, name string) (removed bool, err error) {
	_, removed, err = l.SetAside(ctx, household, name, time.Time{})
	return removed, err
}

// SetAside is Remove, but Clean leaves the contents for Restore until a time. Those of an earlier list of the same name it leaves no longer.
func (l *Lists) SetAside(ctx context.Context, household, name string, until time.Time) (r Removed, removed bool, err error) {
	r.Name = name
	sub, err := l.Subscription(ctx, household, name)
	if err == nil {
		r.Sub = &sub
	}
	if err == nil && sub.Kind == PhoneBlock {
		r.Key, err = l.BlocklistKey(ctx, sub.ID)
	}
	if err != nil && !errors.Is(err, ErrNoSubscription) {
		return r, false, err
	}
	err = l.write.Do(ctx, func(tx *sql.Tx) error {
		list, found, err := sqlite.Row(ctx, tx, func(list *int64) []any {
			return []any{list, &r.Source, columns.ScanTime(&r.Imported), &r.Version, &r.Update}
		}, `SELECT l.id, l.source, l.imported_at, coalesce(l.version_id, 0), coalesce(l.update_id, 0) FROM lists l JOIN households h ON h.id = l.household_id
			WHERE h.name = ? AND l.name = ? AND (l.version_id IS NOT NULL OR EXISTS (SELECT 1 FROM subscriptions WHERE list_id = l.id))`, household, name)
		if err != nil || !found {
			return err
		}
		removed = true
		if err := releaseHeld(ctx, tx, list); err != nil {
			return err
		}
		// All other versions, but those set aside before, belong to imports in progress. Clean takes this one for such an import, too, until that has slept for a day.
		if err := sqlite.Exec(ctx, tx, "UPDATE list_versions SET touched_at = iif(id IN (?, ?), ?, 0) WHERE list_id = ? AND (id IN (?, ?) OR touched_at > unixepoch())",
			r.Version, r.Update, columns.Seconds(until), list, r.Version, r.Update); err != nil {
			return err
		}
		for _, statement := range []string{"DELETE FROM subscriptions WHERE list_id = ?1", "UPDATE lists SET version_id = NULL, update_id = NULL WHERE id = ?1", deleteBare} {
			if err := sqlite.Exec(ctx, tx, statement, list); err != nil {
				return err
			}
		}
		return nil
	})
	return r, removed && err == nil, err
}

// Restore restores a list that SetAside has removed, within store.Together. The errors are ErrNameTaken, ErrSubscribedTwice, and ErrNoPrepared where the contents
// are gone.
func (l *Lists) Restore(ctx context.Context, household string, r Removed) error {
	if err := l.restoreBare(ctx, household, r); err != nil || r.Version == 0 {
		return err
	}
	return sqlite.Change(ctx, l.write, ErrNoPrepared, `UPDATE lists SET version_id = ?1, update_id = nullif(?2, 0), source = ?3, imported_at = ?4
		WHERE name = ?5 AND household_id = (SELECT id FROM households WHERE name = ?6)
		AND EXISTS (SELECT 1 FROM list_versions v WHERE v.id = ?1 AND v.list_id = lists.id AND v.touched_at > 0)`,
		r.Version, r.Update, r.Source, r.Imported.Unix(), r.Name, household)
}

// restoreBare restores a list and its subscription, without contents.
func (l *Lists) restoreBare(ctx context.Context, household string, r Removed) error {
	if r.Sub == nil {
		return columns.InHousehold(ctx, l.write, household, func(tx *sql.Tx, home int64) error {
			_, err := newList(ctx, tx, home, Subscription{List: r.Name, URL: r.Source, Begun: r.Imported})
			return err
		})
	}
	s := *r.Sub
	if err := l.subscribe(ctx, s, r.Key); err != nil {
		return err
	}
	return l.change(ctx, `serial = ?3, made_at = ?4, valid_until = ?5, etag = ?6, modified = ?7, hash = ?8, checked_at = ?9, changed_at = ?10, told = ?11, asks = ?12,
		failures = ?13, error = ?14 WHERE true`, household, r.Name, s.Serial, columns.Seconds(s.Made), columns.Seconds(s.ValidUntil), s.ETag, s.Modified, s.Hash,
		columns.Seconds(s.Checked), columns.Seconds(s.Changed), s.Alerted, s.Asks, s.Failures, s.Error)
}
