package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Expire deletes calls that ended, or arrived without an end, before a time, or longer ago than their household keeps them
// (the option keep-days), with their recordings; recordings that no call knows; notices from before that time; numbers that were
// dialled more than a year ago; what was asked of callers more than a day ago; how something is undone that was done
// more than UndoAge ago; what carers were told; sessions, links and tokens whose time is over; and what cut-off
// imports have left. A message that nobody has heard goes only after the carers were told (see expireCalls).
func (s *Store) Expire(ctx context.Context, before time.Time) error {
	return s.expire(ctx, before, time.Now())
}

func (s *Store) expire(ctx context.Context, before, now time.Time) error {
	kept, err := s.kept(ctx)
	if err != nil {
		return err
	}
	// One that fails does not keep the others from their work.
	var errs []error
	for household, days := range kept {
		since := before
		if days > 0 {
			since = now.AddDate(0, 0, -days)
		}
		errs = append(errs, s.expireCalls(ctx, household, since, now), s.expireNotices(ctx, household, since),
			s.expireEmergencies(ctx, household, since), s.expireOutbox(ctx, household, since, now), s.expireGroups(ctx, household, since))
	}
	return errors.Join(append(errs, s.expireDialled(ctx, now), s.expireUndo(ctx, now), s.Lists.ForgetInquiries(ctx, now), s.expireDoors(ctx, now), s.Lists.Clean(ctx), s.sweepRecordings(ctx, before))...)
}

// kept is for how many days each household keeps its calls; 0 is as long as the machine says.
func (s *Store) kept(ctx context.Context) (map[int64]int, error) {
	kept := map[int64]int{}
	err := sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var household int64
		var days int
		err := scan(&household, &days)
		kept[household] = days
		return err
	}, "SELECT id, keep_days FROM households")
	return kept, err
}

// Expiring counts what a household's log would lose with the next Expire if calls were kept so many days, at least 1. Messages
// that nobody has heard are not among them: the carers are told of those first.
type Expiring struct {
	Calls, Recordings int
	Unheard           int // messages that would be told of, and deleted a week later
}

// WouldExpire tells what would be deleted, before anything is.
func (s *Store) WouldExpire(ctx context.Context, household string, days int, now time.Time) (e Expiring, err error) {
	if err := screening.CheckKept(days); err != nil {
		return e, err
	}
	home, err := columns.HouseholdID(ctx, s.read, household)
	if err != nil {
		return e, err
	}
	err = s.read.QueryRowContext(ctx, `WITH old AS (SELECT c.id, EXISTS (SELECT 1 FROM recordings r WHERE r.call_id = c.id AND r.kind = 'message'
			AND r.heard_at IS NULL) AS unheard FROM calls c WHERE household_id = ?1 AND at_ms < ?2 AND coalesce(ended_ms, at_ms) < ?2)
		SELECT (SELECT count(*) FROM old WHERE NOT unheard), (SELECT count(*) FROM recordings WHERE call_id IN
			(SELECT id FROM old WHERE NOT unheard)), (SELECT count(*) FROM old WHERE unheard)`,
		home, now.AddDate(0, 0, -days).UnixMilli()).Scan(&e.Calls, &e.Recordings, &e.Unheard)
	return e, err
}

// sweepRecordings deletes the recordings that no call knows. Those from before the database was made are of one that is gone: they stay for
// as long as calls do.
func (s *Store) sweepRecordings(ctx context.Context, before time.Time) error {
	known := map[string]bool{}
	err := sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var file string
		err := scan(&file)
		known[file] = true
		return err
	}, "SELECT file FROM recordings")
	if err = errors.Join(err, recordingsUnwritten(filepath.Dir(s.path), known)); err != nil {
		return err
	}
	made, err := os.Stat(filepath.Join(filepath.Dir(s.path), madeFile))
	if err != nil { // it is written with the next start
		return nil //nolint:nilerr // see above
	}
	return s.sweep(known, before, made.ModTime())
}

// orphanAge keeps the sweep away from a recording that is being written: its file is there before its row.
const orphanAge = time.Hour

// sweep deletes the recordings that are not known, but for those since one time and before another.
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
