package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"ringfence/app"
	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/lists"
)

// updater is one for a command.
func (p *program) updater(s settings, db *store.Store) *subscribe.Updater {
	house := func(name string) screening.Household { return s.Lines()[name].Complete(screening.Household{}) }
	return app.NewUpdater(s, db, house, slog.New(slog.DiscardHandler)) // a command says itself how it went
}

type listSubscribeCmd struct {
	Address string `arg:"" help:"The list's address, or the link that was given to you (ringfence:list?...)."`
	Key     string `help:"The publisher's public key: the line that begins with RW, or a file with it. A link carries it." placeholder:"KEY"`
	Name    string `help:"What to call the list; without it, as its publisher does." placeholder:"NAME"`

	MayTurnAway bool          `help:"Let a list that is not signed turn callers away all the same. Anybody who can change it can shut out any caller."`
	Every       time.Duration `help:"About how often to ask whether there is something new." default:"6h"`
}

func (listSubscribeCmd) Help() string {
	return "The list is got at once, and kept up to date as long as \"ringfence serve\" runs. Without a key nobody can tell who has written\n" +
		"a list, so such a one only warns: its callers are asked who they are.\n\n" +
		"Example: ringfence list subscribe 'ringfence:list?url=https%3A%2F%2Fparish.example%2Flist%2F&key=RWQ...'\n" +
		"         ringfence list subscribe https://parish.example/list/ --key RWQ... --name parish"
}

func (c listSubscribeCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		from, err := c.source()
		if err != nil {
			return err
		}
		updater := p.updater(s, db)
		sub, err := updater.Subscribe(ctx, h.Name, from, subscribe.Choices{
			Name: c.Name, MayTurnAway: c.MayTurnAway, Period: c.Every, By: byCommand,
		})
		if err != nil {
			return withSetting(err)
		}
		if err := p.say("%s", strings.Join(factsOf(sub), "\n")); err != nil {
			return err
		}
		if err := changed(ctx, db, []string{h.Name}, "list-subscribed", "The household is subscribed to the list %s.", sub.List); err != nil {
			return err
		}
		return p.subscribedTo(ctx, updater, sub)
	})
}

// byCommand is who does what the command line does.
const byCommand = "command line"

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

// withSetting says which setting allows what was refused.
func withSetting(err error) error {
	if errors.Is(err, fetch.ErrPrivate) {
		return fmt.Errorf("%w: if the list is served in your own home, set allow_private = true under [lists] in ringfence.toml", err)
	}
	return err
}

// factsOf is what is known of a subscription, a line each.
func factsOf(sub lists.Subscription) (lines []string) {
	add := func(what, text string) {
		if text != "" {
			lines = append(lines, fmt.Sprintf("%-10s %s", what, screening.CleanLine(text, 500)))
		}
	}
	add("list", sub.Title)
	add("publisher", sub.Publisher)
	add("purpose", sub.Purpose)
	add("licence", sub.Licence)
	add("contact", sub.Contact)
	add("appeals", sub.Appeals)
	switch {
	case sub.Signed():
		add("signed", "yes, with the key "+sub.Key)
	case sub.OnlyWarns:
		add("signed", "no: it only warns")
	default:
		add("signed", "no, but it may turn callers away all the same")
	}
	if sub.Asks {
		add("asked", "about callers nobody knows: it is sent a fingerprint of their number")
	}
	return lines
}

// freshness says how up to date a subscription is, a line each.
func freshness(sub lists.Subscription, now time.Time) (lines []string) {
	const at = "2 January 2006 15:04"
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if sub.Serial == 0 {
		add("state      it could not be got yet")
	} else {
		add("state      serial %d, made on %s, last checked on %s", sub.Serial, sub.Made.Local().Format(at), sub.Checked.Local().Format(at))
		until := sub.ValidUntil.Local().Format(at)
		if subscribe.Staleness(sub, now) == lists.StalePast {
			add("valid      until %s: it is past its time, turns nobody away and only warns", until)
		} else {
			add("valid      until %s", until)
		}
	}
	if sub.Error != "" {
		add("trouble    %s, for the last time of %d", sub.Error, sub.Failures)
	}
	add("next       on %s", sub.Next.Local().Format(at))
	return lines
}

// nameRefusals tells which numbers of a list were left out.
func (p *program) nameRefusals(done subscribe.Outcome) {
	for _, r := range done.Refusals {
		fmt.Fprintf(p.err, "left out: %s\n", r)
	}
	if more := done.Refused - len(done.Refusals); more > 0 {
		fmt.Fprintf(p.err, "and %d more numbers\n", more)
	}
}

type listUnsubscribeCmd struct {
	Name string `arg:"" help:"The list."`
}

func (listUnsubscribeCmd) Help() string {
	return "The list and all its numbers go: without updates they would soon be wrong.\n\nExample: ringfence list unsubscribe parish"
}

func (c listUnsubscribeCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		sub, err := db.Lists.Subscription(ctx, h.Name, c.Name)
		if err != nil {
			return namedLists(err)
		}
		_, err = db.Lists.Remove(ctx, h.Name, c.Name)
		if err = errors.Join(err, db.Lists.Clean(ctx)); err != nil {
			return err
		}
		return p.did(ctx, db, h.Name, "list-unsubscribed", "The subscription to the list %s has ended, and the list is gone, with %s.", c.Name, screening.Counted(sub.Entries, "number", "numbers"))
	})
}

func namedLists(err error) error {
	if errors.Is(err, lists.ErrNoSubscription) {
		return fmt.Errorf("%w: `ringfence list show` names them", err)
	}
	return err
}

type listUpdateCmd struct {
	Name string `arg:"" optional:"" help:"The list; without it, all that are subscribed to."`
}

func (listUpdateCmd) Help() string {
	return "\"ringfence serve\" does this by itself, round the clock.\n\nExample: ringfence list update\n         ringfence list update parish"
}

func (c listUpdateCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		var names []string
		if c.Name != "" {
			names = []string{c.Name}
		} else {
			subs, err := db.Lists.Subscriptions(ctx, h.Name)
			if err != nil {
				return err
			}
			for _, sub := range subs {
				names = append(names, sub.List)
			}
		}
		if len(names) == 0 {
			return p.say("There are no subscriptions yet: `ringfence list subscribe ADDRESS` makes one.")
		}
		updater := p.updater(s, db)
		var failed []error
		for _, name := range names {
			done, err := updater.Update(ctx, h.Name, name)
			var soon *subscribe.SoonError
			if errors.As(err, &soon) { // no failure
				if err := p.say("The list %s stays as it is. %s.", name, soon); err != nil {
					return err
				}
				continue
			}
			if err != nil {
				failed = append(failed, fmt.Errorf("the list %s stays as it was: %w", name, withSetting(namedLists(err))))
				continue
			}
			p.nameRefusals(done)
			if err := p.say("%s", updated(name, done)); err != nil {
				return err
			}
		}
		if len(failed) > 0 { // one sentence each, on a line of its own
			for _, err := range failed[:len(failed)-1] {
				fmt.Fprintln(p.err, err)
			}
			return failed[len(failed)-1]
		}
		return nil
	})
}

func updated(name string, done subscribe.Outcome) string {
	if done.Unchanged {
		return fmt.Sprintf("The list %s has not changed: %s.", name, screening.Counted(done.Entries, "number", "numbers"))
	}
	return fmt.Sprintf("The list %s is up to date: %s added, %s changed, %s removed; it has %s.", name, screening.Thousands(int64(done.Added)),
		screening.Thousands(int64(done.Changed)), screening.Thousands(int64(done.Removed)), screening.Counted(done.Entries, "number", "numbers"))
}
