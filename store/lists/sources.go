package lists

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// A list that is downloaded has one source, however many households have subscribed to it: what is at its address, under its key, read in their region and by the
// column that was chosen. It is asked for once, and its contents are stored once. Each household has a version of them in force: the latest, unless somebody has to
// look first at what that would change for them (see Hold).

// Hold decides where somebody in a household has to look at new contents before they are in force there. The zero Hold has nobody look.
type Hold struct {
	Needed func(Counts) bool // by what the contents would change of the household's list
	// Tell tells the household, in the transaction in which its list begins to wait.
	Tell func(ctx context.Context, household, list string, c Counts) error
}

func (h Hold) needed(had int64, c Counts) bool { return h.Needed != nil && had != 0 && h.Needed(c) }

// Settle puts a source's latest contents in force for its households that have others, or has them wait.
func (l *Lists) Settle(ctx context.Context, source int64, at time.Time, hold Hold) error {
	return l.settle(ctx, source, at, hold, nil)
}

// settle is Settle; known are what the latest contents would change of others, as far as that is known.
func (l *Lists) settle(ctx context.Context, source int64, at time.Time, hold Hold, known map[int64]Counts) error {
	latest, err := sqlite.Value[int64](ctx, l.read, "SELECT coalesce(version_id, 0) FROM list_sources WHERE id = ?", source)
	if err != nil || latest == 0 {
		return err
	}
	behind, err := sqlite.Values[int64](ctx, l.read, `SELECT DISTINCT coalesce(l.version_id, 0) FROM subscriptions s JOIN lists l ON l.id = s.list_id
		WHERE s.source_id = ?1 AND l.version_id IS NOT ?2 AND s.held_version IS NOT ?2`, source, latest)
	if err != nil {
		return err
	}
	for _, had := range behind {
		counts, is := known[had]
		if !is && hold.Needed != nil {
			if err := l.finishUpdate(ctx, had); err != nil {
				return err
			}
			if counts, err = l.compare(ctx, had, latest); err != nil {
				return err
			}
		}
		if hold.needed(had, counts) {
			err = l.holdBack(ctx, source, had, latest, at, hold, counts)
		} else {
			err = l.switchAll(ctx, source, had, latest)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// holdBack has a source's latest contents wait in all households that have certain others.
func (l *Lists) holdBack(ctx context.Context, source, had, latest int64, at time.Time, hold Hold, counts Counts) error {
	type list struct{ household, name string }
	return l.write.Together(ctx, func(ctx context.Context) error {
		others, err := sqlite.Rows(ctx, l.write, func(one *list) []any { return []any{&one.household, &one.name} }, `SELECT h.name, l.name FROM subscriptions s
			JOIN lists l ON l.id = s.list_id JOIN households h ON h.id = l.household_id WHERE s.source_id = ? AND l.version_id = ? AND s.held_version IS NULL`, source, had)
		if err != nil {
			return err
		}
		err = sqlite.Exec(ctx, l.write, `UPDATE subscriptions SET held_version = ?, held_at = ? WHERE source_id = ? AND list_id IN
			(SELECT id FROM lists WHERE version_id = ?)`, latest, at.Unix(), source, had)
		for _, one := range others { // who has been told that something waits is not told again
			if err == nil && hold.Tell != nil {
				err = hold.Tell(ctx, one.household, one.name, counts)
			}
		}
		return err
	})
}

// switched is how many lists are switched at a time.
const switched = 200

// switchAll puts a source's latest contents in force in all households that have certain others; in none, if another program has brought later ones meanwhile:
// Clean may be deleting these. Carers are alerted again only if these are valid until another time: see checked.
func (l *Lists) switchAll(ctx context.Context, source, had, latest int64) error {
	const these = ` IN (SELECT s.list_id FROM list_sources o JOIN subscriptions s ON s.source_id = o.id JOIN lists l ON l.id = s.list_id
		WHERE o.id = ?1 AND o.version_id = ?4 AND coalesce(l.version_id, 0) = ?2 ORDER BY s.list_id LIMIT ?3)`
	for more := true; more; {
		err := l.write.Do(ctx, func(tx *sql.Tx) error {
			err := sqlite.Exec(ctx, tx, `UPDATE subscriptions SET held_version = NULL, held_at = 0, told = iif(told = ?5 OR
				(SELECT valid_until FROM list_versions WHERE id = ?4) IS (SELECT valid_until FROM list_versions WHERE id = ?2), told, 0) WHERE list_id`+these,
				source, had, switched, latest, StaleUnreachable)
			if err != nil {
				return err
			}
			n, err := sqlite.Affected(ctx, tx, "UPDATE lists SET version_id = ?4 WHERE id"+these, source, had, switched, latest)
			if more = n == switched; err != nil || more {
				return err
			}
			return letGo(ctx, tx, had, time.Time{})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// letGo notes of a version that somebody does not use it any more: Clean deletes it unless others do, or it is kept for somebody's undo. From now on it is kept
// until a time.
func letGo(ctx context.Context, tx *sql.Tx, version int64, until time.Time) error {
	return sqlite.Exec(ctx, tx, `UPDATE list_versions AS v SET touched_at = max(?2, iif(touched_at > unixepoch() OR NOT (`+unused+`), touched_at, 0)) WHERE id = ?1`,
		version, columns.Seconds(until))
}

// SetRegion has a subscription's numbers read in a region: that of its line, which people may change. It returns the source that the subscription has now.
func (l *Lists) SetRegion(ctx context.Context, sub Subscription, region string) (source int64, err error) {
	err = l.write.Do(ctx, func(tx *sql.Tx) error {
		source, err = move(ctx, tx, sub.ID, "region", region)
		if err != nil || source != sub.Source || sub.Region == "" {
			return err
		}
		return sqlite.Exec(ctx, tx, "UPDATE list_sources SET etag = '', modified = '', hash = '' WHERE id = ?", source) // it is read again
	})
	return source, err
}

// identity are the columns by which a source is known.
const identity = "url, kind, public_key, api_key, chosen_column, region"

// move gives a list a source that has another value in a column of its identity: one that is there, or its own if it shares that with nobody, or a new one. What
// is in force stays until that is settled.
func move(ctx context.Context, tx *sql.Tx, list int64, column, value string) (source int64, err error) {
	var region string
	var shared bool
	err = tx.QueryRowContext(ctx, `SELECT o.id, o.region, EXISTS (SELECT 1 FROM subscriptions WHERE source_id = o.id AND list_id <> s.list_id)
		FROM subscriptions s JOIN list_sources o ON o.id = s.source_id WHERE s.list_id = ?`, list).Scan(&source, &region, &shared)
	if err != nil {
		return 0, err
	}
	changed := strings.Replace(identity, column, "?2", 1)
	target, err := sqlite.Value[int64](ctx, tx, "SELECT id FROM list_sources WHERE ("+identity+") = (SELECT "+changed+" FROM list_sources WHERE id = ?1)", source, value)
	switch {
	case err != nil || target == source:
		return source, err
	case target == 0 && (!shared || column == "region" && region == ""):
		return source, sqlite.Exec(ctx, tx, "UPDATE list_sources SET "+column+" = ? WHERE id = ?", value, source)
	case target == 0:
		const people = "title, publisher, purpose, licence, contact, appeals"
		target, err = sqlite.Value[int64](ctx, tx, "INSERT INTO list_sources ("+identity+", next_at, "+people+") SELECT "+changed+", next_at, "+people+
			" FROM list_sources WHERE id = ?1 RETURNING id", source, value)
		if err != nil {
			return 0, err
		}
	}
	if err := sqlite.Exec(ctx, tx, "UPDATE subscriptions SET source_id = ?, held_version = NULL, held_at = 0 WHERE list_id = ?", target, list); err != nil {
		return 0, err
	}
	return target, shareFetches(ctx, tx, target)
}

// Freshness is how well the lists that are subscribed to are kept up to date.
type Freshness struct {
	Lists   int       // each counts once, however many households have it
	Failing int       // could not be downloaded the last time
	Oldest  time.Time // when the one was checked whose last check is longest ago; zero: none was yet
}

// Freshness is that of all lists.
func (l *Lists) Freshness(ctx context.Context) (Freshness, error) {
	f, _, err := sqlite.Row(ctx, l.read, func(f *Freshness) []any { return []any{&f.Lists, &f.Failing, columns.ScanTime(&f.Oldest)} },
		`SELECT count(*), coalesce(sum(failures > 0), 0), min(nullif(checked_at, 0)) FROM list_sources o WHERE EXISTS (SELECT 1 FROM subscriptions s WHERE s.source_id = o.id)`)
	return f, err
}
