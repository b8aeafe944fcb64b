package household

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/sharing/subscribe"
	"ringfence/store/lists"
	"ringfence/store/outbox"
	"ringfence/store/sqlite"
)

var errGroupLeft = refuseAs(Conflict, "The household isn't in this group any more. Somebody may have left it.")

// GroupChoices are what an owner agrees to when the household joins a group.
type GroupChoices struct {
	Earlier   bool // earlier reports are sent too
	Subscribe bool // to the group's list as well, if its key is known
}

// JoinGroup joins a group that an owner has agreed to report to. listErr says why the household could not be subscribed to the group's list although
// that was chosen; it has joined all the same, and the sentence says both. It has no undo but LeaveGroup, which tells the hub.
func (a Admin) JoinGroup(ctx context.Context, g group.Groups, u *subscribe.Updater, o group.Offer, c GroupChoices) (done Done, listErr, err error) {
	accepted, err := g.Accept(ctx, a.Household, o)
	if failure := (*group.Failure)(nil); errors.As(err, &failure) || errors.Is(err, outbox.ErrGroupJoined) {
		err = because(Unfit, err)
	}
	if err != nil {
		return Done{}, nil, err
	}
	joined := accepted.Group
	joined.By = a.Actor.String()
	if c.Earlier {
		joined.From = time.Time{}
	}
	done, err = a.do(ctx, func(ctx context.Context) (change, error) {
		_, err := a.Store.Outbox.JoinGroup(ctx, joined, accepted.Key)
		if errors.Is(err, outbox.ErrGroupJoined) { // meanwhile
			err = because(Conflict, err)
		}
		return change{
			word: GroupJoined, sentence: "The household has joined " + joined.Name + ", and sends it its reports from now on.", after: joined.Name + ", " + joined.URL,
		}, err
	})
	switch {
	case err != nil:
		g.SayLeft(context.WithoutCancel(ctx), joined, accepted.Key) // nobody else has this key
		return done, nil, err
	case !c.Subscribe:
		return done, nil, nil
	case accepted.ListKey == "":
		done.Sentence += " It isn't subscribed to the group's list: the group's link doesn't say with which key the list is signed. " +
			"Ask the group for its list's link, and subscribe with that."
		return done, nil, nil
	}
	list, listErr := a.subscribeToGroup(ctx, u, accepted)
	switch {
	case sqlite.IsInternal(listErr):
		done.Sentence += " It couldn't subscribe to the group's list. Subscribe with the list's link later."
		if a.Log != nil {
			a.Log.Error("a household could not be subscribed to its group's list", "household", a.Household, "err", listErr)
		}
	case listErr != nil:
		done.Sentence += " It couldn't subscribe to the group's list: " + screening.Sentence(listErr)
	default:
		done.Sentence += " It has also subscribed to the group's list, which is called " + list + " here."
	}
	return done, listErr, nil
}

// namesTried is how many names are tried for a group's list while other lists have the same name.
const namesTried = 9

// subscribeToGroup subscribes to a group's list, unless the household already has it. If another list has its name, such as the one that the group
// kept by hand before it had a hub, a number is added.
func (a Admin) subscribeToGroup(ctx context.Context, u *subscribe.Updater, g group.Accepted) (name string, err error) {
	from, err := subscribe.ParseSource(g.ListURL, g.ListKey)
	if err != nil {
		return "", err
	}
	sub, err := u.Prepare(ctx, a.Household, from, subscribe.Choices{By: a.Actor.String()})
	if err != nil {
		return "", because(Unfit, err)
	}
	first := screening.CleanLine(sub.List, lists.MaxName-2)
	_, _, err = a.subscribePrepared(ctx, u, sub)
	for n := 2; errors.Is(err, lists.ErrNameTaken) && n <= namesTried; n++ {
		sub.List = fmt.Sprintf("%s %d", first, n)
		_, _, err = a.subscribePrepared(ctx, u, sub)
	}
	switch {
	case err == nil:
		return sub.List, nil
	case !errors.Is(err, lists.ErrSubscribedTwice):
		return "", err
	}
	subs, err := a.Store.Lists.Subscriptions(ctx, a.Household)
	for _, one := range subs {
		if one.URL == from.URL {
			name = one.List
		}
	}
	return name, err
}

// LeaveGroup leaves a group: the household's key is deleted, and nothing more is sent. The group's hub is told, if it can be reached. It cannot be
// undone: the hub takes that key no more.
func (a Admin) LeaveGroup(ctx context.Context, g group.Groups, id int64) (Done, error) {
	var left outbox.Group
	var key string
	done, err := a.changeGroup(ctx, id, func(ctx context.Context, joined outbox.Group) (_ change, err error) {
		left = joined
		if key, err = a.Store.Outbox.GroupKey(ctx, id); err != nil {
			return change{}, err
		}
		return change{
			word: GroupLeft, sentence: "The household has left " + joined.Name + ". Its key is deleted, and it sends nothing more.", before: joined.Name + ", " + joined.URL,
		}, a.Store.Outbox.LeaveGroup(ctx, a.Household, id, a.Now)
	})
	if err == nil {
		g.SayLeft(ctx, left, key)
	}
	return done, err
}

// PauseGroup pauses or resumes sending reports to a group.
func (a Admin) PauseGroup(ctx context.Context, id int64, pause bool) (Done, error) {
	return a.changeGroup(ctx, id, func(ctx context.Context, joined outbox.Group) (change, error) {
		return switched(joined.Paused, pause,
			state{GroupPaused, "Nothing is sent to " + joined.Name + " until you go on.", "paused"},
			state{GroupResumed, "Reports are sent to " + joined.Name + " again.", "not paused"},
		).undoneBy(undo{What: GroupPaused, ID: id, On: pause}), a.Store.Outbox.PauseGroup(ctx, a.Household, id, pause)
	})
}

func (a Admin) undoGroupPaused(ctx context.Context, u undo) (change, error) {
	joined, err := a.Store.Outbox.Group(ctx, a.Household, u.ID)
	if errors.Is(err, outbox.ErrNoGroup) || err == nil && !joined.Left.IsZero() {
		err = errGroupLeft
	}
	if err != nil {
		return change{}, err
	}
	sentences := map[bool]string{true: "Reports are sent to " + joined.Name + " again.", false: "Nothing is sent to " + joined.Name + " until you go on."}
	return u.switchBack(joined.Paused, "Look at your groups.", sentences, func(on bool) error { return a.Store.Outbox.PauseGroup(ctx, a.Household, u.ID, on) })
}

// SendEarlier also sends a group the reports made before the household joined. It cannot be undone: nobody gets back what was sent.
func (a Admin) SendEarlier(ctx context.Context, id int64) (Done, error) {
	return a.changeGroup(ctx, id, func(ctx context.Context, joined outbox.Group) (change, error) {
		if joined.From.IsZero() {
			return unchanged("the earlier reports are sent to " + joined.Name + " already"), nil
		}
		return change{
			word: GroupEarlier, sentence: "Earlier reports, from before you joined, now go to " + joined.Name + ", too.",
		}, a.Store.Outbox.SendEarlier(ctx, a.Household, id)
	})
}

func (a Admin) changeGroup(ctx context.Context, id int64, deed func(context.Context, outbox.Group) (change, error)) (Done, error) {
	lookup := func(ctx context.Context) (outbox.Group, error) { return a.Store.Outbox.Group(ctx, a.Household, id) }
	return about(ctx, a, lookup, outbox.ErrNoGroup, errGroupLeft, deed)
}
