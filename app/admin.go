package app

import (
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/prompts"
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
