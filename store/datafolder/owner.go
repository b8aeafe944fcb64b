package datafolder

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// GiveToOwner gives what root has made in a folder to the folder's owner. The Debian package's services run as users of their own, and people run
// commands with sudo: a database or a recording of root's would be out of reach for the services. It is for root alone.
func GiveToOwner(folder string) (err error) {
	root, err := os.OpenRoot(folder) // which no link that the owner has made leads out of
	if err != nil {
		return nil //nolint:nilerr // nothing has been made
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	info, err := root.Stat(".")
	if err != nil {
		return err
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	if !known || owner.Uid == 0 {
		return nil
	}
	return fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // a service has removed it meanwhile
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // the same
		}
		// Not a link: its owner could have made it lead to a file of root's.
		one, known := info.Sys().(*syscall.Stat_t)
		if !known || one.Uid != 0 || !d.IsDir() && (!d.Type().IsRegular() || one.Nlink != 1) {
			return nil
		}
		return root.Lchown(path, int(owner.Uid), int(owner.Gid))
	})
}
