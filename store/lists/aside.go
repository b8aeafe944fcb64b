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
	Sub          *Subscription // nil: it was not subscribed to
	Key          string        // of a blocklist
}

// Remove removes a list, and ends the subscription to it; Clean deletes its contents unless other households have them. It returns false where there is no such
// list.
func (l *Lists) Remove(ctx context.Context, household, name string) (removed bool, err error) {
	_, removed, err = l.SetAside(ctx, household, name, time.Time{})
	return removed, err
}

// SetAside is Remove, but Clean leaves the contents for Restore until a time. Those of an earlier list of the same name, or source, it leaves no longer.
func (l *Lists) SetAside(ctx context.Context, household, name string, until time.Time) (r Removed, removed bool, err error) {
	r.Name = name
	source := int64(0)
	sub, err := l.Subscription(ctx, household, name)
	if err == nil {
		r.Sub, source = &sub, sub.Source
		err = l.read.QueryRowContext(ctx, "SELECT period_s FROM subscriptions WHERE list_id = ?", sub.ID).Scan(columns.ScanSeconds(&sub.Period)) // not the others'
	}
	if err == nil && sub.Kind == PhoneBlock {
		r.Key, err = l.BlocklistKey(ctx, sub.ID)
	}
	if err != nil && !errors.Is(err, ErrNoSubscription) {
		return r, false, err
	}
	err = l.write.Do(ctx, func(tx *sql.Tx) error {
		list, found, err := sqlite.Row(ctx, tx, func(list *int64) []any {
			return []any{list, &r.Source, columns.ScanTime(&r.Imported), &r.Version}
		}, `SELECT l.id, l.source, l.imported_at, coalesce(l.version_id, 0) FROM lists l JOIN households h ON h.id = l.household_id
			WHERE h.name = ? AND l.name = ? AND (l.version_id IS NOT NULL OR EXISTS (SELECT 1 FROM subscriptions WHERE list_id = l.id))`, household, name)
		if err != nil || !found {
			return err
		}
		removed = true
		// All other versions of the list, but those set aside before, belong to imports in progress. Clean takes this one for such an import, too, until that has
		// slept for a day.
		err = sqlite.Exec(ctx, tx, "UPDATE list_versions AS v SET touched_at = 0 WHERE (list_id = ? OR source_id = ?) AND id <> ? AND touched_at > unixepoch() AND "+unused,
			list, source, r.Version)
		if err != nil {
			return err
		}
		if err := sqlite.Exec(ctx, tx, "DELETE FROM subscriptions WHERE list_id = ?", list); err != nil {
			return err
		}
		if err := replace(ctx, tx, list, 0, until); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, deleteBare, list)
	})
	return r, removed && err == nil, err
}

// Restore restores a list that SetAside has removed, within store.Together. The errors are ErrNameTaken, ErrSubscribedTwice, and ErrNoPrepared where the contents
// are gone.
func (l *Lists) Restore(ctx context.Context, household string, r Removed) error {
	if err := l.restoreBare(ctx, household, r); err != nil || r.Version == 0 {
		return err
	}
	return l.write.Do(ctx, func(tx *sql.Tx) error {
		there, err := sqlite.Changes(ctx, tx, `UPDATE lists SET version_id = ?3, source = ?4, imported_at = ?5 WHERE id = `+listOf+`
			AND EXISTS (SELECT 1 FROM list_versions v LEFT JOIN subscriptions s ON s.source_id = v.source_id AND s.list_id = lists.id
				WHERE v.id = ?3 AND v.touched_at > 0 AND (v.list_id = lists.id OR s.list_id IS NOT NULL))`,
			household, r.Name, r.Version, r.Source, r.Imported.Unix())
		if err == nil && !there { // what other households have of it by now is there
			there, err = sqlite.Value[bool](ctx, tx, "SELECT version_id IS NOT NULL FROM lists WHERE id = "+listOf, household, r.Name)
		}
		if err == nil && !there {
			err = ErrNoPrepared
		}
		if err != nil || r.Sub == nil {
			return err
		}
		// An earlier Ringfence, that had a list for each household, did not note with the contents for how long they are valid.
		return sqlite.Exec(ctx, tx, "UPDATE list_versions SET made_at = ?, valid_until = ? WHERE id = ? AND source_id IS NULL",
			columns.Seconds(r.Sub.Made), columns.Seconds(r.Sub.ValidUntil), r.Version)
	})
}

// restoreBare restores a list and its subscription, without contents.
func (l *Lists) restoreBare(ctx context.Context, household string, r Removed) error {
	if r.Sub == nil {
		return columns.InHousehold(ctx, l.write, household, func(tx *sql.Tx, home int64) error {
			_, err := newList(ctx, tx, home, Subscription{List: r.Name, URL: r.Source, Begun: r.Imported})
			return err
		})
	}
	if err := l.resubscribe(ctx, *r.Sub, r.Key); err != nil {
		return err
	}
	return l.change(ctx, "told = ?3, asks = ?4 WHERE true", household, r.Name, r.Sub.Alerted, r.Sub.Asks)
}
