package main

import (
	"context"

	"ringfence/household"
)

type phoneBlockAskCmd struct {
	What string `arg:"" help:"on or off." enum:"on,off"`
	Name string `help:"What the list is called." default:"PhoneBlock"`
}

func (phoneBlockAskCmd) Help() string {
	return help(whatPhoneBlockIsAsked, "ringfence list phoneblock ask on")
}

// whatPhoneBlockIsAsked is what an owner agrees to. The page says the same.
const whatPhoneBlockIsAsked = `It is off unless you switch it on, because something then leaves the house. When a stranger is asked who they are, Ringfence asks
PhoneBlock about their number: it sends a fingerprint of the number (SHA-1), and your key. There are so few phone numbers that the number can
be guessed back from its fingerprint, so PhoneBlock can know who rings you, and when. It never asks about contacts, about numbers that a list or
the household knows or has rung, or about withheld, emergency and protected numbers. It asks once a day about a number, and 50 times a day at most.

Where PhoneBlock says in time that people have reported the number, whoever picks up hears a warning. Nobody is turned away for it, and nobody waits.`

func (c phoneBlockAskCmd) Run(ctx context.Context, p *program) error {
	return p.deed(ctx, "`ringfence list`", func(a household.Admin) (household.Done, error) { return a.AskPhoneBlock(ctx, c.Name, c.What == "on") })
}
