package main

import (
	"context"

	"ringfence/config"
	"ringfence/store"
)

type phoneBlockAskCmd struct {
	What string `arg:"" help:"on or off." enum:"on,off"`
	Name string `help:"What the list is called." default:"PhoneBlock"`
}

func (phoneBlockAskCmd) Help() string {
	return whatPhoneBlockIsAsked + "\n\nExample: ringfence list phoneblock ask on"
}

// whatPhoneBlockIsAsked is what an owner agrees to. The page says the same.
const whatPhoneBlockIsAsked = `It is off unless you switch it on, because something then leaves the house. When a stranger is asked who they are, Ringfence asks
PhoneBlock about their number: it sends a fingerprint of the number (SHA-1), and your key. There are so few telephone numbers that the number can
be guessed back from its fingerprint, so PhoneBlock can know who rings you, and when. It is never asked about contacts, about numbers that a list or
the household knows or has rung, about withheld, emergency and protected numbers; about each number once a day, and about 50 a day at most.

Where PhoneBlock says in time that people have reported the number, whoever picks up hears a warning. Nobody is turned away for it, and nobody waits.`

func (c phoneBlockAskCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ config.Settings, h config.Household, db *store.Store) error {
		if err := db.Lists.AskOfCallers(ctx, h.Name, c.Name, c.What == "on"); err != nil {
			return namedLists(err)
		}
		if c.What == "on" {
			return p.did(ctx, db, h.Name, "phoneblock-asked", "From now on PhoneBlock is asked about callers nobody knows: it is sent a fingerprint of their number.")
		}
		return p.did(ctx, db, h.Name, "phoneblock-not-asked", "PhoneBlock is not asked about callers any more.")
	})
}
