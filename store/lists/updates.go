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

// Update is what an update changes.
type Update struct {
	Sub      Subscription // as it was read before the update
	State    State        // of the new contents
	At, Next time.Time    // now, and when the list is next due
	// Hold says whether somebody has to look at the contents first, by what they change; nil: nobody has to.
	Hold func(Counts) bool
	// Doubt says, once all entries were read, why it is not certain whose numbers they are; nil: it is.
	Doubt func() string
}

// ApplyFull gives a subscribed list new contents, as Replace does: whole or not at all. If the list has been updated since the subscription was read,
// the error is ErrUpdated. If the update says that somebody has to look first, the contents are kept for AcceptHeld, and the error is ErrHeld.
func (l *Lists) ApplyFull(ctx context.Context, u Update, entries iter.Seq2[Entry, error]) (done Counts, err error) {
	if err := l.finishUpdate(ctx, u.Sub.ID); err != nil {
		return done, err
	}
	version, err := l.versionFor(ctx, u.Sub.ID, false)
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
		done, err = l.compare(ctx, u.Sub.ID, version)
	}
	if err == nil && u.Hold != nil && u.Hold(done) {
		if err = l.hold(ctx, u, version, done.Entries); err == nil {
			return done, errors.Join(ErrHeld, l.Clean(context.WithoutCancel(ctx)))
		}
	}
	return done, l.use(ctx, u.Sub.ID, version, done.Entries, u.Sub.URL, u.checked(), err)
}

func (u Update) checked() func(context.Context, *sql.Tx) error {
	return checked(u.Sub.ID, u.Sub.Serial, u.State, u.At, u.Next, true)
}

// OnUnchanged notes that a list was checked and has not changed; state is what its manifest says now. had is the serial that was here then: if there
// is another by now, the error is ErrUpdated.
func (l *Lists) OnUnchanged(ctx context.Context, id, had int64, state State, at, next time.Time) error {
	return l.write.Do(ctx, func(tx *sql.Tx) error { return checked(id, had, state, at, next, false)(ctx, tx) })
}

// checked notes a successful check. It resets what the carers have been alerted to, so that they are alerted again next time: for a list that could
// not be reached once it is reached, for one whose validity ends once that is later. What is in force then is the publisher's latest, so no older contents wait
// for anybody any more.
func checked(id, had int64, state State, at, next time.Time, changed bool) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		err := sqlite.Change(ctx, tx, ErrUpdated, `UPDATE subscriptions SET told = CASE WHEN valid_until <> ?1 OR told = ?2 THEN 0 ELSE told END,
			valid_until = ?1, serial = ?3, made_at = ?4, checked_at = ?5, next_at = ?6, failures = 0, error = '' WHERE list_id = ?7 AND serial = ?8`,
			state.ValidUntil.Unix(), StaleUnreachable, state.Serial, state.Made.Unix(), at.Unix(), next.Unix(), id, had)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE subscriptions SET title = ?, publisher = ?, purpose = ?, licence = ?, contact = ?, appeals = ?,
			etag = ?, modified = ?, hash = ?, changed_at = CASE WHEN ? THEN checked_at ELSE changed_at END WHERE list_id = ?`,
			state.Title, state.Publisher, state.Purpose, state.Licence, state.Contact, state.Appeals, state.ETag, state.Modified, state.Hash, changed, id)
		if err != nil {
			return err
		}
		return releaseHeld(ctx, tx, id)
	}
}

// hold keeps a version for somebody to look at, instead of one that was kept before, and notes the check. What is in force stays, and so does how long it is
// valid.
func (l *Lists) hold(ctx context.Context, u Update, version int64, entries int) error {
	return l.write.Do(ctx, func(tx *sql.Tx) error {
		if err := releaseHeld(ctx, tx, u.Sub.ID); err != nil {
			return err
		}
		if err := sqlite.Change(ctx, tx, errAbandoned, "UPDATE list_versions SET entries = ? WHERE id = ? AND touched_at > 0", entries, version); err != nil {
			return err
		}
		return sqlite.Change(ctx, tx, ErrUpdated, `UPDATE subscriptions SET held_version = ?, held_hash = ?, held_at = ?, etag = ?, modified = ?,
			checked_at = ?, next_at = ?, failures = 0, error = '' WHERE list_id = ? AND serial = ?`, version, u.State.Hash, u.At.Unix(),
			u.State.ETag, u.State.Modified, u.At.Unix(), u.Next.Unix(), u.Sub.ID, u.Sub.Serial)
	})
}

// versionFor makes an empty version of a subscribed list.
func (l *Lists) versionFor(ctx context.Context, list int64, update bool) (version int64, err error) {
	err = l.write.Do(ctx, func(tx *sql.Tx) error {
		var there bool
		err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM subscriptions WHERE list_id = ?)", list).Scan(&there)
		if err == nil && !there {
			err = ErrNoSubscription
		}
		if err != nil {
			return err
		}
		version, err = sqlite.Insert(ctx, tx, "INSERT INTO list_versions (list_id, touched_at, is_update) VALUES (?, ?, ?)", list, time.Now().Unix(), update)
		return err
	})
	return version, err
}

// ApplyChanges changes some of a subscribed list's contents, whole or not at all. Each number comes once. If the list has been updated since the
// subscription was read, the error is ErrUpdated.
func (l *Lists) ApplyChanges(ctx context.Context, u Update, changes iter.Seq2[Change, error]) (done Counts, err error) {
	if done, err = l.overrule(ctx, u, changes); err != nil {
		return done, err
	}
	// It is in force; the rest can wait, and does if this fails.
	return done, errors.Join(l.finishUpdate(ctx, u.Sub.ID), l.Clean(context.WithoutCancel(ctx)))
}

// overrule puts changes in force without bringing them into the list itself.
func (l *Lists) overrule(ctx context.Context, u Update, changes iter.Seq2[Change, error]) (done Counts, err error) {
	if err := l.finishUpdate(ctx, u.Sub.ID); err != nil {
		return done, err
	}
	update, err := l.versionFor(ctx, u.Sub.ID, true)
	if err != nil {
		return done, err
	}
	base, err := l.putChanges(ctx, u.Sub.ID, update, changes, &done)
	if err == nil {
		err = l.write.Do(ctx, func(tx *sql.Tx) error {
			if err := u.checked()(ctx, tx); err != nil {
				return err
			}
			if err := touch(ctx, tx, update); err != nil {
				return err
			}
			if err := sqlite.Change(ctx, tx, ErrUpdated, "UPDATE list_versions SET entries = ? WHERE id = ?", done.Entries, base); err != nil {
				return err
			}
			return sqlite.Change(ctx, tx, ErrUpdated, "UPDATE lists SET update_id = ?, imported_at = ? WHERE id = ? AND version_id = ? AND update_id IS NULL",
				update, u.At.Unix(), u.Sub.ID, base)
		})
	}
	if err != nil {
		err = errors.Join(err, l.giveUp(ctx, update))
	}
	return done, err
}

// putChanges writes changes where nobody sees them yet, and counts them; base is the version that they belong to. What would change
// nothing is left out.
func (l *Lists) putChanges(ctx context.Context, list, update int64, changes iter.Seq2[Change, error], done *Counts) (base int64, err error) {
	// Without a row, the contents that would be changed are gone.
	base, err = sqlite.One(ctx, l.read, ErrUpdated, func(base *int64) []any { return []any{base, &done.Entries} },
		"SELECT v.id, v.entries FROM lists l JOIN list_versions v ON v.id = l.version_id WHERE l.id = ?", list)
	if err != nil {
		return 0, err
	}
	look, err := l.read.PrepareContext(ctx, `SELECT confidence, category, note, reporters, first_day, last_day, expires_day FROM list_entries
		WHERE number = ? AND is_prefix = ? AND version_id = ?`)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, look.Close()) }()
	var part []Change
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
			if err := l.putPart(ctx, update, part); err != nil {
				return 0, err
			}
			part = part[:0]
		}
	}
	return base, l.putPart(ctx, update, part)
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
	lists, err := sqlite.Values[int64](ctx, l.read, "SELECT id FROM lists WHERE update_id IS NOT NULL")
	for _, list := range lists {
		err = errors.Join(err, l.finishUpdate(ctx, list))
	}
	return err
}

// piece is how many changes go into a list at a time: each lies somewhere else in a table of millions.
const piece = 100

// finishUpdate brings what an update changes into the list itself.
func (l *Lists) finishUpdate(ctx context.Context, list int64) error {
	for {
		var more bool
		err := l.relaxed.Do(ctx, func(tx *sql.Tx) (err error) {
			more, err = finishPieceOf(ctx, tx, list, piece)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
}

// finishPieceOf does that for this many changes. It does not change what is in force.
func finishPieceOf(ctx context.Context, tx *sql.Tx, list int64, piece int64) (more bool, err error) {
	var base int64
	update, found, err := sqlite.Row(ctx, tx, func(update *int64) []any { return []any{update, &base} },
		"SELECT update_id, version_id FROM lists WHERE id = ? AND update_id IS NOT NULL", list)
	if err != nil || !found {
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
	return false, sqlite.Exec(ctx, tx, "UPDATE lists SET update_id = NULL WHERE id = ?; DELETE FROM list_versions WHERE id = ?", list, update)
}
