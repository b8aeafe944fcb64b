package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"ringfence/store/people"
	"ringfence/store/sqlite"
)

// Standing is a role with what goes with it; the role is "" for somebody who does not belong to the household.
type Standing struct {
	Role  Role
	Hears bool // may hear recordings
}

// with is what somebody may do who was given both.
func (s Standing) with(other Standing) Standing {
	if !s.Role.Covers(other.Role) {
		s.Role = other.Role
	}
	s.Hears = s.Hears || other.Hears
	return s
}

// RoleChange says that somebody's role in a household has changed.
type RoleChange struct {
	Household     string
	Person        int64
	Before, After Standing
	home          int64
}

// settleRoles brings what a person may do in a household, or with home 0 in each, into line with the roles that they were given: for a household alone
// (own_roles), and for the areas that it is in. Whatever changes those calls it in the same transaction. It returns what has changed, by household.
//
// What comes of the roles is kept, instead of being worked out for each request, so that all that goes by a membership, such as alerts, has one table.
func settleRoles(ctx context.Context, tx *sql.Tx, person, home int64) ([]RoleChange, error) {
	changes, err := rolesToSettle(ctx, tx, person, home)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if err := settleRole(ctx, tx, c); err != nil {
			return nil, err
		}
	}
	for _, c := range changes { // once all are settled: somebody else may have become an owner
		if c.Before.Role == RoleOwner && c.After.Role != RoleOwner {
			if err := stillOwned(ctx, tx, c.home); err != nil {
				return nil, fmt.Errorf("%s: %w", c.Household, err)
			}
		}
	}
	return changes, nil
}

// rolesToSettle are the differences between what a person may do and what they were given.
func rolesToSettle(ctx context.Context, tx *sql.Tx, person, home int64) (changes []RoleChange, err error) {
	type row struct {
		home      int64
		household string
		Standing
	}
	which := "r.household_id = ?2"
	if home == 0 {
		which = "?2 = 0"
	}
	rows := func(from string) ([]row, error) {
		return sqlite.Rows(ctx, tx, func(r *row) []any { return []any{&r.home, &r.household, &r.Role, &r.Hears} },
			"SELECT h.id, h.name, r.role, r.hears FROM households h JOIN "+from+" WHERE r.person_id = ?1 AND "+which, person, home)
	}
	was, err := rows("memberships r ON r.household_id = h.id")
	if err != nil {
		return nil, err
	}
	given, err := rows(`(SELECT household_id, person_id, role, hears FROM own_roles UNION ALL
		SELECT a.household_id, r.person_id, r.role, r.hears FROM area_roles r JOIN area_households a ON a.area_id = r.area_id) r
		ON r.household_id = h.id`)
	if err != nil {
		return nil, err
	}
	byHome := map[int64]*RoleChange{}
	of := func(r row) *RoleChange {
		if byHome[r.home] == nil {
			byHome[r.home] = &RoleChange{Household: r.household, Person: person, home: r.home}
		}
		return byHome[r.home]
	}
	for _, r := range was {
		of(r).Before = r.Standing
	}
	for _, r := range given {
		of(r).After = of(r).After.with(r.Standing)
	}
	for _, c := range byHome {
		if c.Before != c.After {
			changes = append(changes, *c)
		}
	}
	slices.SortFunc(changes, func(a, b RoleChange) int { return cmp.Compare(a.Household, b.Household) })
	return changes, nil
}

func settleRole(ctx context.Context, tx *sql.Tx, c RoleChange) error {
	if c.Before.Role == RoleOwner && c.After.Role != RoleOwner {
		if err := dropLinks(ctx, tx, c.home, c.Person); err != nil {
			return err
		}
	}
	if c.After.Role == "" {
		// A token for this household alone is no longer of use, and must not work again should they come back.
		return sqlite.Exec(ctx, tx, `DELETE FROM memberships WHERE household_id = ?1 AND person_id = ?2;
			DELETE FROM api_tokens WHERE household_id = ?1 AND person_id = ?2`, c.home, c.Person, c.home, c.Person)
	}
	if c.Before.Role == "" {
		// Owners of the person's other households may have made a password link for them (MayReset). It must not let those owners into this one.
		if err := sqlite.Exec(ctx, tx, "DELETE FROM password_links WHERE person_id = ?", c.Person); err != nil {
			return err
		}
	}
	return sqlite.Exec(ctx, tx, `INSERT INTO memberships (household_id, person_id, role, hears) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET role = excluded.role, hears = excluded.hears`, c.home, c.Person, c.After.Role, c.After.Hears)
}

// setOwnRole gives a person a role for a household alone, or changes it, and settles what comes of it.
func setOwnRole(ctx context.Context, tx *sql.Tx, home, person int64, s Standing) error {
	exists, err := sqlite.Value[bool](ctx, tx, "SELECT count(*) FROM people WHERE id = ?", person)
	if err != nil {
		return err
	}
	if !exists {
		return people.ErrNobody
	}
	err = sqlite.Exec(ctx, tx, `INSERT INTO own_roles (household_id, person_id, role, hears) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET role = excluded.role, hears = excluded.hears`, home, person, s.Role, s.Hears)
	if err == nil {
		_, err = settleRoles(ctx, tx, person, home)
	}
	return err
}

// Roles are what a person was given in a household.
type Roles struct {
	Own    Standing // for the household alone
	ByArea Standing // for the areas that it is in
	Areas  []string // the names of those areas
}

// Standing is what comes of it.
func (r Roles) Standing() Standing { return r.Own.with(r.ByArea) }

// RolesIn is what a person was given in a household, as the transaction of ctx sees it.
func (s *Store) RolesIn(ctx context.Context, household string, person int64) (r Roles, err error) {
	r.Own, _, err = sqlite.Row(ctx, s.write, func(s *Standing) []any { return []any{&s.Role, &s.Hears} },
		"SELECT r.role, r.hears FROM own_roles r JOIN households h ON h.id = r.household_id WHERE h.name = ? AND r.person_id = ?", household, person)
	if err != nil {
		return r, err
	}
	return r, sqlite.Each(ctx, s.write, func(scan func(...any) error) error {
		var name string
		var by Standing
		err := scan(&name, &by.Role, &by.Hears)
		r.ByArea, r.Areas = r.ByArea.with(by), append(r.Areas, name)
		return err
	}, `SELECT a.name, r.role, r.hears FROM households h JOIN area_households m ON m.household_id = h.id JOIN area_roles r ON r.area_id = m.area_id
		JOIN areas a ON a.id = m.area_id WHERE h.name = ? AND r.person_id = ? ORDER BY a.name`, household, person)
}
