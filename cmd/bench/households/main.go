// Command households measures one machine that serves many households, each with a trunk, a number and a phone: the real program and a real Asterisk on
// loopback. It prints each figure beside its bar, and fails only where a call fails: how fast a machine is, is no fault of the program's. Processor time is
// that of the two programs, so what else the machine does disturbs little.
//
// Phones register by SIP, as simulated telephones, and answer when Asterisk asks whether they are there. What that costs is told apart from the rest: at
// home a phone does the same, behind Kamailio it need not reach Asterisk at all. Trunks are not asked (qualify = false), as nobody is at their other end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"ringfence/asterisk"
)

// bench is what was asked for.
type bench struct {
	program                    string
	households, stress, phones int
	idle, load                 time.Duration
	profile                    string
	inst                       asterisk.Installation
}

func main() {
	b := bench{}
	flag.StringVar(&b.program, "program", "bin/ringfence", "the ringfence binary")
	flag.IntVar(&b.households, "households", 1000, "how many households the machine serves")
	flag.IntVar(&b.stress, "stress", 10_000, "how many it serves in the stress test, which makes no calls; 0 leaves it out")
	flag.IntVar(&b.phones, "phones", -1, "how many of the households' phones register; -1 for all")
	flag.DurationVar(&b.idle, "idle", time.Minute, "for how long each idle figure is measured, and a call a second; phones register again every minute and a half")
	minutes := flag.Float64("minutes", 1, "for how many minutes 50 calls a second come; 0 leaves that out")
	flag.StringVar(&b.profile, "profile", "", "a folder for profiles of where serve spends its time")
	flag.Parse()
	b.load = time.Duration(*minutes * float64(time.Minute))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := b.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "households:", err)
		os.Exit(1)
	}
}

func (b bench) run(ctx context.Context) error {
	var err error
	if b.inst, err = asterisk.Find(ctx); err != nil {
		return err
	}
	if b.profile != "" {
		if err := os.MkdirAll(b.profile, 0o700); err != nil {
			return err
		}
	}
	err = b.village(ctx)
	if err == nil && b.stress > 0 {
		err = b.strain(ctx)
	}
	return err
}

// village measures a machine with its calls.
func (b bench) village(ctx context.Context) error {
	c, err := b.open(ctx, b.households)
	if err != nil {
		return err
	}
	for _, part := range []func(context.Context, *table) error{c.start, c.rest, c.verdicts, c.scrapes, c.withPhones} {
		if err == nil {
			err = part(ctx, &c.table)
		}
	}
	c.table.print(b.households)
	return errors.Join(err, c.close())
}

// strain measures a machine with far too many households.
func (b bench) strain(ctx context.Context) error {
	c, err := b.open(ctx, b.stress)
	if err != nil {
		return err
	}
	for _, part := range []func(context.Context, *table) error{c.start, c.rest, c.verdicts, c.scrapes} {
		if err == nil {
			err = part(ctx, &c.table)
		}
	}
	c.table.print(b.stress)
	return errors.Join(err, c.close())
}
