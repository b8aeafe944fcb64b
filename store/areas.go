package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"ringfence/store/columns"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

// Area is a group of households of this machine that somebody looks after together, such as those of a parish. A household can be in several.
type Area struct {
	ID         int64
	Name       string
	Households int // how many
	People     int // with a role in all of them
}

// Errors of areas.
const (
	ErrNoArea    people.Refusal = "there is no such area any more"
	ErrAreaTaken people.Refusal = "there is an area of this name already"
)

// maxAreas is how many a machine can have.
const maxAreas = 500

const errNoMoreAreas people.Refusal = "there are too many areas: remove one that you don't need"

const areasQuery = `SELECT a.id, a.name, (SELECT count(*) FROM area_households WHERE area_id = a.id), (SELECT count(*) FROM area_roles WHERE area_id = a.id)
	FROM areas a `

func (a *Area) fields() []any { return []any{&a.ID, &a.Name, &a.Households, &a.People} }

// Areas lists them by name.
func (s *Store) Areas(ctx context.Context) ([]Area, error) {
	return sqlite.Rows(ctx, s.read, (*Area).fields, areasQuery+"ORDER BY a.name")
}

// Area finds one; the error is ErrNoArea if there is none.
func (s *Store) Area(ctx context.Context, id int64) (Area, error) {
	return sqlite.One(ctx, s.read, ErrNoArea, (*Area).fields, areasQuery+"WHERE a.id = ?", id)
}

// AreaByName finds one by its name, in any case; the error is ErrNoArea if there is none.
func (s *Store) AreaByName(ctx context.Context, name string) (Area, error) {
	return sqlite.One(ctx, s.read, ErrNoArea, (*Area).fields, areasQuery+"WHERE a.name = ?", name)
}

// AreasOf are the names of the areas that households are in, by the household's name.
func (s *Store) AreasOf(ctx context.Context) (map[string][]string, error) {
	of := map[string][]string{}
	return of, sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var household, area string
		err := scan(&household, &area)
		of[household] = append(of[household], area)
		return err
	}, "SELECT h.name, a.name FROM areas a JOIN area_households m ON m.area_id = a.id JOIN households h ON h.id = m.household_id ORDER BY a.name")
}

// AreaHouseholds are the names of an area's households.
func (s *Store) AreaHouseholds(ctx context.Context, area int64) ([]string, error) {
	return sqlite.Values[string](ctx, s.read, "SELECT h.name FROM area_households m JOIN households h ON h.id = m.household_id WHERE m.area_id = ? ORDER BY h.name", area)
}

// AreaPeople lists who has a role in an area, by name.
func (s *Store) AreaPeople(ctx context.Context, area int64) ([]Member, error) {
	return sqlite.Rows(ctx, s.read, func(m *Member) []any { return append(m.Fields(), &m.Role, &m.Hears) },
		"SELECT "+people.Columns+", r.role, r.hears FROM area_roles r JOIN people p ON p.id = r.person_id WHERE r.area_id = ? ORDER BY p.name COLLATE NOCASE, p.id", area)
}

// AddArea makes an area without households.
func (s *Store) AddArea(ctx context.Context, name string, now time.Time) (a Area, err error) {
	if a.Name, err = people.CheckName(name); err != nil {
		return Area{}, err
	}
	n, err := sqlite.Value[int](ctx, s.write, "SELECT count(*) FROM areas")
	if err == nil && n >= maxAreas {
		err = errNoMoreAreas
	}
	if err != nil {
		return Area{}, err
	}
	a.ID, err = sqlite.OneValue[int64](ctx, s.write, ErrAreaTaken,
		"INSERT INTO areas (name, added_at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id", a.Name, now.Unix())
	return a, err
}

// RenameArea gives an area another name.
func (s *Store) RenameArea(ctx context.Context, id int64, name string) error {
	name, err := people.CheckName(name)
	if err != nil {
		return err
	}
	taken, err := sqlite.Value[bool](ctx, s.write, "SELECT EXISTS (SELECT 1 FROM areas WHERE name = ? AND id <> ?)", name, id)
	if err == nil && taken {
		err = ErrAreaTaken
	}
	if err != nil {
		return err
	}
	return sqlite.Change(ctx, s.write, ErrNoArea, "UPDATE areas SET name = ? WHERE id = ?", name, id)
}

// RemoveArea deletes an area. Its households stay, and people keep the roles there that they have otherwise. It returns whose roles have changed.
// If a household would have no owner any more, the error is ErrLastOwner.
func (s *Store) RemoveArea(ctx context.Context, id int64) ([]RoleChange, error) {
	return s.changeArea(ctx, id, func(tx *sql.Tx) error {
		return sqlite.Exec(ctx, tx, "DELETE FROM areas WHERE id = ?", id)
	})
}

// SetAreaHouseholds puts households into an area, or takes them out. It returns those for which that was new, and whose roles have changed; the error is
// as for RemoveArea.
func (s *Store) SetAreaHouseholds(ctx context.Context, id int64, households []string, in bool) (changed []string, roles []RoleChange, err error) {
	statement := "DELETE FROM area_households WHERE area_id = ? AND household_id = ?"
	if in {
		statement = "INSERT INTO area_households (area_id, household_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
	}
	roles, err = s.changeArea(ctx, id, func(tx *sql.Tx) error {
		for _, name := range households {
			home, err := columns.HouseholdID(ctx, tx, name)
			if err != nil {
				return err
			}
			isNew, err := sqlite.Changes(ctx, tx, statement, id, home)
			if err != nil {
				return err
			}
			if isNew {
				changed = append(changed, name)
			}
		}
		return nil
	})
	return changed, roles, err
}

// SetAreaRole gives a person a role in all households of an area, those that come later too; the role "" takes it away. It returns in which households
// their role has changed; the error is as for RemoveArea.
func (s *Store) SetAreaRole(ctx context.Context, id, person int64, to Standing) ([]RoleChange, error) {
	return s.changeArea(ctx, id, func(tx *sql.Tx) error {
		if to.Role == "" {
			return sqlite.Exec(ctx, tx, "DELETE FROM area_roles WHERE area_id = ? AND person_id = ?", id, person)
		}
		if err := to.Role.check(); err != nil {
			return err
		}
		return sqlite.Change(ctx, tx, people.ErrNobody, `INSERT INTO area_roles (area_id, person_id, role, hears) SELECT ?, id, ?, ? FROM people WHERE id = ?
			ON CONFLICT DO UPDATE SET role = excluded.role, hears = excluded.hears`, id, to.Role, to.Hears, person)
	})
}

// changeArea changes an area, and settles the roles of everybody who looks after it, be it before or afterwards.
func (s *Store) changeArea(ctx context.Context, id int64, do func(*sql.Tx) error) (changes []RoleChange, err error) {
	err = s.write.Do(ctx, func(tx *sql.Tx) error {
		if _, err := sqlite.OneValue[int64](ctx, tx, ErrNoArea, "SELECT id FROM areas WHERE id = ?", id); err != nil {
			return err
		}
		const those = "SELECT person_id FROM area_roles WHERE area_id = ?"
		before, err := sqlite.Values[int64](ctx, tx, those, id)
		if err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		after, err := sqlite.Values[int64](ctx, tx, those, id)
		if err != nil {
			return err
		}
		changes, err = settleAll(ctx, tx, append(before, after...))
		return err
	})
	return changes, err
}

// settleAll settles the roles of several people, each once.
func settleAll(ctx context.Context, tx *sql.Tx, persons []int64) (changes []RoleChange, err error) {
	slices.Sort(persons)
	for _, person := range slices.Compact(persons) {
		some, err := settleRoles(ctx, tx, person, 0)
		if err != nil {
			return nil, err
		}
		changes = append(changes, some...)
	}
	return changes, nil
}
