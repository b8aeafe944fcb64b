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
	return help("Asks for the password, or reads one line from standard input. They are signed out everywhere.\n\n"+
		"Make sure that it is really they who ask. With --link and --forget-app, anyone who has the link gets in.",
		"ringfence hub moderator password anna@example.org --link \\\n  --dir /var/lib/ringfence-hub",
		"ringfence hub moderator password anna@example.org --link --forget-app \\\n  --dir /var/lib/ringfence-hub")
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
