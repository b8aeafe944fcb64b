package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/store"
	"ringfence/store/people"
)

type userListCmd struct {
	JSON bool `help:"One JSON object a line."`
}

func (userListCmd) Help() string {
	return help("",
		"ringfence user list --json",
		"ringfence user")
}

// jsonUser is a contract: fields are added, never renamed.
type jsonUser struct {
	Email      string       `json:"email"`
	Name       string       `json:"name"`
	Households []jsonMember `json:"households"`
	Password   bool         `json:"password"`
	Codes      bool         `json:"codes"`    // whether an authenticator app is set up
	Passkeys   int          `json:"passkeys"` // how many
	Added      time.Time    `json:"added"`
}

type jsonMember struct {
	Household string     `json:"household"`
	Role      store.Role `json:"role"`
	Hears     bool       `json:"hears"`
}

func (c userListCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(_ config.Settings, db *store.Store) error {
		all, err := db.People.All(ctx)
		if err != nil {
			return err
		}
		var users []jsonUser
		for _, person := range all {
			u, err := user(ctx, db, person)
			if err != nil {
				return err
			}
			if p.Household == "" || slices.ContainsFunc(u.Households, func(m jsonMember) bool { return m.Household == p.Household }) {
				users = append(users, u)
			}
		}
		if c.JSON {
			return printJSON(p, users, func(u jsonUser) jsonUser { return u })
		}
		head := []string{"NAME", "E-MAIL", "HOUSEHOLDS", "SIGNS IN WITH"}
		nobody := "Nobody has an account yet: `ringfence user add EMAIL --name NAME --role owner` makes one."
		return printTable(p, users, nobody, head, func(u jsonUser) []string {
			var homes []string
			for _, m := range u.Households {
				homes = append(homes, m.Household+": "+strings.TrimPrefix(strings.TrimPrefix(household.RoleWords(m.Role, m.Hears), "a "), "an "))
			}
			return []string{u.Name, u.Email, strings.Join(homes, ", "), u.means()}
		})
	})
}

func user(ctx context.Context, db *store.Store, person people.Person) (jsonUser, error) {
	u := jsonUser{Email: person.Email, Name: person.Name, Households: []jsonMember{}, Password: person.HasPassword, Codes: person.HasTOTP, Added: person.Added}
	members, err := db.Memberships(ctx, person.ID)
	for _, m := range members {
		u.Households = append(u.Households, jsonMember{m.Household, m.Role, m.Hears})
	}
	keys, err2 := db.Passkeys(ctx, person.ID)
	u.Passkeys = len(keys)
	return u, errors.Join(err, err2)
}

// means says how somebody signs in.
func (u jsonUser) means() string {
	var all []string
	if u.Password {
		all = append(all, "password")
	}
	if u.Codes {
		all = append(all, "authenticator app")
	}
	if u.Passkeys > 0 {
		all = append(all, "passkey")
	}
	if len(all) == 0 {
		return "nothing yet"
	}
	return strings.Join(all, ", ")
}
