package lists

import (
	"context"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Differences is what accepting prepared contents would change, with the first numbers of each kind.
type Differences struct {
	Counts
	Unchanged           int
	New, Otherwise, Off []Entry // Otherwise as they would be
}

// The kinds of numbers of prepared contents beside those of the list as it is, which is ?1, and the prepared ones, ?2.
const (
	entryColumns = "number, is_prefix, confidence, category, note, reporters, first_day, last_day, expires_day"
	newQuery     = "SELECT " + entryColumns + ` FROM list_entries n WHERE version_id = ?2 AND NOT EXISTS
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

// entries reads entries with the columns of entryColumns.
func (l *Lists) entries(ctx context.Context, query string, args ...any) ([]Entry, error) {
	return sqlite.All(ctx, l.read, func(scan func(...any) error) (e Entry, err error) {
		var key int64
		err = scan(&key, &e.Prefix, &e.Confidence, &e.Category, &e.Note, &e.Reporters, &e.First, &e.Last, &e.Expires)
		e.Digits = columns.Digits(key, e.Prefix)
		return e, err
	}, query, args...)
}
