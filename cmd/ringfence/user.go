package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/accounts"
	"ringfence/app"
	"ringfence/config"
	"ringfence/household"
	"ringfence/store"
	"ringfence/store/people"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Give somebody an account, or a place in a household."`
	Password userPasswordCmd `cmd:"" help:"Give somebody a new password, or a link to choose one."`
	List     userListCmd     `cmd:"" default:"withargs" help:"List everybody who has an account."`
	Remove   userRemoveCmd   `cmd:"" help:"Take somebody's account away, or with --household or --area their place there."`
}

func (userCmd) Help() string {
	return help("Without a command it lists them.",
		"ringfence user",
		`ringfence user add anna@example.org --name Anna --role owner`)
}

// withPeople opens the store for what is about people, who may belong to several households.
func (p *program) withPeople(ctx context.Context, do func(config.Settings, *store.Store) error) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	db, err := app.OpenStore(ctx, s)
	if err != nil {
		return err
	}
	return errors.Join(db.InWords(do(s, db)), db.Close())
}

// somebody finds a person by e-mail address.
func somebody(ctx context.Context, db *store.Store, email string) (people.Person, error) {
	person, _, err := db.People.ByEmail(ctx, email)
	if errors.Is(err, people.ErrNobody) {
		return person, fmt.Errorf("nobody signs in with %s: `ringfence user` shows who does", email)
	}
	return person, err
}

// doneByCommand is the actor of commands about accounts.
func doneByCommand() accounts.By {
	return accounts.By{Name: store.ByCommand, Way: store.WayCommand, At: time.Now()}
}

type userRemoveCmd struct {
	Email string `arg:"" help:"Their e-mail address."`
	Area  string `help:"Only their role in this area." placeholder:"AREA"`
}

func (userRemoveCmd) Help() string {
	return help("They are signed out at once. A household keeps at least one owner.",
		"ringfence user remove ben@example.org",
		`ringfence user remove ben@example.org --area "Great Dunmow"`,
		"ringfence --household mother user remove ben@example.org")
}

func (c userRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(s config.Settings, db *store.Store) error {
		person, err := somebody(ctx, db, c.Email)
		if err != nil {
			return err
		}
		if c.Area != "" {
			area, err := areaNamed(ctx, db, c.Area)
			if err != nil {
				return err
			}
			said, err := areas(db).SetRole(ctx, area, person, store.Standing{})
			if err != nil {
				return err
			}
			return p.say("%s", said)
		}
		if p.Household != "" {
			h, err := p.household(s)
			if err != nil {
				return err
			}
			if _, err := app.Admin(s, db, h.Name, household.CommandLine).RemoveMember(ctx, person); err != nil {
				return err
			}
			return p.say("%s does not belong to %s any more.", person.Name, h.Name)
		}
		if err := (household.People{Store: db}).Remove(ctx, person, doneByCommand()); err != nil {
			return err
		}
		return p.say("%s has no account any more.", person.Name)
	})
}
