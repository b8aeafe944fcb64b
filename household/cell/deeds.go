package cell

import (
	"context"
	"crypto/rand"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"ringfence/config"
	"ringfence/household"
)

// PhoneChange is what happens to one phone of a household: it is added, changed, or removed.
type PhoneChange struct {
	Name        string
	Fields      Fields
	Remove      bool
	NewPassword bool
}

// AddHousehold adds a household with its phones. A phone with neither a password nor an address gets a password.
func (a Admin) AddHousehold(ctx context.Context, name string, fields Fields, phones []PhoneChange) (Done, error) {
	var logins []Login
	done, err := a.do(ctx, func(_ context.Context, homes *config.Homes) (c change, err error) {
		if has(*homes, name) {
			return c, refuse(household.Conflict, fmt.Sprintf("There is a household %s already.", name))
		}
		h := config.Household{Name: name}
		if h, logins, err = changed(h, fields, phones); err != nil {
			return c, err
		}
		homes.Households = append(homes.Households, h)
		return change{household: name, word: HouseholdAdded, sentence: fmt.Sprintf("Added the household %s, %s.", name, described(h)), is: described(h)}, nil
	})
	done.Logins = logins
	return done, err
}

// ChangeHousehold changes settings and phones of a household. Its calls go on.
func (a Admin) ChangeHousehold(ctx context.Context, name string, fields Fields, phones []PhoneChange) (Done, error) {
	var logins []Login
	done, err := a.do(ctx, func(_ context.Context, homes *config.Homes) (c change, err error) {
		i := placeOf(*homes, name)
		if i < 0 {
			return c, noHousehold(name)
		}
		before := homes.Households[i]
		if homes.Households[i], logins, err = changed(before, fields, phones); err != nil {
			return c, err
		}
		if reflect.DeepEqual(before, homes.Households[i]) {
			return unchanged(fmt.Sprintf("the household %s is so already", name)), nil
		}
		return changeOf(before, homes.Households[i], len(logins) > 0), nil
	})
	done.Logins = logins
	return done, err
}

// unchanged is what a deed has come to that found everything as it should be: nothing is logged.
func unchanged(how string) change { return change{sentence: "Nothing has changed: " + how + "."} }

// changeOf is the change from one to the other, for the audit log. Passwords are not in it.
func changeOf(before, now config.Household, password bool) change {
	was, is := described(before), described(now)
	how := is
	switch {
	case was == is && password:
		how = "which has a phone with a new password"
	case was == is:
		how = "in settings that aren't shown here"
	}
	return change{household: now.Name, word: HouseholdChanged, sentence: fmt.Sprintf("Changed the household %s: %s.", now.Name, how), was: was, is: is}
}

func noHousehold(name string) error {
	return refuse(household.Gone, fmt.Sprintf("There is no household %s.", name))
}

// RemoveHousehold removes a household: its phones can't register any more, and its line is free. What is kept about it stays, unless it is to be deleted.
func (a Admin) RemoveHousehold(ctx context.Context, name string, deleteHistory bool) (Done, error) {
	var sounds, alone []string
	done, err := a.do(ctx, func(ctx context.Context, homes *config.Homes) (c change, err error) {
		i := placeOf(*homes, name)
		if i < 0 {
			return c, noHousehold(name)
		}
		if busy, err := a.Store.CallInProgress(ctx, name, a.Now.Add(-longestCall)); err != nil {
			return c, err
		} else if busy {
			return c, refuse(household.Conflict, fmt.Sprintf("Somebody is on the line of %s. Try again when the call is over.", name))
		}
		if alone, err = a.Store.OnlyIn(ctx, name); err != nil {
			return c, err
		}
		c = change{word: HouseholdRemoved, was: described(homes.Households[i]), sentence: fmt.Sprintf("Removed the household %s. Its calls, contacts and lists stay.", name)}
		homes.Households = slices.Delete(homes.Households, i, i+1)
		if deleteHistory {
			c.sentence = fmt.Sprintf("Removed the household %s, and deleted its calls, contacts and lists.", name)
			sounds, err = a.Store.DeleteHistory(ctx, name)
		}
		return c, err
	})
	if err == nil {
		_, err = a.Store.DeleteSounds(sounds)
	}
	done.Alone = alone
	return done, err
}

// longestCall is for how long a call without an end counts as one in progress: one that is older has lost its end, in a power cut for instance.
const longestCall = 24 * time.Hour

// AddTrunk adds a line.
func (a Admin) AddTrunk(ctx context.Context, name string, fields Fields) (Done, error) {
	return a.do(ctx, func(_ context.Context, homes *config.Homes) (c change, err error) {
		if slices.ContainsFunc(homes.Trunks, func(t config.Trunk) bool { return t.Name == name }) {
			return c, refuse(household.Conflict, fmt.Sprintf("There is a line %s already.", name))
		}
		t := config.Trunk{Name: name}
		if err := fields.set(&t); err != nil {
			return c, err
		}
		homes.Trunks = append(homes.Trunks, t)
		return change{word: TrunkAdded, sentence: fmt.Sprintf("Added the line %s, %s.", name, describedTrunk(t)), is: describedTrunk(t)}, nil
	})
}

// ChangeTrunk changes settings of a line. Its calls go on.
func (a Admin) ChangeTrunk(ctx context.Context, name string, fields Fields) (Done, error) {
	return a.do(ctx, func(_ context.Context, homes *config.Homes) (c change, err error) {
		i := slices.IndexFunc(homes.Trunks, func(t config.Trunk) bool { return t.Name == name })
		if i < 0 {
			return c, noTrunk(name)
		}
		before := homes.Trunks[i]
		t := before
		t.Accept = slices.Clone(t.Accept)
		if err := fields.set(&t); err != nil {
			return c, err
		}
		if reflect.DeepEqual(before, t) {
			return unchanged(fmt.Sprintf("the line %s is so already", name)), nil
		}
		homes.Trunks[i] = t
		return change{word: TrunkChanged, sentence: fmt.Sprintf("Changed the line %s, %s.", name, describedTrunk(t)), was: describedTrunk(before), is: describedTrunk(t)}, nil
	})
}

func noTrunk(name string) error {
	return refuse(household.Gone, fmt.Sprintf("There is no line %s.", name))
}

// RemoveTrunk removes a line that no household has.
func (a Admin) RemoveTrunk(ctx context.Context, name string) (Done, error) {
	return a.do(ctx, func(_ context.Context, homes *config.Homes) (c change, err error) {
		i := slices.IndexFunc(homes.Trunks, func(t config.Trunk) bool { return t.Name == name })
		if i < 0 {
			return c, noTrunk(name)
		}
		if h := slices.IndexFunc(homes.Households, func(h config.Household) bool { return h.Trunk == name }); h >= 0 {
			return c, refuse(household.Conflict, fmt.Sprintf("The household %s has the line %s. Give it another, or remove the household first.", homes.Households[h].Name, name))
		}
		c = change{word: TrunkRemoved, sentence: fmt.Sprintf("Removed the line %s.", name), was: describedTrunk(homes.Trunks[i])}
		homes.Trunks = slices.Delete(homes.Trunks, i, i+1)
		return c, nil
	})
}

// changed is a household with other settings and phones.
func changed(h config.Household, fields Fields, phones []PhoneChange) (config.Household, []Login, error) {
	h = h.Clone()
	if err := fields.set(&h); err != nil {
		return h, nil, err
	}
	var logins []Login
	for _, p := range phones {
		i := slices.IndexFunc(h.Phones, func(one config.Phone) bool { return one.Name == p.Name })
		if p.Remove {
			if i < 0 {
				return h, nil, refuse(household.Gone, fmt.Sprintf("%s has no phone %s.", h.Name, p.Name))
			}
			h.Phones = slices.Delete(h.Phones, i, i+1)
			continue
		}
		if i < 0 {
			h.Phones, i = append(h.Phones, config.Phone{Name: p.Name}), len(h.Phones)
		}
		phone := &h.Phones[i]
		if err := p.Fields.set(phone); err != nil {
			return h, nil, err
		}
		if p.NewPassword || phone.Password == "" && phone.Address == "" {
			phone.Password = newPassword()
			logins = append(logins, Login{h.Name, phone.Name, h.Endpoint(*phone), phone.Password})
		}
	}
	return h, logins, nil
}

// newPassword is one that nobody guesses, and that people can type into a phone (see passwordLength in setup/edit.go).
func newPassword() string { return strings.ToLower(rand.Text())[:16] }

// described is a household in words, without its secrets.
func described(h config.Household) string {
	var phones []string
	for _, p := range h.Phones {
		phones = append(phones, p.Name)
	}
	words := "on the line " + h.Trunk
	if h.Number != "" {
		words += ", number " + h.Number
	}
	switch len(phones) {
	case 0:
		return words
	case 1:
		return words + ", with the phone " + phones[0]
	}
	last := len(phones) - 1
	return words + ", with the phones " + strings.Join(phones[:last], ", ") + " and " + phones[last]
}

// describedTrunk is a line in words, without its secrets.
func describedTrunk(t config.Trunk) string {
	if t.Register {
		return "at which Ringfence registers at " + t.Address
	}
	return "with " + t.Address + " at its other side"
}
