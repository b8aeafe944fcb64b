package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/household/cell"
	"ringfence/internal/repeat"
	"ringfence/store"
)

// Where lines and households are in the database, all of Ringfence's programs read a copy of them (package cell). Whoever changes something writes it;
// the application does too, for what a program that was killed has left undone.

// publishEvery is how often the copy is compared with the database.
const publishEvery = time.Minute

func (s *Service) publishHomes(ctx context.Context) {
	repeat.Every(ctx, publishEvery, repeat.Logged(ctx, s.log, "Asterisk can't get the lines and households; trying again", func(ctx context.Context) error {
		return cell.Publish(ctx, s.db, s.current.Settings())
	}))
}

// cell changes the lines and households for pages and programs. What has changed is in force when the answer comes.
func (s *Service) cell(actor household.Actor, now time.Time) cell.Admin {
	return cell.Admin{Store: s.db, Settings: s.current.Settings(), Actor: actor, Now: now, OnChange: func(ctx context.Context) {
		now, err := config.Read(s.Settings.File, s.Settings.Data)
		if err != nil {
			s.log.Error("new lines and households can't be read; it is tried again", "err", err)
			return
		}
		s.adopt(context.WithoutCancel(ctx), s.Settings.WithHouseholdsOf(now))
	}}
}

// ReadSettings reads the settings. Where only the copy of the database's lines and households is at fault, it is made again.
func ReadSettings(ctx context.Context, file, data string, log *slog.Logger) (config.Settings, error) {
	s, err := config.Read(file, data)
	if !config.IsHomesFault(err) {
		return s, err
	}
	log.Error("the copy of the lines and households can't be read; it is made again", "err", err)
	if err := remake(ctx, s); err != nil {
		return s, err
	}
	return config.Read(file, data)
}

// remake makes the copy again.
func remake(ctx context.Context, s config.Settings) (err error) {
	db, err := OpenStore(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return cell.Publish(ctx, db, s)
}

// withHomes are the settings with the households of a database that nobody has made a copy of yet; as they were, if there are none.
func withHomes(ctx context.Context, s config.Settings, log *slog.Logger) config.Settings {
	if _, err := os.Stat(s.Database()); !s.InDatabase() || err != nil {
		return s
	}
	if err := remake(ctx, s); err != nil {
		log.Error("the lines and households of the database can't be read", "err", err)
		return s
	}
	now, err := s.Reread()
	if err != nil {
		return s
	}
	return now
}

// followHomes brings database and copy together at a start. A database that has just taken the place of a damaged one gets what the copy has, which is
// newer.
func followHomes(ctx context.Context, db *store.Store, o Options) (config.Settings, error) {
	if !o.Settings.InDatabase() {
		return o.Settings, nil
	}
	all, err := db.Homes(ctx)
	if err == nil && (o.homesLost || len(all) == 0) {
		err = cell.Restore(ctx, db, o.Settings)
	}
	if err == nil {
		err = cell.Publish(ctx, db, o.Settings)
	}
	if err != nil {
		return o.Settings, err
	}
	now, err := o.Settings.Reread()
	if err != nil {
		return o.Settings, fmt.Errorf("the copy of them: %w", err)
	}
	return now, nil
}
