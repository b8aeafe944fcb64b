package lists

import "context"

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
func (l *Lists) Differences(ctx context.Context, household string, id int64, first int) (c Differences, err error) {
	list, _, err := l.prepared(ctx, household, id)
	if err != nil {
		return c, err
	}
	if c.Counts, err = l.compare(ctx, list, id); err != nil {
		return c, err
	}
	c.Unchanged = c.Entries - c.Added - c.Changed
	var now int64
	if err := l.read.QueryRowContext(ctx, "SELECT coalesce(version_id, 0) FROM lists WHERE id = ?", list).Scan(&now); err != nil {
		return c, err
	}
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

// compare counts how a version differs from what its list has now.
func (l *Lists) compare(ctx context.Context, list, version int64) (done Counts, err error) {
	var kept, had int
	err = l.read.QueryRowContext(ctx, `SELECT count(*), count(o.number), coalesce(sum(o.number IS NOT NULL AND
		(n.confidence, n.category, n.note, n.reporters, n.first_day, n.last_day, n.expires_day) <>
		(o.confidence, o.category, o.note, o.reporters, o.first_day, o.last_day, o.expires_day)), 0),
		coalesce((SELECT v.entries FROM lists l JOIN list_versions v ON v.id = l.version_id WHERE l.id = ?1), 0)
		FROM list_entries n LEFT JOIN list_entries o ON o.number = n.number AND o.is_prefix = n.is_prefix
		AND o.version_id = (SELECT version_id FROM lists WHERE id = ?1) WHERE n.version_id = ?2`, list, version).
		Scan(&done.Entries, &kept, &done.Changed, &had)
	done.Added, done.Removed = done.Entries-kept, had-kept
	return done, err
}
