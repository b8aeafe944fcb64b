package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"ringfence/store/archive"
	"ringfence/store/sqlite"
)

// Limits of what is taken from a backup, so that no file that somebody has made up can fill the disk or the memory.
const (
	maxDatabase = 8 << 30
	maxMedia    = 32 << 20 // one recording
)

// The folders in the data folder through which a backup comes back: it is unpacked and checked in one that begins with
// unpackPrefix, then called staged, and what it replaces goes into one that begins with beforePrefix. All are in the data
// folder, because only there it is sure that a folder can be made, and that it is on the same disk (Docker, systemd).
const (
	unpackPrefix = ".restore-"
	staged       = "restore-ready"
	beforePrefix = "before-restore-"
	asideFile    = "aside" // in staged: the name of the folder that begins with beforePrefix
)

// Faults of restoring.
var (
	ErrNotBackup = errors.New("this is no backup of Ringfence, or not the whole of one: take another file")
	ErrNotStaged = errors.New("there is no backup to put back")
)

// Stage takes a backup apart and checks all of it; nothing that is in use is touched. After it the backup takes the place
// of the data when the store is opened next, or by ApplyStaged. note, whose time is taken as that of the restore, goes into
// the log of changes, which has what it had and what the backup's has. Data is the data folder; the program that has it open may go on. The errors are plain sentences.
func Stage(ctx context.Context, data string, r io.Reader, note AuditLine) (c Contents, err error) {
	if err := makeFolders(data); err != nil { // a machine that is new
		return Contents{}, err
	}
	removeOld(data, unpackPrefix, time.Now())
	folder, err := os.MkdirTemp(data, unpackPrefix)
	if err != nil {
		return Contents{}, fmt.Errorf("the backup cannot be put there: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }() // gone where all went well
	if c, err = unpack(ctx, folder, r); err != nil {
		return Contents{}, err
	}
	if err := checkCopy(ctx, filepath.Join(folder, memberDatabase), filepath.Join(data, memberDatabase), note); err != nil {
		return Contents{}, err
	}
	if _, err := c.count(ctx, filepath.Join(folder, memberDatabase)); err != nil { // whatever the file says of itself
		return Contents{}, err
	}
	aside := unusedName(data, beforePrefix+note.At.UTC().Format("20060102-150405"))
	if err := os.WriteFile(filepath.Join(folder, asideFile), []byte(aside), 0o600); err != nil {
		return Contents{}, err
	}
	syscall.Sync() // thousands of small files, at once
	if err := DropStaged(data); err != nil {
		return Contents{}, err
	}
	return c, errors.Join(os.Rename(folder, filepath.Join(data, staged)), sqlite.SyncFolder(data))
}

// unusedName is a name that nothing in a folder has: what was kept before is never mixed with what is kept now.
func unusedName(folder, name string) string {
	for i := 2; ; i++ {
		if _, err := os.Lstat(filepath.Join(folder, name)); errors.Is(err, fs.ErrNotExist) {
			return name
		}
		name = fmt.Sprintf("%s-%d", strings.TrimSuffix(name, fmt.Sprintf("-%d", i-1)), i)
	}
}

// unpack writes the members of a backup into a folder.
func unpack(ctx context.Context, folder string, r io.Reader) (c Contents, err error) {
	for _, sub := range mediaFolders {
		if err := os.Mkdir(filepath.Join(folder, sub), 0o700); err != nil {
			return c, err
		}
	}
	hasDatabase := false
	err = backupKind.Unpack(ctx, folder, r, c.read, func(name string, size int64) {
		switch folder, _, _ := strings.Cut(name, "/"); folder {
		case memberDatabase:
			hasDatabase = true
		case "recordings":
			c.Recordings++
		case "phrases":
			c.Phrases++
		}
		c.Bytes += size
	})
	if err == nil && !hasDatabase {
		err = ErrNotBackup
	}
	return c, err
}

// backupKind is what a backup of a household may have.
var backupKind = archive.Kind{Head: memberContents, NotOne: ErrNotBackup, Limit: limitOf, Room: RoomForBackup}

// limitOf is how large a member may be, where its name is one that Ringfence gives.
func limitOf(name string) (int64, bool) {
	if name == memberDatabase {
		return maxDatabase, true
	}
	folder, file, _ := strings.Cut(name, "/")
	return maxMedia, slices.Contains(mediaFolders, folder) && mediaName.MatchString(file)
}

// read reads what a backup says of itself.
func (c *Contents) read(text []byte) error {
	if err := json.Unmarshal(text, c); err != nil {
		return ErrNotBackup
	}
	if c.Format != backupFormat {
		return archive.Refuse("this backup was made by a newer Ringfence (format %d): install that one first", c.Format)
	}
	*c = Contents{Format: c.Format, Made: c.Made} // the rest is counted
	return nil
}

// RoomForBackup is an error where the disk has no room for so much of a backup, beside what messages never take.
func RoomForBackup(folder string, size int64) error {
	free, err := FreeDisk(folder)
	if err == nil && free-size < LeastFree {
		err = archive.Refuse("the disk has no room for this backup: delete something from it, or use a larger one")
	}
	return err
}

// checkCopy makes sure that a database is whole, one of Ringfence's and not of a newer one, brings it up to date, and notes
// in its log of changes, which goes on with that of the present database, that it was put back.
func checkCopy(ctx context.Context, path, present string, note AuditLine) error {
	if err := sqlite.Whole(ctx, path); err != nil {
		return err
	}
	s, err := Open(ctx, path)
	if errors.Is(err, sqlite.ErrNewer) {
		return errors.New("this backup was made by a newer Ringfence: install that one first")
	}
	if err != nil {
		return fmt.Errorf("the database in this backup cannot be used: %w", err)
	}
	err = s.likeOurs(ctx)
	if err == nil {
		// A present database that is broken is what backups are for.
		if s.keepLog(ctx, present) != nil {
			note.Text += noLog
		}
		err = s.AddAuditLine(ctx, &note)
	}
	return errors.Join(err, s.Close())
}

// likeOurs: a database with other tables or triggers than a new one has was not made by Ringfence. And a recording that it names has to
// be one in the folder.
func (s *Store) likeOurs(ctx context.Context) error {
	same, err := sqlite.Like(ctx, s.read, migrations)
	if err != nil {
		return err
	}
	if !same {
		return errors.New("the database in this backup is not one of Ringfence's: take another backup")
	}
	return sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var file string
		if err := scan(&file); err != nil {
			return err
		}
		if !mediaName.MatchString(file) {
			return errors.New("the database in this backup names a recording outside it: it was not made by Ringfence")
		}
		return nil
	}, "SELECT file FROM recordings")
}

// DropStaged forgets a backup that was checked but not put back yet.
func DropStaged(data string) error { return os.RemoveAll(filepath.Join(data, staged)) }

// ApplyStaged puts a backup back that Stage has checked, and returns the folder in which the data of before is. The
// errors are ErrInUse where a program has the data open, and ErrNotStaged where there is none. Cut off in the middle, it
// goes on where it was the next time.
func ApplyStaged(data string) (before string, err error) {
	from := filepath.Join(data, staged)
	if _, err := os.Stat(from); err != nil {
		return "", ErrNotStaged
	}
	lock, err := alone(data)
	if errors.Is(err, fs.ErrNotExist) { // cut off while the recordings were neither here nor there
		err = os.Mkdir(filepath.Join(data, "recordings"), 0o700)
		if err == nil {
			lock, err = alone(data)
		}
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	aside, err := os.ReadFile(filepath.Join(from, asideFile))
	if err != nil {
		return "", err
	}
	before = filepath.Join(data, string(aside))
	if err := os.MkdirAll(before, 0o700); err != nil {
		return "", fmt.Errorf("the backup cannot be put back: %w", err)
	}
	for _, part := range append([]string{memberDatabase}, mediaFolders...) {
		if err := swap(data, from, before, part); err != nil {
			return "", fmt.Errorf("the backup cannot be put back: %w", err)
		}
	}
	syscall.Sync()
	return before, os.RemoveAll(from)
}

// freeWithin is how long a program that begins waits for others to let go of the data, where a backup is to take its place: a
// command is done by then. Where the data is still in use it goes on with that, and the backup waits for the next time.
const freeWithin = 5 * time.Second

func applyWhenFree(ctx context.Context, data string) error {
	late := time.After(freeWithin)
	for {
		_, err := ApplyStaged(data)
		if errors.Is(err, ErrNotStaged) {
			return nil
		}
		if !errors.Is(err, ErrInUse) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return nil
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// swap puts one part aside and the new one in its place, unless that was done.
func swap(data, from, before, part string) error {
	if _, err := os.Stat(filepath.Join(from, part)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	olds := []string{part}
	if part == memberDatabase { // what is written waits beside it
		olds = []string{part + "-wal", part + "-shm", part}
	}
	for _, old := range olds {
		was := filepath.Join(before, old)
		if _, err := os.Stat(was); err == nil { // it was put aside already: what is here now is an empty one
			if err := os.RemoveAll(filepath.Join(data, old)); err != nil {
				return err
			}
			continue
		}
		if err := os.Rename(filepath.Join(data, old), was); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	// Not os.Rename: that refuses an empty folder, which somebody may have made in this moment.
	return syscall.Rename(filepath.Join(from, part), filepath.Join(data, part))
}

// NotInUse is ErrInUse where a program has the data open.
func NotInUse(data string) error {
	if err := makeFolders(data); err != nil {
		return err
	}
	lock, err := alone(data)
	if err != nil {
		return err
	}
	return lock.Close()
}
