package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"ringfence/household"
	"ringfence/sharing/group"
	"ringfence/store"
	"ringfence/store/outbox"
)

type groupJoinCmd struct {
	Link    string `arg:"" help:"The group's link: https://…/join#…"`
	Agree   bool   `help:"Agree to what is sent; without this it asks you first."`
	Earlier bool   `help:"Also send earlier reports."`
	NoList  bool   `help:"Don't subscribe to the group's list."`
}

func (groupJoinCmd) Help() string {
	return help(whatIsSent, "ringfence group join \\\n  'https://scams.parish.example/join#q9Jx2mV4bT7nZ0aLkR5sWcY8'")
}

// whatIsSent is what a household agrees to.
const whatIsSent = `Of each scam caller you report, the group gets the number, the kind of scam, and the day. It goes out after an hour, in which you can
take the report back. The group gets nothing about your household: no name, no number, no recording, no contacts, no other calls. It knows
the household by a key made up for it. Like every server, it sees your internet address.`

func (c groupJoinCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		g := p.groups(s, db)
		offer, err := g.Meet(ctx, c.Link)
		if err != nil {
			return err
		}
		if !c.Agree {
			if err := p.askToJoin(offer); err != nil {
				return err
			}
		}
		choices := household.GroupChoices{Earlier: c.Earlier, Subscribe: !c.NoList}
		done, listErr, err := p.admin(s, h, db).JoinGroup(ctx, g, p.updater(s, db), offer, choices)
		if err := p.tell(done, err); err != nil || listErr == nil {
			return err
		}
		return errSaid
	})
}

// askToJoin asks the user to agree.
func (p *program) askToJoin(o group.Offer) error {
	about := o.Name
	for _, more := range []string{o.Publisher, o.Purpose, o.Contact} {
		if more != "" {
			about += "\n  " + more
		}
	}
	if _, err := fmt.Fprintf(p.out, "The group %s\n  (%s)\n\n%s\n\nDo you agree? Type yes: ", about, o.Link.URL, wrap(strings.ReplaceAll(whatIsSent, "\n", " "), helpWidth, 0)); err != nil {
		return err
	}
	answer, err := bufio.NewReader(p.in).ReadString('\n')
	if strings.TrimSpace(strings.ToLower(answer)) != "yes" {
		return errors.New("you haven't joined the group, and nothing was sent")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

type groupLeaveCmd struct {
	Name string `arg:"" optional:"" help:"The group, if there is more than one."`
}

func (groupLeaveCmd) Help() string {
	return help("Your reports stay with the group, which can then no longer tell whose they are. Withdraw any reports you want to take back "+
		"first.",
		`ringfence group leave "Great Dunmow"`)
}

func (c groupLeaveCmd) Run(ctx context.Context, p *program) error {
	return p.withGroup(ctx, c.Name, func(a household.Admin, g group.Groups, joined outbox.Group) (household.Done, error) {
		return a.LeaveGroup(ctx, g, joined.ID)
	})
}
