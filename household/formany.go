package household

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/lists"
)

// ForMany is a change that can be made in many households at once, as forms and programs write it.
type ForMany struct {
	Kind   string // one of KindsForMany
	Value  string // the mode, or the option's value
	Option string // its name
	Name   string // of the contact
	Number string // of the contact, or the one to block, as typed; with * at the end, all that begin so
	Note   string // why it is blocked
	List   string // the address or link of a list, the ID of a ready one, or the name of the one to unsubscribe from
}

// The kinds: a contract.
const (
	ManySubscribe   = "subscribe"
	ManyReady       = "ready-list"
	ManyUnsubscribe = "unsubscribe"
	ManyMode        = "mode"
	ManyOption      = "option"
	ManyContact     = "contact"
	ManyBlock       = "block"
)

// KindsForMany are the kinds, in the order in which pages offer them.
func KindsForMany() []Value {
	return []Value{
		{Word: ManySubscribe, Words: "Subscribe to a list", More: "Such as the list of scam numbers of a parish."},
		{Word: ManyReady, Words: "Add a ready-made list", More: "One of those that come with Ringfence."},
		{Word: ManyUnsubscribe, Words: "End a subscription", More: "The list and its numbers go."},
		{Word: ManyMode, Words: "Set the mode", More: "How strict Ringfence is with unknown callers."},
		{Word: ManyOption, Words: "Set another option", More: "Such as what happens to withheld numbers."},
		{Word: ManyContact, Words: "Add a contact", More: "Such as the surgery, so that it always gets through."},
		{Word: ManyBlock, Words: "Block a number", More: "Its calls no longer ring."},
	}
}

// ForMany says whether an option can be chosen in many households at once: one that is not a household's own, as its name and its country are.
func (o Option) ForMany() bool {
	return slices.Contains([]Input{Choice, Switch, Number, Hours}, o.Input)
}

// Deed is what the change does in each household. A list is looked at once, on its server, for the first of them.
func (f ForMany) Deed(ctx context.Context, u *subscribe.Updater, admins []Admin) (Deed, error) {
	switch f.Kind {
	case ManySubscribe:
		return f.subscribe(ctx, u, admins)
	case ManyReady:
		return subscribeAlike(func(a Admin) (lists.Subscription, error) {
			return u.PrepareReady(a.Household, f.List, subscribe.Choices{By: a.Actor.String()})
		}), nil
	case ManyUnsubscribe:
		return func(ctx context.Context, a Admin) (Done, error) { return a.Unsubscribe(ctx, strings.TrimSpace(f.List)) }, nil
	case ManyMode:
		return func(ctx context.Context, a Admin) (Done, error) {
			return a.SetMode(ctx, "", screening.Mode(f.Value), time.Time{})
		}, nil
	case ManyOption:
		return f.setOption()
	case ManyContact:
		return func(ctx context.Context, a Admin) (Done, error) {
			n, err := a.ReadContactNumber(f.Number)
			if err != nil {
				return Done{}, because(Unfit, err)
			}
			return a.AddContact(ctx, f.Name, "", n)
		}, nil
	case ManyBlock:
		return func(ctx context.Context, a Admin) (Done, error) {
			digits, prefix := strings.CutSuffix(strings.TrimSpace(f.Number), "*")
			return a.AddBlock(ctx, BlockRequest{Number: digits, Prefix: prefix, Note: f.Note})
		}, nil
	}
	return nil, refuse("Choose what to change.")
}

func (f ForMany) setOption() (Deed, error) {
	o, known := OptionByName(f.Option)
	if !known {
		return nil, refuse("There is no option %s.", f.Option)
	}
	if !o.ForMany() {
		return nil, refuse("“%s” is each household's own. Set it there.", o.Title)
	}
	return func(ctx context.Context, a Admin) (Done, error) {
		return a.SetOptions(ctx, "", map[string]string{o.Name: f.Value})
	}, nil
}

func (f ForMany) subscribe(ctx context.Context, u *subscribe.Updater, admins []Admin) (Deed, error) {
	from, err := subscribe.ParseSource(strings.TrimSpace(f.List), "")
	if err != nil {
		return nil, because(Unfit, err)
	}
	return SubscribeMany(ctx, u, admins, from, subscribe.Choices{})
}

// SubscribeMany returns the deed that subscribes each of some households to a list, once the updater has looked at it for the first of them. A list that
// nobody has signed only warns, unless c says otherwise and the actor owns the household.
func SubscribeMany(ctx context.Context, u *subscribe.Updater, admins []Admin, from subscribe.Source, c subscribe.Choices) (Deed, error) {
	if len(admins) == 0 {
		return nil, errNoHouseholds
	}
	c.By = admins[0].Actor.String()
	sub, err := u.Prepare(ctx, admins[0].Household, from, c)
	if err != nil {
		return nil, because(Unfit, err)
	}
	return subscribeAlike(func(a Admin) (lists.Subscription, error) {
		if c.MayTurnAway && !a.Actor.Role.Covers(store.RoleOwner) {
			return sub, errOwnersList
		}
		one := sub
		one.Household, one.Region = a.Household, a.Region
		return one, nil
	}), nil
}

var errNoHouseholds = refuse("Choose at least one household.")

// subscribeAlike begins the subscription that prepare makes for each household. Lists are downloaded afterwards: see ForMany.After.
func subscribeAlike(prepare func(Admin) (lists.Subscription, error)) Deed {
	return func(ctx context.Context, a Admin) (Done, error) {
		sub, err := prepare(a)
		if err != nil {
			return Done{}, because(Unfit, err)
		}
		done, err := a.beginSubscription(ctx, sub, func(ctx context.Context) error { return a.Store.Lists.Subscribe(ctx, sub) })
		if errors.Is(err, lists.ErrSubscribedTwice) {
			return Done{Sentence: screening.Sentence(err)}, nil
		}
		return done, err
	}
}

// After has lists downloaded that households were just subscribed to.
func (f ForMany) After(u *subscribe.Updater) {
	if f.Kind == ManySubscribe || f.Kind == ManyReady {
		u.Wake()
	}
}
