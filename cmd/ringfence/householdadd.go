package main

import (
	"context"

	"ringfence/household/cell"
)

// householdFields are what most households need; --set has the rest.
type householdFields struct {
	Trunk  string   `help:"Its line." placeholder:"NAME"`
	Number string   `help:"The line's own number." placeholder:"NUMBER"`
	Phone  []string `help:"A phone; it gets a password. NAME=ADDRESS is one at a fixed address, which needs none." placeholder:"NAME" sep:"none"`
	Set    []string `help:"Any other of its settings, by its name in ringfence.toml. With nothing behind the = it is taken away." placeholder:"KEY=VALUE" sep:"none"`
}

func (f householdFields) fields() (cell.Fields, error) {
	return typedFields(f.Set, map[string]string{"trunk": f.Trunk, "number": f.Number})
}

type householdAddCmd struct {
	Name string `arg:"" help:"Its name here: small letters, digits and hyphens."`
	householdFields
}

func (householdAddCmd) Help() string {
	return help("Its phones can register within seconds, and its calls ring. Whoever owns all households of the machine owns this one too.",
		`ringfence household add mum --trunk line --number 02079460101 --phone hall`,
		"ringfence household add mum --trunk line --phone hall=192.168.1.21:5060")
}

func (c householdAddCmd) Run(ctx context.Context, p *program) error {
	fields, err := c.fields()
	if err != nil {
		return err
	}
	return p.deedOfHomes(ctx, func(a cell.Admin) (cell.Done, error) {
		return a.AddHousehold(ctx, c.Name, fields, typedPhones(c.Phone))
	})
}

type householdChangeCmd struct {
	Name string `arg:"" help:"Which household."`
	householdFields
	NewPassword []string `help:"Give this phone another password." placeholder:"PHONE" sep:"none"`
	RemovePhone []string `help:"Remove this phone." placeholder:"PHONE" sep:"none"`
}

func (householdChangeCmd) Help() string {
	return help("Calls that go on are left alone.",
		"ringfence household change mum --phone attic",
		"ringfence household change mum --remove-phone hall --set region=IE")
}

func (c householdChangeCmd) Run(ctx context.Context, p *program) error {
	fields, err := c.fields()
	if err != nil {
		return err
	}
	phones := typedPhones(c.Phone)
	for _, name := range c.NewPassword {
		phones = append(phones, cell.PhoneChange{Name: name, NewPassword: true})
	}
	for _, name := range c.RemovePhone {
		phones = append(phones, cell.PhoneChange{Name: name, Remove: true})
	}
	if len(fields)+len(phones) == 0 {
		return usagef("say what to change, such as --number, --phone or --set KEY=VALUE")
	}
	return p.deedOfHomes(ctx, func(a cell.Admin) (cell.Done, error) { return a.ChangeHousehold(ctx, c.Name, fields, phones) })
}

type householdRemoveCmd struct {
	Name          string `arg:"" help:"Which household."`
	DeleteHistory bool   `help:"Delete all that is kept about it too: calls, recordings, contacts, lists, who looks after it."`
	Sure          bool   `help:"You are sure about --delete-history."`
}

func (householdRemoveCmd) Help() string {
	return help("Its phones can't register any more, and its line is free. Its calls, contacts and lists stay, and are there if you add the household again. "+
		"A household with somebody on the line isn't removed. Leave its groups first, if you want them to know.",
		"ringfence household remove mum",
		"ringfence household remove mum --delete-history --sure")
}

func (c householdRemoveCmd) Run(ctx context.Context, p *program) error {
	if c.DeleteHistory && !c.Sure {
		return usagef("nothing has been removed yet: the calls, recordings, contacts and lists of %s would be gone for good, except in backups. If you are sure, add --sure", c.Name)
	}
	return p.deedOfHomes(ctx, func(a cell.Admin) (cell.Done, error) { return a.RemoveHousehold(ctx, c.Name, c.DeleteHistory) })
}
