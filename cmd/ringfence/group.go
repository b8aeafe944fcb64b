package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ringfence/app"
	"ringfence/config"
	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/store"
	"ringfence/store/outbox"
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
func (p *program) withGroups(ctx context.Context, do func(g group.Groups, h config.Household) error) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		return do(app.NewGroups(s, db, 0, p.updater(s, db), func(ctx context.Context, household string) (screening.Household, error) {
			return app.House(ctx, s, db, household)
		}), h)
	})
}

// groupNamed finds a group by its name or its hub's address; without one the only group that the household is in. With left also one that
// was left.
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
		return outbox.Group{}, usagef("there are several such groups: name one by its number, which `ringfence group list` shows")
	case left && len(past) > 0:
		return past[0], nil // the one that was left last
	case name == "":
		return outbox.Group{}, errors.New("this household is in no group: `ringfence group join LINK` joins one")
	default:
		return outbox.Group{}, fmt.Errorf("this household is in no group %q: `ringfence group list` shows them", name)
	}
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
	return p.withGroups(ctx, func(g group.Groups, h config.Household) error {
		joined, err := groupNamed(ctx, g.Store, h.Name, name, false)
		if err != nil {
			return err
		}
		if err := g.Store.Outbox.PauseGroup(ctx, h.Name, joined.ID, pause); err != nil {
			return err
		}
		return p.did(ctx, g.Store, h.Name, what, sentence, joined.Name)
	})
}
