package main

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
	"ringfence/store"
	"ringfence/store/archive"
)

// A backup of a hub is an archive with these members: what is in it as JSON (hubContents), the database, hub.toml, both keys, the protected
// numbers, and the list that is published, as list/NAME.
const (
	hubHead         = "ringfence-hub-backup.json"
	hubBackupFormat = 1
	// hubCopies begins the name of the temporary folder with what is copied for it.
	hubCopies = ".backup-"
)

// hubFiles are the members beside the database and the list.
func hubFiles() []string { return []string{hubFile, hubKeyFile, hubKeyFile + ".pub", hubProtected} }

// hubContents is what is in a backup of a hub.
type hubContents struct {
	Format     int       `json:"format"`
	Made       time.Time `json:"made"`
	Name       string    `json:"name"`
	Households int       `json:"households"`
	Moderators int       `json:"moderators"`
	Serial     int64     `json:"serial"` // of the list; 0: it has not been published
}

func (c hubContents) String() string {
	return fmt.Sprintf("the hub %q with %s and %s, all as on %s", c.Name, many(int64(c.Households), "household"), many(int64(c.Moderators), "moderator"),
		c.Made.Local().Format("2 January 2006 at 15:04"))
}

// count counts who is in a hub.
func (c *hubContents) count(ctx context.Context, db *hub.Hub) (err error) {
	if c.Households, err = db.Households(ctx); err != nil {
		return err
	}
	moderators, err := db.Moderators(ctx)
	c.Moderators = len(moderators)
	return err
}

type hubBackupCmd struct {
	File string `arg:"" help:"The file to write, such as hub.tar.gz."`
}

func (hubBackupCmd) Help() string {
	return "The ledgers of reports and decisions, moderators, invitations, settings, protected numbers, the list that is published, and the SECRET KEY\n" +
		"that it is signed with. The hub goes on meanwhile. The file is not encrypted, and only its owner can read it. Certificates are not in it.\n\n" +
		"Example: ringfence hub backup /media/stick/hub.tar.gz --dir /var/lib/ringfence-hub"
}

// Run does not become the hub's user: what it writes is for whoever has called it, and in the hub's folder nothing of it stays.
func (c hubBackupCmd) Run(ctx context.Context, p *program, h *hubCmd) (err error) {
	s, err := readHub(h.Dir)
	if err != nil {
		return err
	}
	size, err := fileSize(s.path(hubDatabase))
	if err != nil {
		return fmt.Errorf("the database of the hub cannot be read: %w", err)
	}
	if err := store.RoomForBackup(s.dir, size); err != nil {
		return err
	}
	_, db, err := h.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	copies, err := os.MkdirTemp(s.dir, hubCopies) // mode 0700
	if err != nil {
		return fmt.Errorf("the backup cannot be made: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(copies)) }()
	contents, files, err := collectHub(ctx, s, db, copies, time.Now())
	if err != nil {
		return fmt.Errorf("the backup cannot be made: %w", err)
	}
	var total int64
	for _, f := range files {
		total += f.Size
	}
	written, err := writeWhole(c.File, func(w io.Writer) error {
		return archive.Write(ctx, w, archive.Head{Name: hubHead, Contents: contents, Made: contents.Made}, files, p.progress(total))
	})
	if err != nil {
		return fmt.Errorf("the backup cannot be written: %w", err)
	}
	return p.say("%s (%s) has %s.\nIt has the secret key of the list in it: keep it where nobody but you finds it, for whoever has it can publish in your name.",
		c.File, megabytes(written), contents)
}

// collectHub copies what may change meanwhile into a folder, and lists all that goes into a backup.
func collectHub(ctx context.Context, s hubSettings, db *hub.Hub, copies string, now time.Time) (c hubContents, files []archive.File, err error) {
	c = hubContents{Format: hubBackupFormat, Made: now.UTC().Truncate(time.Second), Name: s.Name}
	copied := filepath.Join(copies, hubDatabase)
	if err := db.CopyTo(ctx, copied); err != nil {
		return c, nil, err
	}
	if err := c.count(ctx, db); err != nil {
		return c, nil, err
	}
	files = []archive.File{{Name: hubDatabase, Path: copied}}
	for _, name := range hubFiles() {
		files = append(files, archive.File{Name: name, Path: s.path(name)})
	}
	published, err := collectList(s, copies)
	if err != nil {
		return c, nil, err
	}
	if published.Serial != 0 {
		c.Serial = published.Serial
		for _, name := range []string{list.ManifestFile, list.SignatureFile} {
			files = append(files, archive.File{Name: hubListFolder + "/" + name, Path: filepath.Join(copies, name)})
		}
		for _, part := range published.Parts { // which stay for a day after they were replaced
			files = append(files, archive.File{Name: hubListFolder + "/" + part.File, Path: s.path(filepath.Join(hubListFolder, part.File))})
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

// betweenTwo is how often the list is read again that is being replaced in this moment.
const betweenTwo = 1000

// collectList copies the manifest of the list and its signature, which belong together. The manifest has no serial where no list was
// published.
func collectList(s hubSettings, copies string) (list.Manifest, error) {
	key, err := readPublicKey(s)
	if err != nil {
		return list.Manifest{}, err
	}
	m, text, signature, err := list.ReadDir(s.path(hubListFolder), key, list.DefaultLimits())
	for range betweenTwo {
		if !errors.Is(err, list.ErrSignature) {
			break
		}
		m, text, signature, err = list.ReadDir(s.path(hubListFolder), key, list.DefaultLimits())
	}
	if errors.Is(err, fs.ErrNotExist) {
		return list.Manifest{}, nil
	}
	if err != nil {
		return m, fmt.Errorf("the list in %s cannot be read, `ringfence hub publish` makes it anew: %w", s.path(hubListFolder), err)
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
