package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"ringfence/store/columns"
)

// Memberships lists a person's households by name.
func (s *Store) Memberships(ctx context.Context, person int64) (all []Membership, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT h.name, m.role, m.hears FROM memberships m
		JOIN households h ON h.id = m.household_id WHERE m.person_id = ? ORDER BY h.name`, person)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m Membership
		if err := rows.Scan(&m.Household, &m.Role, &m.Hears); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

// Members lists a household's people by name.
func (s *Store) Members(ctx context.Context, household string) (all []Member, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+personColumns+`, m.role, m.hears FROM households h
		JOIN memberships m ON m.household_id = h.id JOIN people p ON p.id = m.person_id
		WHERE h.name = ? ORDER BY p.name COLLATE NOCASE, p.id`, household)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m Member
		var added int64
		if err := rows.Scan(append(m.fields(&added), &m.Role, &m.Hears)...); err != nil {
			return nil, err
		}
		m.Added = columns.Time(added)
		all = append(all, m)
	}
	return all, rows.Err()
}

// SetMembership gives a person a place in a household, or another one. The only owner stays one: the error is
// ErrLastOwner.
func (s *Store) SetMembership(ctx context.Context, household string, person int64, role Role, hears bool) error {
	if err := role.check(); err != nil {
		return err
	}
	return s.do(ctx, func(tx *sql.Tx) error {
		home, err := columns.HouseholdID(ctx, tx, household)
		if err != nil {
			return err
		}
		if role != RoleOwner {
			if err := ownsNoMore(ctx, tx, home, person); err != nil {
				return err
			}
		}
		if err := setMembership(ctx, tx, home, person, role, hears); err != nil {
			return err
		}
		return stillOwned(ctx, tx, home)
	})
}

// ownsNoMore: the links that open into a household are known to its owners. Where one of them is an owner no more, those that have not been
// used are worth nothing: they would let that person in again, in a role that they give themselves or as somebody else. home 0 is every
// household of theirs.
func ownsNoMore(ctx context.Context, tx *sql.Tx, home, person int64) error {
	const owned = " IN (SELECT household_id FROM memberships WHERE person_id = ?2 AND role = 'owner' AND ?1 IN (0, household_id))"
	_, err := tx.ExecContext(ctx, "DELETE FROM invitations WHERE used_at IS NULL AND household_id"+owned, home, person)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM password_links WHERE person_id IN (SELECT person_id FROM memberships WHERE household_id"+owned+")", home, person)
	return err
}

func setMembership(ctx context.Context, tx *sql.Tx, home, person int64, role Role, hears bool) error {
	var there int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM people WHERE id = ?", person).Scan(&there); err != nil {
		return err
	}
	if there == 0 {
		return ErrNoPerson
	}
	// A password link was made by an owner of the households of before (MayReset), who must not get into this one by it.
	_, err := tx.ExecContext(ctx, `DELETE FROM password_links WHERE person_id = ?2
		AND NOT EXISTS (SELECT 1 FROM memberships WHERE household_id = ?1 AND person_id = ?2)`, home, person)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO memberships (household_id, person_id, role, hears) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET role = excluded.role, hears = excluded.hears`, home, person, role, hears)
	return err
}

// RemoveMembership takes a person out of a household. It returns false where they were not in it. The only owner stays:
// the error is ErrLastOwner.
func (s *Store) RemoveMembership(ctx context.Context, household string, person int64) (removed bool, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
		home, err := columns.HouseholdID(ctx, tx, household)
		if err != nil {
			return err
		}
		if err := ownsNoMore(ctx, tx, home, person); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, "DELETE FROM memberships WHERE household_id = ? AND person_id = ?", home, person)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if removed = n > 0; err != nil || !removed {
			return err
		}
		// A token for this household alone is of no use to them any more; and it must not come back to life with them.
		if _, err := tx.ExecContext(ctx, "DELETE FROM api_tokens WHERE household_id = ? AND person_id = ?", home, person); err != nil {
			return err
		}
		return stillOwned(ctx, tx, home)
	})
	return removed && err == nil, err
}

// stillOwned: a transaction that would leave people in a household, or none, without an owner is undone.
func stillOwned(ctx context.Context, tx *sql.Tx, home int64) error {
	var owners int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM memberships WHERE household_id = ? AND role = 'owner'", home).Scan(&owners)
	if err == nil && owners == 0 {
		return ErrLastOwner
	}
	return err
}

// MayReset says whether one person may make a password link for another: themselves, or who belongs to no household but
// those that they own. The owner of one household must not get into another one as its carer.
func (s *Store) MayReset(ctx context.Context, owner, person int64) (bool, error) {
	if owner == person {
		return true, nil
	}
	var belongs, elsewhere int
	err := s.read.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM memberships o
		WHERE o.household_id = m.household_id AND o.person_id = ?1 AND o.role = 'owner'))
		FROM memberships m WHERE m.person_id = ?2`, owner, person).Scan(&belongs, &elsewhere)
	if err != nil {
		return false, fmt.Errorf("whether a password link may be made: %w", err)
	}
	return belongs > 0 && elsewhere == 0, nil
}

// OwnsMachine says whether a person owns every household of the machine. Only such a one may take a backup or put one back:
// it has all households in it.
func (s *Store) OwnsMachine(ctx context.Context, person int64) (bool, error) {
	var homes, owned int
	err := s.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM households),
		(SELECT count(*) FROM memberships WHERE person_id = ? AND role = 'owner')`, person).Scan(&homes, &owned)
	return homes > 0 && owned == homes, err
}
