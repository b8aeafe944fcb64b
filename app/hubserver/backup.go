package hubserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ringfence/sharing/hub"
	"ringfence/sharing/list"
	"ringfence/store/archive"
	"ringfence/store/backups"
)

// A backup of a hub is an archive with these members: what is in it as JSON (Contents), the database, hub.toml, both keys, the protected
// numbers, and the list that is published, as list/NAME.
const (
	BackupHead   = "ringfence-hub-backup.json"
	backupFormat = 1
	// CopiesPrefix begins the name of the temporary folder for the copies.
	CopiesPrefix = ".backup-"
)

// memberFiles are the members beside the database and the list.
func memberFiles() []string { return []string{File, KeyFile, KeyFile + ".pub", ProtectedFile} }

// Contents is what is in a backup of a hub.
type Contents struct {
	Format     int       `json:"format"`
	Made       time.Time `json:"made"`
	Name       string    `json:"name"`
	Households int       `json:"households"`
	Moderators int       `json:"moderators"`
	Serial     int64     `json:"serial"` // of the list; 0: it has not been published
}

// count counts the people in a hub.
func (c *Contents) count(ctx context.Context, db *hub.Hub) (err error) {
	if c.Households, err = db.Households(ctx); err != nil {
		return err
	}
	moderators, err := db.People.All(ctx)
	c.Moderators = len(moderators)
	return err
}

// Backup is a backup that is being made. Close it.
type Backup struct {
	Contents Contents
	Bytes    int64 // of its files
	copies   string
	files    []archive.File
	db       *hub.Hub
}

// NewBackup copies what may change while it is written. The hub goes on meanwhile.
func NewBackup(ctx context.Context, dir string, now time.Time) (b *Backup, err error) {
	s, err := Read(dir)
	if err != nil {
		return nil, err
	}
	size, err := fileSize(s.Path(DatabaseFile))
	if err != nil {
		return nil, fmt.Errorf("the database of the hub cannot be read: %w", err)
	}
	if err := backups.RoomFor(s.Dir, size); err != nil {
		return nil, err
	}
	_, db, err := Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	b = &Backup{db: db}
	if b.copies, err = os.MkdirTemp(s.Dir, CopiesPrefix); err == nil { // mode 0700
		b.Contents, b.files, err = collect(ctx, s, db, b.copies, now)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the backup cannot be made: %w", err), b.Close())
	}
	for _, f := range b.files {
		b.Bytes += f.Size
	}
	return b, nil
}

// Write writes the archive.
func (b *Backup) Write(ctx context.Context, w io.Writer, progress func(done int64)) error {
	return archive.Write(ctx, w, archive.Head{Name: BackupHead, Contents: b.Contents, Made: b.Contents.Made}, b.files, progress)
}

// Close deletes the copies.
func (b *Backup) Close() error {
	err := b.db.Close()
	if b.copies != "" {
		err = errors.Join(err, os.RemoveAll(b.copies))
	}
	return err
}

// collect copies what may change meanwhile into a folder, and lists all that goes into a backup.
func collect(ctx context.Context, s Settings, db *hub.Hub, copies string, now time.Time) (c Contents, files []archive.File, err error) {
	c = Contents{Format: backupFormat, Made: now.UTC().Truncate(time.Second), Name: s.Name}
	copied := filepath.Join(copies, DatabaseFile)
	if err := db.CopyTo(ctx, copied); err != nil {
		return c, nil, err
	}
	if err := c.count(ctx, db); err != nil {
		return c, nil, err
	}
	files = []archive.File{{Name: DatabaseFile, Path: copied}}
	for _, name := range memberFiles() {
		files = append(files, archive.File{Name: name, Path: s.Path(name)})
	}
	published, err := collectList(s, copies)
	if err != nil {
		return c, nil, err
	}
	if published.Serial != 0 {
		c.Serial = published.Serial
		for _, name := range []string{list.ManifestFile, list.SignatureFile} {
			files = append(files, archive.File{Name: ListFolder + "/" + name, Path: filepath.Join(copies, name)})
		}
		for _, part := range published.Parts { // which stay for a day after being replaced
			files = append(files, archive.File{Name: ListFolder + "/" + part.File, Path: s.Path(filepath.Join(ListFolder, part.File))})
		}
	}
	for i := range files {
		size, err := fileSize(files[i].Path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // no protected numbers, or a part that somebody has deleted
			return c, nil, err
		}
		files[i].Size = size
	}
	return c, files, nil
}

// betweenTwo is how often reading the list is retried while it is being replaced.
const betweenTwo = 1000

// collectList copies the manifest of the list and its signature, which belong together. The manifest's serial is 0 if no list was published.
func collectList(s Settings, copies string) (list.Manifest, error) {
	key, err := ReadPublicKey(s)
	if err != nil {
		return list.Manifest{}, err
	}
	m, text, signature, err := list.ReadDir(s.Path(ListFolder), key, list.DefaultLimits())
	for range betweenTwo {
		if !errors.Is(err, list.ErrSignature) {
			break
		}
		m, text, signature, err = list.ReadDir(s.Path(ListFolder), key, list.DefaultLimits())
	}
	if errors.Is(err, fs.ErrNotExist) {
		return list.Manifest{}, nil
	}
	if err != nil {
		return m, fmt.Errorf("the list in %s cannot be read, `ringfence hub publish` makes it again: %w", s.Path(ListFolder), err)
	}
	return m, errors.Join(os.WriteFile(filepath.Join(copies, list.ManifestFile), text, 0o600), os.WriteFile(filepath.Join(copies, list.SignatureFile), signature, 0o600))
}

func fileSize(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
