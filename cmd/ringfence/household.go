package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ringfence/app"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

// withStore opens what most commands need.
func (p *program) withStore(ctx context.Context, do func(settings, householdSettings, *store.Store) error) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	if _, err := p.household(s); err != nil {
		return err
	}
	db, err := app.OpenStore(ctx, s)
	if err != nil {
		return err
	}
	chosen, err := db.Regions(ctx)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	s = p.withRegions(s, chosen)
	h, err := p.household(s)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(db.InWords(do(s, h, db)), db.Close())
}

func (p *program) say(format string, args ...any) error {
	_, err := fmt.Fprintf(p.out, format+"\n", args...)
	return err
}

// admin returns the Admin for changes by command.
func (p *program) admin(s settings, h householdSettings, db *store.Store) household.Admin {
	return app.Admin(s, db, h.Name, household.CommandLine)
}

// tell prints a deed's sentence.
func (p *program) tell(done household.Done, err error) error {
	if err != nil {
		return err
	}
	return p.say("%s", done.Sentence)
}

// hint adds to a refusal of something that does not exist which command lists what does.
func hint(err error, where string) error {
	var refusal *household.Refusal
	if errors.As(err, &refusal) && refusal.Kind == household.Gone {
		return errors.New(refusal.Sentence + " " + where + " shows what there is.")
	}
	return err
}

// typedNumbers reads numbers from the command line: one in each word, or one typed with spaces over all words.
func typedNumbers(words []string, line screening.Line) ([]screening.Number, error) {
	if whole, err := line.ParseNumber(strings.Join(words, " ")); err == nil {
		return []screening.Number{whole}, nil
	}
	var numbers []screening.Number
	for _, w := range words {
		n, err := line.ParseNumber(w)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

func national(numbers []screening.Number, region string) string {
	var all []string
	for _, n := range numbers {
		all = append(all, n.National(region))
	}
	return strings.Join(all, ", ")
}
