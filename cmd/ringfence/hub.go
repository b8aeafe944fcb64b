package main

import (
	"context"
	"errors"
	"time"

	"ringfence/app/hubserver"
	"ringfence/screening"
	"ringfence/sharing/hub"
	"ringfence/web/hubpages"
)

// hubCmd is a group's side of shared lists. It needs no ringfence.toml.
type hubCmd struct {
	Dir string `help:"Folder of the hub." placeholder:"DIR" default:"." env:"RINGFENCE_HUB"`

	Init      hubInitCmd      `cmd:"" help:"Make a hub: its settings, its database, and the key that signs its list."`
	Serve     hubServeCmd     `cmd:"" help:"Take reports, publish the list, and show the group's pages."`
	Publish   hubPublishCmd   `cmd:"" help:"Publish the list now."`
	Invite    hubInviteCmd    `cmd:"" help:"Make a link for households to join with."`
	Moderator hubModeratorCmd `cmd:"" help:"Who decides what is on the list."`
	Backup    hubBackupCmd    `cmd:"" help:"Write everything that the hub needs to one file."`
	Restore   hubRestoreCmd   `cmd:"" help:"Restore a backup, into an empty folder."`
}

func (hubCmd) Help() string {
	return help("It runs on any computer that households can reach, and needs no phone line.",
		`ringfence hub init /var/lib/ringfence-hub --name "Great Dunmow" \
  --contact mailto:scams@example.org`,
		"ringfence hub serve --dir /var/lib/ringfence-hub")
}

// with opens the hub for one command.
func (h *hubCmd) with(ctx context.Context, do func(hubserver.Settings, *hub.Hub) error) error {
	if err := hubserver.BecomeOwner(h.Dir); err != nil {
		return err
	}
	s, db, err := hubserver.Open(ctx, h.Dir)
	if err != nil {
		return err
	}
	return errors.Join(do(s, db), db.Close())
}

// refusedPlainly turns a sentence written for pages into a command's one plain sentence.
func refusedPlainly(err error) error {
	var refused *hub.Refused
	if errors.As(err, &refused) {
		return errors.New(plainClause(refused.Sentence))
	}
	return err
}

type hubInviteCmd struct {
	Note string `required:"" help:"Where you hand it out, for the moderators." placeholder:"WHERE"`
	Uses int    `help:"How many households can join with it." default:"50"`
	Days int    `help:"For how many days it works." default:"30"`
}

func (hubInviteCmd) Help() string {
	return help("One link for many households is better than one each: then nobody can tell who joined with it.",
		"ringfence hub invite --note \"leaflet in the library\" --uses 200 --days 60 \\\n  --dir /var/lib/ringfence-hub")
}

func (c hubInviteCmd) Run(ctx context.Context, p *program, h *hubCmd) error {
	return h.with(ctx, func(s hubserver.Settings, db *hub.Hub) error {
		key, err := hubserver.ReadPublicKey(s)
		if err != nil {
			return err
		}
		now := time.Now()
		secret, err := db.Invite(ctx, hub.Invitation{Note: c.Note, Most: c.Uses, By: hub.ByCommand, Made: now, Expires: now.AddDate(0, 0, c.Days)})
		if err != nil {
			return refusedPlainly(err)
		}
		return p.say("%s", hubpages.InvitationLink(s.Web.Address(), key.String(), secret))
	})
}

type hubPublishCmd struct{}

func (hubPublishCmd) Help() string {
	return help(`A running hub does this by itself. Any web server can serve the folder "list" in the hub's folder.`,
		"ringfence hub publish --dir /var/lib/ringfence-hub")
}

func (hubPublishCmd) Run(ctx context.Context, p *program, h *hubCmd) error {
	return h.with(ctx, func(s hubserver.Settings, db *hub.Hub) error {
		pub, err := hubserver.NewPublisher(s, db)
		if err != nil {
			return err
		}
		done, err := pub.Publish(ctx)
		if err != nil {
			return refusedPlainly(err)
		}
		printRefusals(p, "", nationally(done.Refusals, s.Region), done.Refused, "number", "numbers")
		return p.say("The list was published in %s: serial %d, %s, %s changed, %s left out.",
			s.Path(hubserver.ListFolder), done.Manifest.Serial, counted(done.Manifest.Entries, "number", "numbers"), screening.Thousands(done.Changed), screening.Thousands(done.Refused))
	})
}
