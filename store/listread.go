package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
)

var (
	// ErrNoList says that a household has no such list.
	ErrNoList = errors.New("there is no list called")
	// ErrReplaced says that a list got other contents while it was read.
	ErrReplaced = errors.New("the list has been replaced while it was read: do it once more")
)

// readAtOnce is how many entries are read in one go: a reading that goes on for minutes would keep the database from tidying up.
const readAtOnce = 1000

// AllNumbers reads all entries of a list in the order of their numbers. It ends with an error where the list is not there (ErrNoList),
// or has been replaced meanwhile (ErrReplaced).
func (s *Store) AllNumbers(ctx context.Context, household, list string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		err := s.allNumbers(ctx, household, list, func(e Entry) bool { return yield(e, nil) })
		if err != nil {
			yield(Entry{}, err)
		}
	}
}

func (s *Store) versionOf(ctx context.Context, household, list string) (version int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT l.version_id FROM lists l JOIN households h ON h.id = l.household_id
		WHERE h.name = ? AND l.name = ? AND l.version_id IS NOT NULL`, household, list).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("%w %q: `ringfence list show` names them", ErrNoList, list)
	}
	return version, err
}

func (s *Store) allNumbers(ctx context.Context, household, list string, take func(Entry) bool) error {
	version, err := s.versionOf(ctx, household, list)
	if err != nil {
		return err
	}
	after, prefix := int64(math.MinInt64), false
	for {
		part, err := s.entries(ctx, "SELECT "+entryColumns+` FROM list_entries WHERE version_id = ? AND (number, is_prefix) > (?, ?)
			ORDER BY number, is_prefix LIMIT ?`, version, after, prefix, readAtOnce)
		if err != nil {
			return err
		}
		// What is read of a version that is on its way out has holes in it.
		if now, err := s.versionOf(ctx, household, list); errors.Is(err, ErrNoList) || err == nil && now != version {
			return ErrReplaced
		} else if err != nil {
			return err
		}
		for _, e := range part {
			if !take(e) {
				return nil
			}
		}
		if len(part) < readAtOnce {
			return nil
		}
		last := part[len(part)-1]
		if after, err = keyOf(last.Digits, last.Prefix); err != nil {
			return err
		}
		prefix = last.Prefix
	}
}
