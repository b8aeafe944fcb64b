package main

import (
	"bufio"
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
	"ringfence/store"
	"ringfence/store/archive"
)

type hubRestoreCmd struct {
	File string `arg:"" help:"A file that \"ringfence hub backup\" has written."`
}

func (hubRestoreCmd) Help() string {
	return "The folder must be empty, or not be there. The file is checked wholly before a hub is made of it; then the list is published, with a serial\n" +
		"greater than any before, so that households take it. Moderators sign in again. The hub of before must not run any more: two with one\n" +
		"key would publish different lists.\n\nExample: ringfence hub restore /media/stick/hub.tar.gz --dir /var/lib/ringfence-hub"
}

// errNotHub says that a file is no backup of a hub.
var errNotHub = errors.New("this is no backup of a hub, or not the whole of one: take another file")

func (c hubRestoreCmd) Run(ctx context.Context, p *program, h *hubCmd) (err error) {
	f, err := os.Open(c.File) // before this is done as the hub's user, who may not be allowed to
	if err != nil {
		return fmt.Errorf("the backup cannot be read: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	made, err := emptyFolder(h.Dir)
	if err != nil {
		return err
	}
	contents, err := restoreHub(ctx, h.Dir, bufio.NewReaderSize(f, 1<<18))
	if err != nil {
		if made {
			err = errors.Join(err, os.Remove(h.Dir))
		}
		return err
	}
	if err := p.say("Put back into %s: %s.", h.Dir, contents); err != nil {
		return err
	}
	published := hubPublishCmd{}.Run(ctx, p, h)
	if made && os.Geteuid() == 0 {
		if err := p.say("The folder is root's now. Where the hub runs as a user of its own: chown -R ringfence-hub: %s", h.Dir); err != nil {
			return err
		}
	}
	return errors.Join(published, p.say("Start it with `ringfence hub serve --dir %s`. The hub of before must not run any more.", h.Dir))
}

// emptyFolder makes a folder, or makes sure that it is empty; what is done in it is done as its owner then. made says that it was not there.
func emptyFolder(dir string) (made bool, err error) {
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
		return false, fmt.Errorf("there is something in %s already, such as %s: a hub is put back into an empty folder, so choose another with --dir", dir, files[0].Name())
	}
	if err := asOwner(dir); err != nil {
		return false, err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return false, fmt.Errorf("the folder %s belongs to somebody else: run as its owner, or choose another", dir)
	}
	return false, nil
}

// restoreHub unpacks a backup beside, checks it, and makes it the hub of the folder.
func restoreHub(ctx context.Context, dir string, r io.Reader) (c hubContents, err error) {
	beside, err := os.MkdirTemp(dir, ".restore-")
	if err != nil {
		return c, fmt.Errorf("the backup cannot be put there: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(beside)) }()
	members, err := unpackHub(ctx, beside, r, &c)
	if err != nil {
		return c, err
	}
	if err := checkHub(ctx, beside, &c); err != nil {
		return c, err
	}
	syscall.Sync()
	// The settings come last: without them there is no hub in the folder, and where this was cut off it says so.
	last := slices.Index(members, hubFile)
	members = append(slices.Delete(members, last, last+1), hubFile)
	for _, name := range members {
		if err := os.Rename(filepath.Join(beside, name), filepath.Join(dir, name)); err != nil {
			return c, fmt.Errorf("the backup cannot be put there: %w", err)
		}
	}
	return c, nil
}

// hubKind is what a backup of a hub may have.
var hubKind = archive.Kind{Head: hubHead, NotOne: errNotHub, Limit: hubLimit, Room: store.RoomForBackup}

func hubLimit(name string) (int64, bool) {
	file, published := strings.CutPrefix(name, hubListFolder+"/")
	switch {
	case name == hubDatabase:
		return 8 << 30, true
	case slices.Contains(hubFiles(), name):
		return 16 << 20, true
	case published && (file == list.ManifestFile || file == list.SignatureFile):
		return list.MaxManifest, true
	}
	return 1 << 30, published && list.IsPart(file)
}

// unpackHub unpacks a backup, and returns the names that are to be in the hub's folder.
func unpackHub(ctx context.Context, folder string, r io.Reader, c *hubContents) (members []string, err error) {
	if err := os.Mkdir(filepath.Join(folder, hubListFolder), 0o755); err != nil { //nolint:gosec // a web server may serve it
		return nil, err
	}
	members = []string{hubListFolder}
	err = hubKind.Unpack(ctx, folder, r, func(text []byte) error {
		if err := json.Unmarshal(text, c); err != nil {
			return errNotHub
		}
		if c.Format != hubBackupFormat {
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
	for _, needed := range append(hubFiles(), hubDatabase) {
		if needed != hubProtected && !slices.Contains(members, needed) {
			return nil, errNotHub
		}
	}
	files, err := os.ReadDir(filepath.Join(folder, hubListFolder))
	for _, f := range files { // as publishing makes them
		err = errors.Join(err, os.Chmod(filepath.Join(folder, hubListFolder, f.Name()), 0o644)) //nolint:gosec // everybody may read the list
	}
	return members, err
}

// checkHub makes sure that a hub can go on from what was unpacked, and counts what is in it.
func checkHub(ctx context.Context, folder string, c *hubContents) error {
	s, err := readHub(folder)
	if err != nil {
		return fmt.Errorf("the settings in this backup cannot be used: %w", err)
	}
	if err := hub.TakeUp(ctx, s.path(hubDatabase), s.group(), commanded()); err != nil {
		return err
	}
	db, err := hub.Open(ctx, s.path(hubDatabase), s.group())
	if err != nil {
		return err
	}
	pub, err := newPublisher(s, db)
	if err == nil {
		_, err = list.OpenDir(s.path(hubListFolder), pub.public, list.DefaultLimits())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("the list in this backup cannot be used, so take another backup: %w", err)
		} else {
			err = nil
		}
	}
	c.Name = s.Name
	return errors.Join(err, c.count(ctx, db), db.Close())
}
