// Package backups makes and restores backups of everything, which people keep elsewhere, and makes one of the database alone each day, which
// stays in the data folder (see package rescue).
package backups

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ringfence/store"
	"ringfence/store/archive"
	"ringfence/store/columns"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// A backup is a tar file, compressed with gzip, with these members in this order: its Contents as JSON, the database, then recordings/NAME and
// phrases/NAME. It is not encrypted: whoever has it can hear the recordings.
const (
	memberContents = "ringfence-backup.json"
	memberDatabase = datafolder.Database
	backupFormat   = 1
)

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

// Make copies the database while calls go on, and finds the recordings that belong to it. It leaves out what would let somebody in: sessions,
// and links that were not used. It is only for people who may see everything on this machine.
func Make(ctx context.Context, data string, now time.Time) (b *Backup, err error) {
	if err := roomForCopy(data, store.LeastFree); err != nil {
		return nil, err
	}
	datafolder.RemoveOld(data, backupPrefix, now)
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
	if err := copyDatabase(ctx, filepath.Join(data, memberDatabase), copied); err != nil {
		return nil, err
	}
	if err := b.count(ctx, copied, filepath.Join(data, datafolder.Phrases)); err != nil {
		return nil, err
	}
	known, err := store.RecordingsIn(ctx, copied)
	if err != nil {
		return nil, err
	}
	return b, b.collect(data, copied, known)
}

// roomForCopy is an error where a copy would fill the disk, which calls need.
func roomForCopy(data string, leastFree int64) error {
	lacking, err := lackingForCopy(data, leastFree)
	if err != nil {
		return err
	}
	if lacking > 0 {
		return errors.New("the disk has no room for a copy of the database: delete something from it, or use a larger one")
	}
	return nil
}

// lackingForCopy is how many bytes the disk lacks for a copy; 0 or less where there is room.
func lackingForCopy(data string, leastFree int64) (int64, error) {
	free, err := store.FreeDisk(data)
	if err != nil {
		return 0, err
	}
	size, err := datafolder.FileSize(filepath.Join(data, memberDatabase))
	return size + leastFree - free, err
}

// copyDatabase copies the database, without what would let somebody in.
func copyDatabase(ctx context.Context, from, to string) error {
	return sqlite.Copy(ctx, from, to, "DELETE FROM web_sessions", "DELETE FROM logins", "DELETE FROM start_link", "DELETE FROM password_links",
		"DELETE FROM invitations WHERE used_at IS NULL")
}

// count counts what is in a database that nobody uses, and which phrases it has in a folder.
func (c *Contents) count(ctx context.Context, path, phrases string) (err error) {
	db, err := sqlite.OpenCopy(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if c.Phrases, err = store.CountPhrases(ctx, db, phrases); err != nil {
		return err
	}
	return db.QueryRowContext(ctx, `SELECT (SELECT json_group_array(name ORDER BY name) FROM households), (SELECT count(*) FROM people),
		(SELECT count(*) FROM contacts), (SELECT count(*) FROM blocks), (SELECT count(*) FROM calls)`).
		Scan(columns.ScanJSON(&c.Households), &c.People, &c.Contacts, &c.Blocks, &c.Calls)
}

// collect lists the files of the backup.
func (b *Backup) collect(data, copied string, known map[string]bool) error {
	size, err := datafolder.FileSize(copied)
	if err != nil {
		return err
	}
	b.add(memberDatabase, copied, size)
	for _, folder := range datafolder.Media() {
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
			if !info.Mode().IsRegular() || !datafolder.IsMediaName(f.Name()) || folder == datafolder.Recordings && !known[f.Name()] {
				continue
			}
			b.add(folder+"/"+f.Name(), filepath.Join(data, folder, f.Name()), info.Size())
			if folder == datafolder.Recordings {
				b.Recordings++
			}
		}
	}
	return nil
}

func (b *Backup) add(member, path string, size int64) {
	b.files = append(b.files, archive.File{Name: member, Path: path, Size: size})
	b.Bytes += size
}

// Write writes the backup. It calls progress, which may be nil, with how many of Bytes are done. It leaves out recordings that have been deleted
// meanwhile.
func (b *Backup) Write(ctx context.Context, w io.Writer, progress func(done int64)) error {
	return archive.Write(ctx, w, archive.Head{Name: memberContents, Contents: b.Contents, Made: b.Made}, b.files, progress)
}

// Close deletes the copy.
func (b *Backup) Close() error { return os.RemoveAll(b.folder) }
