package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrInUse says that a program has the data open, so that nothing can be put back there.
var ErrInUse = errors.New("Ringfence is running with this data: stop it first (`systemctl stop ringfence`), and try again")

// hold keeps the data from being replaced as long as a program has it open: a shared lock of the folder of recordings. The
// folder, because it is there, and is everybody's who may open the database; a file would belong to whoever comes first.
func hold(data string) (*os.File, error) {
	f, err := lockRecordings(data, syscall.LOCK_SH)
	if err != nil {
		return nil, fmt.Errorf("the data folder cannot be locked: %w", err)
	}
	return f, nil
}

// alone is the lock of who replaces the data; the error is ErrInUse where somebody has it open.
func alone(data string) (*os.File, error) {
	f, err := lockRecordings(data, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrInUse
	}
	return f, err
}

func lockRecordings(data string, how int) (*os.File, error) {
	path := filepath.Join(data, "recordings")
	for {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), how); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		// While this waited the folder may have been replaced by another.
		locked, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if now, err := os.Stat(path); err == nil && os.SameFile(locked, now) {
			return f, nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}
