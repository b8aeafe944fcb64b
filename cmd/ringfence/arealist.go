package main

import (
	"context"
	"errors"
	"strings"

	"ringfence/config"
	"ringfence/household"
	"ringfence/store"
)

type areaListCmd struct {
	JSON bool `help:"One JSON object a line."`
}

func (areaListCmd) Help() string { return help("", "ringfence area", "ringfence area list --json") }

// jsonArea is a contract: fields are added, never renamed.
type jsonArea struct {
	Name       string           `json:"name"`
	Households []string         `json:"households"`
	People     []jsonAreaMember `json:"people"`
}

type jsonAreaMember struct {
	Email string     `json:"email"`
	Name  string     `json:"name"`
	Role  store.Role `json:"role"`
	Hears bool       `json:"hears"`
}

func (c areaListCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(_ config.Settings, db *store.Store) error {
		all, err := db.Areas(ctx)
		if err != nil {
			return err
		}
		var found []jsonArea
		for _, a := range all {
			one := jsonArea{Name: a.Name, People: []jsonAreaMember{}}
			homes, err := db.AreaHouseholds(ctx, a.ID)
			members, err2 := db.AreaPeople(ctx, a.ID)
			if err := errors.Join(err, err2); err != nil {
				return err
			}
			one.Households = append([]string{}, homes...)
			for _, m := range members {
				one.People = append(one.People, jsonAreaMember{m.Email, m.Name, m.Role, m.Hears})
			}
			found = append(found, one)
		}
		if c.JSON {
			return printJSON(p, found, func(a jsonArea) jsonArea { return a })
		}
		return printTable(p, found, "There are no areas yet: `ringfence area add NAME HOUSEHOLDS` makes one.", []string{"AREA", "HOUSEHOLDS", "LOOKED AFTER BY"}, jsonArea.row)
	})
}

// row is the area in a table.
func (a jsonArea) row() []string {
	var people []string
	for _, m := range a.People {
		people = append(people, m.Name+": "+strings.TrimPrefix(strings.TrimPrefix(household.RoleWords(m.Role, m.Hears), "a "), "an "))
	}
	return []string{a.Name, strings.Join(a.Households, ", "), strings.Join(people, ", ")}
}
