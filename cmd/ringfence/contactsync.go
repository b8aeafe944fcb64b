package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"ringfence/app"
	"ringfence/config"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/booksync"
	"ringfence/store"
)

// contactSyncCmd is about keeping contacts in step with an address book.
type contactSyncCmd struct {
	Show     contactSyncShowCmd     `cmd:"" default:"1" help:"Show how it goes, and what waits to be confirmed."`
	Begin    contactSyncBeginCmd    `cmd:"" help:"Begin, and show what would change."`
	Accept   contactSyncAcceptCmd   `cmd:"" help:"Make the changes that wait."`
	Update   contactSyncUpdateCmd   `cmd:"" help:"Ask the server now."`
	Password contactSyncPasswordCmd `cmd:"" help:"Give another password."`
	Stop     contactSyncStopCmd     `cmd:"" help:"Stop. The contacts stay or go."`
}

func (contactSyncCmd) Help() string {
	return help("Keeps the contacts in step with an address book on a CardDAV server: Nextcloud, Radicale, Baikal, iCloud with an app password and others. "+
		"About once an hour, and never the other way: the server is only read. Contacts made or changed here stay as they are.",
		"ringfence contact sync",
		"ringfence contact sync begin https://cloud.example.org --user anna",
		"ringfence contact sync accept")
}

func (p *program) books(s config.Settings, db *store.Store) *booksync.Updater {
	line := func(name string) screening.Line { return s.Lines()[name] }
	return app.NewBookSync(func() config.Settings { return s }, db, line, slog.New(slog.DiscardHandler)) // the command itself says how it went
}

type contactSyncShowCmd struct{}

func (contactSyncShowCmd) Help() string { return help("", "ringfence contact sync show") }

func (contactSyncShowCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		sync, err := db.ContactSync(ctx, h.Name)
		if errors.Is(err, store.ErrNoContactSync) {
			return p.say("The contacts aren't kept in step with an address book: `ringfence contact sync begin ADDRESS` does that.")
		}
		if err != nil {
			return err
		}
		if err := p.say("%s, from %s, as %s", sync.Title, sync.URL, sync.User); err != nil {
			return err
		}
		at := func(t time.Time) string { return "on " + t.Local().Format("2 January at 15:04") }
		for _, f := range household.StateOfContactSync(sync, at, at) {
			if err := p.say("%s", f.Text); err != nil {
				return err
			}
		}
		if sync.Held.IsZero() {
			return nil
		}
		return p.bookChanges(ctx, p.admin(s, h, db))
	})
}

type contactSyncUpdateCmd struct{}

func (contactSyncUpdateCmd) Help() string {
	return help("`ringfence serve` does this by itself, about once an hour.", "ringfence contact sync update")
}

func (contactSyncUpdateCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		done, err := p.books(s, db).Check(ctx, h.Name)
		switch {
		case errors.Is(err, store.ErrNoContactSync):
			return fmt.Errorf("%w: `ringfence contact sync begin ADDRESS` does that", err)
		case err != nil:
			return fmt.Errorf("the contacts stay as they were: %w", err)
		case done.Held:
			return p.bookChanges(ctx, p.admin(s, h, db))
		case done.Nothing():
			return p.say("The contacts are as the address book has them.")
		}
		return p.say("The contacts are as the address book has them: %s.", done.Words())
	})
}

type contactSyncStopCmd struct {
	Contacts string `help:"What happens to the contacts that came from there: stay, or go. Those that were changed here stay." enum:"stay,go" required:"" placeholder:"stay|go"`
}

func (contactSyncStopCmd) Help() string {
	return help("The password is forgotten.", "ringfence contact sync stop --contacts stay")
}

func (c contactSyncStopCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		return p.tell(p.admin(s, h, db).EndContactSync(ctx, c.Contacts == "go"))
	})
}
