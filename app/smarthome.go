package app

import (
	"context"
	"errors"
	"time"

	"ringfence/app/smarthome"
	"ringfence/calllog"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

// showSmartHome shows the households to a smart home, beside calls, until ctx ends.
func (s *Service) showSmartHome(ctx context.Context) {
	if s.Settings.MQTT.Broker == "" {
		return
	}
	changed, cancel := s.Telephony.changes.subscribe()
	defer cancel()
	by := household.Actor{Name: store.BySmartHome, Way: store.WayProgram, Role: store.RoleCarer}
	smarthome.New(smarthome.Options{
		Broker: s.Settings.MQTT, Release: Release, Households: s.current.HouseholdNames, Store: s.db, Line: s.Telephony.Line, Log: s.log,
		House: s.regions.house,
		Press: func(ctx context.Context, household string, call int64, key calllog.CarerKey) error {
			return s.Telephony.Press(ctx, household, call, key, by.String())
		},
		SetMode: func(ctx context.Context, name string, mode screening.Mode) error {
			a := Admin(s.current.Settings(), s.db, name, by)
			a.Line, a.Now = s.regions.lines.Of(name), time.Now()
			_, err := a.SetModeNow(ctx, mode)
			var refused *household.Refusal
			if err != nil && !errors.As(err, &refused) {
				s.log.Error("the smart home could not set the mode", "household", name, "err", err)
				return errors.New("Ringfence couldn't do that. Try again.")
			}
			return err
		},
	}).Run(ctx, throttle(ctx, changed))
}
