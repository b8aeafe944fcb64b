package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/datafolder"
	"ringfence/store/outbox"
	"ringfence/store/sqlite"
)

// Expire deletes what has been kept long enough: calls from before a time, or from before the days that their household keeps them (the option
// keep-days), with their recordings and notices; recordings that no call knows; numbers dialled more than a year ago; inquiries about callers after a
// day; undo data after UndoAge; alerts that were sent; sessions, links and tokens that have expired; and what interrupted imports have left. A
// message that nobody has heard goes only after the carers were told (see expireCalls).
func (s *Store) Expire(ctx context.Context, before time.Time) error {
	return s.expire(ctx, before, time.Now())
}

func (s *Store) expire(ctx context.Context, before, now time.Time) error {
	kept, err := sqlite.Values[int](ctx, s.read, "SELECT DISTINCT keep_days FROM households")
	// A failure of one must not stop the others.
	errs := []error{err}
	for _, days := range kept { // 0 is keep_days of ringfence.toml
		since := before
		if days > 0 {
			since = now.AddDate(0, 0, -days)
		}
		households, err := s.haveOld(ctx, days, since, now)
		errs = append(errs, err)
		for _, household := range households {
			errs = append(errs, s.expireCalls(ctx, household, since, now), s.expireNotices(ctx, household, since),
				s.expireEmergencies(ctx, household, since), s.Outbox.Expire(ctx, household, since, now))
		}
	}
	return errors.Join(append(errs, s.expireDialled(ctx, now), s.expireUndo(ctx, now), s.Lists.ForgetInquiries(ctx, now), s.People.Expire(ctx, now),
		s.expireLinks(ctx, now), s.Lists.Clean(ctx), s.SettlePhrases(ctx), s.sweepRecordings(ctx, before))...)
}

// haveOld are those of the households which keep their calls for so many days that have anything from before since, or alerts of which nobody needs to
// know any more that they were sent.
func (s *Store) haveOld(ctx context.Context, days int, since, now time.Time) ([]int64, error) {
	return sqlite.Values[int64](ctx, s.read, `SELECT h.id FROM households h WHERE keep_days = ?1 AND (
		EXISTS (SELECT 1 FROM calls WHERE household_id = h.id AND at_ms < ?4)
		OR EXISTS (SELECT 1 FROM notices WHERE household_id = h.id AND at < ?2)
		OR EXISTS (SELECT 1 FROM emergencies WHERE household_id = h.id AND at < ?2)
		OR EXISTS (SELECT 1 FROM notify_channels n JOIN notify_outbox o ON o.channel_id = n.id WHERE n.household_id = h.id AND (o.sent_at < ?3 OR o.sent_at IS NULL AND o.at < ?2))
		OR EXISTS (SELECT 1 FROM joined_groups WHERE household_id = h.id AND left_at < ?2))`, days, since.Unix(), outbox.SentBefore(now).Unix(), since.UnixMilli())
}

// Expiring counts what the next Expire would delete of a household if calls were kept for so many days. Unheard messages are counted apart:
// the carers are alerted to those first.
type Expiring struct {
	Calls, Recordings int
	Unheard           int // messages that carers would be alerted to, and that would be deleted a week later
}

// WouldExpire counts what would be deleted if calls were kept for so many days, at least 1.
func (s *Store) WouldExpire(ctx context.Context, household string, days int, now time.Time) (e Expiring, err error) {
	if err := screening.CheckKept(days); err != nil {
		return e, err
	}
	return sqlite.One(ctx, s.read, columns.NoHousehold(household), func(e *Expiring) []any { return []any{&e.Calls, &e.Recordings, &e.Unheard} },
		`WITH old AS (SELECT c.id, EXISTS (SELECT 1 FROM recordings r WHERE r.call_id = c.id AND r.kind = 'message' AND r.heard_at IS NULL) AS unheard
			FROM households h JOIN calls c ON c.household_id = h.id WHERE h.name = ?1 AND at_ms < ?2 AND coalesce(ended_ms, at_ms) < ?2)
		SELECT (SELECT count(*) FROM old WHERE NOT unheard), (SELECT count(*) FROM recordings WHERE call_id IN
			(SELECT id FROM old WHERE NOT unheard)), (SELECT count(*) FROM old WHERE unheard) FROM households WHERE name = ?1`,
		household, now.AddDate(0, 0, -days).UnixMilli())
}

// sweepRecordings deletes the recordings that no call knows. Those from before the database was made belong to an earlier one, which is gone:
// they are kept as long as calls are.
func (s *Store) sweepRecordings(ctx context.Context, before time.Time) error {
	known, err := s.RecordingFiles(ctx)
	if err = errors.Join(err, AddUnwritten(s.Folder(), known)); err != nil {
		return err
	}
	since := datafolder.DatabaseSince(s.Folder())
	if since.IsZero() { // the next start will note it
		return nil
	}
	return s.sweep(known, before, since)
}

// RecordingFiles are the names of the recordings that calls have.
func (s *Store) RecordingFiles(ctx context.Context) (map[string]bool, error) {
	return recordingFiles(ctx, s.read)
}

// RecordingsIn is RecordingFiles of a database that nobody uses.
func RecordingsIn(ctx context.Context, path string) (known map[string]bool, err error) {
	db, err := sqlite.OpenCopy(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return recordingFiles(ctx, db)
}

func recordingFiles(ctx context.Context, q sqlite.Querier) (map[string]bool, error) {
	known := map[string]bool{}
	return known, sqlite.Each(ctx, q, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		known[name] = true
		return err
	}, "SELECT file FROM recordings")
}

// sweep deletes the unknown recordings, but not those that are from between two times.
func (s *Store) sweep(known map[string]bool, since, made time.Time) error {
	files, err := os.ReadDir(s.recordings)
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range files {
		info, err := f.Info()
		if known[f.Name()] || err != nil || time.Since(info.ModTime()) < orphanAge {
			continue
		}
		if at := info.ModTime(); at.Before(made) && !at.Before(since) {
			continue
		}
		errs = append(errs, os.Remove(filepath.Join(s.recordings, f.Name())))
	}
	return errors.Join(errs...)
}
