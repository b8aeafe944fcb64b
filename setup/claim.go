package setup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ErrBusy says that somebody else is setting the same household up.
var ErrBusy = errors.New("somebody is running the set-up of this machine at the moment: wait until they are done, and run it again")

// Claim keeps everybody else from setting up until release is called, or the program ends: two at once would each write what the other has not seen.
func Claim(settings string) (release func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(settings), folderMode); err != nil {
		return nil, unwritable(settings, err)
	}
	path := settings + ".setup"
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, unwritable(settings, err)
		}
		// The terminal's set-up is root's, and the browser's the application's: each has to be able to open what the other has made. The folder gives it their
		// group.
		if err := f.Chmod(0o660); err != nil && !errors.Is(err, fs.ErrPermission) {
			return nil, errors.Join(unwritable(settings, err), f.Close())
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EWOULDBLOCK):
			return nil, errors.Join(ErrBusy, f.Close())
		case err != nil:
			return nil, errors.Join(fmt.Errorf("%s can't be locked: %w", path, err), f.Close())
		}
		if isStill(f, path) {
			return func() error { return errors.Join(os.Remove(path), f.Close()) }, nil
		}
		if err := f.Close(); err != nil { // whoever had it has removed it meanwhile
			return nil, err
		}
	}
}

// isStill says whether a file is the one at a path.
func isStill(f *os.File, path string) bool {
	opened, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(opened, there)
}
