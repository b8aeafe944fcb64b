package datafolder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ringfence/store/sqlite"
)

// Before a newer Ringfence changes the form of a database, a copy of it is kept beside the daily backups. It has everything in it that the
// database had, so it is not kept for ever.
const (
	// Backups is the folder of the daily backups, and of these.
	Backups       = "backups"
	upgradePrefix = "before-upgrade-"
	upgradeSuffix = ".db"
	upgradesKept  = 3
	upgradeAge    = 30 * 24 * time.Hour
	// upgradeSpare is how much of the disk stays free beside a copy: bringing the database up to date takes some of it.
	upgradeSpare = 16 << 20
)

// Upgrade is a copy from before an upgrade.
type Upgrade struct {
	Path string
	Made time.Time
}

// ListUpgrades lists the copies from before upgrades, the newest first.
func ListUpgrades(data string) (all []Upgrade, err error) {
	entries, err := os.ReadDir(filepath.Join(data, Backups))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(entries) {
		name, ours := strings.CutPrefix(e.Name(), upgradePrefix)
		name, whole := strings.CutSuffix(name, upgradeSuffix)
		if made, err := time.Parse(Stamp, name); ours && whole && err == nil {
			all = append(all, Upgrade{filepath.Join(data, Backups, e.Name()), made})
		}
	}
	return all, nil
}

// KeepBeforeUpgrade copies the database as it is. It has the copy's name only once it is whole and on the disk, of which free is how many bytes
// may still be written.
func KeepBeforeUpgrade(ctx context.Context, data string, free int64, now time.Time) (path string, err error) {
	folder := filepath.Join(data, Backups)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	if err := roomForUpgrade(data, free); err != nil {
		return "", err
	}
	path = filepath.Join(folder, upgradePrefix+now.UTC().Format(Stamp)+upgradeSuffix)
	unproven := path + ".new"
	if err := sqlite.Remove(unproven); err != nil { // left by a program that was killed
		return "", err
	}
	defer func() { err = errors.Join(err, sqlite.Remove(unproven)) }()
	if err := sqlite.Copy(ctx, filepath.Join(data, Database), unproven); err != nil {
		return "", fmt.Errorf("the backup that is made before an upgrade: %w", err)
	}
	if sqlite.Whole(ctx, unproven) != nil {
		return "", fmt.Errorf("%w: its copy is not whole", sqlite.ErrDamaged)
	}
	if err := sqlite.SyncFile(unproven); err != nil {
		return "", err
	}
	if err := os.Rename(unproven, path); err != nil {
		return "", err
	}
	return path, errors.Join(sqlite.SyncFolder(folder), ForgetUpgrades(data, now))
}

// roomForUpgrade is an error where the disk has no room for a copy of the database.
func roomForUpgrade(data string, free int64) error {
	need := int64(upgradeSpare)
	for _, part := range []string{"", "-wal"} {
		size, err := FileSize(filepath.Join(data, Database+part))
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
