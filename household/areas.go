package household

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/people"
)

// What is done with areas.
const (
	AreaAdded      Word = "area-added"
	AreaRenamed    Word = "area-renamed"
	AreaRemoved    Word = "area-removed"
	AreaHouseholds Word = "area-households"
	AreaRole       Word = "area-role"
)

// Areas are groups of a machine's households that somebody looks after together, and what is done with them, by commands and whoever owns all households. A
// line in the machine's audit log says it. Where it changes what somebody may do in a household, a line in the household's own log says that.
type Areas struct {
	*store.Store
	Actor Actor
	Now   time.Time
}

// areasInWords names areas, for the middle of a sentence.
func areasInWords(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = "“" + name + "”"
	}
	if len(quoted) == 1 {
		return "the area " + quoted[0]
	}
	return "the areas " + strings.Join(quoted, ", ")
}

// areaChange is what was done with an area, for the logs.
type areaChange struct {
	word          Word // "" where nothing has changed
	sentence      string
	before, after string // as people read it
	area          string
	roles         []store.RoleChange
	who           people.Person // whom it is about; ID 0 where it is about several
}

// do runs a deed and logs it, in one transaction.
func (a Areas) do(ctx context.Context, deed func(ctx context.Context) (areaChange, error)) (sentence string, err error) {
	err = a.Together(ctx, func(ctx context.Context) error {
		c, err := deed(ctx)
		if err != nil {
			return a.refusal(err)
		}
		if sentence = c.sentence; c.word == "" {
			return nil
		}
		machine := Admin{Actor: a.Actor, Now: a.Now}.line(change{word: c.word, sentence: c.sentence, before: c.before, after: c.after})
		if err := a.AddAuditLine(ctx, &machine); err != nil {
			return err
		}
		return a.logRoles(ctx, c)
	})
	if err != nil {
		return "", err
	}
	return sentence, nil
}

// refusal is an error of the store as a Refusal, if it is for people.
func (a Areas) refusal(err error) error {
	switch {
	case errors.Is(err, store.ErrNoArea):
		return because(Gone, err)
	case errors.Is(err, store.ErrLastOwner), errors.Is(err, store.ErrAreaTaken):
		return because(Conflict, err) // with the household's name
	}
	return asRefusal(err)
}

// logRoles tells the households in which somebody's role has changed.
func (a Areas) logRoles(ctx context.Context, c areaChange) error {
	names := map[int64]string{c.who.ID: c.who.Name}
	for _, r := range c.roles {
		if _, known := names[r.Person]; !known {
			who, _, err := a.People.ByID(ctx, r.Person)
			if err != nil {
				return err
			}
			names[r.Person] = who.Name
		}
		said := change{word: MemberSet, before: standingWords(r.Before), after: standingWords(r.After)}
		said.sentence = names[r.Person] + " is " + said.after + " now, by the area “" + c.area + "”."
		if r.After.Role == "" {
			said.word, said.sentence = MemberRemoved, names[r.Person]+" does not belong to this household any more, by the area “"+c.area+"”."
		}
		line := Admin{Household: r.Household, Actor: a.Actor, Now: a.Now}.line(said)
		if err := a.AddAuditLine(ctx, &line); err != nil {
			return err
		}
	}
	return nil
}

// Add makes an area without households.
func (a Areas) Add(ctx context.Context, name string) (made store.Area, sentence string, err error) {
	sentence, err = a.do(ctx, func(ctx context.Context) (areaChange, error) {
		made, err = a.AddArea(ctx, name, a.Now)
		return areaChange{word: AreaAdded, sentence: "The area “" + made.Name + "” is made.", after: made.Name}, err
	})
	return made, sentence, err
}

// Rename gives an area another name.
func (a Areas) Rename(ctx context.Context, area store.Area, name string) (string, error) {
	return a.do(ctx, func(ctx context.Context) (areaChange, error) {
		name, err := people.CheckName(name)
		if err != nil {
			return areaChange{}, err
		}
		if name == area.Name {
			return areaChange{sentence: "Nothing has changed: the area had this name already."}, nil
		}
		return areaChange{word: AreaRenamed, sentence: "The area “" + area.Name + "” is called “" + name + "” now.", before: area.Name, after: name},
			a.RenameArea(ctx, area.ID, name)
	})
}

// Remove deletes an area. Its households stay.
func (a Areas) Remove(ctx context.Context, area store.Area) (string, error) {
	return a.do(ctx, func(ctx context.Context) (areaChange, error) {
		roles, err := a.RemoveArea(ctx, area.ID)
		return areaChange{word: AreaRemoved, sentence: "The area “" + area.Name + "” is removed. Its households stay.", before: area.Name, area: area.Name, roles: roles}, err
	})
}

// SetHouseholds puts households into an area, or takes them out.
func (a Areas) SetHouseholds(ctx context.Context, area store.Area, in bool, households ...string) (string, error) {
	return a.do(ctx, func(ctx context.Context) (areaChange, error) {
		changed, roles, err := a.SetAreaHouseholds(ctx, area.ID, households, in)
		if err != nil {
			return areaChange{}, err
		}
		c := areaChange{word: AreaHouseholds, area: area.Name, roles: roles}
		names := strings.Join(changed, ", ")
		some := screening.Counted(len(changed), "household is", "households are")
		switch {
		case len(changed) == 0:
			return areaChange{sentence: "Nothing has changed."}, nil
		case in:
			c.sentence, c.after = some+" in the area “"+area.Name+"” now: "+names+".", names
		default:
			c.sentence, c.before = some+" not in the area “"+area.Name+"” any more: "+names+".", names
		}
		return c, nil
	})
}

// SetRole gives somebody a role in all households of an area, those that are added later too. The role "" takes it away.
func (a Areas) SetRole(ctx context.Context, area store.Area, who people.Person, to store.Standing) (string, error) {
	return a.do(ctx, func(ctx context.Context) (areaChange, error) {
		all, err := a.AreaPeople(ctx, area.ID)
		if err != nil {
			return areaChange{}, err
		}
		was := store.Standing{}
		if at := slices.IndexFunc(all, func(m store.Member) bool { return m.ID == who.ID }); at >= 0 {
			was = store.Standing{Role: all[at].Role, Hears: all[at].Hears}
		}
		if was == to {
			return areaChange{sentence: "Nothing has changed."}, nil
		}
		c := areaChange{word: AreaRole, area: area.Name, who: who, before: standingWords(was), after: standingWords(to)}
		if c.sentence = who.Name + " is " + c.after + " of all households in the area “" + area.Name + "” now."; to.Role == "" {
			c.sentence = who.Name + " doesn't look after the area “" + area.Name + "” any more."
		}
		c.roles, err = a.SetAreaRole(ctx, area.ID, who.ID, to)
		return c, err
	})
}
