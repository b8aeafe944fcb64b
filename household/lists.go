package household

import (
	"context"
	"errors"
	"iter"

	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store/lists"
)

// RemoveList removes a list with its numbers. Of one that is subscribed to it is Unsubscribe.
func (a Admin) RemoveList(ctx context.Context, name string) (Done, error) {
	if _, err := a.Store.Lists.Subscription(ctx, a.Household, name); !errors.Is(err, lists.ErrNoSubscription) {
		return a.Unsubscribe(ctx, name) // also where that is not known
	}
	return a.removeList(ctx, name, ListRemoved, "The list "+name+" is removed, with all its numbers.",
		refuseAs(Gone, "There is no list called %s.", name))
}

// Unsubscribe ends the subscription to a list, and removes what was got of it.
func (a Admin) Unsubscribe(ctx context.Context, name string) (Done, error) {
	gone := refuseAs(Gone, "There is no subscription to a list called %s.", name)
	if _, err := a.Store.Lists.Subscription(ctx, a.Household, name); errors.Is(err, lists.ErrNoSubscription) {
		return Done{}, gone
	} else if err != nil {
		return Done{}, err
	}
	return a.removeList(ctx, name, ListUnsubscribed, "The subscription to the list "+name+" has ended, and its numbers are gone.", gone)
}

func (a Admin) removeList(ctx context.Context, name string, word Word, sentence string, gone error) (Done, error) {
	return a.doAndClean(ctx, func(ctx context.Context) (change, error) {
		removed, err := a.Store.Lists.Remove(ctx, a.Household, name)
		if err == nil && !removed {
			err = gone
		}
		return change{word: word, sentence: sentence, before: name}, err
	})
}

// PrepareList reads a list into the database beside what is in force, for AcceptList. entries are those that read reads. What is wrong with
// the file, or with the name, is a Refusal.
func (a Admin) PrepareList(ctx context.Context, name, source string, read *forms.Import, entries iter.Seq2[lists.Entry, error]) (id int64, err error) {
	if err := lists.CheckName(name); err != nil {
		return 0, because(Unfit, err)
	}
	id, err = a.Store.Lists.Prepare(ctx, a.Household, name, source, entries)
	switch {
	case errors.Is(err, forms.ErrUnfit), errors.Is(err, lists.ErrSubscribed):
		err = because(Unfit, err)
	case err != nil && read.Broken() != nil:
		err = because(Unfit, read.Broken())
	}
	return id, err
}

// AcceptList puts contents in force that were imported, and that somebody has looked at.
func (a Admin) AcceptList(ctx context.Context, id int64, source string) (Done, error) {
	p, err := a.Store.Lists.Prepared(ctx, a.Household, id)
	if errors.Is(err, lists.ErrNoPrepared) {
		return Done{}, because(Gone, err)
	}
	if err != nil {
		return Done{}, err
	}
	c := change{word: ListImported, sentence: "The list " + p.Name + " is in use.", after: screening.Counted(p.Entries, "number", "numbers")}
	if p.Replaces != nil {
		c.before = screening.Counted(p.Replaces.Entries, "number", "numbers")
	}
	return a.doAndClean(ctx, func(ctx context.Context) (change, error) {
		err := a.Store.Lists.Accept(ctx, a.Household, id, source)
		if errors.Is(err, lists.ErrSubscribed) { // meanwhile
			err = because(Conflict, err)
		}
		return c, err
	})
}

// doAndClean is do for a deed that leaves contents of lists which nobody uses any more.
func (a Admin) doAndClean(ctx context.Context, deed func(ctx context.Context) (change, error)) (Done, error) {
	done, err := a.do(ctx, deed)
	if err != nil {
		return Done{}, err
	}
	return done, a.Store.Lists.Clean(context.WithoutCancel(ctx))
}
