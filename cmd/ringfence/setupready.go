package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ringfence/config"
	"ringfence/sharing/ready"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/lists"
)

// readyAnswer is the key of a file of answers that names the ready lists to add. Nobody is asked for them: at the end it is said which there are.
const readyAnswer = "ready-lists"

// chosenReady are the lists that an answer names, with commas between them; "all" are all of the country.
func chosenReady(answer, country string) (ids []string, err error) {
	here, err := ready.For(country)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, l := range here {
		names = append(names, l.ID)
	}
	for name := range strings.SplitSeq(answer, ",") {
		switch name = strings.TrimSpace(name); {
		case name == "all":
			ids = append(ids, names...)
		case slices.Contains(names, name):
			ids = append(ids, name)
		case name != "":
			return nil, fmt.Errorf("%s: there is no list %q for %s: it has %s", readyAnswer, name, country, strings.Join(append(names, "all"), ", "))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// readyLists adds the lists that were chosen, and says which others there are.
func (k *asker) readyLists(ctx context.Context, s config.Settings, chosen []string) error {
	if err := k.addReadyLists(ctx, chosen); err != nil {
		return err
	}
	return k.offerReadyLists(s, chosen)
}

// addReadyLists adds lists to the household, which only warn, and says which. Those that it has stay as they are.
func (k *asker) addReadyLists(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return k.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		updater := k.updater(s, db)
		for _, id := range ids {
			sub, _, err := k.admin(s, h, db).AddReadyList(ctx, updater, id, subscribe.Choices{})
			if errors.Is(err, lists.ErrNameTaken) || errors.Is(err, lists.ErrSubscribedTwice) {
				continue
			}
			if err != nil {
				return err
			}
			if _, err := updater.Update(ctx, h.Name, sub.List); err != nil {
				return err
			}
			k.say("The ready list " + id + " is added. It only warns. " + sub.Purpose)
		}
		return nil
	})
}

// offerReadyLists says that lists come with Ringfence for the countries of the lines, but for those that have just been added. It adds none.
func (k *asker) offerReadyLists(s config.Settings, added []string) error {
	all, err := ready.All()
	if err != nil {
		return err
	}
	regions := map[string]bool{}
	for _, line := range s.Lines() {
		regions[line.Region] = true
	}
	offered := slices.DeleteFunc(all, func(l ready.List) bool { return !regions[l.Region] || slices.Contains(added, l.ID) })
	if len(offered) == 0 {
		return nil
	}
	k.say("\nThese lists come with Ringfence. None is used unless you add it, with `sudo ringfence list ready add NAME`:")
	for _, l := range offered {
		k.say("  " + l.ID + ": " + l.Title)
	}
	return nil
}
