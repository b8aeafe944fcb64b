package backups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ringfence/store"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// The daily backups are of the database alone: the recordings are in files of their own, which a damaged database does not touch.
const (
	dailyFolder = datafolder.Backups
	dailyPrefix = "ringfence-"
	dailySuffix = ".db"
	dailyKept   = 7
)

// Daily is a daily backup.
type Daily struct {
	Path string
	Made time.Time
}

// ListDaily lists the daily backups, the newest first. Those with a date ahead of now, from a clock that was wrong, come last: their age is not
// known.
func ListDaily(data string, now time.Time) (all []Daily, err error) {
	entries, err := os.ReadDir(filepath.Join(data, dailyFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ahead []Daily
	for _, e := range slices.Backward(entries) {
		name, ours := strings.CutPrefix(e.Name(), dailyPrefix)
		name, whole := strings.CutSuffix(name, dailySuffix)
		if made, err := time.Parse(datafolder.Stamp, name); ours && whole && err == nil {
			b := Daily{Path: filepath.Join(data, dailyFolder, e.Name()), Made: made}
			if made.After(now) {
				ahead = append(ahead, b)
			} else {
				all = append(all, b)
			}
		}
	}
	return append(all, ahead...), nil
}

// split divides backups, as ListDaily lists them, into those from before now and those with a date ahead of it.
func split(all []Daily, now time.Time) (past, ahead []Daily) {
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

// newDaily makes one, which gets its name only once it is whole.
func newDaily(ctx context.Context, data string, now time.Time) (err error) {
	folder := filepath.Join(data, dailyFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	path := filepath.Join(folder, dailyPrefix+now.UTC().Format(datafolder.Stamp)+dailySuffix)
	unproven := path + ".new"
	if err := sqlite.Remove(unproven); err != nil { // left by a program that was killed
		return err
	}
	defer func() { err = errors.Join(err, sqlite.Remove(unproven)) }()
	if err := copyDatabase(ctx, filepath.Join(data, memberDatabase), unproven); err != nil {
		return fmt.Errorf("the daily backup cannot be made: %w", err)
	}
	if err := sqlite.Whole(ctx, unproven); err != nil {
		return err
	}
	if err := sqlite.SyncFile(unproven); err != nil {
		return err
	}
	if err := os.Rename(unproven, path); err != nil {
		return err
	}
	return sqlite.SyncFolder(folder)
}

// giveWay is how many of the backups, the newest first, are kept if so many bytes are lacking: all if nothing is lacking, or if deleting all but the
// newest would not be enough.
func giveWay(past []Daily, lacking int64) (kept int, err error) {
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
