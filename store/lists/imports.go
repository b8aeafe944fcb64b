package lists

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"strconv"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Replace gives a list new contents, or makes it. While they go in, beside calls, the old ones stay in force; then they change all at once. If
// entries ends with an error, or ctx ends, nothing has changed. It returns how many numbers the list now has; of a number that comes twice the later
// one counts.
func (l *Lists) Replace(ctx context.Context, household, name, source string, entries iter.Seq2[Entry, error]) (int, error) {
	list, version, err := l.newVersion(ctx, household, name, source)
	if err != nil {
		return 0, err
	}
	count, err := l.fill(ctx, version, entries)
	if err == nil {
		err = l.switchTo(ctx, list, version, count, source)
	}
	if err != nil {
		return count, errors.Join(err, l.giveUp(ctx, version))
	}
	return count, l.Clean(context.WithoutCancel(ctx))
}

// switchTo puts a version in force, and abandons the one that was until then.
func (l *Lists) switchTo(ctx context.Context, list, version int64, count int, source string) error {
	return l.write.Do(ctx, func(tx *sql.Tx) error {
		if err := notSubscribed(ctx, tx, list); err != nil {
			return err
		}
		if err := sqlite.Change(ctx, tx, errAbandoned, "UPDATE list_versions SET entries = ? WHERE id = ? AND touched_at > 0", count, version); err != nil {
			return err
		}
		if err := replace(ctx, tx, list, version, time.Time{}); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, "UPDATE lists SET source = ?, imported_at = ? WHERE id = ?", source, time.Now().Unix(), list)
	})
}

// replace gives a list another version, 0 for none, and keeps the one that it had until a time if nobody else has it.
func replace(ctx context.Context, tx *sql.Tx, list, version int64, until time.Time) error {
	had, err := sqlite.One(ctx, tx, errAbandoned, func(had *int64) []any { return []any{had} }, "SELECT coalesce(version_id, 0) FROM lists WHERE id = ?", list)
	if err != nil {
		return err
	}
	if err := sqlite.Exec(ctx, tx, "UPDATE lists SET version_id = nullif(?, 0) WHERE id = ?", version, list); err != nil {
		return err
	}
	return letGo(ctx, tx, had, until)
}

// newVersion makes an empty version of a list, and the list if it is new.
func (l *Lists) newVersion(ctx context.Context, household, name, source string) (list, version int64, err error) {
	err = l.write.Do(ctx, func(tx *sql.Tx) error {
		home, err := columns.HouseholdID(ctx, tx, household)
		if err != nil {
			return err
		}
		list, err = sqlite.Value[int64](ctx, tx, "SELECT id FROM lists WHERE household_id = ? AND name = ?", home, name)
		if err == nil && list == 0 {
			if err := CheckName(name); err != nil {
				return err
			}
			list, err = sqlite.Insert(ctx, tx, "INSERT INTO lists (household_id, name, source, imported_at) VALUES (?, ?, ?, ?)",
				home, name, source, time.Now().Unix())
		}
		if err == nil {
			err = notSubscribed(ctx, tx, list)
		}
		if err != nil {
			return err
		}
		version, err = sqlite.Insert(ctx, tx, "INSERT INTO list_versions (list_id, touched_at) VALUES (?, ?)", list, time.Now().Unix())
		return err
	})
	return list, version, err
}

// Prepared is new contents of a list that are in the database but not in force until somebody has looked at them and accepts them. Prepared contents
// that nobody accepts are deleted after a day, like an interrupted import.
type Prepared struct {
	ID       int64 // of the contents
	Name     string
	Entries  int
	Contacts []string // contacts whose number is on the list; they ring all the same
	Replaces *List    // the list of that name as it is now; nil: there is none
}

// ErrNoPrepared says that prepared contents are no longer there.
var ErrNoPrepared = errors.New("this list has waited for too long, or is in use already: import it again")

// Prepare is Replace without its last step: it returns an ID for Accept or Drop.
func (l *Lists) Prepare(ctx context.Context, household, name, source string, entries iter.Seq2[Entry, error]) (prepared int64, err error) {
	_, version, err := l.newVersion(ctx, household, name, source)
	if err != nil {
		return 0, err
	}
	count, err := l.fill(ctx, version, entries)
	if err == nil {
		err = sqlite.Change(ctx, l.write, errAbandoned, "UPDATE list_versions SET entries = ? WHERE id = ? AND touched_at > 0", count, version)
	}
	if err != nil {
		return 0, errors.Join(err, l.giveUp(ctx, version))
	}
	return version, nil
}

// prepared finds contents that are not in force.
func (l *Lists) prepared(ctx context.Context, household string, id int64) (list int64, p Prepared, err error) {
	p, err = sqlite.One(ctx, l.read, ErrNoPrepared, func(p *Prepared) []any { return []any{&p.ID, &list, &p.Name, &p.Entries} }, `SELECT v.id, l.id, l.name, v.entries FROM households h JOIN lists l ON l.household_id = h.id
		JOIN list_versions v ON v.list_id = l.id WHERE h.name = ? AND v.id = ? AND v.id IS NOT l.version_id AND v.is_update = 0 AND v.touched_at > 0`,
		household, id)
	return list, p, err
}

// Prepared returns what somebody should look at before prepared contents are accepted. The error is ErrNoPrepared if there are none with that ID.
func (l *Lists) Prepared(ctx context.Context, household string, id int64) (Prepared, error) {
	_, p, err := l.prepared(ctx, household, id)
	if err != nil {
		return Prepared{}, err
	}
	if p.Contacts, err = l.contactsOn(ctx, household, id); err != nil {
		return Prepared{}, err
	}
	all, err := l.All(ctx, household)
	for i := range all {
		if all[i].Name == p.Name {
			p.Replaces = &all[i]
		}
	}
	return p, err
}

// contactsOn names a household's contacts whose number is in a version, or is covered by one of its prefixes.
func (l *Lists) contactsOn(ctx context.Context, household string, version int64) ([]string, error) {
	return sqlite.Values[string](ctx, l.read, `SELECT c.name FROM households h JOIN contacts c ON c.household_id = h.id WHERE h.name = ?1 AND EXISTS (SELECT 1 FROM contact_numbers n
		CROSS JOIN list_entries e ON e.version_id = ?2 AND e.number IN (n.number, n.number/10, n.number/100, n.number/1000, n.number/10000,
			n.number/100000, n.number/1000000, n.number/10000000, n.number/100000000, n.number/1000000000, n.number/10000000000,
			n.number/100000000000, n.number/1000000000000, n.number/10000000000000, n.number/100000000000000)
		WHERE n.contact_id = c.id AND n.number < `+strconv.FormatInt(screening.BeginningKeys, 10)+` AND e.number <> 0 AND (e.is_prefix = 1 OR e.number = n.number)) ORDER BY c.name COLLATE NOCASE, c.id`, household, version)
}

// Accept puts prepared contents in force; Clean deletes those that they replace. The error is ErrNoPrepared if there are none with that ID.
func (l *Lists) Accept(ctx context.Context, household string, id int64, source string) error {
	list, p, err := l.prepared(ctx, household, id)
	if err != nil {
		return err
	}
	return l.switchTo(ctx, list, id, p.Entries, source)
}

// Drop deletes prepared contents. The error is ErrNoPrepared where there are none of that ID.
func (l *Lists) Drop(ctx context.Context, household string, id int64) error {
	if _, _, err := l.prepared(ctx, household, id); err != nil {
		return err
	}
	return l.giveUp(ctx, id)
}
