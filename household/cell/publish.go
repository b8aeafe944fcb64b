package cell

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"syscall"

	"ringfence/config"
	"ringfence/store"
	"ringfence/store/datafolder"
)

// heading begins the copy.
const heading = "# A copy of the lines and households in the database, for Ringfence's programs: it is written again after each change. Change them with\n" +
	"# `ringfence household`, or on the page Households.\n\n"

// read reads the lines and households of the database.
func read(ctx context.Context, db *store.Store) (homes config.Homes, err error) {
	text, err := written(ctx, db)
	if err == nil {
		err = config.Decode([]byte(text), &homes)
	}
	return homes, err
}

// written are they as ringfence.toml would have them.
func written(ctx context.Context, db *store.Store) (string, error) {
	all, err := db.Homes(ctx)
	var text strings.Builder
	for _, kind := range []store.HomeKind{store.HomeTrunk, store.HomeHousehold} {
		for _, h := range all {
			if h.Kind == kind {
				text.WriteString(h.Settings + "\n")
			}
		}
	}
	return text.String(), err
}

// Publish brings the copy that Ringfence's programs read to what is in the database. Where lines and households are in ringfence.toml, there is none.
func Publish(ctx context.Context, db *store.Store, s config.Settings) error {
	if !s.InDatabase() {
		return nil
	}
	// Of two that have changed something at the same time, the later one has read both.
	lock, err := os.OpenFile(s.HomesFile()+".lock", os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	text, err := written(ctx, db)
	if err != nil || text == "" { // none was ever put there, or all were lost: the copy is worth more
		return err
	}
	copied := []byte(heading + text)
	if now, missing := os.ReadFile(s.HomesFile()); missing != nil || !bytes.Equal(now, copied) {
		err = datafolder.WriteFile(s.HomesFile(), copied)
	}
	return errors.Join(err, s.ShareHomes(copied))
}

// Restore puts the lines and households of the settings into a database that has none, or that has taken the place of a damaged one: the copy is newer
// than a backup.
func Restore(ctx context.Context, db *store.Store, s config.Settings) error {
	if !s.InDatabase() || len(s.Households) == 0 {
		return nil
	}
	return db.Together(ctx, func(ctx context.Context) error {
		before, err := read(ctx, db)
		if err != nil {
			return err
		}
		return Admin{Store: db, Settings: s}.write(ctx, before, s.Homes())
	})
}
