// Package datafolder knows what is in the data folder besides the database: recordings, a note that there is a database, and a backup that is about
// to replace everything. It also has the lock by which a program keeps its data from being replaced.
//
// It is used to open the database (package store), to make and restore backups (store/backups) and to replace a damaged database (store/rescue).
package datafolder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"ringfence/store/sqlite"
)

// What is in it.
const (
	Database   = "ringfence.db"
	Recordings = "recordings"
	Phrases    = "phrases"
	// Following is Litestream's own folder: how far the replica of this very database has come. A database that takes its place begins without it.
	Following = ".ringfence.db-litestream"
	// WorkPrefix begins the names of temporary folders in which a database is made that will replace another.
	WorkPrefix = ".rescue-"
	// madeFile says that there has been a database here: if it is missing or empty one day, this is not a new machine.
	madeFile = "ringfence.db.made"
	madeText = "There is a database here. Where ringfence.db is missing or empty, \"ringfence serve\" puts its newest backup in its place.\n"
)

// Media are the folders that a backup has besides the database.
func Media() []string { return []string{Recordings, Phrases} }

var mediaName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// IsMediaName says whether a recording may have this name: no paths, and nothing hidden or half written.
func IsMediaName(name string) bool { return mediaName.MatchString(name) }

// ErrMissing says that there was a database, but is none now.
var ErrMissing = errors.New("the database is missing")

// Make makes the data folder, for its owner alone, because people's lives are in it.
func Make(data string) error {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fault(data, err)
	}
	// Only if something has to change: a read-only disk refuses chmod even if nothing would.
	if info, err := os.Stat(data); err == nil && info.Mode().Perm() == 0o700 {
		return nil
	}
	if err := os.Chmod(data, 0o700); err != nil {
		return fault(data, err)
	}
	return nil
}

// MakeMedia makes the folders of what is not in the database.
func MakeMedia(data string) error {
	for _, folder := range Media() {
		if err := os.MkdirAll(filepath.Join(data, folder), 0o700); err != nil {
			return fault(data, err)
		}
	}
	return nil
}

// fault says why nothing can be created in the data folder.
func fault(data string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("the disk of the data folder %s is full: delete something from it, or use a larger one", data)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return errors.New(sqlite.Unwritable("the data folder "+data, nearest(data)))
	default:
		return fmt.Errorf("the data folder cannot be made: %w", err)
	}
}

// nearest is a folder, or the first one above it that exists.
func nearest(folder string) string {
	for {
		if _, err := os.Stat(folder); err == nil || folder == filepath.Dir(folder) {
			return folder
		}
		folder = filepath.Dir(folder)
	}
}

// Check returns ErrMissing if there was a database, but there is none now or an empty one. A folder that never had one is fine.
func Check(data string) error {
	if !HadDatabase(data) {
		return nil
	}
	info, err := os.Stat(filepath.Join(data, Database))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ErrMissing
	case err == nil && info.Size() == 0:
		return fmt.Errorf("%w: its file is empty", ErrMissing)
	}
	return nil
}

// HadDatabase says whether there has been a database in the data folder.
func HadDatabase(data string) bool { return !DatabaseSince(data).IsZero() }

// DatabaseSince is when the present database was made; zero if that has not been noted (yet).
func DatabaseSince(data string) time.Time {
	info, err := os.Stat(filepath.Join(data, madeFile))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// NoteDatabase notes that there is a database.
func NoteDatabase(data string) error {
	if HadDatabase(data) {
		return nil
	}
	return WriteFile(filepath.Join(data, madeFile), []byte(madeText))
}

// ForgetDatabase removes the database, and the note that there was one, so that a new one may be made.
func ForgetDatabase(data string) error {
	if err := os.Remove(filepath.Join(data, madeFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return errors.Join(os.RemoveAll(filepath.Join(data, Following)), sqlite.Remove(filepath.Join(data, Database)))
}

// WriteFile writes a file whole or not at all, for its owner alone. It is on the disk when it returns.
func WriteFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already once it has been renamed
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return sqlite.SyncFolder(filepath.Dir(path))
}

// FileSize is 0 for a file that is gone: it takes no room.
func FileSize(path string) (int64, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("the size of %s cannot be told: %w", filepath.Base(path), err)
	}
	return info.Size(), nil
}

// Stamp is how the names of what is kept say when it was made, in UTC, so that the names are in order of time.
const Stamp = "20060102-150405"

// UnusedName is a name that nothing in the folder has, so that what was kept before is never mixed with what is kept now.
func UnusedName(data, name string) string {
	for i := 2; ; i++ {
		if _, err := os.Lstat(filepath.Join(data, name)); errors.Is(err, fs.ErrNotExist) {
			return name
		}
		name = fmt.Sprintf("%s-%d", strings.TrimSuffix(name, fmt.Sprintf("-%d", i-1)), i)
	}
}

// RemoveOld deletes temporary folders that a killed program has left.
func RemoveOld(data, prefix string, now time.Time) {
	entries, _ := os.ReadDir(data) // the next to write there gets the error
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), prefix) && now.Sub(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(filepath.Join(data, e.Name()))
		}
	}
}
