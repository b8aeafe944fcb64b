package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/app"
	"ringfence/config"
	"ringfence/store"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Give somebody an account, or a place in a household."`
	Password userPasswordCmd `cmd:"" help:"Give somebody a new password, or a link with which they choose one."`
	List     userListCmd     `cmd:"" default:"withargs" help:"List who has an account (this is also what \"ringfence user\" alone does)."`
	Remove   userRemoveCmd   `cmd:"" help:"Take somebody's account away, or with --household their place there."`
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

// somebody finds who has an e-mail address.
func somebody(ctx context.Context, db *store.Store, email string) (store.Person, error) {
	person, _, err := db.PersonByEmail(ctx, email)
	if errors.Is(err, store.ErrNoPerson) {
		return person, fmt.Errorf("nobody signs in with %s: `ringfence user list` shows who does", email)
	}
	return person, err
}

// changed notes in the log of changes of households what a command has done with a person.
func changed(ctx context.Context, db *store.Store, households []string, what, format string, args ...any) error {
	if len(households) == 0 {
		households = []string{""} // the machine's
	}
	var errs []error
	for _, h := range households {
		errs = append(errs, db.AddAuditLine(ctx, &store.AuditLine{Household: h, At: time.Now(), By: store.ByCommand, What: what, Text: fmt.Sprintf(format, args...)}))
	}
	return errors.Join(errs...)
}

func householdsOf(ctx context.Context, db *store.Store, person int64) (names []string, err error) {
	all, err := db.Memberships(ctx, person)
	for _, m := range all {
		names = append(names, m.Household)
	}
	return names, err
}

type userRemoveCmd struct {
	Email string `arg:"" help:"Whose."`
}

func (userRemoveCmd) Help() string {
	return "They are signed out at once. A household keeps at least one owner.\n\n" +
		"Example: ringfence user remove ben@example.org\n         ringfence --household mother user remove ben@example.org"
}

func (c userRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(s config.Settings, db *store.Store) error {
		person, err := somebody(ctx, db, c.Email)
		if err != nil {
			return err
		}
		if p.Household != "" {
			h, err := p.household(s)
			if err != nil {
				return err
			}
			gone, err := db.RemoveMembership(ctx, h.Name, person.ID)
			if err == nil && !gone {
				err = fmt.Errorf("%s does not belong to %s", person.Name, h.Name)
			}
			if err != nil {
				return err
			}
			return errors.Join(changed(ctx, db, []string{h.Name}, "member-removed", "%s does not belong to this household any more.", person.Name),
				p.say("%s does not belong to %s any more.", person.Name, h.Name))
		}
		homes, err := householdsOf(ctx, db, person.ID)
		if err != nil {
			return err
		}
		if err := db.RemovePerson(ctx, person.ID); err != nil {
			return err
		}
		return errors.Join(changed(ctx, db, homes, "person-removed", "%s has no account any more.", person.Name),
			p.say("%s has no account any more.", person.Name))
	})
}
