package datafolder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrInUse says that a program has the data open, so that it can't be replaced.
var ErrInUse = errors.New("Ringfence is running with this data: stop it first (`systemctl stop ringfence`), and try again")

// ErrServed says that another application runs with the data.
var ErrServed = errors.New("Ringfence is already running with this data folder")

// applicationLock is the file that the one application locks. The folder itself is locked while the database is made newer (sqlite.Migrate).
const applicationLock = "serve.lock"

// LockApplication is the lock of the one application that may run with the data. The system releases it when its owner ends, however that happens;
// the empty file stays. Commands do not need it.
func LockApplication(data string) (*os.File, error) {
	// Whoever has made the file, the application can open it: the folder is for its owner alone, and a lock takes no right to write.
	f, err := os.OpenFile(filepath.Join(data, applicationLock), os.O_RDONLY|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("%w, %s: stop that one first (`sudo systemctl stop ringfence`), or name another folder with --data", ErrServed, data)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Hold keeps the data from being replaced as long as a program has it open, by a shared lock of the folder of recordings. A folder exists
// already, and all who may open the database may open it; a file would belong to whoever comes first.
func Hold(data string) (*os.File, error) {
	f, err := lockRecordings(data, syscall.LOCK_SH)
	if err != nil {
		return nil, fmt.Errorf("the data folder cannot be locked: %w", err)
	}
	return f, nil
}

// Lock takes the lock for replacing the data; the error is ErrInUse if a program has it open.
func Lock(data string) (*os.File, error) {
	f, err := lockRecordings(data, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrInUse
	}
	return f, err
}

func lockRecordings(data string, how int) (*os.File, error) {
	path := filepath.Join(data, Recordings)
	for {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), how); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		// The folder may have been replaced by another meanwhile.
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

// LockWithin is Lock, but it makes the folders that are missing, and waits for programs to let go of the data.
func LockWithin(ctx context.Context, data string, within time.Duration) (lock *os.File, err error) {
	if err := MakeMedia(data); err != nil {
		return nil, err
	}
	err = whileInUse(ctx, within, func() error {
		lock, err = Lock(data)
		return err
	})
	return lock, err
}

// whileInUse retries something while the error is ErrInUse, until the time is over.
func whileInUse(ctx context.Context, within time.Duration, try func() error) error {
	late := time.After(within)
	for {
		err := try()
		if !errors.Is(err, ErrInUse) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// NotInUse returns ErrInUse if a program has the data open.
func NotInUse(data string) error {
	if err := MakeMedia(data); err != nil {
		return err
	}
	lock, err := Lock(data)
	if err != nil {
		return err
	}
	return lock.Close()
}
