package household

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ringfence/sharing/booksync"
	"ringfence/sharing/booksync/booksynctest"
	"ringfence/store"
)

// inStep is a household, an address book of twenty people on a server, and what keeps the two in step.
type inStep struct {
	*testing.T
	Admin
	server  *booksynctest.Server
	updater *booksync.Updater
}

func newInStep(t *testing.T) inStep {
	t.Helper()
	f := newFilled(t)
	h := inStep{T: t, Admin: f.Admin, server: booksynctest.Open(t)}
	h.updater = booksync.New(booksync.Options{Store: f.Store, Apply: func(ctx context.Context, _ string) (booksync.Applied, error) {
		a := f.Admin
		a.Actor = AddressBookActor
		return a.FollowBook(ctx)
	}})
	for i := range 20 {
		h.server.Put("Family", fmt.Sprintf("Cousin %02d", i), fmt.Sprintf("0121 496 01%02d", i))
	}
	h.Actor = CommandLine
	h.deed(h.BeginContactSync(t.Context(), h.updater, booksync.From{Address: h.server.URL, User: booksynctest.User, Password: booksynctest.Password, AtHome: true}))
	return h
}

func (h inStep) deed(done Done, err error) Done {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
	return done
}

// accept confirms what waits.
func (h inStep) accept() {
	h.Helper()
	k, err := h.BookChanges(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	h.deed(h.AcceptBookChanges(h.Context(), k.Mark()))
}

func (h inStep) check() booksync.Applied {
	h.Helper()
	done, err := h.updater.Check(h.Context(), h.Household)
	if err != nil {
		h.Fatal(err)
	}
	return done
}

// has is the contact of a name; the zero Contact if there is none.
func (h inStep) has(name string) store.Contact {
	h.Helper()
	found, err := h.contactsNamed(h.Context(), name)
	if err != nil {
		h.Fatal(err)
	}
	if len(found) == 0 {
		return store.Contact{}
	}
	return found[0]
}

// Nothing changes before an owner has confirmed it, and then as it was shown; from then on contacts follow.
func TestContactsFollowAnAddressBook(t *testing.T) {
	t.Parallel()
	h := newInStep(t)
	if h.check(); h.has("Cousin 00").ID != 0 {
		t.Error("a contact was made that nobody has confirmed")
	}
	if _, err := h.AcceptBookChanges(t.Context(), "another"); err == nil {
		t.Error("something else was confirmed than what was shown")
	}
	h.accept()
	if c := h.has("Cousin 07"); c.Book != store.FollowsBook || c.Numbers[0] != "+441214960107" {
		t.Errorf("%+v", c)
	}
	h.server.Put("Family", "Cousin 07", "0121 496 0207")
	h.server.Put("Family", "Niece", "0121 496 0299")
	h.server.Delete("Family", "Cousin 03")
	if done := h.check(); done.Held || len(done.New) != 1 || len(done.Changed) != 1 || len(done.Gone) != 1 {
		t.Errorf("%+v", done)
	}
	if h.has("Cousin 03").ID != 0 || h.has("Niece").ID == 0 || h.has("Cousin 07").Numbers[0] != "+441214960207" {
		t.Error("the contacts do not follow")
	}
	lines, err := h.Store.AuditLog(t.Context(), h.Household, 0, 1)
	if err != nil || len(lines) != 1 || lines[0].By != store.ByAddressBook || lines[0].Before != "removed: Cousin 03" || lines[0].After != "new: Niece; changed: Cousin 07" {
		t.Errorf("%+v %v", lines, err)
	}
	if done := h.check(); !done.Nothing() {
		t.Errorf("%+v", done)
	}
}

// What somebody has made, changed or removed here stays, whatever the address book has.
func TestContactsByHandStay(t *testing.T) {
	t.Parallel()
	h := newInStep(t)
	h.server.Put("Family", "My daughter", string(daughter))
	h.check()
	h.accept()
	if c, _, err := h.Store.ContactByNumber(t.Context(), h.Household, daughter); err != nil || c.Name != "Daughter" || c.Book != store.NotOfBook {
		t.Errorf("%+v %v", c, err)
	}
	changed := h.has("Cousin 01")
	changed.Notes = "rings on Sundays"
	h.deed(h.SaveContact(t.Context(), changed, "", false))
	h.deed(h.RemoveContactNamed(t.Context(), "Cousin 02"))
	removed := h.deed(h.RemoveContactNamed(t.Context(), "Cousin 04"))
	h.deed(h.AddBlock(t.Context(), BlockRequest{Number: "0121 496 0105", EvenContact: true, Sure: true}))
	for _, one := range []string{"Cousin 01", "Cousin 02"} {
		h.server.Put("Family", one, "0121 496 0301")
	}
	h.check()
	if c := h.has("Cousin 01"); c.Notes != "rings on Sundays" || c.Numbers[0] != "+441214960101" || c.Book != store.LeftByBook {
		t.Errorf("%+v", c)
	}
	for _, one := range []string{"Cousin 02", "Cousin 05"} {
		if h.has(one).ID != 0 {
			t.Errorf("%s is back", one)
		}
	}
	h.server.Delete("Family", "Cousin 01")
	h.check()
	if c := h.has("Cousin 01"); c.Notes != "rings on Sundays" || c.Book != store.NotOfBook {
		t.Errorf("the address book has dropped it: %+v", c)
	}
	// Whoever undoes a removal has it follow again.
	h.deed(h.Undo(t.Context(), removed.Line))
	if c := h.has("Cousin 04"); c.Book != store.FollowsBook {
		t.Errorf("%+v", c)
	}
}

// More than a tenth that goes waits for somebody, who is told once.
func TestJumpOfAnAddressBookWaits(t *testing.T) {
	t.Parallel()
	h := newInStep(t)
	h.accept()
	h.server.Delete("Family", "Cousin 00", "Cousin 01", "Cousin 02")
	for range 2 {
		if done := h.check(); !done.Held {
			t.Errorf("%+v", done)
		}
	}
	if h.has("Cousin 01").ID == 0 {
		t.Error("it has not waited")
	}
	notices, err := h.Store.Notices(t.Context(), h.Household, 10)
	told := 0
	for _, n := range notices {
		if strings.Contains(n.Text, "more than a tenth") {
			told++
		}
	}
	if err != nil || told != 1 {
		t.Errorf("told %d times: %+v %v", told, notices, err)
	}
	h.accept()
	if h.has("Cousin 01").ID != 0 {
		t.Error("it was confirmed")
	}
	h.server.Delete("Family", "Cousin 03", "Cousin 04", "Cousin 05")
	h.check()
	for _, one := range []string{"Cousin 03", "Cousin 04", "Cousin 05"} { // they are back before anybody has looked
		h.server.Put("Family", one, "0121 496 01"+one[len(one)-2:])
	}
	h.check()
	if sync, err := h.Store.ContactSync(t.Context(), h.Household); err != nil || !sync.Held.IsZero() {
		t.Errorf("%+v %v", sync, err)
	}
}

// Stopping asks what happens to the contacts, and forgets the password.
func TestEndOfContactSync(t *testing.T) {
	t.Parallel()
	for _, remove := range []bool{false, true} {
		h := newInStep(t)
		h.accept()
		changed := h.has("Cousin 01")
		changed.Notes = "rings on Sundays"
		h.deed(h.SaveContact(t.Context(), changed, "", false))
		done := h.deed(h.EndContactSync(t.Context(), remove))
		if c := h.has("Cousin 02"); (c.ID == 0) != remove || c.Book != store.NotOfBook {
			t.Errorf("remove %v: %+v", remove, c)
		}
		if h.has("Cousin 01").ID == 0 || h.has("Daughter").ID == 0 {
			t.Error("one of our own is gone")
		}
		if _, err := h.Store.ContactSyncPassword(t.Context(), h.Household); !errors.Is(err, store.ErrNoContactSync) {
			t.Error(err)
		}
		if remove {
			if h.deed(h.Undo(t.Context(), done.Line)); h.has("Cousin 02").ID == 0 {
				t.Error("the undo has not brought them back")
			}
		}
	}
}

// What is done already is not done again, and leaves no second line in the audit log.
func TestContactSyncTwice(t *testing.T) {
	t.Parallel()
	h := newInStep(t)
	twice := func(word Word, again func() error) {
		t.Helper()
		if line := lastLine(t, h.Admin); line.What != string(word) {
			t.Fatalf("%+v", line)
		}
		lines, err := h.Store.AuditLog(t.Context(), h.Household, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		if refusal := (*Refusal)(nil); again() != nil && !errors.As(again(), &refusal) {
			t.Errorf("%s: %v", word, again())
		}
		if after, err := h.Store.AuditLog(t.Context(), h.Household, 0, 100); err != nil || len(after) != len(lines) {
			t.Errorf("%s: %+v %v", word, after, err)
		}
	}
	from := booksync.From{Address: h.server.URL, User: booksynctest.User, Password: booksynctest.Password, AtHome: true}
	twice(ContactSyncBegun, func() error { _, err := h.BeginContactSync(t.Context(), h.updater, from); return err })
	k, err := h.BookChanges(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.deed(h.AcceptBookChanges(t.Context(), k.Mark()))
	twice(ContactsSynced, func() error { _, err := h.AcceptBookChanges(t.Context(), k.Mark()); return err })
	h.deed(h.EndContactSync(t.Context(), false))
	twice(ContactSyncEnded, func() error { _, err := h.EndContactSync(t.Context(), false); return err })
}

// Only owners decide who always rings, and nothing in the audit log has the password.
func TestContactSyncIsForOwners(t *testing.T) {
	t.Parallel()
	h := newInStep(t)
	carer := h.Admin
	carer.Actor = Actor{Name: "Ben", Way: store.WayPage, Role: store.RoleCarer}
	for name, deed := range map[string]func() error{
		"begin":    func() error { _, err := carer.BeginContactSync(t.Context(), h.updater, booksync.From{}); return err },
		"accept":   func() error { _, err := carer.AcceptBookChanges(t.Context(), ""); return err },
		"password": func() error { _, err := carer.SetContactSyncPassword(t.Context(), h.updater, "", "x"); return err },
		"end":      func() error { _, err := carer.EndContactSync(t.Context(), true); return err },
	} {
		if refusal := (*Refusal)(nil); !errors.As(deed(), &refusal) || refusal.Kind != NotAllowed {
			t.Errorf("%s is not refused", name)
		}
	}
	h.deed(h.SetContactSyncPassword(t.Context(), h.updater, "ben", booksynctest.Password))
	lines, err := h.Store.AuditLog(t.Context(), h.Household, 0, 100)
	if err != nil || strings.Contains(fmt.Sprintf("%+v", lines), booksynctest.Password) {
		t.Errorf("%+v %v", lines, err)
	}
}
