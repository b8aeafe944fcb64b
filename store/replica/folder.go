// Package replica keeps a second copy of a data folder on another disk, a few seconds behind, from which another machine takes this one's place.
//
// Litestream (github.com/benbjohnson/litestream), a program of its own, follows the database: it copies each second what SQLite's write-ahead log has
// got, and now and then makes a snapshot of the whole. Nobody who writes waits for it. Files beside the database are copied here, by package app/replica,
// as they come and go: recordings, phrases, the newest daily backup, and the settings if their owner wants that.
//
// Only one machine may write to a replica. The folder has a mark that says whose it is, and whoever restores from it takes it over: a machine that was
// thought lost finds another's mark when it comes back, and leaves the folder alone.
package replica

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ringfence/store/datafolder"
)

// What is in the folder of a replica, beside the media of package datafolder.
const (
	markFile = "replica.json"
	// DatabaseFolder has Litestream's files.
	DatabaseFolder = "database"
	// SettingsFolder has ringfence.toml, and the files beside it that it names.
	SettingsFolder = "settings"
	// BackupFolder has the newest daily backup of the database, in case the rest of it cannot be read.
	BackupFolder = datafolder.Backups

	format = 1
	// idFile is in the data folder, and says which replica is its own.
	idFile = "replica-id"
)

// Errors of a replica's folder.
var (
	ErrTaken = errors.New("another machine writes to this replica, or has been restored from it")
	errNone  = errors.New("there is no replica of Ringfence's data in this folder")
)

// mark says whose a replica is. When its file was changed last is until when the replica is complete.
type mark struct {
	Format  int    `json:"format"`
	Of      string `json:"of"`      // the data folder's ID
	Machine string `json:"machine"` // its name, for people
}

func readMark(folder string) (m mark, err error) {
	text, err := os.ReadFile(filepath.Join(folder, markFile))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s in %s cannot be read: %w", markFile, folder, err)
	}
	if m.Format != format {
		return m, fmt.Errorf("the replica in %s was made by a newer Ringfence: install that one first", folder)
	}
	return m, nil
}

func writeMark(folder, id string) error {
	name, _ := os.Hostname() // it is for people alone
	text, err := json.Marshal(mark{Format: format, Of: id, Machine: name})
	if err != nil {
		return err
	}
	path := filepath.Join(folder, markFile)
	if err := datafolder.WriteFile(path, append(text, '\n')); err != nil {
		return err
	}
	return os.Chtimes(path, time.Unix(0, 0), time.Unix(0, 0)) // nothing is there yet
}

// Claim makes a folder the replica of a data folder, or finds that it is. The folder has to exist: where a disk is not mounted, its place on the disk
// above must not be filled. The error is ErrTaken if it is another's.
func Claim(data, folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	id, err := ownID(data)
	if err != nil {
		return err
	}
	m, err := readMark(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		for _, e := range entries {
			if e.Name() != "lost+found" && !strings.HasPrefix(e.Name(), ".") {
				return fmt.Errorf("%s has something else in it (%s): name an empty folder", folder, e.Name())
			}
		}
		return errors.Join(os.Chmod(folder, 0o700), writeMark(folder, id))
	case err != nil:
		return err
	}
	return m.isOf(id)
}

func (m mark) isOf(id string) error {
	if m.Of != id {
		return fmt.Errorf("%w (%s)", ErrTaken, m.Machine)
	}
	return nil
}

// Check finds that a folder still is the replica of a data folder.
func Check(data, folder string) error {
	id, err := ownID(data)
	if err != nil {
		return err
	}
	m, err := readMark(folder)
	if err != nil {
		return err
	}
	return m.isOf(id)
}

// ownID is the data folder's ID, which is made the first time.
func ownID(data string) (string, error) {
	text, err := os.ReadFile(filepath.Join(data, idFile))
	if id := strings.TrimSpace(string(text)); err == nil && id != "" {
		return id, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return newID(data)
}

func newID(data string) (string, error) {
	id := rand.Text()
	return id, datafolder.WriteFile(filepath.Join(data, idFile), []byte(id+"\n"))
}

// takeOver makes a replica that of a data folder which has been restored from it.
func takeOver(data, folder string) error {
	id, err := newID(data)
	if err != nil {
		return err
	}
	return writeMark(folder, id)
}

// SetComplete notes until when a replica is complete.
func SetComplete(folder string, until time.Time) error {
	return os.Chtimes(filepath.Join(folder, markFile), until, until)
}

// Complete is until when the replica in a folder is complete: everything that was written by then is in it. It is zero if it has never been.
func Complete(folder string) (until time.Time, err error) {
	info, err := os.Stat(filepath.Join(folder, markFile))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(folder); err != nil {
			return until, err
		}
		return until, errNone
	}
	if err != nil || info.ModTime().Unix() == 0 {
		return until, err
	}
	return info.ModTime(), nil
}
