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
	// Staged is the folder of a backup that was checked, and is to take the place of the data. It lies in the data folder: only there it is
	// certain that a folder can be made, and that it is on the same disk (Docker, systemd).
	Staged = "restore-ready"
	// AsideFile in it has the name of the folder, in the data folder, for what it replaces.
	AsideFile = "aside"
)

// ErrNotStaged says that no backup is waiting to be restored.
var ErrNotStaged = errors.New("there is no backup to put back")

// DropStaged removes a backup that is waiting to be restored.
func DropStaged(data string) error { return os.RemoveAll(filepath.Join(data, Staged)) }

// ApplyStaged puts the backup that is waiting in the place of the data, and returns the folder with what was there before. The error is ErrInUse
// where a program has the data open, and ErrNotStaged where there is no backup. If it is interrupted, the next time goes on from there.
func ApplyStaged(data string) (before string, err error) {
	from := filepath.Join(data, Staged)
	if _, err := os.Stat(from); err != nil {
		return "", ErrNotStaged
	}
	lock, err := Lock(data)
	if errors.Is(err, fs.ErrNotExist) { // cut off while the recordings were neither here nor there
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
		return "", fmt.Errorf("the backup cannot be put back: %w", err)
	}
	for _, part := range append([]string{Database}, Media()...) {
		if err := swap(data, from, before, part); err != nil {
			return "", fmt.Errorf("the backup cannot be put back: %w", err)
		}
	}
	syscall.Sync()
	return before, os.RemoveAll(from)
}

// freeWithin is how long a program that starts waits for others to let go of the data, for a waiting backup to be restored: commands are done
// by then. Where the data is still in use it starts with that, and the backup waits for the next time.
const freeWithin = 5 * time.Second

// ApplyWhenFree is ApplyStaged for a program that starts, where a backup is waiting.
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
	if part == Database { // what is written waits beside it
		olds = []string{part + "-wal", part + "-shm", part}
	}
	for _, old := range olds {
		was := filepath.Join(before, old)
		if _, err := os.Stat(was); err == nil { // it was put aside already: what is here now is an empty one
			if err := os.RemoveAll(filepath.Join(data, old)); err != nil {
				return err
			}
			continue
		}
		if err := os.Rename(filepath.Join(data, old), was); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	// Not os.Rename: that refuses an empty folder, which somebody may have made in this moment.
	return syscall.Rename(filepath.Join(from, part), filepath.Join(data, part))
}
