package store

import (
	"context"
	"database/sql"
	"errors"
	"iter"
)

// PreparedList is the new contents of a list that are in the database and not in force, until somebody who has looked at
// them takes them up. Prepared contents that nobody takes up are given up after a day, as an import that was cut off.
type PreparedList struct {
	ID       int64 // of the contents
	Name     string
	Entries  int
	Contacts []string // the contacts of whom the contents know a number; they ring all the same
	Replaces *List    // the list of that name as it is now; nil: there is none
}

// ErrNoPrepared says that prepared contents are not there any more.
var ErrNoPrepared = errors.New("this list has waited for too long, or is in use already: import it again")

// PrepareList is ReplaceList without its last step: it returns an ID for AcceptList or DropList.
func (s *Store) PrepareList(ctx context.Context, household, name, source string, entries iter.Seq2[Entry, error]) (prepared int64, err error) {
	_, version, err := s.newVersion(ctx, household, name, source)
	if err != nil {
		return 0, err
	}
	count, err := s.fill(ctx, version, entries)
	if err == nil {
		err = s.do(ctx, func(tx *sql.Tx) error {
			return change(ctx, tx, errGivenUp, "UPDATE list_versions SET entries = ? WHERE id = ? AND touched_at > 0", count, version)
		})
	}
	if err != nil {
		after := context.WithoutCancel(ctx)
		return 0, errors.Join(err, s.retire(after, version))
	}
	return version, nil
}

// prepared finds contents that are not in force.
func (s *Store) prepared(ctx context.Context, household string, id int64) (list int64, p PreparedList, err error) {
	p.ID = id
	err = s.read.QueryRowContext(ctx, `SELECT l.id, l.name, v.entries FROM households h JOIN lists l ON l.household_id = h.id
		JOIN list_versions v ON v.list_id = l.id WHERE h.name = ? AND v.id = ? AND v.id IS NOT l.version_id AND v.is_update = 0 AND v.touched_at > 0`,
		household, id).Scan(&list, &p.Name, &p.Entries)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoPrepared
	}
	return list, p, err
}

// PreparedList tells what somebody should look at before prepared contents are taken up. The error is ErrNoPrepared where there
// are none of that ID.
func (s *Store) PreparedList(ctx context.Context, household string, id int64) (PreparedList, error) {
	_, p, err := s.prepared(ctx, household, id)
	if err != nil {
		return PreparedList{}, err
	}
	contacts, err := s.Contacts(ctx, household)
	if err != nil {
		return PreparedList{}, err
	}
	for _, c := range contacts {
		for _, n := range c.Numbers {
			var there bool
			err := s.read.QueryRowContext(ctx, beginnings+`SELECT EXISTS (SELECT 1 FROM p CROSS JOIN list_entries e
				ON e.number = p.digits AND p.digits <> 0 AND (e.is_prefix = 1 OR p.digits = +?2) AND e.version_id = ?1)`, id, n.Key()).Scan(&there)
			if err != nil {
				return PreparedList{}, err
			}
			if there {
				p.Contacts = append(p.Contacts, c.Name)
				break
			}
		}
	}
	lists, err := s.Lists(ctx, household)
	for i := range lists {
		if lists[i].Name == p.Name {
			p.Replaces = &lists[i]
		}
	}
	return p, err
}

// AcceptList puts prepared contents in force; the error is ErrNoPrepared where there are none of that ID.
func (s *Store) AcceptList(ctx context.Context, household string, id int64, source string) error {
	list, p, err := s.prepared(ctx, household, id)
	if err != nil {
		return err
	}
	return s.takeUp(ctx, list, id, p.Entries, source, notSubscribed(list), nil)
}

// DropList gives prepared contents up. The error is ErrNoPrepared where there are none of that ID.
func (s *Store) DropList(ctx context.Context, household string, id int64) error {
	if _, _, err := s.prepared(ctx, household, id); err != nil {
		return err
	}
	return s.retire(context.WithoutCancel(ctx), id)
}
