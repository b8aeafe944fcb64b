// Package rescue replaces a damaged or missing database with its newest daily backup (see package backups), with what can be read of the damaged one,
// which is set aside.
package rescue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// waitForData is how long a rescue waits for commands to end that have the data open.
const waitForData = 20 * time.Second

// Database sets a damaged database aside and puts the newest good daily backup in its place, with what can be read of the damaged one. Nobody may
// have it open. households are those of ringfence.toml, whose carers are alerted. rescued is false if nothing is wrong after all; if it is true, the
// error is about recordings that could not be set aside.
func Database(ctx context.Context, data string, why error, households []string, now time.Time) (r Report, rescued bool, err error) {
	lock, err := datafolder.LockWithin(ctx, data, waitForData)
	if err != nil {
		return r, false, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	datafolder.RemoveOld(data, datafolder.WorkPrefix, now)
	work, err := os.MkdirTemp(data, datafolder.WorkPrefix)
	if err != nil {
		return r, false, fmt.Errorf("the damaged database cannot be replaced: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	copied, err := copyDamaged(ctx, data, work)
	if err != nil {
		return r, false, err
	}
	// Only a copy is opened: opening the damaged one would change it.
	if copied.path != "" && !copied.holes && sqlite.Verify(ctx, copied.path) == nil {
		switch like, ours, err := store.ShapeOf(ctx, copied.path); {
		case err != nil:
			return r, false, err
		case like:
			return r, false, nil
		case !ours:
			copied.path = "" // it isn't ours
		}
	}
	r = Report{At: now.Truncate(time.Second), Why: why.Error(), Lost: []string{lostMissing}}
	fresh := filepath.Join(work, datafolder.Database)
	if r.Backup, err = newestGood(ctx, data, fresh, now); err != nil {
		return r, false, err
	}
	if copied.path != "" {
		if r.Lost, err = salvaged(ctx, fresh, copied); err != nil {
			// What was read of it up to then would be a guess, so the backup is used as it is.
			r.Lost = []string{lostMissing}
			if r.Backup, err = newestGood(ctx, data, fresh, now); err != nil {
				return r, false, err
			}
		}
	}
	if err := sqlite.Whole(ctx, fresh); err != nil {
		return r, false, err
	}
	if err := r.makeFolder(data, now); err != nil {
		return r, false, err
	}
	if err := r.noteIn(ctx, fresh, households); err != nil {
		return r, false, err
	}
	// Before the swap, so that whatever happens after it, nothing deletes unknown recordings or writes over them. Recordings that a failing disk
	// cannot move must not keep Ringfence from starting.
	unkept := keepUnknown(ctx, data, fresh, r.Folder)
	if err := setAside(data, r, fresh); err != nil {
		return r, false, errors.Join(err, unkept)
	}
	return r, true, unkept
}

// newestGood puts the newest good backup at a path, brought up to date, or else an empty database. It overwrites what is there, and skips backups
// that can't be read to their end.
func newestGood(ctx context.Context, data, path string, now time.Time) (made time.Time, err error) {
	daily, err := backups.ListDaily(data, now)
	if err != nil && !sqlite.Unreadable(err) {
		return time.Time{}, err
	}
	for _, b := range daily {
		if err := datafolder.ForgetDatabase(filepath.Dir(path)); err != nil {
			return time.Time{}, err
		}
		holes, err := copyReadable(ctx, b.Path, path)
		if err != nil && !errors.Is(err, errNotRead) {
			return time.Time{}, err
		}
		// SQLite takes an empty file for a database, but no backup is empty.
		if size, err2 := datafolder.FileSize(path); err == nil && err2 == nil && size > 0 && !holes && good(ctx, path) == nil {
			return b.Made, nil
		}
	}
	if err := datafolder.ForgetDatabase(filepath.Dir(path)); err != nil {
		return time.Time{}, err
	}
	return time.Time{}, good(ctx, path)
}

// good opens a database that nobody uses, and brings it up to date.
func good(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil {
		if err := sqlite.Whole(ctx, path); err != nil {
			return err
		}
	}
	s, err := store.OpenCopy(ctx, path)
	if err != nil {
		return err
	}
	return s.Close()
}

// salvaged copies what can be read of the damaged database into the fresh one.
func salvaged(ctx context.Context, fresh string, copied damagedCopy) (lost []string, err error) {
	if err := sqlite.MendHead(copied.path, fresh); err != nil {
		return nil, err
	}
	lost, err = sqlite.Salvage(ctx, fresh, copied.path)
	if copied.logHoles {
		lost = append(lost, lostLast)
	}
	return lost, err
}

// noteIn records in the new database what has happened: for the carers, and in the audit log.
func (r Report) noteIn(ctx context.Context, path string, households []string) error {
	s, err := store.OpenCopy(ctx, path)
	if err != nil {
		return err
	}
	note := store.AuditLine{At: r.At, By: store.ByCommand, What: "database-rescued", Text: r.Sentence()}
	err = s.AddAuditLine(ctx, &note)
	for _, h := range households {
		err = errors.Join(err, s.EnsureHousehold(ctx, h), s.AddNotice(ctx, h, r.At, store.NoticeDatabaseDamaged, r.Sentence(), 0))
	}
	return errors.Join(err, s.Close())
}

// setAside moves the damaged database into the folder, and the fresh one into its place. If it is interrupted, the next start rescues again, because
// the database is missing then, or still the damaged one.
func setAside(data string, r Report, fresh string) error {
	if err := errors.Join(datafolder.NoteDatabase(data), r.write()); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(data, datafolder.Following)); err != nil {
		return err
	}
	for _, part := range []string{"-wal", "-shm", ""} {
		name := datafolder.Database + part
		if err := os.Rename(filepath.Join(data, name), filepath.Join(r.Folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(fresh, filepath.Join(data, datafolder.Database)); err != nil {
		return err
	}
	syscall.Sync()
	return nil
}

// keepUnknown moves the recordings that are not in a database into the folder: Expire would delete them.
func keepUnknown(ctx context.Context, data, database, folder string) error {
	known, err := store.RecordingsIn(ctx, database)
	if err != nil {
		return err
	}
	// If the file of unwritten lines is damaged too, its recordings are set aside as well.
	_ = store.AddUnwritten(data, known)
	files, err := os.ReadDir(filepath.Join(data, datafolder.Recordings))
	if err != nil {
		return err
	}
	into := filepath.Join(folder, datafolder.Recordings)
	if err := os.Mkdir(into, 0o700); err != nil {
		return err
	}
	for _, f := range files {
		if f.Type().IsRegular() && !known[f.Name()] {
			err = errors.Join(err, os.Rename(filepath.Join(data, datafolder.Recordings, f.Name()), filepath.Join(into, f.Name())))
		}
	}
	return err
}

// CheckLog checks the write-ahead log that a killed program has left. If its end can't be read a copy is set aside, before SQLite drops it. While
// somebody has the database open it checks nothing.
func CheckLog(data string, now time.Time) (r Report, found bool, err error) {
	lock, err := datafolder.Lock(data)
	if errors.Is(err, datafolder.ErrInUse) || errors.Is(err, fs.ErrNotExist) {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	log := filepath.Join(data, datafolder.Database+"-wal")
	if found, err = sqlite.LogDamaged(log); err != nil || !found {
		return r, false, err
	}
	r = Report{At: now.Truncate(time.Second), Why: "the write-ahead log is damaged", LogOnly: true}
	if err := r.makeFolder(data, now); err != nil {
		return r, true, err
	}
	_, err = copyReadable(context.Background(), log, filepath.Join(r.Folder, filepath.Base(log)))
	if sqlite.Unreadable(err) { // nothing of it can be kept
		err = nil
	}
	return r, true, errors.Join(err, r.write())
}
