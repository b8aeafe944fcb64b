package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"ringfence/app"
	"ringfence/config"
	"ringfence/household"
	"ringfence/household/cell"
)

type householdCmd struct {
	List   householdListCmd   `cmd:"" default:"1" help:"List the households of this machine."`
	Show   householdShowCmd   `cmd:"" help:"Show the settings of one, without passwords."`
	Add    householdAddCmd    `cmd:"" help:"Add a household with its phones."`
	Change householdChangeCmd `cmd:"" help:"Change settings and phones of one."`
	Remove householdRemoveCmd `cmd:"" help:"Remove one. Its calls, contacts and lists stay unless you say otherwise."`
	Trunk  trunkCmd           `cmd:"" help:"Lines: add, change, remove."`
	Export householdExportCmd `cmd:"" help:"Write all of them as ringfence.toml has them."`
	Import householdImportCmd `cmd:"" help:"Take them from a ringfence.toml into the database."`
}

func (householdCmd) Help() string {
	return help("A machine has its households, lines and phones in ringfence.toml, which is best for one home or a few. With households = \"database\" "+
		"in that file they are in the database, and these commands change them. Either way a change is in force within seconds, and calls go on. "+
		"Without a command it lists them.",
		"ringfence household",
		"ringfence household add mum --trunk line --phone hall")
}

// homes has the machine's lines and households changed. Nothing else needs a machine without a household.
func (p *program) homes(ctx context.Context, do func(a cell.Admin) error) (err error) {
	s, err := app.ReadSettings(ctx, p.Config, p.Data, slog.New(slog.DiscardHandler))
	if err != nil && !(errors.Is(err, config.ErrNoHousehold) && s.File != "") {
		return err
	}
	db, err := app.OpenStore(ctx, s)
	if err != nil {
		return err
	}
	a := cell.Admin{Store: db, Settings: s, Actor: household.CommandLine, Now: time.Now()}
	return errors.Join(db.InWords(do(a)), db.Close())
}

// deedOfHomes does a deed, and prints its sentence and the passwords of new phones.
func (p *program) deedOfHomes(ctx context.Context, do func(a cell.Admin) (cell.Done, error)) error {
	return p.homes(ctx, func(a cell.Admin) error {
		done, err := do(a)
		if err != nil {
			return err
		}
		if err := p.say("%s", done.Sentence); err != nil {
			return err
		}
		for _, l := range done.Logins {
			if err := p.say("The phone %s of %s registers as %s with the password %s, which isn't shown again.", l.Phone, l.Household, l.User, l.Password); err != nil {
				return err
			}
		}
		if len(done.Alone) > 0 {
			return p.say("%s looked after nothing else, and can still sign in. `ringfence user remove` removes an account.", strings.Join(done.Alone, ", "))
		}
		return nil
	})
}

// typedFields are settings as they are typed: KEY=VALUE, beside those that have an option of their own.
func typedFields(set []string, own map[string]string) (cell.Fields, error) {
	fields := cell.Fields{}
	for key, value := range own {
		if value != "" {
			fields[key] = value
		}
	}
	for _, one := range set {
		key, value, ok := strings.Cut(one, "=")
		if !ok {
			return nil, usagef("--set needs KEY=VALUE, such as --set region=IE, not %q", one)
		}
		fields[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return fields, nil
}

// typedPhones are phones as they are typed: a name, or NAME=ADDRESS for one at a fixed address.
func typedPhones(words []string) (phones []cell.PhoneChange) {
	for _, word := range words {
		name, address, fixed := strings.Cut(word, "=")
		phone := cell.PhoneChange{Name: name}
		if fixed {
			phone.Fields = cell.Fields{"address": address}
		}
		phones = append(phones, phone)
	}
	return phones
}
