package lists

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"ringfence/store/sqlite"
)

// importAge is how long an import may write nothing before it counts as interrupted.
const importAge = 24 * time.Hour

// unused says of a version v that no household has it in force, that it isn't the latest of a source, and that it doesn't overrule another.
const unused = `NOT EXISTS (SELECT 1 FROM lists WHERE version_id = v.id) AND NOT EXISTS (SELECT 1 FROM list_sources WHERE version_id = v.id)
	AND NOT EXISTS (SELECT 1 FROM list_versions b WHERE b.update_id = v.id)`

// abandon gives up a version, unless it is used: from here on nothing is written to it, and Clean deletes it.
func (l *Lists) abandon(ctx context.Context, version int64) (abandoned bool, err error) {
	return sqlite.Changes(ctx, l.write, "UPDATE list_versions AS v SET touched_at = 0 WHERE id = ? AND "+unused, version)
}

// giveUp deletes a version that did not come into force, even if ctx has ended.
func (l *Lists) giveUp(ctx context.Context, version int64) error {
	after := context.WithoutCancel(ctx)
	_, err := l.abandon(after, version)
	return errors.Join(err, l.Clean(after))
}

// Clean deletes contents that nobody uses any more: those of lists that were removed or replaced, of households that are gone, and those left by interrupted
// imports, with the lists that never had any others, and the sources to which nobody is subscribed any more. It may be interrupted at any point, and continues next time.
func (l *Lists) Clean(ctx context.Context) error {
	type garbage struct {
		version  int64
		isUpdate bool
	}
	// Not those of which something is kept for an undo: whoever comes back finds the list as it was.
	err := sqlite.Exec(ctx, l.write, "DELETE FROM list_sources WHERE NOT "+subscribed+` AND NOT EXISTS
		(SELECT 1 FROM list_versions v WHERE v.source_id = list_sources.id AND v.touched_at > unixepoch())`)
	if err != nil {
		return err
	}
	all, err := sqlite.Rows(ctx, l.read, func(g *garbage) []any { return []any{&g.version, &g.isUpdate} }, `SELECT v.id, v.is_update FROM list_versions v
		WHERE (v.touched_at < ? OR v.list_id IS NULL AND v.source_id IS NULL AND v.touched_at <= unixepoch()) AND `+unused, time.Now().Add(-importAge).Unix())
	for _, g := range all {
		empty := l.empty
		if g.isUpdate {
			empty = l.emptyUpdate
		}
		err = errors.Join(err, l.delete(ctx, g.version, empty))
	}
	return err
}

// delete deletes a version that nobody uses. An import that has slept for a day must notice.
func (l *Lists) delete(ctx context.Context, version int64, empty func(context.Context, int64) error) error {
	if abandoned, err := l.abandon(ctx, version); err != nil || !abandoned {
		return err
	}
	if err := empty(ctx, version); err != nil {
		return err
	}
	return l.deleteVersion(ctx, version)
}

// deleteVersion deletes an empty version, and its list if that has no contents and none are coming.
func (l *Lists) deleteVersion(ctx context.Context, version int64) error {
	return l.write.Do(ctx, func(tx *sql.Tx) error {
		if err := sqlite.Exec(ctx, tx, "UPDATE list_versions SET touched_at = 0 WHERE id = (SELECT update_id FROM list_versions WHERE id = ?)", version); err != nil {
			return err
		}
		list, err := sqlite.Value[int64](ctx, tx, "DELETE FROM list_versions WHERE id = ? RETURNING coalesce(list_id, 0)", version)
		if err != nil || list == 0 { // another program has deleted it, or it was of a source
			return err
		}
		return sqlite.Exec(ctx, tx, deleteBare, list)
	})
}

// deleteBare deletes a list without contents, if none are coming and it is not subscribed to.
const deleteBare = `DELETE FROM lists WHERE id = ?1 AND version_id IS NULL AND NOT EXISTS (SELECT 1 FROM list_versions WHERE list_id = ?1)
	AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE list_id = ?1)`

// emptied is how many entries are deleted at a time. They are next to each other in the table, so it takes about as long as inserting a batch.
const emptied = 4 * batch

// empty deletes the entries of a version that nobody uses. Where a piece ends is looked up first: a DELETE that did so itself would first collect all
// the rows that it is about to delete.
func (l *Lists) empty(ctx context.Context, version int64) error {
	for pieces := 1; ; pieces++ {
		end, found, err := sqlite.Row(ctx, l.read, func(end *int64) []any { return []any{end} },
			"SELECT number FROM list_entries WHERE version_id = ? ORDER BY number, is_prefix LIMIT 1 OFFSET ?", version, emptied)
		if err != nil {
			return err
		}
		if !found {
			end = math.MaxInt64
		}
		some, err := sqlite.Changes(ctx, l.relaxed, "DELETE FROM list_entries WHERE version_id = ? AND number < ?", version, end)
		if err != nil || !some {
			return err
		}
		if pieces%tidying == 0 {
			if err := l.checkpoint(ctx); err != nil {
				return err
			}
		}
	}
}

// emptyUpdate deletes the changes of an update that nobody uses.
func (l *Lists) emptyUpdate(ctx context.Context, update int64) error {
	for {
		some, err := sqlite.Changes(ctx, l.relaxed, `DELETE FROM list_changes WHERE version_id = ?1 AND (number, is_prefix) IN
			(SELECT number, is_prefix FROM list_changes WHERE version_id = ?1 ORDER BY number, is_prefix LIMIT ?2)`, update, batch)
		if err != nil || !some {
			return err
		}
	}
}
