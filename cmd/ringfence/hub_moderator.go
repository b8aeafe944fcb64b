package main

import (
	"context"
	"errors"
	"fmt"

	"ringfence/app/hubserver"
	"ringfence/sharing/hub"
	"ringfence/store/people"
)

type hubModeratorCmd struct {
	Add      moderatorAddCmd      `cmd:"" help:"Add a moderator."`
	Password moderatorPasswordCmd `cmd:"" help:"Give a moderator a new password, or a link to choose one."`
	List     moderatorListCmd     `cmd:"" default:"1" help:"List the moderators."`
	Remove   moderatorRemoveCmd   `cmd:"" help:"Remove a moderator's account. Their decisions stay."`
}

func (hubModeratorCmd) Help() string {
	return help("Without a command it lists them.",
		"ringfence hub moderator --dir /var/lib/ringfence-hub")
}

type moderatorAddCmd struct {
	Email string `arg:"" help:"The e-mail address they sign in with."`
	Name  string `required:"" help:"The name shown with their decisions." placeholder:"NAME"`
}

func (moderatorAddCmd) Help() string {
	return help("Prints a link with which they choose a password.",
		"ringfence hub moderator add anna@example.org --name \"Anna Taylor\" \\\n  --dir /var/lib/ringfence-hub")
}

func (c moderatorAddCmd) Run(ctx context.Context, p *program, h *hubCmd) error {
	return h.with(ctx, func(s hubserver.Settings, db *hub.Hub) error {
		m, err := db.AddModerator(ctx, c.Name, c.Email, hubserver.ByCommand())
		if err != nil {
			return err
		}
		return p.passwordLink(ctx, moderators(db), m, hubserver.ByCommand(), s.Web.Address())
	})
}

// moderator finds a moderator by e-mail address.
func moderator(ctx context.Context, db *hub.Hub, email string) (people.Person, error) {
	m, _, err := db.People.ByEmail(ctx, email)
	if errors.Is(err, people.ErrNobody) {
		return m, fmt.Errorf("no moderator signs in with %s: `ringfence hub moderator` shows who does", email)
	}
	return m, err
}

type moderatorListCmd struct{}

func (moderatorListCmd) Help() string {
	return help("", "ringfence hub moderator list --dir /var/lib/ringfence-hub")
}

func (moderatorListCmd) Run(ctx context.Context, p *program, h *hubCmd) error {
	return h.with(ctx, func(_ hubserver.Settings, db *hub.Hub) error {
		all, err := db.People.All(ctx)
		if err != nil {
			return err
		}
		head := []string{"NAME", "E-MAIL", "PASSWORD", "AUTHENTICATOR APP"}
		nobody := "There are no moderators yet: `ringfence hub moderator add EMAIL --name NAME` adds one."
		return printTable(p, all, nobody, head, func(m people.Person) []string {
			has, codes := "none yet", "off"
			if m.HasPassword {
				has = "set"
			}
			if m.HasTOTP {
				codes = "on"
			}
			return []string{m.Name, m.Email, has, codes}
		})
	})
}

type moderatorRemoveCmd struct {
	Email string `arg:"" help:"Their e-mail address."`
}

func (moderatorRemoveCmd) Help() string {
	return help("They are signed out at once.",
		"ringfence hub moderator remove ben@example.org \\\n  --dir /var/lib/ringfence-hub")
}

func (c moderatorRemoveCmd) Run(ctx context.Context, p *program, h *hubCmd) error {
	return h.with(ctx, func(_ hubserver.Settings, db *hub.Hub) error {
		m, err := moderator(ctx, db, c.Email)
		if err != nil {
			return err
		}
		if err := db.RemoveModerator(ctx, m, hubserver.ByCommand()); err != nil {
			return err
		}
		return p.say("%s is no longer a moderator.", m.Name)
	})
}
