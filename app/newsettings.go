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

// followSettings puts settings in force that somebody has changed in ringfence.toml. Lines, households and phones change while calls are screened.
// For the rest the application is restarted within its process, once no caller is being screened: calls that go on are Asterisk's alone. Wrong
// settings are logged, and the previous ones stay in force.
func (s *Service) followSettings(ctx context.Context) {
	if s.Settings.File == "" {
		return
	}
	watched := config.Watch(s.Settings.File, s.Settings.Data)
	restart := false
	follow := func(now config.Settings) {
		s.adopt(ctx, s.Settings.WithHouseholdsOf(now))
		restart = !now.SameMachine(s.Settings)
	}
	if now, err := config.Read(s.Settings.File, s.Settings.Data); err == nil && works(now) == nil { // changed since they were read at the start
		follow(now)
	}
	repeat.Every(ctx, settingsEvery, func() {
		now, changed, err := watched.Changed()
		if changed && err == nil {
			err = works(now)
		}
		switch {
		case err != nil:
			s.log.Error("the settings are wrong, so the ones before hold", "err", err)
		case changed:
			follow(now)
		}
		if restart && !s.board.HasCalls() {
			s.end(errNewSettings)
		}
	})
}

// adopt puts other lines, households and phones in force. Calls in progress go on with those that they began with.
func (s *Service) adopt(ctx context.Context, now config.Settings) {
	s.adopting.Lock()
	defer s.adopting.Unlock()
	before := s.current.Settings()
	if before.InDatabase() == now.InDatabase() && reflect.DeepEqual(before.Homes(), now.Homes()) {
		return
	}
	var added []string
	for _, h := range now.Households {
		if s.current.Named(h.Name).Name == "" {
			added = append(added, h.Name)
		}
	}
	if err := s.db.EnsureHouseholds(ctx, added); err != nil {
		s.log.Error("new households can't be kept; it is tried again when the settings change", "households", added, "err", err)
		return
	}
	s.current.Replace(now)
	if err := errors.Join(s.sounds.Keep(s.current.HouseholdNames()), s.sounds.Adopt(ctx, added)); err != nil {
		s.log.Error("a household's own words could not be brought to Asterisk; the usual ones are played", "err", err)
	}
	if err := s.regions.Follow(ctx); err != nil {
		s.log.Error("the regions that were chosen are not known; it is tried again", "err", err)
	}
	s.log.Info("the settings have changed; going on with them", "households", len(now.Households), "added", len(added))
	s.Telephony.judgePasswords()
	s.Telephony.changes.notify()
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
			err = RefuseWeaknesses(s)
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
