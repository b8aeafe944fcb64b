package datafolder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ringfence/store/sqlite"
)

// Before a newer Ringfence changes the form of a database, a copy of it is kept beside the daily backups. It has everything in it that the
// database had, so it is not kept for ever.
const (
	upgradePrefix = "before-upgrade-"
	upgradesKept  = 3
	upgradeAge    = 30 * 24 * time.Hour
	// upgradeSpare is how much of the disk stays free beside a copy: bringing the database up to date takes some of it.
	upgradeSpare = 16 << 20
)

// ListUpgrades lists the copies from before upgrades, the newest first.
func ListUpgrades(data string) ([]Copy, error) { return ListCopies(data, upgradePrefix) }

// KeepBeforeUpgrade copies a database as it is, into the folder of the copies beside it. The statements delete from the copy what it must not have.
// disk tells how many bytes may still be written to a folder's disk.
func KeepBeforeUpgrade(ctx context.Context, database string, disk func(folder string) (int64, error), now time.Time, without ...string) (path string, err error) {
	data := filepath.Dir(database)
	if err := RemoveUnfinished(data, now); err != nil {
		return "", err
	}
	free, err := disk(data)
	if err != nil {
		return "", err
	}
	if err := roomForUpgrade(database, free); err != nil {
		return "", err
	}
	path, err = AddCopy(data, upgradePrefix, now, func(path string) error {
		if err := sqlite.Copy(ctx, database, path, without...); err != nil {
			return fmt.Errorf("the backup that is made before an upgrade: %w", err)
		}
		if sqlite.Whole(ctx, path) != nil {
			return fmt.Errorf("%w: its copy is not whole", sqlite.ErrDamaged)
		}
		return nil
	})
	if err != nil {
		return path, err
	}
	return path, ForgetUpgrades(data, now)
}

// roomForUpgrade is an error where the disk has no room for a copy of the database.
func roomForUpgrade(database string, free int64) error {
	need := int64(upgradeSpare)
	for _, part := range []string{"", "-wal"} {
		size, err := FileSize(database + part)
		if err != nil {
			return err
		}
		need += size
	}
	if free < need {
		return errors.New("the disk has no room for the backup that is made before an upgrade: delete something from it, or use a larger one")
	}
	return nil
}

// ForgetUpgrades deletes the copies that are too old, or too many.
func ForgetUpgrades(data string, now time.Time) error {
	all, err := ListUpgrades(data)
	for i, u := range all {
		if i >= upgradesKept || now.Sub(u.Made) > upgradeAge {
			err = errors.Join(err, os.Remove(u.Path))
		}
	}
	return err
}
