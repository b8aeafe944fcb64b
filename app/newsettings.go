package app

import (
	"context"
	"errors"
	"io"
	"reflect"
	"time"

	"ringfence/config"
	"ringfence/internal/repeat"
	"ringfence/internal/systemd"
)

// errNewSettings says that the application is to be started again, with settings that somebody has changed.
var errNewSettings = errors.New("the application is to be restarted with new settings")

// settingsEvery is how often ringfence.toml is checked for changes.
const settingsEvery = 2 * time.Second

// followSettings restarts the application within its process once the settings in ringfence.toml have changed and no caller is being screened. Calls
// in progress go on: they are Asterisk's alone. Wrong settings are logged, and the previous ones stay in force.
func (s *Service) followSettings(ctx context.Context) {
	if s.Settings.File == "" {
		return
	}
	watched := config.Watch(s.Settings.File, s.Settings.Data)
	now, err := config.Read(s.Settings.File, s.Settings.Data) // changed since they were read at the start
	pending := err == nil && works(now) == nil && !reflect.DeepEqual(now, s.Settings)
	repeat.Every(ctx, settingsEvery, func() {
		now, changed, err := watched.Changed()
		if changed && err == nil {
			err = works(now)
		}
		switch {
		case err != nil:
			s.log.Error("the settings are wrong, so the ones before hold", "err", err)
		case changed:
			pending = !reflect.DeepEqual(now, s.Settings)
		}
		if pending && !s.board.HasCalls() {
			s.end(errNewSettings)
		}
	})
}

// works refuses settings that Asterisk's configuration cannot be written from.
func works(s config.Settings) error {
	password, err := s.ARIPassword()
	if err != nil {
		return err
	}
	_, err = s.SiteThatRings(password, io.Discard)
	return err
}

// setUpFirst says where to set a household up, lets somebody do so, and returns the options with the settings once one is there.
func setUpFirst(ctx context.Context, o Options) (Options, error) {
	o.Log.Warn(setUpLater)
	first, err := newFirstSetUp(o)
	if err != nil {
		return o, err
	}
	first.begin(ctx, o)
	o.setUp = first
	serving, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		first.servePages(serving, o)
	}()
	settings, err := waitUntilSetUp(ctx, o)
	cancel()
	<-ended // its address is needed now
	o.Settings = settings
	return o, err
}

// waitUntilSetUp returns the settings once there is a household in them.
func waitUntilSetUp(ctx context.Context, o Options) (config.Settings, error) {
	notifier := &systemd.Notifier{Log: o.Log}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for said := ""; ; {
		s, err := config.Read(o.Settings.File, o.Settings.Data)
		if err == nil {
			err = works(s) // Asterisk makes its password once it has seen the settings
		}
		if err == nil {
			err = RefuseWeaknesses(s, io.Discard)
		}
		switch {
		case err == nil:
			return s, nil
		case !errors.Is(err, config.ErrNoHousehold) && err.Error() != said:
			said = err.Error()
			o.Log.Warn("waiting with the settings", "err", err)
		}
		notifier.Works() // it has looked
		select {
		case <-ctx.Done():
			return o.Settings, ctx.Err()
		case <-tick.C:
		}
	}
}
