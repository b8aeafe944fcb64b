package household

import (
	"context"
	"errors"

	"ringfence/screening"
	"ringfence/sharing/addressbook"
	"ringfence/store"
)

// AddressBook is what planning the import of an address book needs to know about the household.
func (a Admin) AddressBook(ctx context.Context) (addressbook.Household, error) {
	h := addressbook.Household{Region: a.Region, Own: a.Number, Router: a.Router, Language: a.Language, Languages: a.Languages}
	var err error
	if h.Contacts, err = a.Store.Contacts(ctx, a.Household); err != nil {
		return h, err
	}
	blocks, err := a.Store.Blocks(ctx, a.Household)
	for _, b := range blocks {
		h.Blocks = append(h.Blocks, b.Block)
	}
	return h, err
}

// ImportContacts imports an address book, as it was planned and shown. from says which columns of a table the numbers are from; "" without any. If contacts or blocks have changed since, it is refused.
func (a Admin) ImportContacts(ctx context.Context, source, from string, contacts []store.Contact) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		if len(contacts) == 0 {
			return unchanged("there is nobody new in this address book"), nil
		}
		made, err := a.Store.ImportContacts(ctx, a.Household, source, contacts)
		if errors.Is(err, store.ErrContactsChanged) {
			return change{}, refuseAs(Conflict, "Somebody has just changed contacts or blocks, so nothing was imported. Please check the preview again.")
		}
		what := screening.Counted(made.Contacts, "contact", "contacts") + " with " + screening.Counted(made.Numbers, "number", "numbers") + " from " + made.Source
		if from != "" {
			what += ", " + from
		}
		return change{
			word: ContactsAdded, sentence: "Imported " + what + ". They always get through.", after: what, undo: &undo{What: ContactsAdded, ID: made.ID},
		}, err
	})
}

// UndoImport removes what came with an import, however long ago; what was changed by hand since then stays.
func (a Admin) UndoImport(ctx context.Context, id int64) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		c, err := a.undoImport(ctx, undo{ID: id})
		c.word, c.sentence = Undone, "Undone: "+c.sentence
		return c, err
	})
}

func (a Admin) undoImport(ctx context.Context, u undo) (change, error) {
	gone, err := a.Store.UndoContactImport(ctx, a.Household, u.ID)
	if errors.Is(err, store.ErrNoImport) {
		return change{}, refuseAs(Gone, "There is nothing left of this import to undo.")
	}
	what := screening.Counted(gone.Numbers, "number", "numbers") + " and " + screening.Counted(gone.Contacts, "contact", "contacts")
	return change{sentence: what + " of the import are gone again. Contacts that you have changed since are still there.", before: what}, err
}
