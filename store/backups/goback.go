package backups

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"ringfence/store"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// freeWithin is how long GoBack waits for others to let go of the data: a service that refuses a newer database is started each second.
const freeWithin = 5 * time.Second

// ErrSameForm is returned where no upgrade has changed the database since the copies that are kept were made.
var ErrSameForm = errors.New("nothing has to be put back: no upgrade has changed the form of the database within 30 days. Simply install the older version")

// ErrNoUpgrade says that there is nothing to go back to.
var ErrNoUpgrade = errors.New("there is no backup from before an upgrade that this Ringfence can use: install the newer one again, or use `ringfence restore FILE`")

// GoneBack is what GoBack did.
type GoneBack struct {
	Made    time.Time // the copy that was put back
	Current bool      // it is of the form that this Ringfence uses; otherwise it is for an earlier one
	Before  string    // the folder with what it has replaced
	// LogLost says that the log of changes since the upgrade could not be kept. It is in the folder, too.
	LogLost bool
}

// GoBack puts the database in place that was kept before the last upgrade (see store.Open), for this Ringfence or an earlier one. It is not
// brought up to date. The recordings stay; whoever was signed in has to sign in again. note goes into its audit log.
func GoBack(ctx context.Context, data string, note store.AuditLine) (done GoneBack, err error) {
	lock, err := datafolder.LockWithin(ctx, data, freeWithin)
	if err != nil {
		return done, err
	}
	chosen, current, err := upgradeToUndo(ctx, data)
	if err == nil {
		done, err = stageCopy(ctx, data, chosen, note)
		done.Current = current
	}
	if err := errors.Join(err, lock.Close()); err != nil { // ApplyStaged has a lock of its own
		return done, err
	}
	_, err = datafolder.ApplyStaged(data)
	if errors.Is(err, datafolder.ErrNotStaged) { // a program that was started in this moment has put it back
		return done, nil
	}
	if err != nil {
		err = errors.Join(err, datafolder.DropStaged(data))
	}
	return done, err
}

// upgradeToUndo is the newest copy that is of an earlier form than the database, and which this program knows; current where it is this program's.
func upgradeToUndo(ctx context.Context, data string) (chosen datafolder.Copy, current bool, err error) {
	known, err := store.NewestVersion()
	if err != nil {
		return chosen, false, err
	}
	present, err := sqlite.Version(ctx, filepath.Join(data, memberDatabase))
	if err != nil {
		present = math.MaxInt64 // a database that can't be read is no reason not to go back
	}
	all, err := datafolder.ListUpgrades(data)
	if err != nil {
		return chosen, false, err
	}
	unreadable := false
	for _, u := range all {
		version, err := sqlite.Version(ctx, u.Path)
		if err != nil || version <= 0 { // it is passed over
			unreadable = true
			continue
		}
		if version < present && version <= known {
			return u, version == known, nil
		}
	}
	if present <= known && !unreadable {
		return chosen, false, ErrSameForm
	}
	return chosen, false, ErrNoUpgrade
}

// stageCopy makes a copy ready to take the place of the database.
func stageCopy(ctx context.Context, data string, from datafolder.Copy, note store.AuditLine) (done GoneBack, err error) {
	datafolder.RemoveOld(data, unpackPrefix, time.Now())
	folder, err := os.MkdirTemp(data, unpackPrefix)
	if err != nil {
		return done, fmt.Errorf("the backup cannot be put there: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }() // gone where all went well
	path := filepath.Join(folder, memberDatabase)
	if err := copyDatabase(ctx, from.Path, path); err != nil {
		return done, fmt.Errorf("the backup cannot be put there: %w", err)
	}
	if err := sqlite.Whole(ctx, path); err != nil {
		return done, err
	}
	done.Made = from.Made
	done.LogLost = store.KeepLogOf(ctx, path, filepath.Join(data, memberDatabase), note) != nil
	done.Before, err = stage(data, folder, note.At)
	return done, err
}
