package backups

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ringfence/store"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// The daily backups are of the database alone: the recordings are in files of their own, which a damaged database does not touch.
const (
	dailyPrefix = "ringfence-"
	dailyKept   = 7
)

// ListDaily lists the daily backups, the newest first. Those with a date ahead of now, from a clock that was wrong, come last: their age is not
// known.
func ListDaily(data string, now time.Time) (all []datafolder.Copy, err error) {
	found, err := datafolder.ListCopies(data, dailyPrefix)
	if err != nil {
		return nil, err
	}
	var ahead []datafolder.Copy
	for _, b := range found {
		if b.Made.After(now) {
			ahead = append(ahead, b)
		} else {
			all = append(all, b)
		}
	}
	return append(all, ahead...), nil
}

// split divides backups, as ListDaily lists them, into those from before now and those with a date ahead of it.
func split(all []datafolder.Copy, now time.Time) (past, ahead []datafolder.Copy) {
	n := 0
	for n < len(all) && !all[n].Made.After(now) {
		n++
	}
	return all[:n:n], all[n:]
}

// MakeDaily makes today's backup unless there is one, and keeps the newest seven, besides seven with a date ahead of now. It makes none of a
// damaged database (store.ErrDamaged), and a new one counts only once it was opened and found whole. If the disk has no room for it, as many
// of the oldest are deleted as make room: none if that would not be enough, and never the newest. Copies from before upgrades that are too old are
// deleted, too.
func MakeDaily(ctx context.Context, data string, now time.Time) error {
	return errors.Join(makeDaily(ctx, data, now, store.LeastFree), datafolder.ForgetUpgrades(data, now))
}

func makeDaily(ctx context.Context, data string, now time.Time, leastFree int64) error {
	if err := sqlite.Verify(ctx, filepath.Join(data, memberDatabase)); err != nil {
		return err
	}
	if err := datafolder.RemoveUnfinished(data, now); err != nil {
		return err
	}
	all, err := ListDaily(data, now)
	if err != nil {
		return err
	}
	past, ahead := split(all, now)
	if len(past) > 0 && past[0].Made.Format(time.DateOnly) == now.UTC().Format(time.DateOnly) {
		return nil
	}
	lacking, err := lackingForCopy(data, leastFree)
	if err != nil {
		return err
	}
	kept, err := giveWay(past, lacking)
	if err != nil {
		return err
	}
	for _, old := range past[kept:] {
		if err := os.Remove(old.Path); err != nil {
			return err
		}
	}
	past = past[:kept]
	if err := roomForCopy(data, leastFree); err != nil {
		return err
	}
	if err := newDaily(ctx, data, now); err != nil {
		return err
	}
	for _, old := range append(past[min(len(past), dailyKept-1):], ahead[min(len(ahead), dailyKept):]...) {
		err = errors.Join(err, os.Remove(old.Path))
	}
	return err
}

// newDaily makes one.
func newDaily(ctx context.Context, data string, now time.Time) error {
	_, err := datafolder.AddCopy(data, dailyPrefix, now, func(path string) error {
		if err := copyDatabase(ctx, filepath.Join(data, memberDatabase), path); err != nil {
			return fmt.Errorf("the daily backup cannot be made: %w", err)
		}
		return sqlite.Whole(ctx, path)
	})
	return err
}

// giveWay is how many of the backups, the newest first, are kept if so many bytes are lacking: all if nothing is lacking, or if deleting all but the
// newest would not be enough.
func giveWay(past []datafolder.Copy, lacking int64) (kept int, err error) {
	for kept = len(past); lacking > 0 && kept > 1; kept-- {
		size, err := datafolder.FileSize(past[kept-1].Path)
		if err != nil {
			return len(past), err
		}
		lacking -= size
	}
	if lacking > 0 {
		return len(past), nil
	}
	return kept, nil
}
