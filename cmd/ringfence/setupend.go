package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"ringfence/app"
	"ringfence/app/doctor"
	"ringfence/config"
	"ringfence/setup"
	"ringfence/setup/adapter"
	"ringfence/sharing/ready"
)

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

// offerReadyLists says that lists come with Ringfence for the countries of the lines, but for those that have just been added. It adds none.
func (k *asker) offerReadyLists(s config.Settings, added []string) error {
	all, err := ready.All()
	if err != nil {
		return err
	}
	regions := map[string]bool{}
	for _, line := range s.Lines() {
		regions[line.Region] = true
	}
	offered := slices.DeleteFunc(all, func(l ready.List) bool { return !regions[l.Region] || slices.Contains(added, l.ID) })
	if len(offered) == 0 {
		return nil
	}
	k.say("\nThese lists come with Ringfence. None is used unless you add it, with `sudo ringfence list ready add NAME`:")
	for _, l := range offered {
		k.say("  " + l.ID + ": " + l.Title)
	}
	return nil
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
	if err != nil || strings.HasPrefix(strings.ToLower(answer), "n") {
		return err
	}
	err = done.Serve(ctx)
	switch {
	case err == nil:
		k.say("The adapter has its settings. It is ready within a minute.")
	case errors.Is(err, adapter.ErrNotFetched) && ctx.Err() == nil:
		k.say(fmt.Sprintf("The adapter hasn't fetched its settings within %.0f minutes. Type them into its pages, as above.", setup.FetchTime.Minutes()))
		err = nil
	}
	return err
}

// How long the services get to come with the new settings, and how long somebody gets for the test call.
const (
	comeTime = 90 * time.Second
	callTime = 15 * time.Minute
	lookAt   = time.Second
)

// errUnchecked is for whoever interrupts what comes after the settings have been written.
var errUnchecked = errors.New("interrupted: the settings are written, but not checked. `sudo ringfence check` does that")

// tryOut checks the installation, and watches a call from outside where somebody is there to make it.
func (k *asker) tryOut(ctx context.Context, s config.Settings, wiring string, somebody bool) error {
	d := doctor.New(s)
	k.say("\nWaiting until Ringfence and Asterisk have taken the settings…")
	if !k.comes(ctx, d) {
		if ctx.Err() != nil {
			return errUnchecked
		}
		return k.report([]doctor.Finding{d.ARI(ctx), d.Application(ctx)})
	}
	if somebody {
		_, err := k.line(ctx, "\nNow set up the phones, and the adapter if there is one, as above. Press Enter when you have done that. > ", false)
		if ctx.Err() != nil {
			return errUnchecked
		}
		if err != nil && !errors.Is(err, errNoMore) {
			return err
		}
	}
	k.say("\nHow everything is (`ringfence check` says it again):")
	failed := k.report(d.Everything(ctx))
	if !somebody {
		return failed
	}
	return k.watchCall(ctx, s, wiring)
}

// comes waits until application and Asterisk have come. The time that fetching Asterisk takes does not count: the package does so in the
// background, and people are faster with the questions.
func (k *asker) comes(ctx context.Context, d *doctor.Doctor) bool {
	tick := time.NewTicker(lookAt)
	defer tick.Stop()
	deadline, told := time.Now().Add(comeTime), false
	for d.Application(ctx).State != doctor.OK {
		if d.FetchingAsterisk(ctx) {
			deadline = time.Now().Add(comeTime)
			if !told {
				k.say("Asterisk is still being fetched, which takes a few minutes.")
			}
			told = true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// watchCall shows a call from outside step by step.
func (k *asker) watchCall(ctx context.Context, s config.Settings, wiring string) error {
	db, err := app.OpenStore(ctx, s)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // nothing was written
	k.say("\nA call from outside. Press Ctrl-C to end without it.")
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	began, shown := time.Now(), []string(nil)
	for {
		call, err := setup.LatestCall(ctx, db, s.Households[0].Name, s.Households[0].Region, began)
		if err != nil && ctx.Err() == nil {
			return err
		}
		steps, works := call.Watch(wiring)
		for _, line := range progressLines(steps) {
			if !slices.Contains(shown, line) {
				shown = append(shown, line)
				k.say(line)
			}
		}
		switch {
		case works:
			k.say("\nAll of it works. An account for the pages comes next: `sudo journalctl -u ringfence -n 30` shows the address that makes it.")
			return nil
		case call.Outcome != "":
			k.say("\nThe call is over. Ring again to go on.")
			began, shown = time.Now(), nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lookAt):
		}
	}
}

// progressLines are what has come, and what is waited for.
func progressLines(steps []setup.Progress) (lines []string) {
	for _, s := range steps {
		if s.At.IsZero() {
			return append(lines, "  …   "+s.Words, "      "+s.Help)
		}
		lines = append(lines, "  ok  "+s.Words)
	}
	return lines
}
