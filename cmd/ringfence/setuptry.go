package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"ringfence/app"
	"ringfence/app/doctor"
	"ringfence/config"
	"ringfence/setup"
)

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
