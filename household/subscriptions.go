package household

import (
	"context"
	"errors"

	"ringfence/screening"
	"ringfence/sharing/phoneblock"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/lists"
)

// errOwnersList refuses what a list that nobody has signed may do: whoever can change such a list could shut any caller out.
var errOwnersList = refuseAs(NotAllowed, "Only an owner can let an unsigned list turn callers away.")

var errNotSubscribed = refuseAs(Gone, "There is no subscription to a list of that name any more. Somebody may have ended it.")

// Subscribe begins a subscription to a list that others publish, once the updater has looked at it. The subscription is also returned if it is
// refused for its name, as it would have been.
func (a Admin) Subscribe(ctx context.Context, u *subscribe.Updater, from subscribe.Source, c subscribe.Choices) (lists.Subscription, Done, error) {
	if c.MayTurnAway && !a.Actor.Role.Covers(store.RoleOwner) {
		return lists.Subscription{}, Done{}, errOwnersList
	}
	c.By = a.Actor.String()
	sub, err := u.Prepare(ctx, a.Household, from, c)
	if err != nil {
		return sub, Done{}, because(Unfit, err)
	}
	return a.subscribePrepared(ctx, u, sub)
}

// subscribePrepared begins a subscription that the updater has prepared.
func (a Admin) subscribePrepared(ctx context.Context, u *subscribe.Updater, sub lists.Subscription) (lists.Subscription, Done, error) {
	return a.subscribe(ctx, u, sub, func(ctx context.Context) error { return a.Store.Lists.Subscribe(ctx, sub) })
}

// SubscribeToPhoneBlock begins a subscription to PhoneBlock's list, which nobody has signed and which takes a key.
func (a Admin) SubscribeToPhoneBlock(ctx context.Context, u *subscribe.Updater, from subscribe.BlocklistSource, c subscribe.Choices) (lists.Subscription, Done, error) {
	c.By = a.Actor.String()
	sub, key, err := u.PrepareBlocklist(a.Household, from, c)
	if err != nil {
		return sub, Done{}, because(Unfit, err)
	}
	return a.subscribe(ctx, u, sub, func(ctx context.Context) error { return a.Store.Lists.SubscribeBlocklist(ctx, sub, key) })
}

// AddReadyList begins a subscription to a list that comes with Ringfence.
func (a Admin) AddReadyList(ctx context.Context, u *subscribe.Updater, id string, c subscribe.Choices) (lists.Subscription, Done, error) {
	if c.MayTurnAway && !a.Actor.Role.Covers(store.RoleOwner) {
		return lists.Subscription{}, Done{}, errOwnersList
	}
	c.By = a.Actor.String()
	sub, err := u.PrepareReady(a.Household, id, c)
	if err != nil {
		return sub, Done{}, because(Unfit, err)
	}
	return a.subscribePrepared(ctx, u, sub)
}

func (a Admin) subscribe(ctx context.Context, u *subscribe.Updater, sub lists.Subscription, begin func(context.Context) error) (lists.Subscription, Done, error) {
	done, err := a.beginSubscription(ctx, sub, begin)
	if err != nil {
		return sub, done, err
	}
	u.Wake()
	sub, err = a.Store.Lists.Subscription(ctx, a.Household, sub.List)
	return sub, done, err
}

func (a Admin) beginSubscription(ctx context.Context, sub lists.Subscription, begin func(context.Context) error) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		err := begin(ctx)
		if errors.Is(err, lists.ErrNameTaken) || errors.Is(err, lists.ErrSubscribedTwice) {
			err = because(Conflict, err)
		}
		return change{word: ListSubscribed, sentence: "The household is subscribed to the list " + sub.List + ".", after: sub.List + ", from " + sub.URL,
			undo: &undo{What: ListSubscribed, Name: sub.List, Code: sub.URL}}, err
	})
}

// AllowUnsigned chooses whether an unsigned list may turn callers away.
func (a Admin) AllowUnsigned(ctx context.Context, u *subscribe.Updater, list string, may bool) (Done, error) {
	return a.changeSubscription(ctx, list, func(ctx context.Context, sub lists.Subscription) (change, error) {
		if may && sub.Kind != lists.Ready {
			if err := u.MayTurnAway(subscribe.Source{URL: sub.URL, Key: sub.Key}); err != nil {
				return change{}, because(Unfit, err)
			}
		}
		away := "The list " + list + " turns callers away although nobody has signed it."
		if sub.Kind == lists.Ready {
			away = "The list " + list + " turns callers away."
		}
		return switched(!sub.OnlyWarns, may,
			state{ListUnsigned, away, "turns callers away"},
			state{ListUnsigned, "The list " + list + " turns nobody away any more, and only warns.", "only warns"},
		).undoneBy(undo{What: ListUnsigned, Name: list, On: may}), a.Store.Lists.AllowUnsigned(ctx, a.Household, list, may)
	})
}

// AcceptListChanges puts new contents of a list in force that waited for somebody to look at them: those of that version.
func (a Admin) AcceptListChanges(ctx context.Context, list string, version int64) (Done, error) {
	done, err := a.changeSubscription(ctx, list, func(ctx context.Context, sub lists.Subscription) (change, error) {
		err := a.Store.Lists.AcceptHeld(ctx, a.Household, list, version)
		if errors.Is(err, lists.ErrNotHeld) {
			err = because(Gone, err)
		}
		return change{word: ListImported, sentence: "The list " + list + " has its new numbers.", before: screening.Counted(sub.Entries, "number", "numbers")}, err
	})
	if err != nil {
		return Done{}, err
	}
	a.clean(ctx)
	return done, nil
}

// SetListKey replaces the key of the subscription to PhoneBlock's list, and has the list downloaded soon. The key itself is only used for asking.
func (a Admin) SetListKey(ctx context.Context, u *subscribe.Updater, list, key string) (Done, error) {
	key, err := phoneblock.CheckKey(key)
	if err != nil {
		return Done{}, because(Unfit, err)
	}
	done, err := a.changeSubscription(ctx, list, func(ctx context.Context, sub lists.Subscription) (change, error) {
		before, err := a.Store.Lists.BlocklistKey(ctx, sub.ID)
		if err != nil {
			return change{}, err
		}
		c := change{word: ListKeyChanged, sentence: "The list " + list + " has a new key."}
		if before == key {
			c = unchanged("the list " + list + " had this key already")
		}
		return c, a.Store.Lists.SetBlocklistKey(ctx, a.Household, list, key, a.Now) // also the same one: it is tried again
	})
	if err == nil {
		u.Wake()
	}
	return done, err
}

// AskPhoneBlock chooses whether PhoneBlock is asked about callers nobody knows.
func (a Admin) AskPhoneBlock(ctx context.Context, list string, ask bool) (Done, error) {
	return a.changeSubscription(ctx, list, func(ctx context.Context, sub lists.Subscription) (change, error) {
		return switched(sub.Asks, ask,
			state{PhoneBlockAsked, "From now on Ringfence asks PhoneBlock about unknown callers, with a fingerprint of their number.", "asked"},
			state{PhoneBlockNotAsked, "Ringfence doesn't ask PhoneBlock about callers any more.", "not asked"},
		).undoneBy(undo{What: PhoneBlockAsked, Name: list, On: ask}), a.Store.Lists.AskOfCallers(ctx, a.Household, list, ask)
	})
}

func (a Admin) undoUnsigned(ctx context.Context, u undo) (change, error) {
	sub, err := a.subscriptionOf(ctx, u)
	if err != nil {
		return change{}, err
	}
	sentences := map[bool]string{true: "The list " + u.Name + " only warns again.", false: "The list " + u.Name + " turns callers away again."}
	return u.switchBack(!sub.OnlyWarns, "Look at the list.", sentences, func(on bool) error { return a.Store.Lists.AllowUnsigned(ctx, a.Household, u.Name, on) })
}

func (a Admin) undoAsked(ctx context.Context, u undo) (change, error) {
	sub, err := a.subscriptionOf(ctx, u)
	if err != nil {
		return change{}, err
	}
	sentences := map[bool]string{true: "Ringfence doesn't ask PhoneBlock about callers any more.", false: "Ringfence asks PhoneBlock about unknown callers again."}
	return u.switchBack(sub.Asks, "Look at the list.", sentences, func(on bool) error { return a.Store.Lists.AskOfCallers(ctx, a.Household, u.Name, on) })
}

// subscriptionOf is the subscription that an undo is about.
func (a Admin) subscriptionOf(ctx context.Context, u undo) (lists.Subscription, error) {
	sub, err := a.Store.Lists.Subscription(ctx, a.Household, u.Name)
	if errors.Is(err, lists.ErrNoSubscription) {
		err = errNotSubscribed
	}
	return sub, err
}

func (a Admin) changeSubscription(ctx context.Context, list string, deed func(context.Context, lists.Subscription) (change, error)) (Done, error) {
	lookup := func(ctx context.Context) (lists.Subscription, error) {
		return a.Store.Lists.Subscription(ctx, a.Household, list)
	}
	return about(ctx, a, lookup, lists.ErrNoSubscription, errNotSubscribed, deed)
}
