package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"ringfence/store/people"
	"ringfence/store/sqlite"
)

// peopleTables are the tables with the accounts of households' people. They stay signed in for 30 days: a carer who has to sign in again in a car
// park won't bother.
var peopleTables = people.Tables{
	Accounts: "people", Whose: "person_id", Sessions: "web_sessions", Lasts: 30 * 24 * time.Hour, Handles: true, Addresses: true,
}

// Role is what a person may do in a household.
type Role string

// The roles: a contract.
const (
	RoleViewer Role = "viewer" // sees, changes nothing
	RoleCarer  Role = "carer"  // changes
	RoleOwner  Role = "owner"  // also people, backup and restore
)

var rank = map[Role]int{RoleViewer: 1, RoleCarer: 2, RoleOwner: 3}

// Covers says whether somebody with this role may do what needs the other one. An unknown role covers nothing.
func (r Role) Covers(needs Role) bool { return rank[r] >= max(rank[needs], 1) }

func (r Role) check() error {
	if rank[r] == 0 {
		return people.Refusal(fmt.Sprintf("there is no role %q: it is %s, %s or %s", r, RoleViewer, RoleCarer, RoleOwner))
	}
	return nil
}

// Membership is a person's role in a household.
type Membership struct {
	Household string
	Title     string // of the household, as in About
	Role      Role
	Hears     bool // may hear recordings
}

// Called is what pages call the household.
func (m Membership) Called() string { return About{Household: m.Household, Title: m.Title}.Called() }

// Member is a person of a household.
type Member struct {
	people.Person
	Role  Role
	Hears bool
	// Own says that they were given a role for this household alone; Areas are the names of the areas for which they were given one, with commas.
	Own   bool
	Areas string
}

// ErrLastOwner says why the only owner stays one.
const ErrLastOwner people.Refusal = "a household keeps at least one owner: make somebody else one first"

// Memberships lists a person's households by name.
func (s *Store) Memberships(ctx context.Context, person int64) ([]Membership, error) {
	return sqlite.Rows(ctx, s.read, func(m *Membership) []any { return []any{&m.Household, &m.Title, &m.Role, &m.Hears} },
		`SELECT h.name, h.title, m.role, m.hears FROM memberships m JOIN households h ON h.id = m.household_id
		WHERE m.person_id = ? ORDER BY h.name`, person)
}

// Members lists a household's people by name.
func (s *Store) Members(ctx context.Context, household string) ([]Member, error) {
	return sqlite.Rows(ctx, s.read, func(m *Member) []any { return append(m.Fields(), &m.Role, &m.Hears, &m.Own, &m.Areas) },
		"SELECT "+people.Columns+`, m.role, m.hears, EXISTS (SELECT 1 FROM own_roles WHERE household_id = h.id AND person_id = p.id),
		coalesce((SELECT group_concat(a.name, ', ' ORDER BY a.name) FROM area_households x JOIN area_roles r ON r.area_id = x.area_id AND r.person_id = p.id
			JOIN areas a ON a.id = x.area_id WHERE x.household_id = h.id), '') FROM households h
		JOIN memberships m ON m.household_id = h.id JOIN people p ON p.id = m.person_id
		WHERE h.name = ? ORDER BY p.name COLLATE NOCASE, p.id`, household)
}

// SetMembership gives a person a role for a household alone, or changes it; what they were given for an area stays. The only owner stays one: the error
// is ErrLastOwner.
func (s *Store) SetMembership(ctx context.Context, household string, person int64, role Role, hears bool) error {
	if err := role.check(); err != nil {
		return err
	}
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		if err := setOwnRole(ctx, tx, home, person, Standing{role, hears}); err != nil {
			return err
		}
		return stillOwned(ctx, tx, home) // also where it had none before: the first to come is an owner
	})
}

// dropLinks deletes the unused links into a household that somebody is about to stop owning: its owners know them, and could let themselves
// in again, in any role or as somebody else. home 0 is every household that they own.
func dropLinks(ctx context.Context, tx *sql.Tx, home, person int64) error {
	const owned = " IN (SELECT household_id FROM memberships WHERE person_id = ?2 AND role = 'owner' AND ?1 IN (0, household_id))"
	return sqlite.Exec(ctx, tx, "DELETE FROM invitations WHERE used_at IS NULL AND household_id"+owned+`;
		DELETE FROM password_links WHERE person_id IN (SELECT person_id FROM memberships WHERE household_id`+owned+")", home, person, home, person)
}

// RemoveMembership takes away the role that a person was given for a household alone; false if they have none. The only owner stays: the error is
// ErrLastOwner.
func (s *Store) RemoveMembership(ctx context.Context, household string, person int64) (removed bool, err error) {
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		removed, err = sqlite.Changes(ctx, tx, "DELETE FROM own_roles WHERE household_id = ? AND person_id = ?", home, person)
		if err == nil && removed {
			_, err = settleRoles(ctx, tx, person, home)
		}
		if err == nil && removed {
			err = stillOwned(ctx, tx, home)
		}
		return err
	})
	return removed && err == nil, err
}

// RemovePerson deletes an account with all that belongs to it: memberships, logins, passkeys, tokens. The only owner of a household is not
// removed: the error is ErrLastOwner, and names it.
func (s *Store) RemovePerson(ctx context.Context, id int64) error {
	return s.write.Do(ctx, func(tx *sql.Tx) error {
		home, err := sqlite.Value[string](ctx, tx, `SELECT h.name FROM memberships m JOIN households h ON h.id = m.household_id
			WHERE m.person_id = ? AND m.role = 'owner' AND NOT EXISTS (SELECT 1 FROM memberships o
			WHERE o.household_id = m.household_id AND o.role = 'owner' AND o.person_id <> m.person_id) ORDER BY h.name`, id)
		if err == nil && home != "" {
			err = fmt.Errorf("%s: %w", home, ErrLastOwner)
		}
		if err != nil {
			return err
		}
		if err := dropLinks(ctx, tx, 0, id); err != nil {
			return err
		}
		return sqlite.Change(ctx, tx, people.ErrNobody, "DELETE FROM people WHERE id = ?", id)
	})
}

// stillOwned returns ErrLastOwner if a household has no owner left, so that the transaction is rolled back.
func stillOwned(ctx context.Context, tx *sql.Tx, home int64) error {
	owned, err := sqlite.Value[bool](ctx, tx, "SELECT EXISTS (SELECT 1 FROM memberships WHERE household_id = ? AND role = 'owner')", home)
	if err == nil && !owned {
		return ErrLastOwner
	}
	return err
}

// MayReset says whether one person may make a password link for another: for themselves, or for somebody who belongs to no household but
// those that they own. The owner of one household must not get into another one as its carer.
func (s *Store) MayReset(ctx context.Context, owner, person int64) (bool, error) {
	if owner == person {
		return true, nil
	}
	return sqlite.Value[bool](ctx, s.read, `SELECT count(*) > 0 AND count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM memberships o
		WHERE o.household_id = m.household_id AND o.person_id = ?1 AND o.role = 'owner')) = 0
		FROM memberships m WHERE m.person_id = ?2`, owner, person)
}

// OwnsMachine says whether a person owns every household of the machine. Only then may they take a backup or put one back, because it has all
// households in it.
func (s *Store) OwnsMachine(ctx context.Context, person int64) (bool, error) {
	return sqlite.Value[bool](ctx, s.read, `SELECT count(*) > 0 AND count(*) =
		(SELECT count(*) FROM memberships WHERE person_id = ? AND role = 'owner') FROM households`, person)
}
