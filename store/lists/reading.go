package lists

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

var (
	// ErrNoList says that a household has no such list.
	ErrNoList = errors.New("there is no list called")
	// ErrReplaced says that a list got new contents while it was read.
	ErrReplaced = errors.New("somebody has just replaced the list: try again")
)

// readAtOnce is how many entries are read in one query: one that went on for minutes would keep the database from making checkpoints.
const readAtOnce = 1000

const entryColumns = "number, is_prefix, confidence, category, note, reporters, first_day, last_day, expires_day"

// entries reads entries with the columns of entryColumns.
func (l *Lists) entries(ctx context.Context, query string, args ...any) ([]Entry, error) {
	return sqlite.All(ctx, l.read, func(scan func(...any) error) (e Entry, err error) {
		var key int64
		err = scan(&key, &e.Prefix, &e.Confidence, &e.Category, &e.Note, &e.Reporters, &e.First, &e.Last, &e.Expires)
		e.Digits = columns.Digits(key, e.Prefix)
		return e, err
	}, query, args...)
}

// Entries lists the entries of a list in the order of their numbers, limit at most. If an update comes into force meanwhile, some may be as they were
// before it.
func (l *Lists) Entries(ctx context.Context, household, list string, limit int) ([]Entry, error) {
	version, err := l.versionOf(ctx, household, list)
	if err != nil {
		return nil, err
	}
	return l.entries(ctx, "SELECT "+entryColumns+` FROM list_entries WHERE version_id = ? ORDER BY number, is_prefix LIMIT ?`, version, limit)
}

// AllEntries reads all entries of a list in the order of their numbers. It ends with an error if there is no such list (ErrNoList), or it has been
// replaced meanwhile (ErrReplaced).
func (l *Lists) AllEntries(ctx context.Context, household, list string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		err := l.readAll(ctx, household, list, func(e Entry) bool { return yield(e, nil) })
		if err != nil {
			yield(Entry{}, err)
		}
	}
}

func (l *Lists) versionOf(ctx context.Context, household, list string) (version int64, err error) {
	none := fmt.Errorf("%w %q: `ringfence list` names them", ErrNoList, list)
	return sqlite.OneValue[int64](ctx, l.read, none, `SELECT l.version_id FROM lists l JOIN households h ON h.id = l.household_id
		WHERE h.name = ? AND l.name = ? AND l.version_id IS NOT NULL`, household, list)
}

func (l *Lists) readAll(ctx context.Context, household, list string, take func(Entry) bool) error {
	version, err := l.versionOf(ctx, household, list)
	if err != nil {
		return err
	}
	after, prefix := int64(math.MinInt64), false
	for {
		part, err := l.entries(ctx, "SELECT "+entryColumns+` FROM list_entries WHERE version_id = ? AND (number, is_prefix) > (?, ?)
			ORDER BY number, is_prefix LIMIT ?`, version, after, prefix, readAtOnce)
		if err != nil {
			return err
		}
		// A version that is being deleted has holes in it.
		if now, err := l.versionOf(ctx, household, list); errors.Is(err, ErrNoList) || err == nil && now != version {
			return ErrReplaced
		} else if err != nil {
			return err
		}
		for _, e := range part {
			if !take(e) {
				return nil
			}
		}
		if len(part) < readAtOnce {
			return nil
		}
		last := part[len(part)-1]
		if after, err = columns.Key(last.Digits, last.Prefix); err != nil {
			return err
		}
		prefix = last.Prefix
	}
}

// SurestNumbers are the numbers that a household's lists turn away, except contacts': at most so many, highest confidence first, and among
// equals the latest report first. It reads all lists, which takes seconds for millions of numbers; no call waits for it. sure is the
// confidence from which numbers are turned away.
func (l *Lists) SurestNumbers(ctx context.Context, household string, sure float64, now time.Time, most int) ([]Entry, error) {
	return l.entries(ctx, `SELECT e.number, 0, max(e.confidence), e.category, e.note, e.reporters, e.first_day, e.last_day, e.expires_day
		FROM households h JOIN lists l ON l.household_id = h.id JOIN list_entries e ON e.version_id = l.version_id
		JOIN list_versions v ON v.id = l.version_id LEFT JOIN subscriptions s ON s.list_id = l.id
		WHERE h.name = ?1 AND e.is_prefix = 0 AND e.confidence >= ?2 AND (e.expires_day = 0 OR e.expires_day > ?3 / 86400)
		AND coalesce(s.only_warns, 0) = 0 AND (v.valid_until = 0 OR v.valid_until > ?3)
		AND NOT EXISTS (SELECT 1 FROM contact_numbers n WHERE n.household_id = h.id AND n.number = e.number)
		AND NOT `+columns.InBeginning("h.id", "e.number")+`
		GROUP BY e.number ORDER BY 3 DESC, 8 DESC, 1 LIMIT ?4`, household, sure, now.Unix(), most)
}

// Mark is a text that changes whenever anything does that SurestNumbers depends on, except the time.
func (l *Lists) Mark(ctx context.Context, household string) (mark string, err error) {
	err = l.read.QueryRowContext(ctx, `SELECT coalesce((SELECT group_concat(v.id || '.' || coalesce(v.update_id, 0) || '.' || v.changed_at || '.' ||
		coalesce(s.only_warns, 0) || '.' || v.valid_until) FROM lists l JOIN list_versions v ON v.id = l.version_id LEFT JOIN subscriptions s ON s.list_id = l.id WHERE l.household_id = h.id), '')
		|| '/' || (SELECT count(*) || '.' || coalesce(sum(number % `+strconv.FormatInt(screening.BeginningKeys, 10)+`), 0) FROM contact_numbers WHERE household_id = h.id) || '/' || h.threshold
		FROM households h WHERE h.name = ?`, household).Scan(&mark)
	return mark, err
}
