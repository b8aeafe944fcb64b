package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ringfence/app"
	"ringfence/config"
	"ringfence/household"
	"ringfence/store"
	"ringfence/store/people"
)

type userAddCmd struct {
	Email string `arg:"" help:"The e-mail address they sign in with."`
	Name  string `help:"What the household calls them; needed for a new account." placeholder:"NAME"`
	Role  string `help:"viewer (only looks), carer (changes things), or owner (also people and backups)." enum:"viewer,carer,owner" default:"carer" placeholder:"ROLE"`
	Hears bool   `help:"May hear recordings." default:"true" negatable:""`
	All   bool   `name:"all-households" help:"In every household of this machine." xor:"where"`
	Area  string `help:"In every household of this area, also in those that are added later." placeholder:"AREA" xor:"where"`
}

func (userAddCmd) Help() string {
	return help("Somebody who has an account already gets a place in another household, or another role in this one.",
		`ringfence user add anna@example.org --name "Anna Taylor" --role owner`,
		`ringfence user add anna@example.org --name Anna --area "Great Dunmow"`,
		"ringfence user add ben@example.org --name Ben --no-hears")
}

func (c userAddCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(s config.Settings, db *store.Store) error {
		if c.Area != "" {
			return c.inArea(ctx, p, db)
		}
		homes, err := c.homes(p, s)
		if err != nil {
			return err
		}
		var person people.Person
		err = db.Together(ctx, func(ctx context.Context) error {
			if person, err = c.person(ctx, db, homes); err != nil {
				return err
			}
			for _, home := range homes {
				if _, err := app.Admin(s, db, home, household.CommandLine).SetMember(ctx, person, "", store.Role(c.Role), c.Hears); err != nil {
					return fmt.Errorf("%s: %w", home, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		hears := ""
		if !c.Hears {
			hears = ", and hears no recordings"
		}
		if err := p.say("%s (%s) is %s of %s%s.", person.Name, person.Email, household.RoleWords(store.Role(c.Role), true), strings.Join(homes, ", "), hears); err != nil {
			return err
		}
		return p.sayPassword(person)
	})
}

// inArea gives somebody a role in an area.
func (c userAddCmd) inArea(ctx context.Context, p *program, db *store.Store) error {
	area, err := areaNamed(ctx, db, c.Area)
	if err != nil {
		return err
	}
	homes, err := db.AreaHouseholds(ctx, area.ID)
	if err != nil {
		return err
	}
	var person people.Person
	var said string
	err = db.Together(ctx, func(ctx context.Context) error {
		if person, err = c.person(ctx, db, homes); err != nil {
			return err
		}
		said, err = areas(db).SetRole(ctx, area, person, store.Standing{Role: store.Role(c.Role), Hears: c.Hears})
		return err
	})
	if err != nil {
		return err
	}
	if err := p.say("%s", said); err != nil {
		return err
	}
	return p.sayPassword(person)
}

// sayPassword says how somebody gets a password, if they have none.
func (p *program) sayPassword(who people.Person) error {
	if who.HasPassword {
		return nil
	}
	return p.say("There is no password yet: `ringfence user password %s` sets one, and with --link makes a link to choose one.", who.Email)
}

// homes are the households in which somebody gets a place.
func (c userAddCmd) homes(p *program, s config.Settings) (names []string, err error) {
	if !c.All {
		h, err := p.household(s)
		return []string{h.Name}, err
	}
	for _, h := range s.Households {
		names = append(names, h.Name)
	}
	return names, nil
}

// person finds who gets it, or makes their account.
func (c userAddCmd) person(ctx context.Context, db *store.Store, homes []string) (people.Person, error) {
	person, _, err := db.People.ByEmail(ctx, c.Email)
	switch {
	case err == nil && c.Name != "" && c.Name != person.Name:
		return person, fmt.Errorf("%s has an account already, and is called %s: leave --name out", person.Email, person.Name)
	case !errors.Is(err, people.ErrNobody):
		return person, err
	case c.Name == "":
		return person, usagef("%s has no account yet: say with --name what they are called", c.Email)
	}
	return household.People{Store: db}.Add(ctx, c.Name, c.Email, homes, doneByCommand())
}
