// Package group is a household's side of a group that shares a list: it joins by a link, and sends the household's reports of scam
// callers to the group's hub.
//
// A group gets to know of a household that there is one, by a key that it made up itself for it, and of each report the number, the
// category and the day. Nothing else is sent. (Like every server, a hub sees the internet address from which it is asked.) Nothing is
// sent at all before an owner has agreed to it.
//
//   - A report is held for an hour. Whoever withdraws it within that time has told nobody.
//   - Then it is sent, once, to each group that the household is in; until it has been taken, it is tried again.
//   - One that is withdrawn after that, or whose number has become a contact's, is withdrawn at the group at once.
//   - Reports that are older than the household's being in the group stay in the house, unless an owner says otherwise.
//
// There is no queue that could get lost or out of step: what is still to be said to a group is how the household's reports differ
// from what the group was told last ([StateOf]), both of which are in the store. A report that was sent while the power failed is sent once
// more, which changes nothing at the hub.
//
// Calls never wait for any of it: they write their report as always, and [Sender] looks for it afterwards.
package group

import (
	"context"
	"errors"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

// Hold is for how long a report can be taken back before anybody is told of it.
const Hold = time.Hour

// Groups joins groups and says what becomes of reports. All fields are needed unless they say otherwise.
type Groups struct {
	Store  *store.Store
	Client Client
	// House is what a household has chosen, and what ringfence.toml says of it.
	House func(ctx context.Context, household string) (screening.Household, error)
	// Subscribe subscribes a household to a group's list, of which the address of its folder and the public key are known. It
	// returns what the household now calls the list. nil: no list is subscribed to.
	Subscribe func(ctx context.Context, household, url, key, by string) (name string, err error)
	Hold      time.Duration
	Now       func() time.Time
}

// Offer is a group that a household can join, as it says of itself. All of its text is from outside.
type Offer struct {
	Link      Link
	Name      string // of its list; without one, its hub's
	Publisher string // who answers for it; this and the next two are "" where the group has published no list yet
	Purpose   string
	Contact   string
}

// Choices are what an owner agrees to when the household joins.
type Choices struct {
	Earlier   bool // the reports that stand already are sent, too
	Subscribe bool // the group's list is subscribed to, where its key is known
}

// Joined is what came of joining.
type Joined struct {
	store.Group
	List    string // what the household calls the group's list, to which it now is subscribed; "": it is not
	ListErr error  // why it is not, though that was chosen
}

// ErrNoListKey says that nobody knows the public key of a group's list.
var ErrNoListKey = errors.New("the group's link does not say with which key its list is signed: ask the group for its list's link, and subscribe with that")

// Meet asks a group who it is, by a link as somebody has typed it. The group learns nothing of the household. The error is a sentence
// for people.
func (g Groups) Meet(ctx context.Context, link string) (Offer, error) {
	l, err := ParseLink(link, g.Client.OwnNetwork)
	if err != nil {
		return Offer{}, err
	}
	return g.Client.meet(ctx, l)
}

// Join joins a group that an owner has agreed to report to; by is that owner's name, or store.ByCommand. The error is
// store.ErrGroupJoined, or a sentence for people.
func (g Groups) Join(ctx context.Context, household string, o Offer, c Choices, by string) (j Joined, err error) {
	all, err := g.Store.Groups(ctx, household)
	if err != nil {
		return j, err
	}
	for _, one := range all {
		if one.URL == o.Link.URL && one.Left.IsZero() { // before the invitation is used
			return j, store.ErrGroupJoined
		}
	}
	key, listKey, err := g.Client.join(ctx, o.Link)
	if err != nil {
		return j, err
	}
	now := g.Now()
	j.Group = store.Group{Household: household, Name: o.Name, URL: o.Link.URL, Joined: now, By: by, From: now}
	if c.Earlier {
		j.From = time.Time{}
	}
	if j.ID, err = g.Store.JoinGroup(ctx, j.Group, key); err != nil {
		return j, err
	}
	if o.Link.Key != "" {
		listKey = o.Link.Key // which came another way than what the hub says
	}
	if c.Subscribe {
		j.List, j.ListErr = g.subscribe(ctx, household, o.Link.URL, listKey, by)
	}
	return j, nil
}

func (g Groups) subscribe(ctx context.Context, household, hub, key, by string) (string, error) {
	if g.Subscribe == nil || key == "" {
		return "", ErrNoListKey
	}
	name, err := g.Subscribe(ctx, household, listAddress(hub), key, by)
	if err != nil {
		return "", err // whatever the list would have been called: nobody is to be told that it is there
	}
	return name, nil
}

// Leave leaves a group: its key is deleted, and nothing more is sent. The hub is told once, so that it can forget the key as well;
// where it cannot be reached, the key opens nothing that anybody still has.
func (g Groups) Leave(ctx context.Context, household string, id int64) error {
	joined, err := g.Store.Group(ctx, household, id)
	if err != nil {
		return err
	}
	key, err := g.Store.GroupKey(ctx, id)
	if err != nil {
		return err
	}
	if err := g.Store.LeaveGroup(ctx, household, id, g.Now()); err != nil {
		return err
	}
	ctx, enough := context.WithTimeout(ctx, leaveLimit)
	defer enough()
	_ = g.Client.leave(ctx, joined.URL, key) // see above
	return nil
}

// leaveLimit is how long a hub has to hear that a household leaves.
const leaveLimit = 5 * time.Second

// Standing is a number, and what is known of it to a group.
type Standing struct {
	store.GroupReport
	State
}

// Standings lists what there is to say of numbers to a group, and what was said, the newest report first.
func (g Groups) Standings(ctx context.Context, joined store.Group) ([]Standing, error) {
	house, err := g.House(ctx, joined.Household)
	if err != nil {
		return nil, err
	}
	reports, err := g.Store.GroupReports(ctx, joined.ID)
	if err != nil {
		return nil, err
	}
	all, now := make([]Standing, 0, len(reports)), g.Now()
	for _, r := range reports {
		all = append(all, Standing{r, StateOf(r, joined, house, g.Hold, now)})
	}
	return all, nil
}
