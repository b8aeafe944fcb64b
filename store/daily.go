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

// DailyBackups lists them, the newest first.
func DailyBackups(data string) (all []DailyBackup, err error) {
	entries, err := os.ReadDir(filepath.Join(data, backupsFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(entries) {
		name, ours := strings.CutPrefix(e.Name(), dailyPrefix)
		name, whole := strings.CutSuffix(name, dailySuffix)
		if made, err := time.Parse(dailyForm, name); ours && whole && err == nil {
			all = append(all, DailyBackup{filepath.Join(data, backupsFolder, e.Name()), made})
		}
	}
	return all, nil
}

// BackUpDaily makes one of today where there is none yet, and deletes those beyond the newest seven. It is not made of a damaged
// database (ErrDamaged), and counts only once it was opened and found whole. Where the disk has no room for it the oldest give way, but
// never the newest.
func (s *Store) BackUpDaily(ctx context.Context, now time.Time) (err error) {
	data := filepath.Dir(s.path)
	if err := s.Verify(ctx); err != nil {
		return err
	}
	all, err := DailyBackups(data)
	if err != nil {
		return err
	}
	if len(all) > 0 && all[0].Made.Format(time.DateOnly) == now.UTC().Format(time.DateOnly) {
		return nil
	}
	for s.roomForCopy(data) != nil && len(all) > 1 {
		if err := os.Remove(all[len(all)-1].Path); err != nil {
			return err
		}
		all = all[:len(all)-1]
	}
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
	for _, old := range all[min(len(all), keptBackups-1):] {
		err = errors.Join(err, os.Remove(old.Path))
	}
	return err
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
