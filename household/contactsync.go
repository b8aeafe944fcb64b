package household

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing/addressbook"
	"ringfence/sharing/booksync"
	"ringfence/store"
)

// errOwnersBook refuses what decides who always rings from then on, and where the household's password goes.
var errOwnersBook = refuseAs(NotAllowed, "Only an owner can keep the contacts in step with an address book.")

var errNoContactSync = refuseAs(Gone, "The contacts aren't kept in step with an address book any more. Somebody may have stopped that.")

// AddressBookActor changes contacts as the address book has them that the household is kept in step with.
var AddressBookActor = Actor{Name: store.ByAddressBook, Way: store.WayProgram, Role: store.RoleOwner}

// BeginContactSync has the contacts kept in step with an address book on a server, from when an owner has confirmed what it would change. The error is, or wraps, a
// *booksync.Question if there are several address books.
func (a Admin) BeginContactSync(ctx context.Context, u *booksync.Updater, from booksync.From) (Done, error) {
	if !a.Actor.Role.Covers(store.RoleOwner) {
		return Done{}, errOwnersBook
	}
	if _, err := a.Store.ContactSync(ctx, a.Household); !errors.Is(err, store.ErrNoContactSync) {
		if err == nil {
			err = because(Conflict, store.ErrSyncedAlready)
		}
		return Done{}, err
	}
	sync, cards, err := u.Prepare(ctx, a.Household, from)
	if err != nil {
		return Done{}, because(Unfit, err)
	}
	sync.By = a.Actor.String()
	return a.do(ctx, func(ctx context.Context) (change, error) {
		err := a.Store.BeginContactSync(ctx, sync, strings.TrimRight(from.Password, "\r\n"), cards)
		if errors.Is(err, store.ErrSyncedAlready) {
			err = because(Conflict, err)
		}
		return change{
			word: ContactSyncBegun, sentence: "The address book " + sync.Title + " is here. No contact changes until an owner has confirmed it.",
			after: sync.Title + ", from " + sync.URL,
		}, err
	})
}

// BookChanges are what the address book would change of the contacts now, by what was downloaded last.
func (a Admin) BookChanges(ctx context.Context) (addressbook.Kept, error) {
	house, err := a.AddressBook(ctx)
	if err != nil {
		return addressbook.Kept{}, err
	}
	cards, err := a.Store.SyncedCards(ctx, a.Household)
	if err != nil {
		return addressbook.Kept{}, err
	}
	people, err := booksync.People(cards)
	if err != nil {
		return addressbook.Kept{}, err
	}
	book, err := addressbook.BookOf(people)
	if err != nil {
		return addressbook.Kept{}, because(Unfit, err)
	}
	synced, err := a.Store.SyncedContacts(ctx, a.Household)
	return addressbook.Keep(book, house, synced), err
}

// AcceptBookChanges changes the contacts as the address book has them, if that is what an owner has seen: mark is that of the changes.
func (a Admin) AcceptBookChanges(ctx context.Context, mark string) (Done, error) {
	if !a.Actor.Role.Covers(store.RoleOwner) {
		return Done{}, errOwnersBook
	}
	return a.aboutContactSync(ctx, func(ctx context.Context, sync store.ContactSync) (change, error) {
		k, err := a.BookChanges(ctx)
		switch {
		case err != nil:
			return change{}, err
		case sync.Held.IsZero():
			return unchanged("no changes of the address book wait for anybody"), nil
		case k.Mark() != mark:
			return change{}, refuseAs(Conflict, "The address book or the contacts have just changed, so nothing was done. Please check the preview again.")
		}
		return a.applyBook(ctx, sync, k)
	})
}

// FollowBook changes the contacts as the address book has them, or has the changes wait for somebody: the first ones, and those that take away more than a tenth.
func (a Admin) FollowBook(ctx context.Context) (applied booksync.Applied, err error) {
	_, err = a.aboutContactSync(ctx, func(ctx context.Context, sync store.ContactSync) (change, error) {
		k, err := a.BookChanges(ctx)
		applied = booksync.Applied{Kept: k}
		switch {
		case err != nil:
			return change{}, err
		case k.Nothing() && len(k.Forgotten) == 0 && !sync.Confirmed.IsZero():
			_, err = a.Store.HoldContactSync(ctx, a.Household, time.Time{})
			return change{}, err
		case sync.Confirmed.IsZero():
			applied.Held = true
			return change{}, nil
		case k.Jumps():
			applied.Held = true
			return change{}, a.holdBook(ctx, sync, k)
		}
		return a.applyBook(ctx, sync, k)
	})
	if refusal := (*Refusal)(nil); errors.As(err, &refusal) && refusal.Kind == Gone {
		err = store.ErrNoContactSync
	}
	return applied, err
}

// holdBook has changes wait for somebody, who is told once.
func (a Admin) holdBook(ctx context.Context, sync store.ContactSync, k addressbook.Kept) error {
	isNew, err := a.Store.HoldContactSync(ctx, a.Household, a.Now)
	if err != nil || !isNew {
		return err
	}
	text := fmt.Sprintf("The address book %s would remove more than a tenth of its contacts: %s. They stay until an owner has looked at it.",
		screening.CleanLine(sync.Title, 60), k.Words())
	return a.Store.AddNotice(ctx, a.Household, a.Now, store.NoticeListStale, text, 0)
}

func (a Admin) applyBook(ctx context.Context, sync store.ContactSync, k addressbook.Kept) (change, error) {
	err := a.Store.ApplyContactSync(ctx, a.Household, k.ContactSyncChanges, a.Now)
	if errors.Is(err, store.ErrContactsChanged) {
		return change{}, refuseAs(Conflict, "Somebody has just changed contacts or blocks, so nothing was done. Please check the preview again.")
	}
	c := change{
		word: ContactsSynced, sentence: "The contacts are as the address book " + sync.Title + " has them: " + k.Words() + ".",
		before: a.whoIn("removed", k.Were()),
		after:  strings.TrimPrefix(a.whoIn("new", k.New)+"; "+a.whoIn("changed", k.Will()), "; "),
	}
	c.after = strings.TrimSuffix(c.after, "; ")
	if k.Nothing() {
		if c.word = ""; sync.Confirmed.IsZero() {
			c.word = ContactsSynced
		}
	}
	return c, err
}

// mostNames is how many people a line of the audit log names.
const mostNames = 20

// whoIn are the people of a change, for the audit log; "" if there are none.
func (a Admin) whoIn(what string, all []store.Contact) string {
	var names []string
	for _, one := range all[:min(len(all), mostNames)] {
		names = append(names, a.called(one))
	}
	if more := len(all) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	if len(names) == 0 {
		return ""
	}
	return what + ": " + strings.Join(names, ", ")
}

// SetContactSyncPassword replaces user name and password for the server, which is asked soon. An empty user name stays as it is.
func (a Admin) SetContactSyncPassword(ctx context.Context, u *booksync.Updater, user, password string) (Done, error) {
	if !a.Actor.Role.Covers(store.RoleOwner) {
		return Done{}, errOwnersBook
	}
	password = strings.TrimRight(password, "\r\n")
	if password == "" {
		return Done{}, refuse("Fill in the password.")
	}
	done, err := a.aboutContactSync(ctx, func(ctx context.Context, sync store.ContactSync) (change, error) {
		if user = strings.TrimSpace(user); user == "" {
			user = sync.User
		}
		return change{word: ContactSyncPassword, sentence: "The address book " + sync.Title + " has a new password.", before: sync.User, after: user},
			a.Store.SetContactSyncPassword(ctx, a.Household, user, password, a.Now)
	})
	if err == nil {
		u.Wake()
	}
	return done, err
}

// EndContactSync stops keeping the contacts in step. Those that came from the address book stay, or go with remove, but for those that somebody has changed here.
func (a Admin) EndContactSync(ctx context.Context, remove bool) (Done, error) {
	if !a.Actor.Role.Covers(store.RoleOwner) {
		return Done{}, errOwnersBook
	}
	return a.aboutContactSync(ctx, func(ctx context.Context, sync store.ContactSync) (change, error) {
		removed, err := a.Store.EndContactSync(ctx, a.Household, remove)
		c := change{
			word: ContactSyncEnded, sentence: "The contacts aren't kept in step with the address book " + sync.Title + " any more. They stay as they are.",
			before: sync.Title + ", from " + sync.URL,
		}
		if remove {
			c.sentence = "The contacts aren't kept in step with the address book " + sync.Title + " any more. Removed: " +
				screening.Counted(len(removed), "contact", "contacts") + " that came from there."
			c.undo = &undo{What: ContactRemoved, Contacts: removed}
		}
		if len(removed) == 0 {
			c.undo = nil
		}
		return c, err
	})
}

func (a Admin) aboutContactSync(ctx context.Context, deed func(context.Context, store.ContactSync) (change, error)) (Done, error) {
	lookup := func(ctx context.Context) (store.ContactSync, error) { return a.Store.ContactSync(ctx, a.Household) }
	return about(ctx, a, lookup, store.ErrNoContactSync, errNoContactSync, deed)
}

// StateOfContactSync says in sentences how it goes. when and coming write past and future times.
func StateOfContactSync(sync store.ContactSync, when, coming func(time.Time) string) (all []ListFinding) {
	say := func(level, text string, args ...any) {
		all = append(all, ListFinding{level, fmt.Sprintf(text, args...)})
	}
	switch {
	case sync.Confirmed.IsZero():
		say("warn", "No contact is from there yet: an owner has to confirm what would change.")
	case !sync.Held.IsZero():
		say("warn", "More than a tenth of its contacts would go. They stay until an owner has looked at it.")
	}
	if sync.Error != "" {
		say("stop", "The last check failed: %s The contacts stay as they were.", screening.Sentence(errors.New(sync.Error)))
		say("", "It last worked %s. Ringfence tries again %s.", when(sync.Checked), coming(sync.Next))
	} else {
		say("", "Checked %s. Ringfence looks for changes about once an hour.", when(sync.Checked))
	}
	return all
}
