package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"ringfence/config"
	"ringfence/sharing/group"
	"ringfence/store"
)

type groupJoinCmd struct {
	Link    string `arg:"" help:"The group's link: https://…/join#… or ringfence:group?…"`
	Agree   bool   `help:"The household agrees to what is sent; without this it is asked."`
	Earlier bool   `help:"Send the reports that were made before, too."`
	NoList  bool   `help:"Do not subscribe to the group's list."`
}

func (groupJoinCmd) Help() string {
	return whatIsSent + "\n\nExample: ringfence group join 'https://scams.parish.example/join#q9Jx2mV4bT7nZ0aLkR5sWcY8'"
}

// whatIsSent is what a household agrees to.
const whatIsSent = `Of each scam caller whom the household reports the group is sent: the number, the kind of scam, and the day. An hour passes before
that, in which a report can be taken back. Nothing is sent of the household: no name, no number, no recording, no contacts, no other
calls. The group knows it by a key that it makes up for it; like every server it sees the internet address from which it is asked.`

func (c groupJoinCmd) Run(ctx context.Context, p *program) error {
	return p.withGroups(ctx, func(g group.Groups, h config.Household) error {
		offer, err := g.Meet(ctx, c.Link)
		if err != nil {
			return err
		}
		if !c.Agree {
			if err := p.askToJoin(offer); err != nil {
				return err
			}
		}
		joined, err := g.Join(ctx, h.Name, offer, group.Choices{Earlier: c.Earlier, Subscribe: !c.NoList && g.Subscribe != nil}, store.ByCommand)
		if err != nil {
			return err
		}
		if err := p.did(ctx, g.Store, h.Name, "group-joined", "The household has joined %s (%s), and sends it its reports.", joined.Name, joined.URL); err != nil {
			return err
		}
		switch {
		case joined.List != "":
			return p.did(ctx, g.Store, h.Name, "list-subscribed", "It is subscribed to the group's list, called %s here.", joined.List)
		case errors.Is(joined.ListErr, group.ErrNoListKey): // what was asked for is done, as far as this link goes
			_, err := fmt.Fprintf(p.out, "It is not subscribed to the group's list: %s.\n", joined.ListErr)
			return err
		case joined.ListErr != nil:
			return fmt.Errorf("the group is joined, but its list is not subscribed to: %w", joined.ListErr)
		}
		return nil
	})
}

// askToJoin asks whoever types for their agreement.
func (p *program) askToJoin(o group.Offer) error {
	about := o.Name
	for _, more := range []string{o.Publisher, o.Purpose, o.Contact} {
		if more != "" {
			about += "\n  " + more
		}
	}
	if _, err := fmt.Fprintf(p.out, "The group %s\n  (%s)\n\n%s\n\nDo you agree? Type yes: ", about, o.Link.URL, whatIsSent); err != nil {
		return err
	}
	answer, err := bufio.NewReader(p.in).ReadString('\n')
	if strings.TrimSpace(strings.ToLower(answer)) != "yes" {
		return errors.New("the group was not joined, and nothing was sent")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

type groupLeaveCmd struct {
	Name string `arg:"" optional:"" help:"The group, where there is more than one."`
}

func (groupLeaveCmd) Help() string {
	return "What was sent stays with the group, which then cannot tell any more whose it was: withdraw those reports first that you want to\n" +
		"take back.\n\nExample: ringfence group leave \"Great Dunmow\""
}

func (c groupLeaveCmd) Run(ctx context.Context, p *program) error {
	return p.withGroups(ctx, func(g group.Groups, h config.Household) error {
		joined, err := groupNamed(ctx, g.Store, h.Name, c.Name, false)
		if err != nil {
			return err
		}
		if err := g.Leave(ctx, h.Name, joined.ID); err != nil {
			return err
		}
		return p.did(ctx, g.Store, h.Name, "group-left", "The household has left %s. Its key is deleted, and nothing more is sent.", joined.Name)
	})
}
