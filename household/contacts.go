package household

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"ringfence/screening"
	"ringfence/sharing/addressbook"
	"ringfence/store"
)

var errContactGone = refuseAs(Gone, "This contact isn't there any more. Somebody may have removed it.")

// Mark is a hash of everything about a contact that somebody can change. Two carers may have the same contact open: a form or an undo made from an
// older state would overwrite what the other has saved since.
func Mark(c store.Contact) string {
	seen, err := json.Marshal([]any{c.Name, c.Numbers, c.Notes, c.Language, c.PassCode.Code})
	if err != nil {
		return "" // texts and numbers can always be encoded
	}
	sum := sha256.Sum256(seen)
	return hex.EncodeToString(sum[:8])
}

// SaveContact makes a contact (ID 0) or changes one. seen is the Mark of the contact as the actor saw it, "" if that is not known: a contact that has
// changed since is refused. So is whatever is in the way (a block, another contact's number or name), unless they are sure: then blocks are lifted,
// and numbers move here.
func (a Admin) SaveContact(ctx context.Context, c store.Contact, seen string, sure bool) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		var before store.Contact
		if c.ID != 0 {
			var err error
			if before, err = a.contact(ctx, c.ID, seen); err != nil {
				return change{}, err
			}
		}
		return a.saveContact(ctx, before, c, sure)
	})
}

// contact returns a contact if it is still as the actor saw it.
func (a Admin) contact(ctx context.Context, id int64, seen string) (store.Contact, error) {
	c, err := a.Store.Contact(ctx, a.Household, id)
	switch {
	case errors.Is(err, store.ErrNoContact):
		return c, errContactGone
	case err == nil && seen != "" && Mark(c) != seen:
		now := a.contactInWords(c)
		if c.Notes != "" {
			now += " “" + strings.Join(strings.Fields(c.Notes), " ") + "”"
		}
		return c, refuseAs(Conflict, "Somebody has just changed this contact, so nothing is saved yet. It is now: %s.", now)
	}
	return c, err
}

// AddContact makes a contact of that name, or adds numbers to the existing one. Their blocks are lifted, and numbers of other contacts move here.
func (a Admin) AddContact(ctx context.Context, name, language string, numbers ...screening.Number) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		return a.addToContact(ctx, name, language, numbers...)
	})
}

func (a Admin) addToContact(ctx context.Context, name, language string, numbers ...screening.Number) (change, error) {
	named, err := a.contactsNamed(ctx, name)
	if err != nil {
		return change{}, err
	}
	before := store.Contact{}
	c := store.Contact{Name: name}
	if len(named) > 0 {
		before, c = named[0], named[0]
	}
	if language != "" {
		c.Language = language
	}
	c.Numbers = append(slices.Clone(c.Numbers), numbers...)
	return a.saveContact(ctx, before, c, true)
}

// contactsNamed returns the contacts with a name, whatever its case.
func (a Admin) contactsNamed(ctx context.Context, name string) ([]store.Contact, error) {
	all, err := a.Store.Contacts(ctx, a.Household)
	return slices.DeleteFunc(all, func(c store.Contact) bool { return !strings.EqualFold(c.Name, strings.TrimSpace(name)) }), err
}

// saveContact saves a contact. before is how it was; the zero Contact for a new one.
func (a Admin) saveContact(ctx context.Context, before, c store.Contact, sure bool) (change, error) {
	if c.Language != "" && c.Language != before.Language && !slices.Contains(a.Languages, c.Language) {
		return change{}, refuse("Nobody can be spoken to in %q here. The languages are %s.", c.Language, strings.Join(a.Languages, ", "))
	}
	there := []store.Contact{before}
	if before.ID == 0 { // a form may be sent twice
		var err error
		if there, err = a.contactsNamed(ctx, c.Name); err != nil {
			return change{}, err
		}
	}
	for _, one := range there {
		if c.Same(one) {
			same := unchanged(a.called(one) + " was saved like this already")
			same.id = one.ID
			return same, nil
		}
	}
	u := undo{What: ContactAdded, Reports: map[screening.Number]string{}}
	var warnings string
	for _, n := range c.Numbers {
		if slices.Contains(before.Numbers, n) {
			continue
		}
		advice := a.fitNumber(n)
		if advice.Refused != "" {
			return change{}, refuse("%s.", advice.Refused)
		}
		if advice.Warning != "" {
			warnings += " " + advice.Warning
		}
		if err := a.noteLost(ctx, n, before.ID, &u); err != nil {
			return change{}, err
		}
	}
	saved, err := a.Store.SaveContact(ctx, a.Household, c, sure)
	if err != nil {
		return change{}, a.notSaved(err)
	}
	u.ID, u.Mark = saved.ID, Mark(saved)
	ch := change{id: saved.ID, word: ContactAdded, after: a.contactInWords(saved), undo: &u}
	ch.sentence = a.introduced(saved) + " is one of your contacts now, and always gets through."
	if before.ID != 0 {
		u.What, u.Contact = ContactChanged, &before
		ch.word, ch.before, ch.sentence = ContactChanged, a.contactInWords(before), a.called(saved)+" is saved."
		if before.Notes != "" && saved.Notes != "" && before.Notes != saved.Notes {
			ch.after += " that were changed"
		}
	}
	ch.sentence += warnings
	return ch, nil
}

// ReadContactNumber reads a number that somebody has typed for a contact, or the beginning of its numbers with * at the end. The error is a Refusal.
func (a Admin) ReadContactNumber(typed string) (screening.Number, error) {
	read := func() (screening.Number, error) { return a.ParseNumber(typed) }
	if screening.IsBeginning(typed) {
		read = func() (screening.Number, error) { return screening.ParseBeginning(typed, a.Region) }
	}
	n, err := read()
	if err != nil {
		return n, because(Unfit, err)
	}
	if why := a.fitNumber(n).Refused; why != "" {
		return n, refuse("%s.", why)
	}
	return n, nil
}

// fitNumber says whether a number can be a contact's.
func (a Admin) fitNumber(n screening.Number) addressbook.Advice {
	return addressbook.Fit(n, addressbook.Household{Region: a.Region, Own: a.Number})
}

// noteLost records for the undo what is lost when a number becomes a contact's: its block, its report, and whose it was.
func (a Admin) noteLost(ctx context.Context, n screening.Number, contact int64, u *undo) error {
	if !n.IsInternal() { // nobody can block those
		block, blocked, err := a.Store.BlockOf(ctx, a.Household, n.Digits(), false)
		if blocked {
			u.Blocks = append(u.Blocks, block)
		}
		if err != nil {
			return err
		}
	}
	category, err := a.reportedAs(ctx, n)
	if category != "" {
		u.Reports[n] = category
	}
	if err != nil {
		return err
	}
	other, is, err := a.Store.ContactByNumber(ctx, a.Household, n)
	if is && other.ID != contact && !slices.ContainsFunc(u.Contacts, func(c store.Contact) bool { return c.ID == other.ID }) {
		u.Contacts = append(u.Contacts, other)
	}
	return err
}

// notSaved turns the reason why a contact was not saved into a Refusal, if people can do something about it.
func (a Admin) notSaved(err error) error {
	var collision *store.CollisionError
	var unfit *store.UnfitContactError
	switch {
	case errors.Is(err, store.ErrNoContact):
		return errContactGone
	case errors.As(err, &unfit):
		return because(Unfit, err)
	case !errors.As(err, &collision):
		return err
	}
	var all []string
	for _, c := range collision.Collisions {
		switch number := a.national(c.Number); {
		case c.Number == "":
			all = append(all, "There is a contact called "+c.Contact.Name+" already. If you save anyway, there will be two.")
		case c.Blocked:
			note := ""
			if c.Note != "" {
				note = " (" + c.Note + ")"
			}
			all = append(all, number+" is blocked"+note+". If you save anyway, the block is lifted and the number rings.")
		default:
			all = append(all, number+" is the number of "+c.Contact.Name+". If you save anyway, it moves here.")
		}
	}
	return refuseAs(NotSure, "%s", strings.Join(all, " "))
}

// RemoveContact removes a contact with its numbers and its pass code. seen is as for SaveContact.
func (a Admin) RemoveContact(ctx context.Context, id int64, seen string) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		c, err := a.contact(ctx, id, seen)
		if err != nil {
			return change{}, err
		}
		return a.removeContacts(ctx, c)
	})
}

// RemoveContactNamed removes the contacts of a name, or a number from its contact.
func (a Admin) RemoveContactNamed(ctx context.Context, nameOrNumber string) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		named, err := a.contactsNamed(ctx, nameOrNumber)
		if err != nil {
			return change{}, err
		}
		if len(named) > 0 {
			return a.removeContacts(ctx, named...)
		}
		n, wrong := a.ReadContactNumber(nameOrNumber)
		c, is, err := a.Store.ContactByNumber(ctx, a.Household, n)
		switch {
		case err != nil:
			return change{}, err
		case wrong != nil || !is:
			return change{}, refuseAs(Gone, "There is no contact %q.", nameOrNumber)
		case len(c.Numbers) == 1:
			return a.removeContacts(ctx, c)
		}
		before := c
		c.Numbers = slices.DeleteFunc(slices.Clone(c.Numbers), func(one screening.Number) bool { return one == n })
		return a.saveContact(ctx, before, c, true)
	})
}

func (a Admin) removeContacts(ctx context.Context, all ...store.Contact) (change, error) {
	ch := change{word: ContactRemoved, undo: &undo{What: ContactRemoved, Contacts: all}}
	for i, c := range all {
		if _, err := a.Store.RemoveContactByID(ctx, a.Household, c.ID); err != nil {
			return change{}, a.notSaved(err)
		}
		if i > 0 {
			ch.before += "; "
		}
		ch.before += a.contactInWords(c)
	}
	ch.sentence = a.called(all[0]) + " isn't a contact any more."
	return ch, nil
}

func (a Admin) undoContactSaved(ctx context.Context, u undo) (change, error) {
	now, err := a.contact(ctx, u.ID, "")
	if err != nil {
		return change{}, err
	}
	if Mark(now) != u.Mark {
		return change{}, refuseAs(Conflict, "That can't be undone any more: %s has changed since, and you would lose that.", a.called(now))
	}
	ch := change{sentence: a.introduced(now) + " isn't a contact any more."}
	if u.Contact == nil {
		_, err = a.Store.RemoveContactByID(ctx, a.Household, u.ID)
	} else {
		ch.sentence = a.called(*u.Contact) + " is as before."
		_, err = a.Store.SaveContact(ctx, a.Household, *u.Contact, false)
	}
	if err != nil {
		return ch, a.inTheWay(err)
	}
	for _, c := range u.Contacts {
		if err := a.giveBack(ctx, c); err != nil {
			return ch, err
		}
	}
	for _, b := range u.Blocks {
		if err := a.Store.RestoreBlock(ctx, a.Household, b); err != nil {
			return ch, err
		}
		ch.sentence = strings.TrimSuffix(ch.sentence, ".") + ", and " + a.blocked(b.Block) + " is blocked again."
	}
	for n := range u.Reports {
		if err := a.Store.RestoreReport(ctx, a.Household, n); err != nil {
			return ch, err
		}
	}
	return ch, nil
}

// inTheWay says in a Refusal why a contact cannot be restored.
func (a Admin) inTheWay(err error) error {
	var collision *store.CollisionError
	if errors.As(err, &collision) {
		if n := collision.Collisions[0].Number; n != "" {
			return refuseAs(Conflict, "That can't be undone any more: %s has been given to somebody else or blocked since.", a.national(n))
		}
		return refuseAs(Conflict, "That can't be undone any more: there is another contact of that name now.")
	}
	return a.notSaved(err)
}

// giveBack restores a contact's earlier numbers, except those that somebody else has by now.
func (a Admin) giveBack(ctx context.Context, before store.Contact) error {
	now, err := a.Store.Contact(ctx, a.Household, before.ID)
	switch {
	case err == nil:
		now.Numbers = append(now.Numbers, before.Numbers...)
		_, err = a.Store.SaveContact(ctx, a.Household, now, false)
	case errors.Is(err, store.ErrNoContact):
		_, err = a.Store.RestoreContact(ctx, a.Household, before)
	}
	return a.inTheWay(err)
}

func (a Admin) undoContactRemoved(ctx context.Context, u undo) (change, error) {
	whole := true
	for _, c := range u.Contacts {
		restored, err := a.Store.RestoreContact(ctx, a.Household, c)
		if err != nil {
			return change{}, a.inTheWay(err)
		}
		whole = whole && len(restored.Numbers) == len(c.Numbers)
	}
	if n := len(u.Contacts); n > 1 && whole {
		return change{sentence: screening.Counted(n, "contact is", "contacts are") + " as before."}, nil
	}
	if !whole {
		return change{sentence: a.called(u.Contacts[0]) + " is back, but without the numbers that have been given to somebody else or blocked since."}, nil
	}
	return change{sentence: a.called(u.Contacts[0]) + " is as before."}, nil
}

// called is a contact's name, with a number in it as people in the household's country write it.
func (a Admin) called(c store.Contact) string { return c.Called(a.Region) }

// introduced is a contact's name with its numbers.
func (a Admin) introduced(c store.Contact) string {
	name := a.called(c)
	var numbers []string
	for _, n := range c.Numbers {
		numbers = append(numbers, a.national(n))
	}
	if len(numbers) == 1 && numbers[0] == name {
		return name
	}
	return name + " (" + strings.Join(numbers, ", ") + ")"
}

// contactInWords describes a contact without its pass code, because people who may only look read it too, and without its notes, because the audit
// log would keep them after they are deleted.
func (a Admin) contactInWords(c store.Contact) string {
	words := a.called(c)
	for _, n := range c.Numbers {
		words += ", " + a.national(n)
	}
	if c.Language != "" {
		words += ", spoken to in " + c.Language
	}
	if c.PassCode.Code != "" {
		words += ", with a pass code"
	}
	if c.Notes != "" {
		words += ", with notes"
	}
	return words
}
