package subscribe

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ringfence/sharing/ready"
	"ringfence/store/lists"
)

// Lists that come with Ringfence are subscribed to like others, so that a new version of Ringfence brings its own. Nobody is asked for them.

// readyScheme stands before a ready list's ID in the place of an address.
const readyScheme = "ready:"

// PrepareReady is Prepare for a list that comes with Ringfence. It only warns unless c says otherwise. c.Period is ignored.
func (u *Updater) PrepareReady(household, id string, c Choices) (lists.Subscription, error) {
	l, err := ready.ByID(id)
	if err != nil {
		return lists.Subscription{}, err
	}
	if c.Name == "" {
		c.Name = l.ID
	}
	if err := lists.CheckName(c.Name); err != nil {
		return lists.Subscription{}, err
	}
	now := u.Now()
	return lists.Subscription{
		Household: household, Region: u.House(household).Region, List: c.Name, Kind: lists.Ready, URL: readyScheme + l.ID, OnlyWarns: !c.MayTurnAway, Period: askEvery, By: c.By,
		Begun: now, Next: now, State: readyState(l, 0, now),
	}, nil
}

// ReadyID is the ID of the ready list that a subscription is to; "" for another.
func ReadyID(sub lists.Subscription) string {
	if sub.Kind != lists.Ready {
		return ""
	}
	return strings.TrimPrefix(sub.URL, readyScheme)
}

func readyState(l ready.List, serial int64, now time.Time) lists.State {
	state := lists.State{
		Serial: serial, Title: l.Title, Publisher: "Ringfence, by " + l.Document, Purpose: l.What + " " + l.Wrong, Contact: l.Source, Hash: l.Hash(),
	}
	if serial > 0 {
		state.Made, state.ValidUntil = now, now.Add(freshFor)
	}
	return state
}

// updateReady puts the list in force that this version of Ringfence has.
func (u *Updater) updateReady(ctx context.Context, sub lists.Subscription) (done Outcome, err error) {
	done = Outcome{Serial: sub.Serial, Full: true, Counts: lists.Counts{Entries: sub.Entries}}
	l, err := ready.ByID(ReadyID(sub))
	if err != nil {
		return done, fmt.Errorf("this version of Ringfence does not have it: %w", err)
	}
	now := u.Now()
	next := now.Add(u.around(sub.Period))
	if sub.Serial != 0 && l.Hash() == sub.Hash {
		done.Unchanged = true
		return done, u.Store.Lists.OnUnchanged(ctx, sub.Source, sub.Serial, readyState(l, sub.Serial, now), now, next)
	}
	done.Serial = sub.Serial + 1
	what := lists.Update{Sub: sub, State: readyState(l, done.Serial, now), At: now, Next: next}
	done.Counts, err = u.Store.Lists.ApplyFull(ctx, what, u.fileEntries(u.readerFor(sub.Region, ""), l.Table(), &done))
	return done, err
}
