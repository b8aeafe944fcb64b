package main

import (
	"context"
	"errors"

	"ringfence/app/hubserver"
	"ringfence/sharing/hub"
)

type hubInitCmd struct {
	Folder    string `arg:"" help:"The folder to make; only its owner can read it."`
	Name      string `required:"" help:"What people call the list." placeholder:"NAME"`
	Publisher string `help:"Who answers for it; without it, the name." placeholder:"WHO"`
	Purpose   string `help:"What it is for." default:"Numbers of scammers, reported by households" placeholder:"TEXT"`
	Contact   string `required:"" help:"Where to reach the group, such as mailto:scams@example.org." placeholder:"ADDRESS"`
	Region    string `help:"The country of its phone lines." default:"GB" placeholder:"GB"`
	Licence   string `help:"The licence of the list." default:"CC0-1.0" placeholder:"TEXT"`
	Timezone  string `help:"The group's time zone." default:"Europe/London" placeholder:"ZONE"`
	Listen    string `help:"Where the hub listens." default:"127.0.0.1:8090" placeholder:"ADDRESS:PORT"`
	Public    string `help:"The address where everybody reaches it." placeholder:"https://HUB"`
	Proxies   int    `help:"How many proxies of your own are in front of it." placeholder:"N"`
	Moderator string `help:"E-mail address of the first moderator." placeholder:"EMAIL"`
	Called    string `help:"What the first moderator is called." placeholder:"NAME" default:"Moderator"`
}

func (hubInitCmd) Help() string {
	return help("Keep a copy of list.key where only you can find it. Without it the list ends, and whoever has it can publish in your name.",
		"ringfence hub init /var/lib/ringfence-hub --name \"Great Dunmow\" \\\n  --publisher \"The parish council of Great Dunmow\" \\\n  --contact mailto:scams@example.org --public https://hub.example.org \\\n  --proxies 1 --moderator anna@example.org --called \"Anna Taylor\"")
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
			return err
		}
		if err := p.passwordLink(ctx, moderators(db), m, hubserver.ByCommand(), s.Web.Address()); err != nil {
			return err
		}
	} else if err := p.say("There is no moderator yet: `ringfence hub moderator add EMAIL --name NAME --dir %s` adds one.", s.Dir); err != nil {
		return err
	}
	return p.say("Start it with `ringfence hub serve --dir %s`. Households join with a link: `ringfence hub invite --note WHERE --dir %s`.", s.Dir, s.Dir)
}
