package main

import (
	"context"
	"fmt"

	"ringfence/config"
	"ringfence/household"
	"ringfence/store"
)

type contactSyncAcceptCmd struct{}

func (contactSyncAcceptCmd) Help() string {
	return help("Makes the changes that `ringfence contact sync` shows: the first ones, and those that would remove more than a tenth.",
		"ringfence contact sync accept")
}

func (contactSyncAcceptCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		a := p.admin(s, h, db)
		k, err := a.BookChanges(ctx)
		if err != nil {
			return err
		}
		return p.tell(a.AcceptBookChanges(ctx, k.Mark()))
	})
}

// bookChanges shows what an address book would change.
func (p *program) bookChanges(ctx context.Context, a household.Admin) error {
	k, err := a.BookChanges(ctx)
	if err != nil {
		return err
	}
	for _, kind := range []struct {
		what string
		all  []store.Contact
	}{
		{"would be new", k.New}, {"would change to this", k.Will()}, {"would be removed", k.Were()},
	} {
		for _, c := range kind.all {
			if err := p.say("%s: %s  %s", c.Called(a.Region), national(c.Numbers, a.Region), kind.what); err != nil {
				return err
			}
		}
	}
	for _, s := range k.Existing {
		if err := p.say("%s is there already, as %s", s.Name, s.Into); err != nil {
			return err
		}
	}
	for _, r := range k.Remarks {
		if err := p.say("%s", r); err != nil {
			return err
		}
	}
	for _, r := range k.Refused {
		fmt.Fprintf(p.err, "left out: %s\n", r.Why)
	}
	return p.say("Of %s in the address book: %s. `ringfence contact sync accept` does it.", counted(k.People, "person", "people"), k.Words())
}
