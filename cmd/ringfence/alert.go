package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"ringfence/app/alerts"
	"ringfence/config"
	"ringfence/notify"
	"ringfence/sharing/fetch"
	"ringfence/store"
	"ringfence/store/outbox"
)

type alertCmd struct {
	List   alertListCmd   `cmd:"" default:"1" help:"List who gets alerts, how, and whether they work."`
	Show   alertShowCmd   `cmd:"" help:"Show what an alert is about, and when it comes."`
	Change alertChangeCmd `cmd:"" help:"Change what an alert is about, or when it comes."`
	Pause  alertPauseCmd  `cmd:"" help:"Pause an alert."`
	Resume alertResumeCmd `cmd:"" help:"Resume an alert."`
	Remove alertRemoveCmd `cmd:"" help:"Remove an alert, with its address."`
	Test   alertTestCmd   `cmd:"" help:"Send a test message."`
}

func (alertCmd) Help() string {
	return help("Without a command it lists them.",
		`ringfence alert`,
		`ringfence alert change 3 --quiet 22:00-07:00`,
		`ringfence alert test 3`)
}

type alertListCmd struct{}

func (alertListCmd) Help() string {
	return help("People set up their alerts on the Alerts page. Addresses are secret, so they aren't shown.",
		"ringfence alert list")
}

func (alertListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ config.Settings, h config.Household, db *store.Store) error {
		channels, err := db.Outbox.Channels(ctx, h.Name, 0)
		if err != nil {
			return err
		}
		members, err := db.Members(ctx, h.Name)
		if err != nil {
			return err
		}
		times, err := clockOf(h)
		if err != nil {
			return err
		}
		names := map[int64]string{}
		for _, m := range members {
			names[m.ID] = m.Name
		}
		head := []string{"NO.", "WHO", "HOW", "LAST MESSAGE", "WAITING", "STATE"}
		return printTable(p, channels, "Nobody gets alerts yet: people set them up on the page \"Alerts\".", head, func(c outbox.Channel) []string {
			sent := "none yet"
			if !c.Sent.IsZero() {
				sent = times.at(c.Sent)
			}
			return []string{strconv.FormatInt(c.ID, 10), names[c.Person], c.Name, sent, strconv.Itoa(c.Waiting), times.channelState(c)}
		})
	})
}

// channelState says in a few words whether an alert works.
func (k clock) channelState(c outbox.Channel) string {
	switch {
	case c.Paused:
		return "paused"
	case !c.Failing.IsZero():
		return "failing since " + k.at(c.Failing) + ": " + c.LastError + k.tryAgain(c.Next)
	default:
		return "works"
	}
}

func (k clock) tryAgain(next time.Time) string {
	if next.IsZero() {
		return ""
	}
	return " Next try " + k.at(next) + "."
}

// alertNumber is the alert that a command is about.
type alertNumber struct {
	Number int64 `arg:"" name:"no" help:"Its number in \"ringfence alert\"."`
}

// with finds the alert.
func (n alertNumber) with(ctx context.Context, p *program, run func(config.Settings, config.Household, *store.Store, outbox.Channel) error) error {
	return p.withStore(ctx, func(settings config.Settings, h config.Household, db *store.Store) error {
		channels, err := db.Outbox.Channels(ctx, h.Name, 0)
		if err != nil {
			return err
		}
		for _, found := range channels {
			if found.ID == n.Number {
				return run(settings, h, db, found)
			}
		}
		return fmt.Errorf("there is no alert %d: `ringfence alert` shows what there is", n.Number)
	})
}

type alertTestCmd struct{ alertNumber }

func (alertTestCmd) Help() string { return help("", "ringfence alert test 3") }

func (c alertTestCmd) Run(ctx context.Context, p *program) error {
	return c.with(ctx, p, func(settings config.Settings, _ config.Household, db *store.Store, found outbox.Channel) error {
		return p.testChannel(ctx, settings, db, found)
	})
}

func (p *program) testChannel(ctx context.Context, settings config.Settings, db *store.Store, c outbox.Channel) error {
	messages, err := alerts.NewMessenger(db, alerts.Contact(settings.Web.Address()))
	if err != nil {
		return err
	}
	if err := messages.Test(ctx, c); err != nil {
		return fmt.Errorf("%s does not work: %w", c.Name, err)
	}
	return p.say("The test message was sent: %s.", c.Name)
}

// sendCmd is not for people: Ringfence sends each message by a process of its own (see notify).
type sendCmd struct{}

func (sendCmd) Run(p *program) error {
	return notify.Child(p.in, p.out, fetch.Public, func() { os.Exit(exitFailed) })
}
