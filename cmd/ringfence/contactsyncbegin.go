package main

import (
	"context"
	"errors"
	"fmt"

	"ringfence/config"
	"ringfence/sharing/booksync"
	"ringfence/store"
)

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

// bookPasswordArg is a password that comes from a file or the standard input, because everybody who can list processes can read a command line.
type bookPasswordArg struct {
	PasswordFile string `help:"A file with the password; without it, or with -, standard input." placeholder:"FILE" default:"-"`
}

func (a bookPasswordArg) read(ctx context.Context, p *program) (string, error) {
	return keyArg{KeyFile: a.PasswordFile}.asked(ctx, p, "password", "The password for the address book: ")
}
