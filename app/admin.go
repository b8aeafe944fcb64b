package app

import (
	"context"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/prompts"
	"ringfence/screening"
	"ringfence/store"
)

// Admin changes a household of the settings in the name of an actor.
func Admin(s config.Settings, db *store.Store, name string, actor household.Actor) household.Admin {
	of := s.Named(name)
	return household.Admin{
		Store: db, Household: name, Line: s.Lines()[name],
		Languages: prompts.Languages(), Actor: actor, Now: time.Now(),
		FromFile: household.FromFile{Region: of.FileRegion, KeepDays: s.KeepDays, Fits: of.Fits},
	}
}

// House is a household as a call sees it: what it has chosen, with what the settings say of its line.
func House(ctx context.Context, s config.Settings, db *store.Store, household string) (screening.Household, error) {
	house, err := db.Household(ctx, household)
	return s.Lines()[household].Complete(house), err
}
