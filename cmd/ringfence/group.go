package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ringfence/app"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/store"
	"ringfence/store/outbox"
)

type groupCmd struct {
	Join   groupJoinCmd   `cmd:"" help:"Join a group by its link, to send it reports of scam callers."`
	Leave  groupLeaveCmd  `cmd:"" help:"Leave a group, and delete its key."`
	List   groupListCmd   `cmd:"" default:"1" help:"List the groups, and what is waiting to be sent."`
	Pause  groupPauseCmd  `cmd:"" help:"Stop sending to a group for now."`
	Resume groupResumeCmd `cmd:"" help:"Start sending to a group again."`
	Sent   groupSentCmd   `cmd:"" help:"Show exactly what was sent."`
}

func (groupCmd) Help() string {
	return help("Without a command it lists them.",
		"ringfence group",
		"ringfence group join \\\n  'https://scams.parish.example/join#q9Jx2mV4bT7nZ0aLkR5sWcY8'")
}

// groups are the groups of all households.
func (p *program) groups(s settings, db *store.Store) group.Groups {
	return app.NewGroups(s, db, 0, func(ctx context.Context, household string) (screening.Household, error) {
		return app.House(ctx, s, db, household)
	})
}

// withGroup opens what a command needs that is about one of the household's groups.
func (p *program) withGroup(ctx context.Context, name string, do func(household.Admin, group.Groups, outbox.Group) (household.Done, error)) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		joined, err := groupNamed(ctx, db, h.Name, name, false)
		if err != nil {
			return err
		}
		return p.tell(do(p.admin(s, h, db), p.groups(s, db), joined))
	})
}

// groupNamed finds a group by its name or its hub's address; with "", the only group that the household is in. If left is set, a group that was left
// counts too.
func groupNamed(ctx context.Context, db *store.Store, household, name string, left bool) (outbox.Group, error) {
	all, err := db.Outbox.Groups(ctx, household)
	if err != nil {
		return outbox.Group{}, err
	}
	var joined, past []outbox.Group
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
		return outbox.Group{}, usagef("there are several such groups: name one by its number, which `ringfence group` shows")
	case left && len(past) > 0:
		return past[0], nil // the one that was left last
	case name == "":
		return outbox.Group{}, errors.New("this household is in no group: `ringfence group join LINK` joins one")
	default:
		return outbox.Group{}, fmt.Errorf("this household is in no group %q: `ringfence group` shows them", name)
	}
}

type groupPauseCmd struct {
	Name string `arg:"" optional:"" help:"The group, if there is more than one."`
}

func (groupPauseCmd) Help() string { return help("", "ringfence group pause") }

func (c groupPauseCmd) Run(ctx context.Context, p *program) error {
	return p.withGroup(ctx, c.Name, func(a household.Admin, _ group.Groups, g outbox.Group) (household.Done, error) {
		return a.PauseGroup(ctx, g.ID, true)
	})
}

type groupResumeCmd struct {
	Name string `arg:"" optional:"" help:"The group, if there is more than one."`
}

func (groupResumeCmd) Help() string { return help("", "ringfence group resume") }

func (c groupResumeCmd) Run(ctx context.Context, p *program) error {
	return p.withGroup(ctx, c.Name, func(a household.Admin, _ group.Groups, g outbox.Group) (household.Done, error) {
		return a.PauseGroup(ctx, g.ID, false)
	})
}
