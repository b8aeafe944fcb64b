package datafolder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	// Staged is the folder of a checked backup that is about to replace the data. It is in the data folder, because only there can we be sure that a
	// folder can be made, and is on the same disk (Docker, systemd).
	Staged = "restore-ready"
	// AsideFile is a file in it with the name of the folder, in the data folder, for what is replaced.
	AsideFile = "aside"
)

// ErrNotStaged says that no backup is waiting to be restored.
var ErrNotStaged = errors.New("there is no backup to restore")

// DropStaged removes a backup that is waiting to be restored.
func DropStaged(data string) error { return os.RemoveAll(filepath.Join(data, Staged)) }

// ApplyStaged replaces the data with the backup that is waiting, and returns the folder with what was there before. The error is ErrInUse if a
// program has the data open, and ErrNotStaged if there is no backup. If it is interrupted, the next call continues from there.
func ApplyStaged(data string) (before string, err error) {
	from := filepath.Join(data, Staged)
	if _, err := os.Stat(from); err != nil {
		return "", ErrNotStaged
	}
	lock, err := Lock(data)
	if errors.Is(err, fs.ErrNotExist) { // interrupted while the recordings were neither here nor there
		err = os.Mkdir(filepath.Join(data, Recordings), 0o700)
		if err == nil {
			lock, err = Lock(data)
		}
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	aside, err := os.ReadFile(filepath.Join(from, AsideFile))
	if err != nil {
		return "", err
	}
	before = filepath.Join(data, string(aside))
	if err := os.MkdirAll(before, 0o700); err != nil {
		return "", fmt.Errorf("the backup cannot be restored: %w", err)
	}
	for _, part := range append([]string{Database}, Media()...) {
		if err := swap(data, from, before, part); err != nil {
			return "", fmt.Errorf("the backup cannot be restored: %w", err)
		}
	}
	syscall.Sync()
	return before, os.RemoveAll(from)
}

// freeWithin is how long a starting program waits for others to let go of the data, so that a waiting backup can be restored: commands are done by
// then. If the data is still in use the program starts with it, and the backup waits for the next start.
const freeWithin = 5 * time.Second

// ApplyWhenFree is ApplyStaged for a program that starts, if a backup is waiting.
func ApplyWhenFree(ctx context.Context, data string) error {
	err := whileInUse(ctx, freeWithin, func() error {
		_, err := ApplyStaged(data)
		return err
	})
	if errors.Is(err, ErrNotStaged) || errors.Is(err, ErrInUse) {
		return nil
	}
	return err
}

// swap sets one part aside and puts the new one in its place, unless that is done already.
func swap(data, from, before, part string) error {
	if _, err := os.Stat(filepath.Join(from, part)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	olds := []string{part}
	if part == Database { // the write-ahead log is beside it
		if err := os.RemoveAll(filepath.Join(data, Following)); err != nil {
			return err
		}
		olds = []string{part + "-wal", part + "-shm", part}
	}
	for _, old := range olds {
		was := filepath.Join(before, old)
		if _, err := os.Stat(was); err == nil { // it was set aside already: what is here now is an empty one
			if err := os.RemoveAll(filepath.Join(data, old)); err != nil {
				return err
			}
			continue
		}
		if err := os.Rename(filepath.Join(data, old), was); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	// Not os.Rename: that refuses to replace an empty folder, which somebody may have made just now.
	return syscall.Rename(filepath.Join(from, part), filepath.Join(data, part))
}
