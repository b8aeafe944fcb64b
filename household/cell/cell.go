// Package cell adds, changes and removes the lines and households of a machine that has them in its database (households = "database" in
// ringfence.toml), while calls go on. Each deed is checked as ringfence.toml would be, all of the machine at once, and is whole or not at all, with its
// line in the audit log. What is kept about a household, such as its calls and contacts, is for package household.
//
// Ringfence's programs read a copy of it all, which Publish writes after each deed: whatever the database is like, Asterisk has what it needs for
// ringing the phones.
package cell

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/store"
)

// Admin changes the lines and households of a machine in the name of an actor.
type Admin struct {
	Store    *store.Store
	Settings config.Settings // of the machine
	Actor    household.Actor
	Now      time.Time
	// OnChange puts what has changed in force in a running program; it may be nil.
	OnChange func(ctx context.Context)
}

// Login is how a new phone, or one with a new password, registers. Nobody is shown the password again.
type Login struct {
	Household string `json:"household"`
	Phone     string `json:"phone"`
	User      string `json:"user"`
	Password  string `json:"password"`
}

// Done is the result of a deed.
type Done struct {
	Sentence string
	Logins   []Login
	// Alone are the people who looked after nothing but a household that was removed.
	Alone []string
}

// change is what a deed has changed, for the audit log.
type change struct {
	household string // whose log has it; "" is the machine's
	word      household.Word
	sentence  string
	was, is   string
}

// errInFile says that the lines and households are elsewhere.
var errInFile = refuse(household.Conflict, "The households of this machine are in ringfence.toml. Change them there; it takes effect within seconds. "+
	"To have them in the database, `ringfence household import` them and write households = \"database\" into the file.")

func refuse(kind household.Kind, sentence string) *household.Refusal {
	return &household.Refusal{Kind: kind, Sentence: sentence}
}

// do runs a deed in one transaction. The deed changes homes.
func (a Admin) do(ctx context.Context, deed func(ctx context.Context, homes *config.Homes) (change, error)) (done Done, err error) {
	if !a.Settings.InDatabase() {
		return done, errInFile
	}
	err = a.together(ctx, deed, &done)
	if err == nil {
		err = Publish(ctx, a.Store, a.Settings)
	}
	if err == nil && a.OnChange != nil {
		a.OnChange(ctx)
	}
	return done, err
}

func (a Admin) together(ctx context.Context, deed func(ctx context.Context, homes *config.Homes) (change, error), done *Done) error {
	return a.Store.Together(ctx, func(ctx context.Context) error {
		before, err := read(ctx, a.Store)
		if err != nil {
			return err
		}
		now := config.Homes{Trunks: slices.Clone(before.Trunks), Households: slices.Clone(before.Households)}
		c, err := deed(ctx, &now)
		if err != nil {
			return err
		}
		if err := a.check(before, now); err != nil {
			return err
		}
		if err := a.write(ctx, before, now); err != nil {
			return err
		}
		done.Sentence = c.sentence
		if c.word == "" {
			return nil
		}
		return a.Store.AddAuditLine(ctx, &store.AuditLine{
			Household: c.household, At: a.Now, Person: a.Actor.Person, By: a.Actor.String(), Way: a.Actor.Way,
			What: string(c.word), Text: c.sentence, Before: c.was, After: c.is,
		})
	})
}

// check refuses lines and households that would not work, or would let strangers in.
func (a Admin) check(before, now config.Homes) error {
	s, err := a.Settings.WithHomes(now)
	if err != nil {
		return refuse(household.Unfit, inWords(err.Error()))
	}
	if len(now.Households) == 0 && len(before.Households) > 0 {
		return refuse(household.Conflict, "This is the only household, and Ringfence needs one. Add another first.")
	}
	var wrong []string
	for _, p := range s.ProblemsOfChange(before) {
		if p.Kind != config.Doubtful {
			wrong = append(wrong, p.Sentence)
		}
	}
	if len(wrong) > 0 {
		return refuse(household.Unfit, inWords(strings.Join(wrong, "\n")))
	}
	return nil
}

// inWords is a sentence about ringfence.toml as it is said of the database.
func inWords(sentence string) string {
	return strings.NewReplacer("set it in ringfence.toml", "set it here", "[[household.phone]]", "phone", "[[trunk]]", "trunk").Replace(sentence)
}

// write writes what differs.
func (a Admin) write(ctx context.Context, before, now config.Homes) error {
	for _, t := range before.Trunks {
		if !slices.ContainsFunc(now.Trunks, func(other config.Trunk) bool { return other.Name == t.Name }) {
			if err := a.Store.RemoveHome(ctx, store.HomeTrunk, t.Name); err != nil {
				return err
			}
		}
	}
	for _, h := range before.Households {
		if !has(now, h.Name) {
			if err := a.Store.RemoveHome(ctx, store.HomeHousehold, h.Name); err != nil {
				return err
			}
		}
	}
	changed := now.Changed(before)
	for _, t := range changed.Trunks {
		if err := put(ctx, a.Store, store.HomeTrunk, t.Name, config.Homes{Trunks: []config.Trunk{t}}); err != nil {
			return err
		}
	}
	owners, err := a.Store.MachineOwners(ctx)
	for _, h := range changed.Households {
		if err == nil {
			err = put(ctx, a.Store, store.HomeHousehold, h.Name, config.Homes{Households: []config.Household{h}})
		}
		if err != nil || has(before, h.Name) {
			continue
		}
		for _, person := range owners { // or nobody would own all of the machine any more
			err = errors.Join(err, a.Store.SetMembership(ctx, h.Name, person, store.RoleOwner, false))
		}
	}
	return err
}

func put(ctx context.Context, db *store.Store, kind store.HomeKind, name string, block config.Homes) error {
	text, err := block.TOML()
	if err != nil {
		return err
	}
	return db.PutHome(ctx, store.Home{Kind: kind, Name: name, Settings: string(text)})
}

func has(homes config.Homes, name string) bool { return placeOf(homes, name) >= 0 }

func placeOf(homes config.Homes, name string) int {
	return slices.IndexFunc(homes.Households, func(h config.Household) bool { return h.Name == name })
}
