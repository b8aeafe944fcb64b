package store

import (
	"context"
	"errors"
)

// PreparedChanges is what taking up prepared contents would change, with the first numbers of each kind.
type PreparedChanges struct {
	ListChanges
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

// PreparedChanges says what AcceptList would change, with the first numbers of each kind. It reads both contents, which of millions
// of numbers takes seconds; no call waits for it. The error is ErrNoPrepared where there are no prepared contents of that ID.
func (s *Store) PreparedChanges(ctx context.Context, household string, id int64, first int) (c PreparedChanges, err error) {
	list, _, err := s.prepared(ctx, household, id)
	if err != nil {
		return c, err
	}
	if c.ListChanges, err = s.compare(ctx, list, id); err != nil {
		return c, err
	}
	c.Unchanged = c.Entries - c.Added - c.Changed
	var now int64
	if err := s.read.QueryRowContext(ctx, "SELECT coalesce(version_id, 0) FROM lists WHERE id = ?", list).Scan(&now); err != nil {
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
		if *kind.into, err = s.entries(ctx, kind.query, now, id, first); err != nil {
			return c, err
		}
	}
	return c, nil
}

// entries reads entries with the columns of entryColumns.
func (s *Store) entries(ctx context.Context, query string, args ...any) (entries []Entry, err error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e Entry
		var key int64
		if err := rows.Scan(&key, &e.Prefix, &e.Confidence, &e.Category, &e.Note, &e.Reporters, &e.First, &e.Last, &e.Expires); err != nil {
			return nil, err
		}
		e.Digits = digitsOfKey(key, e.Prefix)
		entries = append(entries, e)
	}
	return entries, rows.Err()
}
