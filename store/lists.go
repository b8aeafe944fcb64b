package store

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"math"
	"time"
)

// Entry is one number of a shared list.
type Entry struct {
	Digits     string // E.164 without the plus sign, or its first digits
	Prefix     bool
	Confidence float64 // 0 to 1
	Category   string
	Note       string

	Reporters int // at least so many have reported it; 0 is not known
	// Days since 1 January 1970, in UTC; 0 is not known, and of Expires never: from that day on the entry counts no more.
	First, Last, Expires int32
}

// List is a shared list as a household has it.
type List struct {
	Name     string
	Source   string // where it came from, such as a file's name
	Entries  int
	Imported time.Time

	TurnedAway Hits // the calls that it has turned away
	Knew       Hits // the calls whose number it knew, whatever was done with them
}

// ReplaceList gives a list new contents, or makes it. While they go in, beside calls, the old ones stay in force; then
// they change all at once. Where entries ends in an error, or ctx ends, nothing has changed. It returns how many
// numbers the list now has; of a number that comes twice the later one counts.
func (s *Store) ReplaceList(ctx context.Context, household, name, source string, entries iter.Seq2[Entry, error]) (int, error) {
	list, version, err := s.newVersion(ctx, household, name, source)
	if err != nil {
		return 0, err
	}
	count, err := s.fill(ctx, version, entries)
	return count, s.takeUp(ctx, list, version, count, source, notSubscribed(list), err)
}

// takeUp puts a version in force unless its filling has failed with err. also belongs to it: both are done, or none.
func (s *Store) takeUp(ctx context.Context, list, version int64, count int, source string, also func(context.Context, *sql.Tx) error, err error) error {
	unused := version
	if err == nil {
		unused, err = s.switchTo(ctx, list, version, count, source, also)
	}
	// Whatever came of it, one of the two versions is now in nobody's use.
	after := context.WithoutCancel(ctx)
	return errors.Join(err, s.retire(after, unused), s.cleanCutOff(after))
}

// errGivenUp: the contents on which an import works have been cleared away as cut off.
var errGivenUp = errors.New("the import has taken too long and was given up: start it again")

// switchTo puts a version in force, and returns the one that is not used any more: 0 if there is none, and the version
// itself where it could not be put in force.
func (s *Store) switchTo(ctx context.Context, list, version int64, count int, source string, also func(context.Context, *sql.Tx) error) (unused int64, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
		if err := also(ctx, tx); err != nil {
			return err
		}
		if err := change(ctx, tx, errGivenUp, "UPDATE list_versions SET entries = ? WHERE id = ? AND touched_at > 0", count, version); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT coalesce(version_id, 0) FROM lists WHERE id = ?", list).Scan(&unused); err != nil {
			return err
		}
		return change(ctx, tx, errGivenUp, "UPDATE lists SET version_id = ?, source = ?, imported_at = ? WHERE id = ?",
			version, source, time.Now().Unix(), list)
	})
	if err != nil {
		unused = version
	}
	return unused, err
}

// change runs a statement that has to find a row; none is the error.
func change(ctx context.Context, tx *sql.Tx, none error, query string, args ...any) error {
	done, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, none)
	}
	return nil
}

func (s *Store) newVersion(ctx context.Context, household, name, source string) (list, version int64, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
		home, err := householdID(ctx, tx, household)
		if err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, "SELECT id FROM lists WHERE household_id = ? AND name = ?", home, name).Scan(&list)
		if errors.Is(err, sql.ErrNoRows) {
			list, err = insert(ctx, tx, "INSERT INTO lists (household_id, name, source, imported_at) VALUES (?, ?, ?, ?)",
				home, name, source, time.Now().Unix())
		}
		if err == nil {
			err = notSubscribed(list)(ctx, tx)
		}
		if err != nil {
			return err
		}
		version, err = insert(ctx, tx, "INSERT INTO list_versions (list_id, touched_at) VALUES (?, ?)", list, time.Now().Unix())
		return err
	})
	return list, version, err
}

// importAge is for how long an import may have written nothing before it counts as cut off.
const importAge = 24 * time.Hour

// cleanCutOff clears away what imports have left that were cut off, with the lists that never had any other contents.
func (s *Store) cleanCutOff(ctx context.Context) error {
	var cutOff []int64
	err := s.each(ctx, `SELECT v.id FROM list_versions v JOIN lists l ON l.id = v.list_id WHERE v.id IS NOT l.version_id
		AND v.id IS NOT l.update_id AND v.touched_at < ?`,
		time.Now().Add(-importAge).Unix(), func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			cutOff = append(cutOff, id)
			return err
		})
	for _, version := range cutOff {
		err = errors.Join(err, s.retire(ctx, version))
	}
	return err
}

// retire deletes a version that nobody uses, in pieces, and a list that has no contents and for which none are coming.
// It may be cut off at any point: cleanCutOff goes on with it.
func (s *Store) retire(ctx context.Context, version int64) error {
	if version == 0 {
		return nil
	}
	// From here on nothing is written to it.
	var isUpdate bool
	err := s.write.QueryRowContext(ctx, "UPDATE list_versions SET touched_at = 0 WHERE id = ? RETURNING is_update", version).Scan(&isUpdate)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // somebody else was faster
	}
	empty := s.empty
	if isUpdate {
		empty = s.emptyUpdate
	}
	if err := errors.Join(err, empty(ctx, version)); err != nil {
		return err
	}
	return s.do(ctx, func(tx *sql.Tx) error {
		var list int64
		err := tx.QueryRowContext(ctx, "DELETE FROM list_versions WHERE id = ? RETURNING list_id", version).Scan(&list)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return deleteBare(ctx, tx, list)
	})
}

// deleteBare deletes a list that has no contents, for which none are coming, and that is not subscribed to.
func deleteBare(ctx context.Context, tx *sql.Tx, list int64) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM lists WHERE id = ?1 AND version_id IS NULL AND NOT EXISTS (SELECT 1 FROM list_versions WHERE list_id = ?1)
		AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE list_id = ?1)`, list)
	return err
}

// emptied is how many entries are deleted at a time. They stand together, so that it takes about as long as for a batch to go in.
const emptied = 4 * batch

// empty deletes the entries of a version that nobody uses. Where a piece ends is looked up before: a DELETE that did so itself would
// first write down all that it is about to delete.
func (s *Store) empty(ctx context.Context, version int64) error {
	for pieces := 1; ; pieces++ {
		end := int64(math.MaxInt64)
		err := s.read.QueryRowContext(ctx, "SELECT number FROM list_entries WHERE version_id = ? ORDER BY number, is_prefix LIMIT 1 OFFSET ?",
			version, emptied).Scan(&end)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		done, err := s.relaxed.ExecContext(ctx, "DELETE FROM list_entries WHERE version_id = ? AND number < ?", version, end)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if pieces%tidying == 0 {
			if err := s.Checkpoint(ctx); err != nil {
				return err
			}
		}
	}
}

// RemoveList removes a list with its contents, and ends the subscription to it. It returns false where there is none.
func (s *Store) RemoveList(ctx context.Context, household, name string) (bool, error) {
	var list int64
	var version, update sql.NullInt64
	err := s.do(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT l.id, l.version_id, l.update_id FROM lists l JOIN households h ON h.id = l.household_id
			WHERE h.name = ? AND l.name = ? AND (l.version_id IS NOT NULL OR EXISTS (SELECT 1 FROM subscriptions WHERE list_id = l.id))`,
			household, name).Scan(&list, &version, &update)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM subscriptions WHERE list_id = ?", list); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE lists SET version_id = NULL, update_id = NULL WHERE id = ?", list); err != nil {
			return err
		}
		return deleteBare(ctx, tx, list)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, errors.Join(s.retire(ctx, update.Int64), s.retire(ctx, version.Int64))
}

// Lists lists a household's shared lists by name.
func (s *Store) Lists(ctx context.Context, household string) (lists []List, err error) {
	err = s.each(ctx, `SELECT l.name, l.source, v.entries, l.imported_at FROM lists l JOIN households h ON h.id = l.household_id
		JOIN list_versions v ON v.id = l.version_id WHERE h.name = ? ORDER BY l.name`, household, func(scan func(...any) error) error {
		var l List
		var at int64
		err := scan(&l.Name, &l.Source, &l.Entries, &at)
		l.Imported = time.Unix(at, 0)
		lists = append(lists, l)
		return err
	})
	if err != nil || len(lists) == 0 {
		return lists, err
	}
	turnedAway, knew, err := s.listHits(ctx, household)
	for i := range lists {
		lists[i].TurnedAway, lists[i].Knew = turnedAway[lists[i].Name], knew[lists[i].Name]
	}
	return lists, err
}

// Numbers lists the entries of a list in the order of their numbers, limit at most. For the moment in which an update comes into
// force, some are as they were before it.
func (s *Store) Numbers(ctx context.Context, household, list string, limit int) (entries []Entry, err error) {
	version, err := s.versionOf(ctx, household, list)
	if err != nil {
		return nil, err
	}
	return s.entries(ctx, "SELECT "+entryColumns+` FROM list_entries WHERE version_id = ? ORDER BY number, is_prefix LIMIT ?`, version, limit)
}
