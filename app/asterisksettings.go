package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/store/datafolder"
)

// lookEvery is how often a machine that is not set up checks whether it is now.
const lookEvery = time.Second

// setUpLater is what the log says meanwhile.
const setUpLater = "Ringfence isn't set up yet, so no phone can ring: run `sudo ringfence setup`"

// waitForSetUp returns once a household is set up, something is wrong with the settings, or ctx ends. It calls works each time that it has looked.
func (c AsteriskConfig) waitForSetUp(ctx context.Context, works func(), log *slog.Logger) {
	if _, before := c.lastGood(); before {
		return
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for said := false; ; said = true {
		if _, err := config.Read(c.File, c.Data); !errors.Is(err, config.ErrNoHousehold) {
			return // what is wrong is said when the configuration is written
		}
		if !said {
			log.Warn(setUpLater)
		}
		works()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// kept is the configuration of a running Asterisk, as it follows the settings.
type kept struct {
	AsteriskConfig
	log     *slog.Logger
	watched *config.Watched
	now     config.Settings // that Asterisk runs with
}

// write writes the configuration for a start. Wrong settings do not keep the phones from ringing: it uses those that Asterisk last ran with.
func (k *kept) write(ctx context.Context) (asterisk.Site, error) {
	k.watched = config.Watch(k.File, k.Data)
	s, err := config.Read(k.File, k.Data)
	site := asterisk.Site{}
	if err == nil {
		site, err = k.writeOrKeep(ctx, s, k.log)
	}
	if err != nil {
		before, there := k.lastGood()
		if !there {
			return site, err
		}
		k.log.Error("the settings are wrong, so Asterisk starts with the ones before", "err", err)
		s = before
		if site, err = k.writeOrKeep(ctx, s, k.log); err != nil {
			return site, err
		}
	}
	k.adopt(s)
	return site, nil
}

// adopt notes the settings that Asterisk runs with.
func (k *kept) adopt(s config.Settings) {
	k.now = s
	text, err := os.ReadFile(k.File)
	if err == nil {
		_, err = config.Parse(text)
	}
	if err == nil {
		err = datafolder.WriteFile(k.copyFile(), text)
	}
	if err == nil && s.InDatabase() {
		if text, err = s.Homes().TOML(); err == nil {
			err = datafolder.WriteFile(k.copyOfHomes(), text)
		}
	}
	if err != nil {
		k.log.Warn("the settings can't be kept for a start at which they are wrong", "err", err)
	}
}

// changed implements asterisk.Keeper's Changed.
func (k *kept) changed(ctx context.Context) (*asterisk.Change, error) {
	s, changed, err := k.watched.Changed()
	if err != nil || !changed {
		return nil, err
	}
	if s, err = ChosenRegions(ctx, s); err != nil {
		k.log.Warn("the regions that people have chosen can't be read", "err", err)
	}
	password, err := s.MakeARIPassword()
	if err != nil {
		return nil, err
	}
	site, err := s.SiteThatRings(password, k.Warnings)
	if err != nil {
		return nil, err
	}
	return &asterisk.Change{Site: site, Adopt: func() { k.adopt(s) }}, nil
}

// copyFile has the settings that Asterisk last ran with.
func (c AsteriskConfig) copyFile() string { return filepath.Join(c.Dir, "ringfence.toml") }

// copyOfHomes has the lines and households that it ran with, where they are in the database.
func (c AsteriskConfig) copyOfHomes() string { return filepath.Join(c.Dir, "households.toml") }

// lastGood are the settings that Asterisk last ran with.
func (c AsteriskConfig) lastGood() (s config.Settings, there bool) {
	s, err := config.ReadKept(c.copyFile(), c.copyOfHomes(), c.Data)
	s.File = c.File
	return s, err == nil
}
