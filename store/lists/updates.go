package lists

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Bringing a subscribed list up to date. Its full contents go in as those of an import do: beside calls, into a version that nobody sees, to which
// the list is then switched. For a list of millions of which some hundred have changed, that would mean writing gigabytes every day, often to an SD
// card. So changes are written into list_changes, beside calls, and come into force at once: from then on they overrule list_entries. After that they
// are brought into list_entries in small pieces. What is in force is the same after each of them, so that a loss of power between two does no harm:
// FinishUpdates goes on.

// Change is a line of an update: an entry that is new or has other contents, or of a number that is no longer on the list.
type Change struct {
	Entry
	Remove bool
}

// Update is what an update changes, of its source and so for all households that share it.
type Update struct {
	Sub      Subscription // one of those to the source, as it was read before the update
	State    State        // of the new contents
	At, Next time.Time    // now, and when the list is next due
	Hold     Hold
	// Doubt says, once all entries were read, why it is not certain whose numbers they are; nil: it is.
	Doubt func() string
}

// ApplyFull gives a source new contents, as Replace does: whole or not at all. done is what they change for Sub. If the list has been updated since the
// subscription was read, the error is ErrUpdated. If somebody has to look first in the household of Sub, the error is ErrHeld.
func (l *Lists) ApplyFull(ctx context.Context, u Update, entries iter.Seq2[Entry, error]) (done Counts, err error) {
	had, err := sqlite.Value[int64](ctx, l.read, "SELECT coalesce(version_id, 0) FROM lists WHERE id = ?", u.Sub.ID)
	if err == nil {
		err = l.finishUpdate(ctx, had)
	}
	if err != nil {
		return done, err
	}
	version, err := l.versionFor(ctx, u.Sub.Source, false)
	if err != nil {
		return done, err
	}
	_, err = l.fill(ctx, version, entries)
	if err == nil {
		doubt := ""
		if u.Doubt != nil {
			doubt = u.Doubt()
		}
		err = l.NoteDoubt(ctx, version, doubt)
	}
	if err == nil {
		done, err = l.compare(ctx, had, version)
	}
	if err == nil {
		err = l.switchSource(ctx, u, version, done.Entries)
	}
	if err != nil {
		return done, errors.Join(err, l.giveUp(ctx, version))
	}
	err = errors.Join(l.settle(ctx, u.Sub.Source, u.At, u.Hold, map[int64]Counts{had: done}), l.Clean(context.WithoutCancel(ctx)))
	if err == nil && u.Hold.needed(had, done) {
		err = ErrHeld
	}
	return done, err
}

// switchSource makes a version the latest of its source. No household has it in force yet.
func (l *Lists) switchSource(ctx context.Context, u Update, version int64, entries int) error {
	return l.write.Do(ctx, func(tx *sql.Tx) error {
		err := sqlite.Change(ctx, tx, errAbandoned, "UPDATE list_versions SET entries = ?, changed_at = ? WHERE id = ? AND touched_at > 0", entries, u.At.Unix(), version)
		if err != nil {
			return err
		}
		before, err := sqlite.Value[int64](ctx, tx, "SELECT coalesce(version_id, 0) FROM list_sources WHERE id = ?", u.Sub.Source)
		if err != nil {
			return err
		}
		if err := sqlite.Exec(ctx, tx, "UPDATE list_sources SET version_id = ? WHERE id = ?", version, u.Sub.Source); err != nil {
			return err
		}
		if err := checked(ctx, tx, u.Sub.Source, u.Sub.Serial, u.State, u.At, u.Next); err != nil {
			return err
		}
		return letGo(ctx, tx, before, time.Time{})
	})
}

// OnUnchanged notes that a source was checked and has not changed; state is what its manifest says now. had is the serial that was here then: if there
// is another by now, the error is ErrUpdated.
func (l *Lists) OnUnchanged(ctx context.Context, source, had int64, state State, at, next time.Time) error {
	return l.write.Do(ctx, func(tx *sql.Tx) error { return checked(ctx, tx, source, had, state, at, next) })
}

// checked notes a successful check. It resets what the carers have been alerted to, so that they are alerted again next time: for a list that could
// not be reached once it is reached, for one whose validity ends once that is later. Households that have other contents than the latest keep those for as long
// as they are valid.
func checked(ctx context.Context, tx *sql.Tx, source, had int64, state State, at, next time.Time) error {
	err := sqlite.Change(ctx, tx, ErrUpdated, `UPDATE list_sources SET serial = ?, title = ?, publisher = ?, purpose = ?, licence = ?, contact = ?, appeals = ?,
		etag = ?, modified = ?, hash = ?, checked_at = ?, next_at = ?, failures = 0, error = '' WHERE id = ? AND serial = ?`,
		state.Serial, state.Title, state.Publisher, state.Purpose, state.Licence, state.Contact, state.Appeals,
		state.ETag, state.Modified, state.Hash, at.Unix(), next.Unix(), source, had)
	if err != nil {
		return err
	}
	err = sqlite.Exec(ctx, tx, `UPDATE subscriptions SET told = 0 WHERE source_id = ?1 AND told <> 0 AND (told = ?2 OR EXISTS (SELECT 1 FROM list_sources o
		JOIN list_versions v ON v.id = o.version_id JOIN lists l ON l.version_id = v.id WHERE o.id = ?1 AND l.id = subscriptions.list_id AND v.valid_until <> ?3))`,
		source, StaleUnreachable, state.ValidUntil.Unix())
	if err != nil {
		return err
	}
	return sqlite.Exec(ctx, tx, "UPDATE list_versions SET made_at = ?, valid_until = ? WHERE id = (SELECT version_id FROM list_sources WHERE id = ?)",
		state.Made.Unix(), state.ValidUntil.Unix(), source)
}

// versionFor makes an empty version of a source.
func (l *Lists) versionFor(ctx context.Context, source int64, update bool) (version int64, err error) {
	err = l.write.Do(ctx, func(tx *sql.Tx) error {
		there, err := sqlite.Value[bool](ctx, tx, "SELECT "+subscribed+" FROM list_sources WHERE id = ?", source)
		if err == nil && !there {
			err = ErrNoSubscription
		}
		if err != nil {
			return err
		}
		version, err = sqlite.Insert(ctx, tx, "INSERT INTO list_versions (source_id, touched_at, is_update) VALUES (?, ?, ?)", source, time.Now().Unix(), update)
		return err
	})
	return version, err
}

// ApplyChanges changes some of a source's latest contents, whole or not at all. Each number comes once. If the list has been updated since the
// subscription was read, the error is ErrUpdated.
func (l *Lists) ApplyChanges(ctx context.Context, u Update, changes iter.Seq2[Change, error]) (done Counts, err error) {
	base, done, err := l.overrule(ctx, u, changes)
	if err != nil {
		return done, err
	}
	// It is in force; the rest can wait, and does if this fails.
	return done, errors.Join(l.finishUpdate(ctx, base), l.Clean(context.WithoutCancel(ctx)))
}

// overrule puts changes in force without bringing them into the list itself.
func (l *Lists) overrule(ctx context.Context, u Update, changes iter.Seq2[Change, error]) (base int64, done Counts, err error) {
	update, err := l.versionFor(ctx, u.Sub.Source, true)
	if err != nil {
		return 0, done, err
	}
	// Without a row, the contents that would be changed are gone.
	base, err = sqlite.One(ctx, l.read, ErrUpdated, func(base *int64) []any { return []any{base, &done.Entries} },
		"SELECT v.id, v.entries FROM list_sources o JOIN list_versions v ON v.id = o.version_id WHERE o.id = ?", u.Sub.Source)
	if err == nil {
		err = l.finishUpdate(ctx, base)
	}
	if err == nil {
		err = l.putChanges(ctx, base, update, changes, &done)
	}
	if err == nil {
		err = l.write.Do(ctx, func(tx *sql.Tx) error {
			if err := checked(ctx, tx, u.Sub.Source, u.Sub.Serial, u.State, u.At, u.Next); err != nil {
				return err
			}
			if err := touch(ctx, tx, update); err != nil {
				return err
			}
			return sqlite.Change(ctx, tx, ErrUpdated, `UPDATE list_versions SET entries = ?, changed_at = ?, update_id = ? WHERE id = ? AND update_id IS NULL
				AND id = (SELECT version_id FROM list_sources WHERE id = ?)`, done.Entries, u.At.Unix(), update, base, u.Sub.Source)
		})
	}
	if err != nil {
		err = errors.Join(err, l.giveUp(ctx, update))
	}
	return base, done, err
}

// putChanges writes changes of a version where nobody sees them yet, and counts them. What would change nothing is left out.
func (l *Lists) putChanges(ctx context.Context, base, update int64, changes iter.Seq2[Change, error], done *Counts) (err error) {
	look, err := l.read.PrepareContext(ctx, `SELECT confidence, category, note, reporters, first_day, last_day, expires_day FROM list_entries
		WHERE number = ? AND is_prefix = ? AND version_id = ?`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, look.Close()) }()
	var part []Change
	for c, fault := range changes {
		if fault != nil {
			return fault
		}
		matters, err := done.count(ctx, look, base, c)
		if err != nil {
			return err
		}
		if matters {
			part = append(part, c)
		}
		if len(part) == batch {
			if err := l.putPart(ctx, update, part); err != nil {
				return err
			}
			part = part[:0]
		}
	}
	return l.putPart(ctx, update, part)
}

// count looks up what a change would change.
func (d *Counts) count(ctx context.Context, look *sql.Stmt, base int64, c Change) (matters bool, err error) {
	key, err := columns.Key(c.Digits, c.Prefix)
	if err != nil {
		return false, err
	}
	was := Entry{Digits: c.Digits, Prefix: c.Prefix}
	err = look.QueryRowContext(sqlite.Quick(ctx), key, c.Prefix, base).
		Scan(&was.Confidence, &was.Category, &was.Note, &was.Reporters, &was.First, &was.Last, &was.Expires)
	there := !errors.Is(err, sql.ErrNoRows)
	if there && err != nil {
		return false, err
	}
	switch {
	case c.Remove && there:
		d.Removed++
		d.Entries--
	case !c.Remove && !there:
		d.Added++
		d.Entries++
	case !c.Remove && was != c.Entry:
		d.Changed++
	default:
		return false, nil
	}
	return true, nil
}

// putPart writes one batch of changes, and notes that the update is still at work.
func (l *Lists) putPart(ctx context.Context, update int64, part []Change) error {
	return l.relaxed.Do(ctx, func(tx *sql.Tx) error {
		if err := touch(ctx, tx, update); err != nil {
			return err
		}
		put, err := tx.PrepareContext(ctx, `INSERT INTO list_changes (version_id, number, is_prefix, removed, confidence, category, note,
			reporters, first_day, last_day, expires_day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
		if err != nil {
			return err
		}
		for _, c := range part {
			key, err := columns.Key(c.Digits, c.Prefix)
			if err != nil {
				return err
			}
			if _, err := put.ExecContext(sqlite.Quick(ctx), update, key, c.Prefix, c.Remove, c.Confidence, c.Category, c.Note,
				c.Reporters, c.First, c.Last, c.Expires); err != nil {
				return err
			}
		}
		return nil
	})
}

// FinishUpdates brings updates that are in force into their lists, if a program ended before it had done so.
func (l *Lists) FinishUpdates(ctx context.Context) error {
	all, err := sqlite.Values[int64](ctx, l.read, "SELECT id FROM list_versions WHERE update_id IS NOT NULL")
	for _, version := range all {
		err = errors.Join(err, l.finishUpdate(ctx, version))
	}
	return err
}

// piece is how many changes go into a list at a time: each lies somewhere else in a table of millions.
const piece = 100

// finishUpdate brings what an update changes of a version into the version itself.
func (l *Lists) finishUpdate(ctx context.Context, version int64) error {
	for {
		var more bool
		err := l.relaxed.Do(ctx, func(tx *sql.Tx) (err error) {
			more, err = finishPieceOf(ctx, tx, version, piece)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
}

// finishPieceOf does that for this many changes. It does not change what is in force.
func finishPieceOf(ctx context.Context, tx *sql.Tx, base, piece int64) (more bool, err error) {
	update, err := sqlite.Value[int64](ctx, tx, "SELECT update_id FROM list_versions WHERE id = ? AND update_id IS NOT NULL AND touched_at > 0", base)
	if err != nil || update == 0 {
		return false, err
	}
	const first = ` FROM (SELECT * FROM list_changes WHERE version_id = ?1 ORDER BY number, is_prefix LIMIT ?3) `
	for _, query := range []string{
		`INSERT OR REPLACE INTO list_entries (number, is_prefix, version_id, confidence, category, note, reporters, first_day, last_day, expires_day)
			SELECT number, is_prefix, ?2, confidence, category, note, reporters, first_day, last_day, expires_day` + first + `WHERE removed = 0`,
		`DELETE FROM list_entries WHERE version_id = ?2 AND (number, is_prefix) IN (SELECT number, is_prefix` + first + `WHERE removed = 1)`,
	} {
		if err := sqlite.Exec(ctx, tx, query, update, base, piece); err != nil {
			return false, err
		}
	}
	n, err := sqlite.Affected(ctx, tx, `DELETE FROM list_changes WHERE version_id = ?1 AND (number, is_prefix) IN (SELECT number, is_prefix`+first+`)`,
		update, base, piece)
	if err != nil || n == piece {
		return true, err
	}
	return false, sqlite.Exec(ctx, tx, "UPDATE list_versions SET update_id = NULL WHERE id = ?; DELETE FROM list_versions WHERE id = ?", base, update)
}
