package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"ringfence/app"
	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/store"
)

type groupCmd struct {
	Join   groupJoinCmd   `cmd:"" help:"Join a group by its link, to send it reports of scam callers."`
	Leave  groupLeaveCmd  `cmd:"" help:"Leave a group; its key is deleted."`
	List   groupListCmd   `cmd:"" help:"Show the groups, and what waits for them."`
	Pause  groupPauseCmd  `cmd:"" help:"Send a group nothing for now."`
	Resume groupResumeCmd `cmd:"" help:"Send to it again."`
	Sent   groupSentCmd   `cmd:"" help:"Show what was sent, exactly."`
}

// withGroups opens what the commands of groups need.
func (p *program) withGroups(ctx context.Context, do func(g group.Groups, h householdSettings) error) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		return do(app.NewGroups(s, db, 0, p.updater(s, db), func(ctx context.Context, household string) (screening.Household, error) {
			return app.House(ctx, s, db, household)
		}), h)
	})
}

// groupNamed finds a group by its name or its hub's address; without one the only group that the household is in. With left also one that
// was left.
func groupNamed(ctx context.Context, db *store.Store, household, name string, left bool) (store.Group, error) {
	all, err := db.Groups(ctx, household)
	if err != nil {
		return store.Group{}, err
	}
	var joined, past []store.Group
	for _, g := range all {
		switch {
		case name != "" && !strings.EqualFold(g.Name, name) && g.URL != name && strconv.FormatInt(g.ID, 10) != name:
		case g.Left.IsZero():
			joined = append(joined, g)
		default:
			past = append(past, g)
		}
	}
	switch {
	case len(joined) == 1:
		return joined[0], nil
	case len(joined) > 1:
		return store.Group{}, usagef("there are several such groups: name one by its number, which `ringfence group list` shows")
	case left && len(past) > 0:
		return past[0], nil // the one that was left last
	case name == "":
		return store.Group{}, errors.New("this household is in no group: `ringfence group join LINK` joins one")
	default:
		return store.Group{}, fmt.Errorf("this household is in no group %q: `ringfence group list` shows them", name)
	}
}

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
	return p.withGroups(ctx, func(g group.Groups, h householdSettings) error {
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
	return p.withGroups(ctx, func(g group.Groups, h householdSettings) error {
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

type groupPauseCmd struct {
	Name string `arg:"" optional:"" help:"The group, where there is more than one."`
}

func (groupPauseCmd) Help() string { return "Example: ringfence group pause" }

func (c groupPauseCmd) Run(ctx context.Context, p *program) error {
	return p.pauseGroup(ctx, c.Name, true, "group-paused", "Nothing is sent to %s for now.")
}

type groupResumeCmd struct {
	Name string `arg:"" optional:"" help:"The group, where there is more than one."`
}

func (groupResumeCmd) Help() string { return "Example: ringfence group resume" }

func (c groupResumeCmd) Run(ctx context.Context, p *program) error {
	return p.pauseGroup(ctx, c.Name, false, "group-resumed", "Reports are sent to %s again.")
}

func (p *program) pauseGroup(ctx context.Context, name string, pause bool, what, sentence string) error {
	return p.withGroups(ctx, func(g group.Groups, h householdSettings) error {
		joined, err := groupNamed(ctx, g.Store, h.Name, name, false)
		if err != nil {
			return err
		}
		if err := g.Store.PauseGroup(ctx, h.Name, joined.ID, pause); err != nil {
			return err
		}
		return p.did(ctx, g.Store, h.Name, what, sentence, joined.Name)
	})
}

type groupListCmd struct{}

func (groupListCmd) Help() string { return "Example: ringfence group list" }

func (groupListCmd) Run(ctx context.Context, p *program) error {
	return p.withGroups(ctx, func(g group.Groups, h householdSettings) error {
		all, err := g.Store.Groups(ctx, h.Name)
		if err != nil {
			return err
		}
		zone, err := h.Zone()
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return p.say("The household has joined no group, so its reports stay in the house: `ringfence group join LINK` joins one.")
		}
		for _, one := range all {
			line := fmt.Sprintf("%d  %s (%s), joined on %s", one.ID, one.Name, one.URL, one.Joined.In(zone).Format("2 January 2006"))
			if one.Left.IsZero() {
				counts, err := countStages(ctx, g, one)
				if err != nil {
					return err
				}
				line += counts
			} else {
				line += ", left on " + one.Left.In(zone).Format("2 January 2006")
			}
			if err := p.say("%s", line); err != nil {
				return err
			}
		}
		return nil
	})
}

// countStages says how many reports are how far on their way to a group.
func countStages(ctx context.Context, g group.Groups, joined store.Group) (text string, err error) {
	all, err := g.Standings(ctx, joined)
	counts := map[group.Stage]int{}
	for _, one := range all {
		counts[one.Stage]++
	}
	for _, s := range []struct {
		stage group.Stage
		words string
	}{
		{group.Sent, "sent"}, {group.Held, "held for an hour"}, {group.Waits, "waiting"}, {group.Retracts, "waiting to be withdrawn"},
		{group.Withdrawn, "withdrawn"}, {group.Refused, "not taken by the group"}, {group.Stays, "not sent"},
	} {
		if n := counts[s.stage]; n > 0 {
			text += fmt.Sprintf("; %d %s", n, s.words)
		}
	}
	switch {
	case joined.Paused:
		text += ". Sending is paused"
	case joined.Error != "":
		text += ". " + joined.Error
	}
	return text, err
}

type groupSentCmd struct {
	Name  string `arg:"" optional:"" help:"The group, where there is more than one; also one that was left."`
	JSON  bool   `name:"json" help:"One JSON object a line."`
	Limit int    `help:"How many at most." default:"100"`
}

func (groupSentCmd) Help() string {
	return "Shows, the newest first, when something was sent, word for word what, and what became of it.\n\nExample: ringfence group sent"
}

// jsonSent is a line of --json, a contract.
type jsonSent struct {
	At      time.Time       `json:"at"`
	Sent    json.RawMessage `json:"sent"`
	Taken   bool            `json:"taken"`
	Refused string          `json:"refused,omitempty"`
}

func (c groupSentCmd) Run(ctx context.Context, p *program) error {
	return p.withGroups(ctx, func(g group.Groups, h householdSettings) error {
		joined, err := groupNamed(ctx, g.Store, h.Name, c.Name, true)
		if err != nil {
			return err
		}
		zone, err := h.Zone()
		if err != nil {
			return err
		}
		sent, err := g.Store.SentReports(ctx, joined.ID, c.Limit)
		if err != nil {
			return err
		}
		if len(sent) == 0 && !c.JSON {
			return p.say("Nothing was sent to %s.", joined.Name)
		}
		for _, one := range sent {
			if err := p.saySent(one, zone, c.JSON); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *program) saySent(one store.SentReport, zone *time.Location, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(p.out).Encode(jsonSent{one.At.UTC(), json.RawMessage(one.Body), one.Refused == "", one.Refused})
	}
	became := ""
	if one.Refused != "" {
		became = "  (the group did not take it: " + one.Refused + ")"
	}
	return p.say("%s  %s%s", one.At.In(zone).Format("2006-01-02 15:04"), one.Body, became)
}
