package hubserver

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

	"ringfence/sharing/hub"
	"ringfence/sharing/list"
	"ringfence/store/archive"
	"ringfence/store/backups"
)

// errNotHub says that a file is not a backup of a hub.
var errNotHub = errors.New("this is not a backup of a hub, or not the whole of one: take another file")

// EmptyFolder makes a folder, or makes sure that it is empty; from then on the process acts as the folder's owner. made says that there was none.
func EmptyFolder(dir string) (made bool, err error) {
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return false, fmt.Errorf("the folder cannot be made: %w", err)
		}
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("the folder cannot be read: %w", err)
	}
	if len(files) > 0 {
		return false, fmt.Errorf("there is something in %s already, such as %s: a hub is restored into an empty folder, so choose another with --dir", dir, files[0].Name())
	}
	if err := BecomeOwner(dir); err != nil {
		return false, err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return false, fmt.Errorf("the folder %s belongs to somebody else: run as its owner, or choose another", dir)
	}
	return false, nil
}

// Restore unpacks a backup into a temporary folder, checks it, and makes it the hub of the folder.
func Restore(ctx context.Context, dir string, r io.Reader) (c Contents, err error) {
	beside, err := os.MkdirTemp(dir, ".restore-")
	if err != nil {
		return c, fmt.Errorf("the backup cannot be put there: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(beside)) }()
	members, err := unpack(ctx, beside, r, &c)
	if err != nil {
		return c, err
	}
	if err := check(ctx, beside, &c); err != nil {
		return c, err
	}
	syscall.Sync()
	// The settings come last: without them there is no hub in the folder, so a restore that was cut off is noticed.
	last := slices.Index(members, File)
	members = append(slices.Delete(members, last, last+1), File)
	for _, name := range members {
		if err := os.Rename(filepath.Join(beside, name), filepath.Join(dir, name)); err != nil {
			return c, fmt.Errorf("the backup cannot be put there: %w", err)
		}
	}
	return c, nil
}

// kind is what a backup of a hub may have.
var kind = archive.Kind{Head: BackupHead, NotOne: errNotHub, Limit: limit, Room: backups.RoomFor}

func limit(name string) (int64, bool) {
	file, published := strings.CutPrefix(name, ListFolder+"/")
	switch {
	case name == DatabaseFile:
		return 8 << 30, true
	case slices.Contains(memberFiles(), name):
		return 16 << 20, true
	case published && (file == list.ManifestFile || file == list.SignatureFile):
		return list.MaxManifest, true
	}
	return 1 << 30, published && list.IsPart(file)
}

// unpack unpacks a backup, and returns the names that are to be in the hub's folder.
func unpack(ctx context.Context, folder string, r io.Reader, c *Contents) (members []string, err error) {
	if err := os.Mkdir(filepath.Join(folder, ListFolder), 0o755); err != nil { //nolint:gosec // a web server may serve it
		return nil, err
	}
	members = []string{ListFolder}
	err = kind.Unpack(ctx, folder, r, func(text []byte) error {
		if err := json.Unmarshal(text, c); err != nil {
			return errNotHub
		}
		if c.Format != backupFormat {
			return archive.Refuse("this backup was made by a newer Ringfence (format %d): install that one first", c.Format)
		}
		return nil
	}, func(name string, _ int64) {
		if !strings.Contains(name, "/") {
			members = append(members, name)
		}
	})
	if err != nil {
		return nil, err
	}
	for _, needed := range append(memberFiles(), DatabaseFile) {
		if needed != ProtectedFile && !slices.Contains(members, needed) {
			return nil, errNotHub
		}
	}
	files, err := os.ReadDir(filepath.Join(folder, ListFolder))
	for _, f := range files { // as publishing makes them
		err = errors.Join(err, os.Chmod(filepath.Join(folder, ListFolder, f.Name()), 0o644)) //nolint:gosec // everybody may read the list
	}
	return members, err
}

// check makes sure that a hub can go on from what was unpacked, and counts what is in it.
func check(ctx context.Context, folder string, c *Contents) error {
	s, err := Read(folder)
	if err != nil {
		return fmt.Errorf("the settings in this backup cannot be used: %w", err)
	}
	if err := hub.TakeUp(ctx, s.Path(DatabaseFile), s.Group(), ByCommand()); err != nil {
		return err
	}
	db, err := hub.Open(ctx, s.Path(DatabaseFile), s.Group())
	if err != nil {
		return err
	}
	pub, err := NewPublisher(s, db)
	if err == nil {
		_, err = list.OpenDir(s.Path(ListFolder), pub.public, list.DefaultLimits())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("the list in this backup cannot be used, so take another backup: %w", err)
		} else {
			err = nil
		}
	}
	c.Name = s.Name
	return errors.Join(err, c.count(ctx, db), db.Close())
}
