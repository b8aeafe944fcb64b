package backups

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"ringfence/store"
	"ringfence/store/archive"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// Limits, so that no made-up file can fill the disk or the memory.
const (
	maxDatabase = 8 << 30
	maxMedia    = 32 << 20 // one recording
)

// Prefixes of folders in the data folder: a backup is unpacked and checked in one, and what it replaces goes into the other.
const (
	unpackPrefix = ".restore-"
	beforePrefix = "before-restore-"
)

// ErrNotBackup says that a file is not a backup.
var ErrNotBackup = errors.New("this is not a backup of Ringfence, or not the whole of one: take another file")

// noLog is added to the line in the audit log if the earlier log could not be kept.
const noLog = " The earlier log of changes couldn't be read. It is in the folder with the replaced data."

// Stage unpacks a backup and checks all of it, while programs may go on using the data. It takes the place of the data when the store is opened
// next, or by datafolder.ApplyStaged. The audit log then has all lines of both, and note, whose time is that of the restore. The errors are
// plain sentences.
func Stage(ctx context.Context, data string, r io.Reader, note store.AuditLine) (c Contents, err error) {
	if err := datafolder.MakeMedia(data); err != nil { // a new machine
		return Contents{}, err
	}
	datafolder.RemoveOld(data, unpackPrefix, time.Now())
	folder, err := os.MkdirTemp(data, unpackPrefix)
	if err != nil {
		return Contents{}, fmt.Errorf("the backup cannot be put there: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }() // renamed already if all went well
	if c, err = unpack(ctx, folder, r); err != nil {
		return Contents{}, err
	}
	return stageChecked(ctx, data, folder, c, note)
}

// StageFolder is Stage for a folder in the data folder with a database, and the folders of media.
func StageFolder(ctx context.Context, data, folder string, note store.AuditLine) (c Contents, err error) {
	for _, media := range datafolder.Media() {
		files, err := os.ReadDir(filepath.Join(folder, media))
		if err != nil {
			return Contents{}, err
		}
		if media == datafolder.Recordings {
			c.Recordings = len(files)
		}
	}
	c.Made = note.At
	return stageChecked(ctx, data, folder, c, note)
}

// stageChecked checks the database in a folder, and makes the folder the one that is waiting.
func stageChecked(ctx context.Context, data, folder string, c Contents, note store.AuditLine) (_ Contents, err error) {
	if err := checkCopy(ctx, filepath.Join(folder, memberDatabase), filepath.Join(data, memberDatabase), note); err != nil {
		return Contents{}, err
	}
	if err := c.count(ctx, filepath.Join(folder, memberDatabase), filepath.Join(folder, datafolder.Phrases)); err != nil { // whatever the file says of itself
		return Contents{}, err
	}
	_, err = stage(data, folder, note.At)
	return c, err
}

// stage makes a folder with a backup that was checked the one that is waiting, and returns the folder for what it will replace.
func stage(data, folder string, at time.Time) (aside string, err error) {
	aside = datafolder.UnusedName(data, beforePrefix+at.UTC().Format(datafolder.Stamp))
	if err := os.WriteFile(filepath.Join(folder, datafolder.AsideFile), []byte(aside), 0o600); err != nil {
		return "", err
	}
	syscall.Sync() // thousands of small files, at once
	if err := datafolder.DropStaged(data); err != nil {
		return "", err
	}
	return filepath.Join(data, aside), errors.Join(os.Rename(folder, filepath.Join(data, datafolder.Staged)), sqlite.SyncFolder(data))
}

// unpack unpacks a backup into a folder.
func unpack(ctx context.Context, folder string, r io.Reader) (c Contents, err error) {
	for _, sub := range datafolder.Media() {
		if err := os.Mkdir(filepath.Join(folder, sub), 0o700); err != nil {
			return c, err
		}
	}
	hasDatabase := false
	err = backupKind.Unpack(ctx, folder, r, c.read, func(name string, size int64) {
		switch folder, _, _ := strings.Cut(name, "/"); folder {
		case memberDatabase:
			hasDatabase = true
		case datafolder.Recordings:
			c.Recordings++
		}
		c.Bytes += size
	})
	if err == nil && !hasDatabase {
		err = ErrNotBackup
	}
	return c, err
}

// backupKind is what a backup may have.
var backupKind = archive.Kind{Head: memberContents, NotOne: ErrNotBackup, Limit: limitOf, Room: RoomFor}

// limitOf is how large a member may be; false where a backup has no member of that name.
func limitOf(name string) (int64, bool) {
	if name == memberDatabase {
		return maxDatabase, true
	}
	folder, file, _ := strings.Cut(name, "/")
	return maxMedia, slices.Contains(datafolder.Media(), folder) && datafolder.IsMediaName(file)
}

// read reads what a backup says that it has.
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

// RoomFor is an error where the disk has no room for so much of a backup, beside what is always kept free.
func RoomFor(folder string, size int64) error {
	free, err := store.FreeDisk(folder)
	if err == nil && free-size < store.LeastFree {
		err = archive.Refuse("the disk has no room for this backup: delete something from it, or use a larger one")
	}
	return err
}

// checkCopy checks that a database is whole, and Ringfence's but no newer one's. It brings it up to date, and adds to its audit log the lines of
// the present one's and note.
func checkCopy(ctx context.Context, path, present string, note store.AuditLine) error {
	if err := sqlite.Whole(ctx, path); err != nil {
		return err
	}
	s, err := store.OpenCopy(ctx, path)
	if errors.Is(err, sqlite.ErrNewer) {
		return errors.New("this backup was made by a newer Ringfence: install that one first")
	}
	if err != nil {
		return fmt.Errorf("the database in this backup cannot be used: %w", err)
	}
	err = likeOurs(ctx, s)
	if err == nil {
		// A broken database is what backups are for.
		if s.KeepLog(ctx, present) != nil {
			note.Text += noLog
		}
		err = s.AddAuditLine(ctx, &note)
	}
	return errors.Join(err, s.Close())
}

// likeOurs checks that a database was made by Ringfence: it has the tables and triggers of a new one, and names only recordings in its folder.
func likeOurs(ctx context.Context, s *store.Store) error {
	same, err := s.LikeNew(ctx)
	if err != nil {
		return err
	}
	if !same {
		return errors.New("the database in this backup is not one of Ringfence's: take another backup")
	}
	recordings, err := s.RecordingFiles(ctx)
	for name := range recordings {
		if !datafolder.IsMediaName(name) {
			return errors.New("the database in this backup names a recording outside it: it was not made by Ringfence")
		}
	}
	return err
}
