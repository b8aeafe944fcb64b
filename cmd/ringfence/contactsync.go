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

// bookPasswordArg is a password that comes from a file or the standard input, because everybody who can list processes can read a command line.
type bookPasswordArg struct {
	PasswordFile string `help:"A file with the password; without it, or with -, standard input." placeholder:"FILE" default:"-"`
}

func (a bookPasswordArg) read(ctx context.Context, p *program) (string, error) {
	return keyArg{KeyFile: a.PasswordFile}.asked(ctx, p, "password", "The password for the address book: ")
}

func (p *program) books(s config.Settings, db *store.Store) *booksync.Updater {
	line := func(name string) screening.Line { return s.Lines()[name] }
	return app.NewBookSync(s, db, line, slog.New(slog.DiscardHandler)) // the command itself says how it went
}

type contactSyncBeginCmd struct {
	bookPasswordArg
	Address string `arg:"" help:"The server's address, its domain, or your e-mail address there."`
	User    string `help:"Your user name there." placeholder:"NAME"`
	Book    string `help:"The address book's name, if there are several." placeholder:"NAME"`
	AtHome  bool   `help:"The server is in your own network. There it may do without https."`
}

func (contactSyncBeginCmd) Help() string {
	return help("No contact changes before `ringfence contact sync accept`. The password is kept in the household's database, and never shown again.",
		"ringfence contact sync begin https://cloud.example.org --user anna",
		"ringfence contact sync begin http://192.168.1.20:5232 --user anna --at-home")
}

func (c contactSyncBeginCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		password, err := c.read(ctx, p)
		if err != nil {
			return err
		}
		a := p.admin(s, h, db)
		done, err := a.BeginContactSync(ctx, p.books(s, db), booksync.From{Address: c.Address, User: c.User, Password: password, AtHome: c.AtHome, Book: c.Book})
		if q := (*booksync.Question)(nil); errors.As(err, &q) {
			return fmt.Errorf("%w: --book NAME", q)
		}
		if failure := (*booksync.Failure)(nil); errors.As(err, &failure) && failure.Home {
			return fmt.Errorf("%w Then add --at-home", err)
		}
		if err != nil {
			return err
		}
		if err := p.say("%s", done.Sentence); err != nil {
			return err
		}
		return p.bookChanges(ctx, a)
	})
}

// bookChanges shows what an address book would change.
func (p *program) bookChanges(ctx context.Context, a household.Admin) error {
	k, err := a.BookChanges(ctx)
	if err != nil {
		return err
	}
	for _, kind := range []struct {
		what string
		all  []store.Contact
	}{
		{"would be new", k.New}, {"would change to this", k.Will()}, {"would be removed", k.Were()},
	} {
		for _, c := range kind.all {
			if err := p.say("%s: %s  %s", c.Called(a.Region), national(c.Numbers, a.Region), kind.what); err != nil {
				return err
			}
		}
	}
	for _, s := range k.Existing {
		if err := p.say("%s is there already, as %s", s.Name, s.Into); err != nil {
			return err
		}
	}
	for _, r := range k.Remarks {
		if err := p.say("%s", r); err != nil {
			return err
		}
	}
	for _, r := range k.Refused {
		fmt.Fprintf(p.err, "left out: %s\n", r.Why)
	}
	return p.say("Of %s in the address book: %s. `ringfence contact sync accept` does it.", counted(k.People, "person", "people"), k.Words())
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

type contactSyncAcceptCmd struct{}

func (contactSyncAcceptCmd) Help() string {
	return help("Makes the changes that `ringfence contact sync` shows: the first ones, and those that would remove more than a tenth.",
		"ringfence contact sync accept")
}

func (contactSyncAcceptCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		a := p.admin(s, h, db)
		k, err := a.BookChanges(ctx)
		if err != nil {
			return err
		}
		return p.tell(a.AcceptBookChanges(ctx, k.Mark()))
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

type contactSyncPasswordCmd struct {
	bookPasswordArg
	User string `help:"Another user name." placeholder:"NAME"`
}

func (contactSyncPasswordCmd) Help() string {
	return help("For when the server no longer takes the old one. The contacts stay as they are.",
		"ringfence contact sync password --password-file nextcloud.password")
}

func (c contactSyncPasswordCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		password, err := c.read(ctx, p)
		if err != nil {
			return err
		}
		return p.tell(p.admin(s, h, db).SetContactSyncPassword(ctx, p.books(s, db), c.User, password))
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
