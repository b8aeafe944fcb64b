package store

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

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
	files  []backupFile
}

type backupFile struct {
	member, path string
	size         int64
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
	free, err := FreeDisk(data)
	if err != nil {
		return err
	}
	size, err := fileSize(s.path)
	if err != nil {
		return err
	}
	if free-size < s.leastFree {
		return errors.New("the disk has no room for a copy of the database: delete something from it, or use a larger one")
	}
	return nil
}

// copyTo makes a copy with VACUUM INTO, which only reads what it copies, and leaves out what was deleted.
func (s *Store) copyTo(ctx context.Context, path string) (err error) {
	db, err := sqlite.Writer(s.path)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	copied, err := openCopy(path)
	if err != nil {
		return err
	}
	for _, statement := range []string{
		"PRAGMA secure_delete = on", // nothing of it stays in free pages
		"DELETE FROM web_sessions", "DELETE FROM logins", "DELETE FROM start_link", "DELETE FROM password_links",
		"DELETE FROM invitations WHERE used_at IS NULL",
	} {
		_, failed := copied.ExecContext(ctx, statement)
		err = errors.Join(err, failed)
	}
	return errors.Join(err, copied.Close())
}

// openCopy opens a database that nobody else has: one file, without a write-ahead log beside it.
func openCopy(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=rw&_foreign_keys=on")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// count counts what is in a database, and returns the names of the recordings that it knows.
func (c *Contents) count(ctx context.Context, path string) (recordings map[string]bool, err error) {
	db, err := openCopy(path)
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
	b.files = append(b.files, backupFile{member, path, size})
	b.Bytes += size
}

// Write writes the backup. progress, which may be nil, is told how many of Bytes are done. A recording that was deleted
// since is left out.
func (b *Backup) Write(ctx context.Context, w io.Writer, progress func(done int64)) error {
	pressed := gzip.NewWriter(w)
	archive := tar.NewWriter(pressed)
	contents, err := json.MarshalIndent(b.Contents, "", "  ")
	if err != nil {
		return err
	}
	head := func(member string, size int64) *tar.Header {
		return &tar.Header{Typeflag: tar.TypeReg, Name: member, Size: size, Mode: 0o600, ModTime: b.Made, Format: tar.FormatPAX}
	}
	if err := archive.WriteHeader(head(memberContents, int64(len(contents)))); err != nil {
		return err
	}
	if _, err := archive.Write(contents); err != nil {
		return err
	}
	var done int64
	for _, f := range b.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.write(archive, head); err != nil {
			return err
		}
		if done += f.size; progress != nil {
			progress(done)
		}
	}
	return errors.Join(archive.Close(), pressed.Close())
}

func (f backupFile) write(archive *tar.Writer, head func(string, int64) *tar.Header) error {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := file.Stat() // a recording is replaced whole: this is the size of the one that is open
	if err == nil {
		err = archive.WriteHeader(head(f.member, info.Size()))
	}
	if err == nil {
		_, err = io.Copy(archive, file)
	}
	return errors.Join(err, file.Close())
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
