package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ringfence/config"
	"ringfence/store"
)

type userAddCmd struct {
	Email string `arg:"" help:"With which they sign in."`
	Name  string `help:"What the household calls them; needed for a new account." placeholder:"NAME"`
	Role  string `help:"viewer (sees, changes nothing), carer (changes), or owner (also people and backups)." enum:"viewer,carer,owner" default:"carer"`
	Hears bool   `help:"May hear recordings." default:"true" negatable:""`
	All   bool   `name:"all-households" help:"In every household of this machine."`
}

func (userAddCmd) Help() string {
	return "Who has an account already gets a place in another household, or another role in this one.\n\n" +
		"Example: ringfence user add anna@example.org --name \"Anna Taylor\" --role owner\n" +
		"         ringfence user add ben@example.org --name Ben --no-hears"
}

func (c userAddCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(s config.Settings, db *store.Store) error {
		var homes []string
		if c.All {
			for _, h := range s.Households {
				homes = append(homes, h.Name)
			}
		} else {
			h, err := p.household(s)
			if err != nil {
				return err
			}
			homes = []string{h.Name}
		}
		person, made, err := c.person(ctx, db)
		if err != nil {
			return err
		}
		for _, home := range homes {
			if err := db.SetMembership(ctx, home, person.ID, store.Role(c.Role), c.Hears); err != nil {
				if made {
					err = errors.Join(err, db.RemovePerson(ctx, person.ID))
				}
				return fmt.Errorf("%s: %w", home, err)
			}
			if err := changed(ctx, db, []string{home}, "member-set", "%s is %s now.", person.Name, place(c.Role, c.Hears)); err != nil {
				return err
			}
		}
		if err := p.say("%s (%s) is %s of %s.", person.Name, person.Email, place(c.Role, c.Hears), strings.Join(homes, ", ")); err != nil {
			return err
		}
		if person.HasPassword {
			return nil
		}
		return p.say("There is no password yet: `ringfence user password %s` sets one, and with --link makes a link to choose one.", person.Email)
	})
}

func (c userAddCmd) person(ctx context.Context, db *store.Store) (person store.Person, made bool, err error) {
	person, _, err = db.PersonByEmail(ctx, c.Email)
	if err == nil && c.Name != "" && c.Name != person.Name {
		return person, false, fmt.Errorf("%s has an account already, and is called %s: leave --name out", person.Email, person.Name)
	}
	if !errors.Is(err, store.ErrNoPerson) {
		return person, false, err
	}
	if c.Name == "" {
		return person, false, usagef("%s has no account yet: say with --name what they are called", c.Email)
	}
	person, err = db.AddPerson(ctx, c.Name, c.Email)
	return person, true, err
}

// place is a role in words.
func place(role string, hears bool) string {
	words := map[string]string{"viewer": "a viewer", "carer": "a carer", "owner": "an owner"}[role]
	if !hears {
		words += " (without hearing recordings)"
	}
	return words
}
