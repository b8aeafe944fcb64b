package lists

import (
	"context"

	"ringfence/store/sqlite"
)

// Counts counts what an update has changed.
type Counts struct{ Added, Changed, Removed, Entries int }

// Differences is what accepting prepared contents would change, with the first numbers of each kind.
type Differences struct {
	Counts
	Unchanged           int
	New, Otherwise, Off []Entry // Otherwise as they would be
}

// The kinds of numbers of prepared contents beside those of the list as it is, which is ?1, and the prepared ones, ?2.
const (
	newQuery = "SELECT " + entryColumns + ` FROM list_entries n WHERE version_id = ?2 AND NOT EXISTS
		(SELECT 1 FROM list_entries o WHERE o.number = n.number AND o.is_prefix = n.is_prefix AND o.version_id = ?1) ORDER BY number, is_prefix LIMIT ?3`
	offQuery = "SELECT " + entryColumns + ` FROM list_entries o WHERE version_id = ?1 AND NOT EXISTS
		(SELECT 1 FROM list_entries n WHERE n.number = o.number AND n.is_prefix = o.is_prefix AND n.version_id = ?2) ORDER BY number, is_prefix LIMIT ?3`
	otherwiseQuery = "SELECT " + entryColumns + ` FROM list_entries n WHERE version_id = ?2 AND EXISTS
		(SELECT 1 FROM list_entries o WHERE o.number = n.number AND o.is_prefix = n.is_prefix AND o.version_id = ?1 AND
		(o.confidence, o.category, o.note, o.reporters, o.first_day, o.last_day, o.expires_day) <>
		(n.confidence, n.category, n.note, n.reporters, n.first_day, n.last_day, n.expires_day)) ORDER BY number, is_prefix LIMIT ?3`
)

// Differences says what Accept would change, with the first numbers of each kind. It reads both contents, which takes seconds for millions of
// numbers; no call waits for it. The error is ErrNoPrepared where there are no prepared contents of that ID.
func (l *Lists) Differences(ctx context.Context, household string, id int64, first int) (Differences, error) {
	list, _, err := l.prepared(ctx, household, id)
	if err != nil {
		return Differences{}, err
	}
	return l.differences(ctx, list, id, first)
}

// differences says what a version would change of a list.
func (l *Lists) differences(ctx context.Context, list, id int64, first int) (c Differences, err error) {
	now, err := sqlite.Value[int64](ctx, l.read, "SELECT coalesce(version_id, 0) FROM lists WHERE id = ?", list)
	if err != nil {
		return c, err
	}
	if c.Counts, err = l.compare(ctx, now, id); err != nil {
		return c, err
	}
	c.Unchanged = c.Entries - c.Added - c.Changed
	for _, kind := range []struct {
		count int
		query string
		into  *[]Entry
	}{{c.Added, newQuery, &c.New}, {c.Changed, otherwiseQuery, &c.Otherwise}, {c.Removed, offQuery, &c.Off}} {
		if kind.count == 0 {
			continue
		}
		if *kind.into, err = l.entries(ctx, kind.query, now, id, first); err != nil {
			return c, err
		}
	}
	return c, nil
}

// compare counts how a version differs from another; 0 is one without numbers.
func (l *Lists) compare(ctx context.Context, before, version int64) (done Counts, err error) {
	var kept, had int
	err = l.read.QueryRowContext(ctx, `SELECT count(*), count(o.number), coalesce(sum(o.number IS NOT NULL AND
		(n.confidence, n.category, n.note, n.reporters, n.first_day, n.last_day, n.expires_day) <>
		(o.confidence, o.category, o.note, o.reporters, o.first_day, o.last_day, o.expires_day)), 0),
		coalesce((SELECT entries FROM list_versions WHERE id = ?1), 0)
		FROM list_entries n LEFT JOIN list_entries o ON o.number = n.number AND o.is_prefix = n.is_prefix AND o.version_id = ?1 WHERE n.version_id = ?2`, before, version).
		Scan(&done.Entries, &kept, &done.Changed, &had)
	done.Added, done.Removed = done.Entries-kept, had-kept
	return done, err
}
