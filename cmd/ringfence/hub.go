package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/app/hubserver"
	"ringfence/sharing/hub"
	"ringfence/web/hubpages"
)

// hubCmd is a group's side of shared lists. It needs no ringfence.toml.
type hubCmd struct {
	Dir string `help:"Folder of the hub." placeholder:"DIR" default:"." env:"RINGFENCE_HUB"`

	Init      hubInitCmd      `cmd:"" help:"Make a hub: its settings, the key that its list is signed with, its database."`
	Serve     hubServeCmd     `cmd:"" help:"Take reports, publish the list, and show the group's pages."`
	Publish   hubPublishCmd   `cmd:"" help:"Publish the list now."`
	Invite    hubInviteCmd    `cmd:"" help:"Make a link with which households join."`
	Moderator hubModeratorCmd `cmd:"" help:"Who decides what is on the list."`
	Backup    hubBackupCmd    `cmd:"" help:"Write everything that the hub needs into one file, while it runs."`
	Restore   hubRestoreCmd   `cmd:"" help:"Put a backup back, into an empty folder."`
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

type hubInitCmd struct {
	Folder    string `arg:"" help:"The folder to make; what is in it is for its owner alone."`
	Name      string `required:"" help:"What people call the list." placeholder:"NAME"`
	Publisher string `help:"Who answers for it; without it, the name." placeholder:"WHO"`
	Purpose   string `help:"What it is for." default:"Numbers of scammers, reported by households" placeholder:"TEXT"`
	Contact   string `required:"" help:"Where to reach the group, such as mailto:scams@example.org." placeholder:"ADDRESS"`
	Region    string `help:"For whose telephone lines." default:"GB" placeholder:"GB"`
	Licence   string `help:"What may be done with the list." default:"CC0-1.0" placeholder:"TEXT"`
	Timezone  string `help:"In which the group lives." default:"Europe/London" placeholder:"ZONE"`
	Listen    string `help:"Where the hub listens." default:"127.0.0.1:8090" placeholder:"ADDRESS:PORT"`
	Public    string `help:"The address by which everybody reaches it." placeholder:"https://HUB"`
	Proxies   int    `help:"How many proxies of your own stand before it." placeholder:"N"`
	Moderator string `help:"E-mail address of the first moderator." placeholder:"EMAIL"`
	Called    string `help:"What the first moderator is called." placeholder:"NAME" default:"Moderator"`
}

func (hubInitCmd) Help() string {
	return "Keep a copy of list.key where nobody but you finds it: without it the list ends, and whoever has it can publish in your name.\n\n" +
		"Example: ringfence hub init /var/lib/ringfence-hub --name \"Great Dunmow\" --publisher \"The parish council of Great Dunmow\" \\\n" +
		"           --contact mailto:scams@example.org --public https://hub.example.org --proxies 1 --moderator anna@example.org --called \"Anna Taylor\""
}

func (c hubInitCmd) Run(ctx context.Context, p *program) error {
	s := hubserver.Defaults()
	s.Dir, s.Name, s.Publisher, s.Purpose, s.Contact = c.Folder, c.Name, c.Publisher, c.Purpose, c.Contact
	s.Region, s.Licence, s.Timezone = c.Region, c.Licence, c.Timezone
	s.Web.Listen, s.Web.Public, s.Web.Proxies = c.Listen, c.Public, c.Proxies
	if s.Publisher == "" {
		s.Publisher = s.Name
	}
	if s.Web.Public == "" {
		s.Web.Public = s.Web.Address()
	}
	if err := hubserver.Make(s); err != nil {
		return err
	}
	_, db, err := hubserver.Open(ctx, s.Dir)
	if err != nil {
		return err
	}
	return errors.Join(c.begin(ctx, p, s, db), db.Close())
}

// begin makes the first moderator, and says what to do next.
func (c hubInitCmd) begin(ctx context.Context, p *program, s hubserver.Settings, db *hub.Hub) error {
	if err := p.say("The hub %q is in %s. Keep a copy of %s somewhere safe.", s.Name, s.Dir, s.Path(hubserver.KeyFile)); err != nil {
		return err
	}
	if c.Moderator != "" {
		m, err := db.AddModerator(ctx, c.Called, c.Moderator, hubserver.ByCommand())
		if err != nil {
			return refusedPlainly(err)
		}
		if err := passwordLink(ctx, p, s, db, m); err != nil {
			return err
		}
	} else if err := p.say("Nobody decides yet: `ringfence hub moderator add EMAIL --name NAME --dir %s` adds a moderator.", s.Dir); err != nil {
		return err
	}
	return p.say("Start it with `ringfence hub serve --dir %s`. Households join with a link: `ringfence hub invite --note WHERE --dir %s`.", s.Dir, s.Dir)
}

// refusedPlainly makes a command's one plain sentence of one that is made for pages.
func refusedPlainly(err error) error {
	var refused *hub.Refused
	if errors.As(err, &refused) {
		return errors.New(plainClause(refused.Sentence))
	}
	return err
}

type hubInviteCmd struct {
	Note string `required:"" help:"Where it is handed out; for the moderators." placeholder:"WHERE"`
	Uses int    `help:"How many households may join with it." default:"50"`
	Days int    `help:"For how many days it opens." default:"30"`
}

func (hubInviteCmd) Help() string {
	return "One link for many households is better than one for each: then nobody can tell who has joined with it.\n\n" +
		"Example: ringfence hub invite --note \"leaflet in the library\" --uses 200 --days 60 --dir /var/lib/ringfence-hub"
}

func (c hubInviteCmd) Run(ctx context.Context, p *program, h *hubCmd) error {
	if c.Days < 1 || c.Days > 366 {
		return usagef("an invitation opens for 1 to 366 days")
	}
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
	return "A hub that serves does so by itself. The folder \"list\" in the hub's can be served by any web server.\n\n" +
		"Example: ringfence hub publish --dir /var/lib/ringfence-hub"
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
		for _, r := range done.Refusals[:min(len(done.Refusals), shownRefusals)] {
			fmt.Fprintf(p.err, "%s\n", r)
		}
		return p.say("The list was published in %s: serial %d, %s, %d changed, %d left out.",
			s.Path(hubserver.ListFolder), done.Manifest.Serial, many(done.Manifest.Entries, "number"), done.Changed, done.Refused)
	})
}
