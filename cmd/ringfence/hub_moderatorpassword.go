package main

import (
	"context"
	"time"

	"ringfence/app/hubserver"
	"ringfence/sharing/hub"
)

// passwordLink prints a link with which a moderator chooses a password.
func passwordLink(ctx context.Context, p *program, s hubserver.Settings, db *hub.Hub, m hub.Moderator) error {
	secret, err := db.MakePasswordLink(ctx, m.ID, time.Now().Add(passwordLinkLasts), hubserver.ByCommand())
	if err != nil {
		return err
	}
	return p.say("Within a day, %s can choose a password at this address, once:\n%s/password/%s", m.Name, s.Web.Address(), secret)
}

type moderatorPasswordCmd struct {
	Email string `arg:"" help:"Whose."`
	Link  bool   `help:"Print a link with which they choose a password themselves. It opens once, within a day."`

	ForgetApp bool `help:"Also ask for no code of an app any more, where they have lost it."`
}

func (moderatorPasswordCmd) Help() string {
	return "Asks for the password, or reads one line from the standard input. They are signed out everywhere. Make sure first that it is they\n" +
		"who ask: with --link and --forget-app, whoever has the link is let in.\n\n" +
		"Example: ringfence hub moderator password anna@example.org --link --dir /var/lib/ringfence-hub\n" +
		"         ringfence hub moderator password anna@example.org --link --forget-app --dir /var/lib/ringfence-hub"
}

func (c moderatorPasswordCmd) Run(ctx context.Context, p *program, h *hubCmd) error {
	return h.with(ctx, func(s hubserver.Settings, db *hub.Hub) error {
		m, err := moderator(ctx, db, c.Email)
		if err != nil {
			return err
		}
		if c.ForgetApp {
			if err := forgetApp(ctx, p, db, m); err != nil {
				return err
			}
		}
		if c.Link {
			return passwordLink(ctx, p, s, db, m)
		}
		password, err := p.newPassword(ctx, m.Name, m.Email)
		if err != nil {
			return err
		}
		hash, err := hashed(ctx, password)
		if err != nil {
			return err
		}
		if err := db.SetPassword(ctx, m.ID, hash, 0, hubserver.ByCommand()); err != nil {
			return err
		}
		return p.say("%s has a new password, and is signed out everywhere.", m.Name)
	})
}

// forgetApp helps a moderator whose telephone with the codes is gone: they are asked for none. Whoever has found it is signed out.
func forgetApp(ctx context.Context, p *program, db *hub.Hub, m hub.Moderator) error {
	if !m.HasTOTP {
		return p.say("%s is asked for no code of an app.", m.Name)
	}
	if err := db.RemoveTOTP(ctx, m.ID, hubserver.ByCommand()); err != nil {
		return err
	}
	if _, err := db.EndOtherLogins(ctx, m.ID, 0); err != nil {
		return err
	}
	return p.say("%s is asked for no code of an app any more, and is signed out everywhere. They can set one up again under \"My account\".", m.Name)
}
