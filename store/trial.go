package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Trial runs f on a copy of a household in which any deed can be tried, and which is deleted afterwards. Situation says of these numbers there what it
// says here. The copy has neither the log of calls nor people, alerts and groups (see notInTrials); of lists, however long, it has what they say
// of these numbers. Nothing waits for it: the database is only read, for milliseconds.
//
// A deed in a copy needs no rule of its own for what it would change, so whatever a household can choose can be tried.
func (s *Store) Trial(ctx context.Context, household string, numbers []screening.Number, f func(*Store) error) (err error) {
	folder, err := os.MkdirTemp("", "ringfence-trial-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, filepath.Base(s.path))
	if err := s.copyForTrial(ctx, path, household, numbers); err != nil {
		return fmt.Errorf("copy the household for a trial: %w", err)
	}
	trial, err := OpenCopy(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, trial.Close()) }()
	if err := sqlite.Exec(ctx, trial.write, "PRAGMA synchronous = OFF"); err != nil { // nobody misses it after a power cut
		return err
	}
	return f(trial)
}

// notInTrials are the tables that stay empty in a trial, as no verdict goes by them and no deed that changes one needs them. A table that is not
// named here is copied.
var notInTrials = []string{
	"calls", "call_steps", "recordings", "notices", // past calls are given to whoever replays them
	"people", "memberships", "own_roles", "areas", "area_households", "area_roles", "recovery_codes", "logins", "web_sessions", "invitations", "password_links", "start_link", "passkeys", "api_tokens",
	"notify_channels", "notify_outbox", "notify_cursors", "push_keys", "stranger_alerts",
	"joined_groups", "sent_reports", "books", "blocklist_fetches", "inquiries", "phrase_changes",
	"contact_syncs", "synced_cards", "synced_contacts", // with a password; contacts are copied by themselves
	"changes", // the audit log
}

// copyForTrial makes the copy. The database is attached for reading only, so that the transaction does not keep others from writing.
func (s *Store) copyForTrial(ctx context.Context, path, household string, numbers []screening.Number) (err error) {
	if err := sqlite.Create(path); err != nil {
		return err
	}
	db, err := sqlite.OpenCopy(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := sqlite.Exec(ctx, db, "PRAGMA foreign_keys = OFF"); err != nil { // a table may be filled before the one that it refers to
		return err
	}
	if err := sqlite.Exec(ctx, db, "PRAGMA synchronous = OFF"); err != nil {
		return err
	}
	present := "file:" + (&url.URL{Path: s.path}).EscapedPath() + "?mode=ro"
	if err := sqlite.Exec(ctx, db, "ATTACH ? AS present", present); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing to do after Commit
	c := trialCopy{tx: tx, filled: map[string]bool{}}
	if err := c.fill(ctx, household, numbers); err != nil {
		return err
	}
	return tx.Commit()
}

// trialCopy is a copy that is being made.
type trialCopy struct {
	tx     *sql.Tx
	home   int64
	filled map[string]bool // the tables with rows of the household
}

// tableOf is a table, and the statement that makes it.
type tableOf struct{ name, made string }

func (c *trialCopy) fill(ctx context.Context, household string, numbers []screening.Number) (err error) {
	if c.home, err = sqlite.OneValue[int64](ctx, c.tx, columns.NoHousehold(household), "SELECT id FROM present.households WHERE name = ?", household); err != nil {
		return err
	}
	tables, err := c.made(ctx, "table")
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := sqlite.Exec(ctx, c.tx, t.made); err != nil {
			return err
		}
	}
	for left := slices.Clone(tables); len(left) > 0; { // a table comes after the one that its rows belong to
		before := len(left)
		for _, t := range slices.Clone(left) {
			done, err := c.copyTable(ctx, t.name, left)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			if done {
				left = slices.DeleteFunc(left, func(one tableOf) bool { return one.name == t.name })
			}
		}
		if len(left) == before {
			return fmt.Errorf("the tables %v refer to one another in a circle", left)
		}
	}
	if err := c.copyEntries(ctx, numbers); err != nil {
		return err
	}
	for _, kind := range []string{"index", "trigger"} {
		all, err := c.made(ctx, kind)
		if err != nil {
			return err
		}
		for _, one := range all {
			if err := sqlite.Exec(ctx, c.tx, one.made); err != nil {
				return err
			}
		}
	}
	return nil
}

// made are the database's tables, indexes or triggers.
func (c *trialCopy) made(ctx context.Context, kind string) ([]tableOf, error) {
	return sqlite.Rows(ctx, c.tx, func(t *tableOf) []any { return []any{&t.name, &t.made} },
		"SELECT name, sql FROM present.sqlite_schema WHERE type = ? AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid", kind)
}

// copyTable copies the household's rows of a table. It is false where it has to wait for another one of those left.
func (c *trialCopy) copyTable(ctx context.Context, table string, left []tableOf) (done bool, err error) {
	switch {
	case slices.Contains(notInTrials, table), table == "list_entries", table == "list_changes":
		return true, nil
	case table == "households":
		return c.copyRows(ctx, table, "id = ?", c.home)
	case strings.HasPrefix(table, "goose_"):
		return c.copyRows(ctx, table, "1")
	case table == "list_sources" || table == "list_versions":
		// Households share them: those are copied that this one's lists are from, and their contents.
		if slices.ContainsFunc(left, func(t tableOf) bool { return t.name == "lists" || t.name == "subscriptions" }) {
			return false, nil
		}
		const sources = "(SELECT source_id FROM main.subscriptions)"
		if table == "list_sources" {
			return c.copyRows(ctx, table, "id IN "+sources)
		}
		return c.copyRows(ctx, table, "list_id IN (SELECT id FROM main.lists) OR source_id IN "+sources+" OR id IN (SELECT version_id FROM main.lists)")
	}
	own, err := sqlite.Value[bool](ctx, c.tx, "SELECT count(*) > 0 FROM pragma_table_info(?) WHERE name = 'household_id'", table)
	if err != nil {
		return false, err
	}
	if own {
		return c.copyRows(ctx, table, "household_id = ?", c.home)
	}
	// Otherwise its rows belong to those of another table.
	type owner struct{ table, from, to string }
	owners, err := sqlite.Rows(ctx, c.tx, func(o *owner) []any { return []any{&o.table, &o.from, &o.to} },
		`SELECT "table", "from", coalesce("to", 'id') FROM pragma_foreign_key_list(?) ORDER BY id DESC LIMIT 1`, table)
	if err != nil || len(owners) == 0 {
		return true, err // it is no household's
	}
	o := owners[0]
	if slices.ContainsFunc(left, func(t tableOf) bool { return t.name == o.table }) {
		return false, nil
	}
	if !c.filled[o.table] {
		return true, nil
	}
	return c.copyRows(ctx, table, sqlite.Quoted(o.from)+" IN (SELECT "+sqlite.Quoted(o.to)+" FROM main."+sqlite.Quoted(o.table)+")")
}

func (c *trialCopy) copyRows(ctx context.Context, table, which string, args ...any) (bool, error) {
	c.filled[table] = true
	return true, sqlite.Exec(ctx, c.tx, "INSERT INTO main."+sqlite.Quoted(table)+" SELECT * FROM present."+sqlite.Quoted(table)+" WHERE "+which, args...)
}

// copyEntries copies what the household's lists, also those that are only prepared, have on some numbers and on what they begin with.
func (c *trialCopy) copyEntries(ctx context.Context, numbers []screening.Number) error {
	if err := sqlite.Exec(ctx, c.tx, "CREATE TEMP TABLE wanted (number INTEGER PRIMARY KEY)"); err != nil {
		return err
	}
	add, err := c.tx.PrepareContext(ctx, "INSERT OR IGNORE INTO temp.wanted VALUES (?)")
	if err != nil {
		return err
	}
	defer func() { _ = add.Close() }() // with its transaction
	wanted := map[int64]bool{}
	for _, n := range numbers {
		key := n.Key()
		for ; key > 0 && !wanted[key]; key /= 10 {
			wanted[key] = true
		}
		if key < 0 {
			wanted[key] = true
		}
	}
	for key := range wanted {
		if _, err := add.ExecContext(sqlite.Quick(ctx), key); err != nil {
			return err
		}
	}
	for _, table := range []string{"list_entries", "list_changes"} {
		if err := sqlite.Exec(ctx, c.tx, "INSERT INTO main."+table+" SELECT e.* FROM main.list_versions v CROSS JOIN temp.wanted w CROSS JOIN present."+
			table+" e ON e.version_id = v.id AND e.number = w.number"); err != nil {
			return err
		}
	}
	return sqlite.Exec(ctx, c.tx, "DROP TABLE temp.wanted")
}
