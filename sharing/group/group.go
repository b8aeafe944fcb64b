// Package group is a household's side of a group that shares a list: it joins by a link, and sends the household's reports of scam
// callers to the group's hub.
//
// All that a group learns is that there is a household, by a key that the group itself made up for it, and of each report the number, the
// category and the day. (Like every server, a hub sees the internet address that it is asked from.) Nothing is sent before an owner has agreed
// to it.
//
//   - A report is held for an hour. Whoever withdraws it within that time has told nobody.
//   - Then it is sent once to each group that the household is in, and tried again until it has been accepted.
//   - A report that is withdrawn later, or whose number becomes a contact's, is withdrawn at the group at once.
//   - Reports from before the household joined stay in the house, unless an owner says otherwise.
//
// There is no queue that could get lost or out of step. What still has to be sent to a group is the difference between the household's reports
// and what the group was last sent ([stateOf]); both are in the store. A report that was sent as the power failed is sent again, which changes nothing
// at the hub.
//
// Calls never wait for any of it: they write their report as always, and [Sender] looks for it afterwards.
package group

import (
	"context"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/outbox"
)

// Hold is how long a report can be taken back before it is sent.
const Hold = time.Hour

// Groups joins groups and says what happens to reports. All fields are needed unless they say otherwise.
type Groups struct {
	Store  *store.Store
	Client Client
	// House is what a household has chosen, and what ringfence.toml says of it.
	House func(ctx context.Context, household string) (screening.Household, error)
	Hold  time.Duration
	Now   func() time.Time
}

// Offer is a group that a household can join, in the group's own words, which are hostile input.
type Offer struct {
	Link      Link
	Name      string // of its list; without one, its hub's
	Publisher string // who is responsible for it; this and the next two are "" until the group has published a list
	Purpose   string
	Contact   string
}

// Meet asks a group who it is, given a link as somebody has typed it. The group learns nothing about the household. The error is a sentence for
// people.
func (g Groups) Meet(ctx context.Context, link string) (Offer, error) {
	l, err := parseLink(link, g.Client.OwnNetwork)
	if err != nil {
		return Offer{}, err
	}
	return g.Client.meet(ctx, l)
}

// Accepted is a group that has accepted a household.
type Accepted struct {
	outbox.Group
	Key     string // with which the household reports to it
	ListURL string // the folder of the group's list
	ListKey string // the list's public key; "" if nobody says
}

// Accept has a group accept a household, whose owner has agreed to report to it. Storing the group is left to household.Admin. The error is
// outbox.ErrGroupJoined or a Failure.
func (g Groups) Accept(ctx context.Context, household string, o Offer) (a Accepted, err error) {
	all, err := g.Store.Outbox.Groups(ctx, household)
	if err != nil {
		return a, err
	}
	for _, one := range all {
		if one.URL == o.Link.URL && one.Left.IsZero() { // before the invitation is used
			return a, outbox.ErrGroupJoined
		}
	}
	now := g.Now()
	a.Group = outbox.Group{Household: household, Name: o.Name, URL: o.Link.URL, Joined: now, From: now}
	a.ListURL = listAddress(o.Link.URL)
	a.Key, a.ListKey, err = g.Client.join(ctx, o.Link)
	if o.Link.Key != "" {
		a.ListKey = o.Link.Key // it came another way than the hub's own word
	}
	return a, err
}

// SayLeft tells a hub once that a household has left the group, so that it can forget the key too. If it cannot be reached that does no harm,
// because nobody has the key any more.
func (g Groups) SayLeft(ctx context.Context, left outbox.Group, key string) {
	ctx, cancel := context.WithTimeout(ctx, leaveLimit)
	defer cancel()
	_ = g.Client.leave(ctx, left.URL, key) // see above
}

// leaveLimit is how long to try to tell a hub that a household is leaving.
const leaveLimit = 5 * time.Second

// Standing is a report, with its state in a group.
type Standing struct {
	outbox.GroupReport
	State
}

// Standings lists what a group has been sent and still has to be sent, the newest report first.
func (g Groups) Standings(ctx context.Context, joined outbox.Group) ([]Standing, error) {
	house, err := g.House(ctx, joined.Household)
	if err != nil {
		return nil, err
	}
	reports, err := g.Store.Outbox.GroupReports(ctx, joined.ID)
	if err != nil {
		return nil, err
	}
	all, now := make([]Standing, 0, len(reports)), g.Now()
	for _, r := range reports {
		all = append(all, Standing{r, stateOf(r, joined, house, g.Hold, now)})
	}
	return all, nil
}
