package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// HomeKind is what a Home is.
type HomeKind string

// The kinds.
const (
	HomeTrunk     HomeKind = "trunk"
	HomeHousehold HomeKind = "household"
)

// Home is a line, or a household with its phones, of a machine that has them in its database.
type Home struct {
	Kind     HomeKind
	Name     string
	Settings string // the block that ringfence.toml would have, with its passwords
}

// Homes are all lines and households, each kind in the order in which they came.
func (s *Store) Homes(ctx context.Context) ([]Home, error) {
	return sqlite.Rows(ctx, s.write, func(h *Home) []any { return []any{&h.Kind, &h.Name, &h.Settings} }, "SELECT kind, name, settings FROM homes ORDER BY id")
}

// PutHome adds a line or a household, or changes its settings.
func (s *Store) PutHome(ctx context.Context, h Home) error {
	if h.Kind == HomeHousehold {
		if err := s.EnsureHousehold(ctx, h.Name); err != nil {
			return err
		}
	}
	return sqlite.Exec(ctx, s.write, "INSERT INTO homes (kind, name, settings) VALUES (?, ?, ?) ON CONFLICT (kind, name) DO UPDATE SET settings = excluded.settings",
		h.Kind, h.Name, h.Settings)
}

// RemoveHome removes a line, or a household. What is kept about the household stays.
func (s *Store) RemoveHome(ctx context.Context, kind HomeKind, name string) error {
	return sqlite.Exec(ctx, s.write, "DELETE FROM homes WHERE kind = ? AND name = ?", kind, name)
}

// MachineOwners are the people who own every household of the machine.
func (s *Store) MachineOwners(ctx context.Context) ([]int64, error) {
	return sqlite.Values[int64](ctx, s.write, `SELECT person_id FROM memberships WHERE role = 'owner'
		GROUP BY person_id HAVING count(*) = (SELECT count(*) FROM households)`)
}

// OnlyIn are the names of the people who look after this household and no other.
func (s *Store) OnlyIn(ctx context.Context, household string) ([]string, error) {
	return sqlite.Values[string](ctx, s.write, `SELECT p.name FROM people p WHERE EXISTS (SELECT 1 FROM memberships WHERE person_id = p.id AND `+columns.ByName+`)
		AND (SELECT count(*) FROM memberships WHERE person_id = p.id) = 1 ORDER BY p.name`, household)
}

// CallInProgress says whether a call of the household goes on that began since then.
func (s *Store) CallInProgress(ctx context.Context, household string, since time.Time) (bool, error) {
	return sqlite.Value[bool](ctx, s.write, "SELECT EXISTS (SELECT 1 FROM calls WHERE ended_ms IS NULL AND at_ms > ? AND "+columns.ByName+")", since.UnixMilli(), household)
}

// DeleteHistory deletes all that is kept about a household: calls, recordings, contacts, lists, who looks after it. sounds are the files of its
// recordings, for DeleteSounds once that is done.
func (s *Store) DeleteHistory(ctx context.Context, household string) (sounds []string, err error) {
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		sounds, err = sqlite.Values[string](ctx, tx, "SELECT r.file FROM recordings r JOIN calls c ON c.id = r.call_id WHERE c.household_id = ?", home)
		if err != nil {
			return err
		}
		if err := sqlite.Exec(ctx, tx, "PRAGMA secure_delete = on"); err != nil { // free pages keep nothing
			return err
		}
		if err := sqlite.Exec(ctx, tx, "DELETE FROM households WHERE id = ?", home); err != nil {
			return err
		}
		// Now, and not later: the next household may get the same number, and with it these files.
		phrases, err := filepath.Glob(filepath.Join(s.phrases, fmt.Sprintf("%d-*", home)))
		for _, path := range phrases {
			err = errors.Join(err, os.Remove(path))
		}
		return err
	})
	return sounds, err
}
