package household

import (
	"context"
	"errors"
	"iter"
	"time"

	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store"
	"ringfence/store/lists"
)

// RemoveList removes a list with its numbers. For a subscribed list it does what Unsubscribe does.
func (a Admin) RemoveList(ctx context.Context, name string) (Done, error) {
	return a.removeList(ctx, name, refuseAs(Gone, "There is no list called %s.", name), false)
}

// Unsubscribe ends the subscription to a list, and removes what was downloaded of it.
func (a Admin) Unsubscribe(ctx context.Context, name string) (Done, error) {
	return a.removeList(ctx, name, refuseAs(Gone, "There is no subscription to a list called %s.", name), true)
}

func (a Admin) removeList(ctx context.Context, name string, gone error, onlySubscribed bool) (Done, error) {
	return a.doAndClean(ctx, func(ctx context.Context) (change, error) {
		aside, removed, err := a.Store.Lists.SetAside(ctx, a.Household, name, a.Now.Add(store.UndoAge))
		if err == nil && (!removed || onlySubscribed && aside.Sub == nil) {
			err = gone
		}
		c := change{word: ListRemoved, sentence: "The list " + name + " is removed, with all its numbers.", before: name, undo: &undo{What: ListRemoved, List: &aside}}
		if aside.Sub != nil {
			c.word, c.sentence = ListUnsubscribed, "The subscription to the list "+name+" has ended, and its numbers are gone."
		}
		return c, err
	})
}

func (a Admin) undoListRemoved(ctx context.Context, u undo) (change, error) {
	err := a.Store.Lists.Restore(ctx, a.Household, *u.List)
	switch {
	case errors.Is(err, lists.ErrNameTaken), errors.Is(err, lists.ErrSubscribedTwice):
		err = because(Conflict, err)
	case errors.Is(err, lists.ErrNoPrepared):
		err = refuseAs(Gone, "The numbers of the list %s are gone.", u.List.Name)
	}
	return change{sentence: "The list " + u.List.Name + " is back."}, err
}

func (a Admin) undoListImported(ctx context.Context, u undo) (change, error) {
	return a.takeBackList(ctx, u.Name, func(r lists.Removed) bool { return r.Sub == nil && r.Version == u.ID })
}

func (a Admin) undoSubscribed(ctx context.Context, u undo) (change, error) {
	return a.takeBackList(ctx, u.Name, func(r lists.Removed) bool { return r.Sub != nil && r.Sub.URL == u.Code })
}

// takeBackList removes a list that somebody has added, if it is the same.
func (a Admin) takeBackList(ctx context.Context, name string, same func(lists.Removed) bool) (change, error) {
	r, removed, err := a.Store.Lists.SetAside(ctx, a.Household, name, time.Time{})
	if err == nil && !(removed && same(r)) {
		err = tooLate("Look at your lists.")
	}
	return change{sentence: "The list " + name + " is removed, with all its numbers."}, err
}

// PrepareList reads a list into the database beside what is in force, for AcceptList. entries are what read yields. What is wrong with the file, or
// with the name, is a Refusal.
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
	case err == nil && read != nil:
		err = a.Store.Lists.NoteDoubt(ctx, id, read.Doubt)
	}
	return id, err
}

// MayPublish refuses a list of which it is not certain that it has the numbers of unwanted callers: a victim's number must never be signed as a scammer's.
func (a Admin) MayPublish(ctx context.Context, name string) error {
	doubt, known, err := a.Store.Lists.Doubt(ctx, a.Household, name)
	if err != nil {
		return err
	}
	_, err = a.Store.Lists.Subscription(ctx, a.Household, name)
	if err != nil && !errors.Is(err, lists.ErrNoSubscription) {
		return err
	}
	again := "Import its file again with --column, and check what that says"
	if err == nil {
		again = "Unsubscribe, subscribe again with --column, and check what that says"
	}
	switch {
	case !known:
		return refuseAs(Conflict, "The list %s can't be published: an older Ringfence imported it, and did not note which column its numbers are from. %s.", name, again)
	case doubt != "":
		return refuseAs(Conflict, "The list %s can't be published: %s. %s.", name, doubt, again)
	default:
		return nil
	}
}

// AcceptList puts in force what PrepareList has read, once somebody has looked at it. from says which column of a table the numbers are from; "" without one.
func (a Admin) AcceptList(ctx context.Context, id int64, source, from string) (Done, error) {
	p, err := a.Store.Lists.Prepared(ctx, a.Household, id)
	if errors.Is(err, lists.ErrNoPrepared) {
		return Done{}, because(Gone, err)
	}
	if err != nil {
		return Done{}, err
	}
	c := change{word: ListImported, sentence: "The list " + p.Name + " is in use.", after: screening.Counted(p.Entries, "number", "numbers")}
	if from != "" {
		c.sentence += " Its numbers are " + from + "."
		c.after += " " + from
	}
	if p.Replaces != nil { // it can't be undone: to keep the numbers before as well, each time, could fill the disk
		c.before = screening.Counted(p.Replaces.Entries, "number", "numbers")
	} else {
		c.undo = &undo{What: ListImported, ID: id, Name: p.Name}
	}
	return a.doAndClean(ctx, func(ctx context.Context) (change, error) {
		err := a.Store.Lists.Accept(ctx, a.Household, id, source)
		if errors.Is(err, lists.ErrSubscribed) { // meanwhile
			err = because(Conflict, err)
		}
		return c, err
	})
}

// doAndClean is do for a deed that leaves list contents which nobody uses any more, and deletes those. If that fails the deed still stands: they are
// deleted every night as well.
func (a Admin) doAndClean(ctx context.Context, deed func(ctx context.Context) (change, error)) (Done, error) {
	done, err := a.do(ctx, deed)
	if err != nil {
		return Done{}, err
	}
	a.clean(ctx)
	return done, nil
}

// clean deletes contents of lists that nobody uses any more.
func (a Admin) clean(ctx context.Context) {
	if a.previews {
		return
	}
	if err := a.Store.Lists.Clean(context.WithoutCancel(ctx)); err != nil && a.Log != nil {
		a.Log.Error("contents of lists that nobody uses could not be deleted", "household", a.Household, "err", err)
	}
}
