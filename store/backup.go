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
	"regexp"
	"strings"
	"time"

	"ringfence/store/archive"
	"ringfence/store/sqlite"
)

// A backup is a tar file, compressed with gzip, with these members in this order: what is in it as JSON (Contents), the
// database, then recordings/NAME and phrases/NAME. It is not encrypted: whoever has it can hear the recordings.
const (
	memberContents = "ringfence-backup.json"
	memberDatabase = "ringfence.db"
	backupFormat   = 1
)

// mediaFolders are the folders beside the database that a backup has.
var mediaFolders = []string{"recordings", "phrases"}

// mediaName is what the name of a file in them is like: no path, and nothing hidden or half written.
var mediaName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// Contents is what is in a backup.
type Contents struct {
	Format     int       `json:"format"`
	Made       time.Time `json:"made"`
	Households []string  `json:"households"`
	People     int       `json:"people"`
	Contacts   int       `json:"contacts"`
	Blocks     int       `json:"blocks"`
	Calls      int       `json:"calls"`
	Recordings int       `json:"recordings"`
	Phrases    int       `json:"phrases"`
	Bytes      int64     `json:"bytes"` // before it is compressed
}

// Backup is a copy of everything at one moment, ready to be written. It has to be closed.
type Backup struct {
	Contents
	folder string // a temporary one
	files  []archive.File
}

// backupPrefix begins the names of the temporary folders in the data folder.
const backupPrefix = ".backup-"

// Backup copies the database beside calls, which go on meanwhile, and looks for the recordings that belong to it. What
// lets somebody in at once is left out: sessions, and links that are open. Who has it made must be allowed everything
// on this machine.
func (s *Store) Backup(ctx context.Context, now time.Time) (b *Backup, err error) {
	data := filepath.Dir(s.path)
	if err := s.roomForCopy(data); err != nil {
		return nil, err
	}
	removeOld(data, backupPrefix, now)
	b = &Backup{Contents: Contents{Format: backupFormat, Made: now.UTC().Truncate(time.Second)}}
	if b.folder, err = os.MkdirTemp(data, backupPrefix); err != nil { // mode 0700
		return nil, fmt.Errorf("the backup cannot be made: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("the backup cannot be made: %w", err), b.Close())
		}
	}()
	copied := filepath.Join(b.folder, memberDatabase)
	if err := s.copyTo(ctx, copied); err != nil {
		return nil, err
	}
	known, err := b.count(ctx, copied)
	if err != nil {
		return nil, err
	}
	return b, b.collect(data, copied, known)
}

// roomForCopy: the copy must not fill the disk, which calls need.
func (s *Store) roomForCopy(data string) error {
	lacking, err := s.lackingForCopy(data)
	if err != nil {
		return err
	}
	if lacking > 0 {
		return errors.New("the disk has no room for a copy of the database: delete something from it, or use a larger one")
	}
	return nil
}

// lackingForCopy is how many bytes the disk lacks for a copy; 0 or less where there is room.
func (s *Store) lackingForCopy(data string) (int64, error) {
	free, err := FreeDisk(data)
	if err != nil {
		return 0, err
	}
	size, err := fileSize(s.path)
	return size + s.leastFree - free, err
}

// copyTo makes a copy of the database. What lets somebody in at once is left out of it.
func (s *Store) copyTo(ctx context.Context, path string) error {
	return sqlite.Copy(ctx, s.path, path, "DELETE FROM web_sessions", "DELETE FROM logins", "DELETE FROM start_link", "DELETE FROM password_links",
		"DELETE FROM invitations WHERE used_at IS NULL")
}

// count counts what is in a database, and returns the names of the recordings that it knows.
func (c *Contents) count(ctx context.Context, path string) (recordings map[string]bool, err error) {
	db, err := sqlite.OpenCopy(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var homes, files string
	err = db.QueryRowContext(ctx, `SELECT (SELECT json_group_array(name ORDER BY name) FROM households), (SELECT json_group_array(file) FROM recordings),
		(SELECT count(*) FROM people), (SELECT count(*) FROM contacts), (SELECT count(*) FROM blocks), (SELECT count(*) FROM calls)`).Scan(
		&homes, &files, &c.People, &c.Contacts, &c.Blocks, &c.Calls)
	if err != nil {
		return nil, err
	}
	var names []string
	if err := errors.Join(json.Unmarshal([]byte(homes), &c.Households), json.Unmarshal([]byte(files), &names)); err != nil {
		return nil, err
	}
	recordings = map[string]bool{}
	for _, name := range names {
		recordings[name] = true
	}
	return recordings, nil
}

// collect lists the files of the backup.
func (b *Backup) collect(data, copied string, known map[string]bool) error {
	size, err := fileSize(copied)
	if err != nil {
		return err
	}
	b.add(memberDatabase, copied, size)
	for _, folder := range mediaFolders {
		files, err := os.ReadDir(filepath.Join(data, folder))
		if err != nil {
			return err
		}
		for _, f := range files {
			info, err := f.Info()
			if errors.Is(err, fs.ErrNotExist) { // deleted meanwhile
				continue
			}
			if err != nil {
				return err
			}
			if !info.Mode().IsRegular() || !mediaName.MatchString(f.Name()) || folder == "recordings" && !known[f.Name()] {
				continue
			}
			b.add(folder+"/"+f.Name(), filepath.Join(data, folder, f.Name()), info.Size())
			if folder == "recordings" {
				b.Recordings++
			} else {
				b.Phrases++
			}
		}
	}
	return nil
}

func (b *Backup) add(member, path string, size int64) {
	b.files = append(b.files, archive.File{Name: member, Path: path, Size: size})
	b.Bytes += size
}

// Write writes the backup. progress, which may be nil, is told how many of Bytes are done. A recording that was deleted
// since is left out.
func (b *Backup) Write(ctx context.Context, w io.Writer, progress func(done int64)) error {
	return archive.Write(ctx, w, archive.Head{Name: memberContents, Contents: b.Contents, Made: b.Made}, b.files, progress)
}

// Close deletes the copy.
func (b *Backup) Close() error { return os.RemoveAll(b.folder) }

// removeOld deletes temporary folders that a program which was killed has left.
func removeOld(data, prefix string, now time.Time) {
	entries, _ := os.ReadDir(data) // whoever goes on to write there is told what is wrong
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), prefix) && now.Sub(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(filepath.Join(data, e.Name()))
		}
	}
}
