package main

import (
	"context"
	"time"

	"ringfence/config"
	"ringfence/store"
)

type userPasswordCmd struct {
	Email     string `arg:"" help:"Whose."`
	Link      bool   `help:"Print a link with which they choose a password themselves. It opens once, within a day."`
	ForgetApp bool   `help:"Also ask for no code of an app any more, where they have lost it."`
}

// passwordLinkLasts is how long a link to choose a password opens.
const passwordLinkLasts = 24 * time.Hour

func (userPasswordCmd) Help() string {
	return "Asks for the password, or reads one line from the standard input. They are signed out everywhere.\n\n" +
		"Example: ringfence user password anna@example.org\n         ringfence user password anna@example.org --link"
}

func (c userPasswordCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(s config.Settings, db *store.Store) error {
		person, err := somebody(ctx, db, c.Email)
		if err != nil {
			return err
		}
		homes, err := householdsOf(ctx, db, person.ID)
		if err != nil {
			return err
		}
		if c.ForgetApp {
			if err := db.RemoveTOTP(ctx, person.ID); err != nil {
				return err
			}
			if err := changed(ctx, db, homes, "totp-off", "%s signs in without codes of an app now.", person.Name); err != nil {
				return err
			}
		}
		if c.Link {
			token, err := db.MakePasswordLink(ctx, person.ID, time.Now().Add(passwordLinkLasts))
			if err != nil {
				return err
			}
			if err := changed(ctx, db, homes, "password-link", "A link to choose a new password was made for %s.", person.Name); err != nil {
				return err
			}
			return p.say("Within a day, %s can choose a password at this address, once:\n%s/password/%s", person.Name, s.Web.Address(), token)
		}
		password, err := p.newPassword(ctx, person.Name, person.Email)
		if err != nil {
			return err
		}
		hash, err := hashed(ctx, password)
		if err != nil {
			return err
		}
		if err := db.SetPassword(ctx, person.ID, hash, 0); err != nil {
			return err
		}
		if err := changed(ctx, db, homes, "password-set", "%s has a new password.", person.Name); err != nil {
			return err
		}
		return p.say("%s has a new password, and is signed out everywhere.", person.Name)
	})
}
