package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ringfence/app"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

// several is in every command that can change many households at once.
type several struct {
	Area       string   `help:"In all households of this area, each by itself. With --dry-run, say where it would change something." placeholder:"AREA" xor:"several"`
	Households []string `help:"Likewise in these households, with commas." placeholder:"NAMES" xor:"several"`
}

// chosen says whether the command is about several households.
func (c several) chosen() bool { return c.Area != "" || len(c.Households) > 0 }

// inSeveral does a deed in several households, or with preview says what it would do, and how it went in each. prepare makes the deed once the
// households are known. If one was skipped or has failed, the command fails.
func (p *program) inSeveral(ctx context.Context, which several, preview bool, prepare func(settings, *store.Store, []household.Admin) (household.Deed, error)) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	db, err := app.OpenStore(ctx, s)
	if err != nil {
		return err
	}
	return errors.Join(db.InWords(p.inSeveralOf(ctx, s, db, which, preview, prepare)), db.Close())
}

func (p *program) inSeveralOf(ctx context.Context, s settings, db *store.Store, which several, preview bool, prepare func(settings, *store.Store, []household.Admin) (household.Deed, error)) error {
	chosen, err := db.Regions(ctx)
	if err != nil {
		return err
	}
	s = p.withRegions(s, chosen)
	names, err := which.names(ctx, s, db)
	if err != nil {
		return err
	}
	var admins []household.Admin
	for _, name := range names {
		admins = append(admins, app.Admin(s, db, name, household.CommandLine))
	}
	deed, err := prepare(s, db, admins)
	if err != nil {
		return err
	}
	outcomes := household.InMany(ctx, admins, preview, deed)
	for _, o := range outcomes {
		sentence := o.Sentence
		if o.Cause != nil {
			sentence += " " + screening.Sentence(o.Cause)
		}
		if err := p.say("%s: %s", o.Household, sentence); err != nil {
			return err
		}
	}
	return p.sayOutcomes(household.Sums(outcomes), preview)
}

// sayOutcomes sums up how a change of several households went. Where it was skipped or has failed in one, that is an error.
func (p *program) sayOutcomes(sums map[household.OutcomeKind]int, preview bool) error {
	done := "changed in "
	if preview {
		done = "would change in "
	}
	all := []string{done + counted(sums[household.OutcomeDone], "household", "households")}
	for _, one := range []struct {
		kind  household.OutcomeKind
		words string
	}{{household.OutcomeAlready, "nothing to do in "}, {household.OutcomeSkipped, "skipped in "}, {household.OutcomeFailed, "failed in "}} {
		if n := sums[one.kind]; n > 0 {
			all = append(all, fmt.Sprint(one.words, n))
		}
	}
	sum := strings.Join(all, ", ")
	if sums[household.OutcomeSkipped]+sums[household.OutcomeFailed] > 0 {
		return errors.New(sum)
	}
	return p.say("%s.", screening.Capital(sum))
}

// names are the households, by their names.
func (c several) names(ctx context.Context, s settings, db *store.Store) (names []string, err error) {
	known := s.HouseholdNames()
	if c.Area == "" {
		for _, name := range c.Households {
			if !slices.Contains(known, name) {
				return nil, usagef("there is no household %q: the settings have %s", name, strings.Join(known, ", "))
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		return names, nil
	}
	area, err := areaNamed(ctx, db, c.Area)
	if err != nil {
		return nil, err
	}
	in, err := db.AreaHouseholds(ctx, area.ID)
	names = slices.DeleteFunc(in, func(name string) bool { return !slices.Contains(known, name) })
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("the area %s has no households yet: `ringfence area include` puts them in", area.Name)
	}
	return names, err
}

// areaNamed finds an area by its name.
func areaNamed(ctx context.Context, db *store.Store, name string) (store.Area, error) {
	area, err := db.AreaByName(ctx, name)
	if errors.Is(err, store.ErrNoArea) {
		return area, fmt.Errorf("there is no area %q: `ringfence area` shows them", name)
	}
	return area, err
}
