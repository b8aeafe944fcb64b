package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"ringfence/screening"
	"ringfence/store/columns"
)

// Household returns what a household has chosen. Region, Number and the zone are not kept here: they stand in
// ringfence.toml.
func (s *Store) Household(ctx context.Context, household string) (screening.Household, error) {
	house, _, err := s.Situation(ctx, household, "")
	return house, err
}

// Column is one of a household's that has the value of an option. It is written in programs alone, and never comes from outside.
type Column string

// SetOption keeps an option's value, and touches nothing else that the household has chosen: who changes one option must not bring back
// what somebody else has changed beside it. What means something is known in household.
func (s *Store) SetOption(ctx context.Context, household string, column Column, value any) error {
	return s.change(ctx, household, `UPDATE households SET "`+strings.ReplaceAll(string(column), `"`, `""`)+`" = ? WHERE name = ?`, value)
}

// KindColumn is the column of what is chosen for a kind of callers.
func KindColumn(kind screening.Code) Column {
	return Column("if_" + strings.ReplaceAll(string(kind), "-", "_"))
}

// change runs a statement that changes a household, whose name is its last parameter.
func (s *Store) change(ctx context.Context, household, statement string, values ...any) error {
	return changeHousehold(ctx, s.write, household, statement, values...)
}

// execer is a database or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func changeHousehold(ctx context.Context, db execer, household, statement string, values ...any) error {
	result, err := db.ExecContext(ctx, statement, append(values, household)...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("%w: %s", columns.ErrNoHousehold, household))
	}
	return nil
}
