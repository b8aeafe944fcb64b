package store

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

	"ringfence/store/sqlite"
)

// backupsFolder has the backups that Ringfence makes by itself, of the database alone: the recordings lie in files of their own, which
// a damaged database does not touch.
const (
	backupsFolder = "backups"
	dailyPrefix   = "ringfence-"
	dailySuffix   = ".db"
	dailyForm     = "20060102-150405"
	// keptBackups is for how many days.
	keptBackups = 7
)

// DailyBackup is one that Ringfence has made by itself.
type DailyBackup struct {
	Path string
	Made time.Time
}

// DailyBackups lists them, the newest first. Those that were made while the clock was ahead of now come last: how old they are is not
// known.
func DailyBackups(data string, now time.Time) (all []DailyBackup, err error) {
	entries, err := os.ReadDir(filepath.Join(data, backupsFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ahead []DailyBackup
	for _, e := range slices.Backward(entries) {
		name, ours := strings.CutPrefix(e.Name(), dailyPrefix)
		name, whole := strings.CutSuffix(name, dailySuffix)
		if made, err := time.Parse(dailyForm, name); ours && whole && err == nil {
			b := DailyBackup{filepath.Join(data, backupsFolder, e.Name()), made}
			if made.After(now) {
				ahead = append(ahead, b)
			} else {
				all = append(all, b)
			}
		}
	}
	return append(all, ahead...), nil
}

// split is those that were made up to now, and those that a wrong clock has dated ahead of it.
func split(all []DailyBackup, now time.Time) (past, ahead []DailyBackup) {
	n := 0
	for n < len(all) && !all[n].Made.After(now) {
		n++
	}
	return all[:n:n], all[n:]
}

// BackUpDaily makes one of today where there is none yet, and deletes those beyond the newest seven. It is not made of a damaged
// database (ErrDamaged), and counts only once it was opened and found whole. Where the disk has no room for it the oldest give way, as many
// as make room and none if all would not, but never the newest. A date ahead of now is no date: seven of those are kept beside.
func (s *Store) BackUpDaily(ctx context.Context, now time.Time) (err error) {
	data := filepath.Dir(s.path)
	if err := s.Verify(ctx); err != nil {
		return err
	}
	all, err := DailyBackups(data, now)
	if err != nil {
		return err
	}
	past, ahead := split(all, now)
	if len(past) > 0 && past[0].Made.Format(time.DateOnly) == now.UTC().Format(time.DateOnly) {
		return nil
	}
	lacking, err := s.lackingForCopy(data)
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
	if err := s.roomForCopy(data); err != nil {
		return err
	}
	folder := filepath.Join(data, backupsFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	path := filepath.Join(folder, dailyPrefix+now.UTC().Format(dailyForm)+dailySuffix)
	unproven := path + ".new"
	if err := removeDatabase(unproven); err != nil { // left by a program that was killed
		return err
	}
	defer func() { err = errors.Join(err, removeDatabase(unproven)) }()
	if err := s.copyTo(ctx, unproven); err != nil {
		return fmt.Errorf("the daily backup cannot be made: %w", err)
	}
	if err := sqlite.Whole(ctx, unproven); err != nil {
		return err
	}
	if err := syncFile(unproven); err != nil {
		return err
	}
	if err := os.Rename(unproven, path); err != nil {
		return err
	}
	err = sqlite.SyncFolder(folder)
	for _, old := range append(past[min(len(past), keptBackups-1):], ahead[min(len(ahead), keptBackups):]...) {
		err = errors.Join(err, os.Remove(old.Path))
	}
	return err
}

// giveWay is how many of the backups, the newest first, stay where so many bytes are lacking: all where nothing is, or where the others
// together would not be enough.
func giveWay(past []DailyBackup, lacking int64) (kept int, err error) {
	for kept = len(past); lacking > 0 && kept > 1; kept-- {
		size, err := fileSize(past[kept-1].Path)
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

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
