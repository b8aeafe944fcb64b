package store

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"time"
)

// Bringing a subscribed list up to date. Its full contents go in as those of an import do: beside calls, into a version that nobody
// sees, to which the list is then switched. Of a list of millions of which some hundred have changed, that would be gigabytes of
// writing every day, on an SD card often. So changes are written into list_changes, beside calls, and come into force at once: from
// then on they overrule list_entries. After that they are brought into list_entries in small pieces. What is in force is the same
// after each of them, so that a loss of power between two does no harm: FinishUpdates goes on.

// ListChange is a line of an update: an entry that is new or has other contents, or of a number that is no longer on the list.
type ListChange struct {
	Entry
	Remove bool
}

// ListUpdate is what an update changes.
type ListUpdate struct {
	Sub      Subscription // as it was read before the update
	State    ListState    // of the new contents
	At, Next time.Time    // now, and when the list is asked for again
}

// ListChanges counts what an update has changed.
type ListChanges struct{ Added, Changed, Removed, Entries int }

// TakeUpList gives a subscribed list new contents, as ReplaceList does: whole, or nothing has changed. Where the list has been
// updated since the subscription was read, the error is ErrUpdated.
func (s *Store) TakeUpList(ctx context.Context, u ListUpdate, entries iter.Seq2[Entry, error]) (done ListChanges, err error) {
	if err := s.finishUpdate(ctx, u.Sub.ID); err != nil {
		return done, err
	}
	version, err := s.versionFor(ctx, u.Sub.ID, false)
	if err != nil {
		return done, err
	}
	_, err = s.fill(ctx, version, entries)
	if err == nil {
		done, err = s.compare(ctx, u.Sub.ID, version)
	}
	return done, s.takeUp(ctx, u.Sub.ID, version, done.Entries, u.Sub.URL, u.checked(), err)
}

func (u ListUpdate) checked() func(context.Context, *sql.Tx) error {
	return checked(u.Sub.ID, u.Sub.Serial, u.State, u.At, u.Next, true)
}

// versionFor makes an empty version of a subscribed list.
func (s *Store) versionFor(ctx context.Context, list int64, update bool) (version int64, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
		var there bool
		err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM subscriptions WHERE list_id = ?)", list).Scan(&there)
		if err == nil && !there {
			err = ErrNoSubscription
		}
		if err != nil {
			return err
		}
		version, err = insert(ctx, tx, "INSERT INTO list_versions (list_id, touched_at, is_update) VALUES (?, ?, ?)", list, time.Now().Unix(), update)
		return err
	})
	return version, err
}

// compare counts how a version differs from what its list has now.
func (s *Store) compare(ctx context.Context, list, version int64) (done ListChanges, err error) {
	var kept, had int
	err = s.read.QueryRowContext(ctx, `SELECT count(*), count(o.number), coalesce(sum(o.number IS NOT NULL AND
		(n.confidence, n.category, n.note, n.reporters, n.first_day, n.last_day, n.expires_day) <>
		(o.confidence, o.category, o.note, o.reporters, o.first_day, o.last_day, o.expires_day)), 0),
		coalesce((SELECT v.entries FROM lists l JOIN list_versions v ON v.id = l.version_id WHERE l.id = ?1), 0)
		FROM list_entries n LEFT JOIN list_entries o ON o.number = n.number AND o.is_prefix = n.is_prefix
		AND o.version_id = (SELECT version_id FROM lists WHERE id = ?1) WHERE n.version_id = ?2`, list, version).
		Scan(&done.Entries, &kept, &done.Changed, &had)
	done.Added, done.Removed = done.Entries-kept, had-kept
	return done, err
}

// TakeUpChanges changes some of a subscribed list's contents: all of it, or nothing has changed. Each number comes once. Where the
// list has been updated since the subscription was read, the error is ErrUpdated.
func (s *Store) TakeUpChanges(ctx context.Context, u ListUpdate, changes iter.Seq2[ListChange, error]) (done ListChanges, err error) {
	if done, err = s.overrule(ctx, u, changes); err != nil {
		return done, err
	}
	// It is in force; the rest can wait, and does where this fails.
	return done, errors.Join(s.finishUpdate(ctx, u.Sub.ID), s.cleanCutOff(context.WithoutCancel(ctx)))
}

// overrule puts changes in force without bringing them into the list itself.
func (s *Store) overrule(ctx context.Context, u ListUpdate, changes iter.Seq2[ListChange, error]) (done ListChanges, err error) {
	if err := s.finishUpdate(ctx, u.Sub.ID); err != nil {
		return done, err
	}
	update, err := s.versionFor(ctx, u.Sub.ID, true)
	if err != nil {
		return done, err
	}
	base, err := s.putChanges(ctx, u.Sub.ID, update, changes, &done)
	if err == nil {
		err = s.do(ctx, func(tx *sql.Tx) error {
			if err := u.checked()(ctx, tx); err != nil {
				return err
			}
			if err := change(ctx, tx, errGivenUp, "UPDATE list_versions SET touched_at = ? WHERE id = ? AND touched_at > 0", time.Now().Unix(), update); err != nil {
				return err
			}
			if err := change(ctx, tx, ErrUpdated, "UPDATE list_versions SET entries = ? WHERE id = ?", done.Entries, base); err != nil {
				return err
			}
			return change(ctx, tx, ErrUpdated, "UPDATE lists SET update_id = ?, imported_at = ? WHERE id = ? AND version_id = ? AND update_id IS NULL",
				update, u.At.Unix(), u.Sub.ID, base)
		})
	}
	if err != nil {
		err = errors.Join(err, s.retire(context.WithoutCancel(ctx), update))
	}
	return done, err
}

// putChanges writes changes where nobody sees them yet, and counts them; base is the version that they belong to. What would change
// nothing is left out.
func (s *Store) putChanges(ctx context.Context, list, update int64, changes iter.Seq2[ListChange, error], done *ListChanges) (base int64, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT v.id, v.entries FROM lists l JOIN list_versions v ON v.id = l.version_id WHERE l.id = ?", list).Scan(&base, &done.Entries)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrUpdated // the contents are gone to which something would be changed
	}
	if err != nil {
		return 0, err
	}
	look, err := s.read.PrepareContext(ctx, `SELECT confidence, category, note, reporters, first_day, last_day, expires_day FROM list_entries
		WHERE number = ? AND is_prefix = ? AND version_id = ?`)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, look.Close()) }()
	var part []ListChange
	for c, fault := range changes {
		if fault != nil {
			return 0, fault
		}
		matters, err := done.count(ctx, look, base, c)
		if err != nil {
			return 0, err
		}
		if matters {
			part = append(part, c)
		}
		if len(part) == batch {
			if err := s.putPart(ctx, update, part); err != nil {
				return 0, err
			}
			part = part[:0]
		}
	}
	return base, s.putPart(ctx, update, part)
}

// count looks what a change changes.
func (d *ListChanges) count(ctx context.Context, look *sql.Stmt, base int64, c ListChange) (matters bool, err error) {
	key, err := keyOf(c.Digits, c.Prefix)
	if err != nil {
		return false, err
	}
	was := Entry{Digits: c.Digits, Prefix: c.Prefix}
	err = look.QueryRowContext(quick(ctx), key, c.Prefix, base).
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

// putPart writes one batch of changes, and that the update is still at work.
func (s *Store) putPart(ctx context.Context, update int64, part []ListChange) error {
	return s.doRelaxed(ctx, func(tx *sql.Tx) error {
		if err := change(ctx, tx, errGivenUp, "UPDATE list_versions SET touched_at = ? WHERE id = ? AND touched_at > 0", time.Now().Unix(), update); err != nil {
			return err
		}
		put, err := tx.PrepareContext(ctx, `INSERT INTO list_changes (version_id, number, is_prefix, removed, confidence, category, note,
			reporters, first_day, last_day, expires_day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
		if err != nil {
			return err
		}
		for _, c := range part {
			key, err := keyOf(c.Digits, c.Prefix)
			if err != nil {
				return err
			}
			if _, err := put.ExecContext(quick(ctx), update, key, c.Prefix, c.Remove, c.Confidence, c.Category, c.Note,
				c.Reporters, c.First, c.Last, c.Expires); err != nil {
				return err
			}
		}
		return nil
	})
}

// FinishUpdates brings the updates that are in force into their lists where a program ended before it had done so.
func (s *Store) FinishUpdates(ctx context.Context) error {
	var lists []int64
	err := s.each(ctx, "SELECT id FROM lists WHERE update_id IS NOT NULL AND id > ?", 0, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		lists = append(lists, id)
		return err
	})
	for _, list := range lists {
		err = errors.Join(err, s.finishUpdate(ctx, list))
	}
	return err
}

// piece is how many changes go into a list at a time: each lies somewhere else in a table of millions.
const piece = 100

// finishUpdate brings what an update changes into the list itself.
func (s *Store) finishUpdate(ctx context.Context, list int64) error {
	for {
		var more bool
		err := s.doRelaxed(ctx, func(tx *sql.Tx) (err error) {
			more, err = finishPieceOf(ctx, tx, list, piece)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
}

// finishPieceOf does it for so many changes. What is in force does not change by it.
func finishPieceOf(ctx context.Context, tx *sql.Tx, list int64, piece int64) (more bool, err error) {
	var update, base int64
	err = tx.QueryRowContext(ctx, "SELECT update_id, version_id FROM lists WHERE id = ? AND update_id IS NOT NULL", list).Scan(&update, &base)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	const first = ` FROM (SELECT * FROM list_changes WHERE version_id = ?1 ORDER BY number, is_prefix LIMIT ?3) `
	for _, query := range []string{
		`INSERT OR REPLACE INTO list_entries (number, is_prefix, version_id, confidence, category, note, reporters, first_day, last_day, expires_day)
			SELECT number, is_prefix, ?2, confidence, category, note, reporters, first_day, last_day, expires_day` + first + `WHERE removed = 0`,
		`DELETE FROM list_entries WHERE version_id = ?2 AND (number, is_prefix) IN (SELECT number, is_prefix` + first + `WHERE removed = 1)`,
	} {
		if _, err := tx.ExecContext(ctx, query, update, base, piece); err != nil {
			return false, err
		}
	}
	done, err := tx.ExecContext(ctx, `DELETE FROM list_changes WHERE version_id = ?1 AND (number, is_prefix) IN (SELECT number, is_prefix`+first+`)`,
		update, base, piece)
	if err != nil {
		return false, err
	}
	if n, err := done.RowsAffected(); err != nil || n == piece {
		return true, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE lists SET update_id = NULL WHERE id = ?", list); err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM list_versions WHERE id = ?", update)
	return false, err
}

// emptyUpdate deletes the changes of an update that nobody uses.
func (s *Store) emptyUpdate(ctx context.Context, update int64) error {
	for {
		done, err := s.relaxed.ExecContext(ctx, `DELETE FROM list_changes WHERE version_id = ?1 AND (number, is_prefix) IN
			(SELECT number, is_prefix FROM list_changes WHERE version_id = ?1 ORDER BY number, is_prefix LIMIT ?2)`, update, batch)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
	}
}
