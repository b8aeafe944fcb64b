package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"ringfence/screening"
	"ringfence/setup"
	"ringfence/setup/adapter"
)

// makeRouterPhone makes a phone at a FRITZ!Box that answers, where that was chosen.
func (k *asker) makeRouterPhone(ctx context.Context, a setup.Answers) error {
	if !setup.MakesRouterPhone(a) {
		return nil
	}
	err := setup.MakeRouterPhone(ctx, a, k.say)
	if ctx.Err() != nil {
		return errors.New("interrupted: the settings are as they were")
	}
	if err == nil {
		k.say("The FRITZ!Box has a phone called Ringfence now.")
	}
	return err
}

// tell prints the settings that phones and adapter need.
func (k *asker) tell(done setup.Done) {
	if v := done.Adapter; v != nil {
		k.say("\nThe adapter's pages at http://" + done.AdapterAddress + ", filled in:")
		for _, page := range v.Pages() {
			k.say("\n  " + page.Name)
			k.table(page.Fields)
		}
	}
	for _, p := range done.Phones {
		k.say("\nThe phone " + p.Name + ", for its own settings page or menu:")
		k.table([][2]string{{"SIP server, registrar or domain", p.Server}, {"User name", p.User}, {"Password", p.Password}})
	}
}

func (k *asker) table(rows [][2]string) {
	t := tabwriter.NewWriter(k.out, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(t, "    %s\t%s\n", r[0], r[1])
	}
	_ = t.Flush() // to where everything else is said
}

// serveAdapter lets the adapter fetch its settings, where its MAC address is known.
func (k *asker) serveAdapter(ctx context.Context, done setup.Done) error {
	if done.Adapter == nil || done.MAC == "" {
		return nil
	}
	k.say("\nThe adapter can fetch all of this by itself:")
	for i, step := range done.Fetching() {
		k.say(fmt.Sprintf("  %d. %s", i+1, step))
	}
	answer, err := k.line(ctx, "Wait for it now? [yes] > ", false)
	switch {
	case ctx.Err() != nil:
		return errUnchecked
	case errors.Is(err, errNoMore), err == nil && strings.HasPrefix(strings.ToLower(answer), "n"):
		return nil
	case err != nil:
		return err
	}
	switch err := done.Serve(ctx); {
	case ctx.Err() != nil:
		return errUnchecked
	case errors.Is(err, adapter.ErrNotFetched):
		k.say(fmt.Sprintf("The adapter hasn't fetched its settings within %.0f minutes. Type them into its pages, as above.", setup.FetchTime.Minutes()))
	case err != nil:
		k.say(screening.Sentence(err) + " Type them into its pages, as above.")
	default:
		k.say("The adapter has its settings. It is ready within a minute.")
	}
	return nil
}
