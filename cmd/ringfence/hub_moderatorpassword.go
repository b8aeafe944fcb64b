package main

import (
	"context"
	"log/slog"

	"ringfence/accounts"
	"ringfence/app/hubserver"
	"ringfence/sharing/hub"
)

// moderators are the accounts of a hub.
func moderators(db *hub.Hub) *accounts.Accounts {
	return accounts.New(db.People, db, slog.New(slog.DiscardHandler))
}

type moderatorPasswordCmd struct{ newPasswordFlags }

func (moderatorPasswordCmd) Help() string {
	return "Asks for the password, or reads one line from the standard input. They are signed out everywhere. Make sure first that it is they\n" +
		"who ask: with --link and --forget-app, whoever has the link is let in.\n\n" +
		"Example:\n\n    ringfence hub moderator password anna@example.org --link --dir /var/lib/ringfence-hub\n" +
		"    ringfence hub moderator password anna@example.org --link --forget-app --dir /var/lib/ringfence-hub"
}

func (c moderatorPasswordCmd) Run(ctx context.Context, p *program, h *hubCmd) error {
	return h.with(ctx, func(s hubserver.Settings, db *hub.Hub) error {
		m, err := moderator(ctx, db, c.Email)
		if err != nil {
			return err
		}
		return c.run(ctx, p, moderators(db), m, hubserver.ByCommand(), s.Web.Address())
	})
}
