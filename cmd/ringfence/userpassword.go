package main

import (
	"context"
	"log/slog"

	"ringfence/accounts"
	"ringfence/config"
	"ringfence/household"
	"ringfence/store"
)

type userPasswordCmd struct{ newPasswordFlags }

func (userPasswordCmd) Help() string {
	return help("Asks for the password, or reads one line from standard input. They are signed out everywhere.",
		"ringfence user password anna@example.org",
		"ringfence user password anna@example.org --link")
}

func (c userPasswordCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(s config.Settings, db *store.Store) error {
		who, err := somebody(ctx, db, c.Email)
		if err != nil {
			return err
		}
		return c.run(ctx, p, accounts.New(db.People, household.People{Store: db}, slog.New(slog.DiscardHandler)), who, doneByCommand(), s.Web.Address())
	})
}
