package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"ringfence/app"
	"ringfence/config"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/columns"
	"ringfence/sharing/fetch"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/lists"
)

// updater returns an updater for a command.
func (p *program) updater(s config.Settings, db *store.Store) *subscribe.Updater {
	house := func(name string) screening.Household { return s.Lines()[name].Complete(screening.Household{}) }
	return app.NewUpdater(s, db, house, slog.New(slog.DiscardHandler)) // the command itself says how it went
}

type listSubscribeCmd struct {
	Address string `arg:"" help:"The list's address, its link (https://.../#key=RW...), or that of a plain file of numbers."`
	Key     string `help:"The publisher's public key: the line that begins with RW, or a file with it. A link carries it." placeholder:"KEY"`
	Name    string `help:"What to call the list; without it, as its publisher does." placeholder:"NAME"`

	MayTurnAway bool          `help:"Let an unsigned list turn callers away. Whoever can change it can shut out anyone but your contacts."`
	Every       time.Duration `help:"About how often to look for updates." default:"6h"`
	Column      string        `help:"The column of a plain file with the callers' numbers, by its heading or counting from 1. It is remembered by its heading." placeholder:"COLUMN"`
	tryable     `embed:""`
}

func (listSubscribeCmd) Help() string {
	return help("Downloads the list at once. `ringfence serve` keeps it up to date. Without a key nobody can tell who wrote the list, so it "+
		"only warns: its callers are asked who they are.\n\nThe address may also be that of a plain file: a CSV, a vCard, or a text with one "+
		"number a line. If more than a tenth of it changes at once, `ringfence list changes` shows that first.",
		"ringfence list subscribe https://parish.example/list/ --key parish.pub",
		"ringfence list subscribe 'https://parish.example/list/#key=RWQ...'",
		"ringfence list subscribe https://parish.example/scams.csv --column Caller")
}

func (c listSubscribeCmd) Run(ctx context.Context, p *program) error {
	if c.chosen() {
		return c.inSeveral(ctx, p)
	}
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		from, err := c.source()
		if err != nil {
			return err
		}
		times, err := clockOf(h)
		if err != nil {
			return err
		}
		choices := c.choices()
		if c.DryRun {
			return withSetting(p.tryDeed(ctx, p.admin(s, h, db), h, func(a household.Admin) (household.Done, error) {
				updater := p.updater(s, a.Store)
				sub, done, err := a.Subscribe(ctx, updater, from, choices)
				if err == nil {
					_, err = updater.Update(ctx, h.Name, sub.List)
				}
				return done, err
			}))
		}
		updater := p.updater(s, db)
		sub, _, err := p.admin(s, h, db).Subscribe(ctx, updater, from, choices)
		if err != nil {
			return withSetting(err)
		}
		if err := p.say("%s", strings.Join(times.detailsOf(sub), "\n")); err != nil {
			return err
		}
		return p.subscribedTo(ctx, updater, sub, h.Region)
	})
}

func (c listSubscribeCmd) choices() subscribe.Choices {
	return subscribe.Choices{Name: c.Name, MayTurnAway: c.MayTurnAway, Period: c.Every, Column: c.Column}
}

func (c listSubscribeCmd) source() (subscribe.Source, error) {
	key := ""
	if c.Key != "" {
		known, err := publicKey(c.Key)
		if err != nil {
			return subscribe.Source{}, err
		}
		key = known.String()
	}
	from, err := subscribe.ParseSource(c.Address, key)
	if err == nil && c.MayTurnAway && from.Key != "" {
		return from, usagef("--may-turn-away is for lists that are not signed: this one may do so anyway")
	}
	return from, err
}

// withSetting adds to a refusal which setting would allow it.
func withSetting(err error) error {
	if errors.Is(err, fetch.ErrPrivate) {
		return fmt.Errorf("%s: if the list is served in your own home, set allow_private = true under [lists] in ringfence.toml", strings.TrimSuffix(err.Error(), "."))
	}
	if question := (*columns.Question)(nil); errors.As(err, &question) && question.Rows == "" {
		return fmt.Errorf("%w. Say which with --column, such as --column 1", err)
	}
	return err
}

// subscribedTo downloads a list that has just been subscribed to, and says how that went.
func (p *program) subscribedTo(ctx context.Context, updater *subscribe.Updater, sub lists.Subscription, region string) error {
	done, err := subscribe.Outcome{Counts: lists.Counts{Entries: sub.Entries}}, error(nil)
	if sub.Serial == 0 { // otherwise another household here has it already
		done, err = updater.Update(ctx, sub.Household, sub.List)
	}
	var soon *subscribe.SoonError
	switch {
	case errors.As(err, &soon):
		return p.say("The household is subscribed to the list %s. %s.", sub.List, soon)
	case err != nil:
		return fmt.Errorf("the household is subscribed to the list %s, but could not download it yet. Ringfence tries again: %w", sub.List, withSetting(err))
	}
	printRefusals(p, "left out: ", nationally(done.Refusals, region), done.Refused, "number", "numbers")
	if err := p.say("The household is subscribed to the list %s, which has %s.", sub.List, counted(done.Entries, "number", "numbers")); err != nil || !sub.OnlyWarns {
		return err
	}
	return p.say("Nobody has signed it, so it turns nobody away and only warns.")
}
