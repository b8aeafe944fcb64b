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

type tellCmd struct {
	List tellListCmd `cmd:"" default:"withargs" help:"List who gets alerts, how, and whether they work (this is also what \"ringfence tell\" alone does)."`
	Test tellTestCmd `cmd:"" help:"Send a test message."`
}

type tellListCmd struct{}

func (tellListCmd) Help() string {
	return "People set up their alerts on the page \"Alerts\". Addresses are secrets and are not shown.\n\nExample:\n\n    ringfence tell list"
}

func (tellListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ config.Settings, h config.Household, db *store.Store) error {
		channels, err := db.Outbox.Channels(ctx, h.Name, 0)
		if err != nil {
			return err
		}
		members, err := db.Members(ctx, h.Name)
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
				sent = c.Sent.Local().Format("2 Jan 15:04")
			}
			return []string{strconv.FormatInt(c.ID, 10), names[c.Person], c.Name, sent, strconv.Itoa(c.Waiting), channelState(c)}
		})
	})
}

// channelState says in a few words whether an alert works.
func channelState(c outbox.Channel) string {
	switch {
	case c.Paused:
		return "paused"
	case !c.Failing.IsZero():
		return "failing since " + c.Failing.Local().Format("2 Jan 15:04") + ": " + c.LastError + tryAgain(c.Next)
	default:
		return "works"
	}
}

func tryAgain(next time.Time) string {
	if next.IsZero() {
		return ""
	}
	return " Next try " + next.Local().Format("2 Jan 15:04") + "."
}

type tellTestCmd struct {
	Number int64 `arg:"" name:"no" help:"Which, as \"ringfence tell list\" numbers them."`
}

func (tellTestCmd) Help() string { return "Example:\n\n    ringfence tell test 3" }

func (c tellTestCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(settings config.Settings, h config.Household, db *store.Store) error {
		channels, err := db.Outbox.Channels(ctx, h.Name, 0)
		if err != nil {
			return err
		}
		for _, found := range channels {
			if found.ID == c.Number {
				return p.testChannel(ctx, settings, db, found)
			}
		}
		return fmt.Errorf("there is no number %d: `ringfence tell list` shows what there is", c.Number)
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
	return p.say("The message is sent: %s.", c.Name)
}

// sendCmd is not for people: Ringfence sends each message by a process of its own (see notify).
type sendCmd struct{}

func (sendCmd) Run(p *program) error {
	return notify.Child(p.in, p.out, fetch.Public, func() { os.Exit(exitFailed) })
}
