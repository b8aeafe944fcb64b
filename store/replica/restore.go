package replica

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// Restored is what was restored.
type Restored struct {
	backups.Contents
	Complete time.Time // everything up to then is there
	Backup   time.Time // the daily backup that was taken in place of what Litestream has, which is damaged; zero: none was
	Before   string    // the folder with the data from before
	NotTaken error     // why the replica could not be made this data folder's: the machine from before may still write to it
}

const restorePrefix = ".restore-"

// Restore replaces the data in a folder with a replica, which it takes over. Nobody may have the data open: the error is datafolder.ErrInUse otherwise.
// Nothing is changed before all of the database was checked. note is for the audit log.
func Restore(ctx context.Context, l Litestream, folder, data string, note store.AuditLine) (r Restored, err error) {
	if _, err := readMark(folder); errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("%w: %s", errNone, folder)
	} else if err != nil {
		return r, err
	}
	if r.Complete, err = Complete(folder); err != nil {
		return r, err
	}
	if err := errors.Join(datafolder.Make(data), datafolder.NotInUse(data)); err != nil {
		return r, err
	}
	datafolder.RemoveOld(data, restorePrefix, time.Now())
	work, err := os.MkdirTemp(data, restorePrefix)
	if err != nil {
		return r, fmt.Errorf("the replica cannot be put there: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }() // renamed already if all went well
	if err := room(folder, work); err != nil {
		return r, err
	}
	if r.Backup, err = fetchDatabase(ctx, l, folder, filepath.Join(work, datafolder.Database)); err != nil {
		return r, err
	}
	for _, media := range datafolder.Media() {
		p := Pair{From: filepath.Join(folder, media), To: filepath.Join(work, media), Wanted: datafolder.IsMediaName}
		if err := errors.Join(os.Mkdir(p.To, 0o700), p.All(ctx)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return r, err
		}
	}
	if r.Contents, err = backups.StageFolder(ctx, data, work, note); err != nil {
		return r, err
	}
	if r.Before, err = datafolder.ApplyStaged(data); err != nil {
		return r, errors.Join(err, datafolder.DropStaged(data))
	}
	r.NotTaken = takeOver(data, folder)
	return r, nil
}

// room is an error where the disk has no room for what is restored.
func room(folder, work string) error {
	var size int64
	err := filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			var info fs.FileInfo
			if info, err = d.Info(); err == nil {
				size += info.Size()
			}
		}
		if errors.Is(err, fs.ErrNotExist) { // it comes and goes, if its machine still lives
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return backups.RoomFor(work, size)
}

// fetchDatabase writes the database of a replica to a path, and finds that it is whole; otherwise the newest daily backup that is. backup is when that
// was made.
func fetchDatabase(ctx context.Context, l Litestream, folder, to string) (backup time.Time, err error) {
	all, err := generations(folder)
	if err != nil {
		return time.Time{}, err
	}
	failed := errNone
	for _, name := range all { // the newest may have just begun
		if failed = sqlite.Remove(to); failed == nil {
			failed = l.restore(ctx, filepath.Join(folder, DatabaseFolder, name), to, false)
		}
		if failed == nil {
			failed = sqlite.Whole(ctx, to)
		}
		if failed == nil || ctx.Err() != nil {
			return time.Time{}, failed
		}
	}
	copies, err := backups.ListDaily(folder, time.Now()) // as in the data folder
	if err != nil {
		return time.Time{}, errors.Join(failed, err)
	}
	for _, c := range copies {
		if err := sqlite.Remove(to); err != nil {
			return time.Time{}, err
		}
		if _, err := copyFile(c.Path, to); err == nil && sqlite.Whole(ctx, to) == nil {
			return c.Made, nil
		}
	}
	return time.Time{}, fmt.Errorf("%w; and there is no daily backup in %s", failed, folder)
}

// RestoreSettings puts the settings of a replica into the folder of a settings file that is not there. It says whether it did: it replaces nothing, and
// a replica need not have any.
func RestoreSettings(folder, file string) (did bool, err error) {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	from := filepath.Join(folder, SettingsFolder)
	names, err := namesIn(from)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !names[filepath.Base(file)] {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // as the package makes it
		return false, err
	}
	// The settings themselves come last: once they are there, all is.
	delete(names, filepath.Base(file))
	for _, name := range append(slices.Sorted(maps.Keys(names)), filepath.Base(file)) {
		to := filepath.Join(filepath.Dir(file), name)
		if _, err := os.Lstat(to); err == nil {
			continue
		}
		if _, err := copyFile(filepath.Join(from, name), to); err != nil {
			return false, err
		}
		if err := os.Chmod(to, 0o640); err != nil { //nolint:gosec // the folder's group is that of the services
			return false, err
		}
	}
	return true, nil
}
