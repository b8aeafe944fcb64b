package app

import (
	"os"
	"path/filepath"
	"testing"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/addressbook"
	"ringfence/sharing/booksync"
	"ringfence/sharing/booksync/booksynctest"
	"ringfence/store"
)

// bookDeeds are those with an address book on a server that contacts are kept in step with.
func bookDeeds(t *testing.T) []deed {
	t.Helper()
	server := booksynctest.Open(t)
	server.Put("Family", "Cousin", "020 7946 0321")
	password := filepath.Join(t.TempDir(), "book.password")
	if err := os.WriteFile(password, []byte(booksynctest.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	mark := addressbook.Kept{ContactSyncChanges: store.ContactSyncChanges{New: []store.Contact{{Name: "Cousin", Numbers: []screening.Number{"+442079460321"}}}}}.Mark()
	inStep := func(h *house) {
		_, err := Admin(h.Settings, h.db, h.name, household.CommandLine).BeginContactSync(h.Context(), h.books, booksync.From{
			Address: server.URL, User: booksynctest.User, Password: booksynctest.Password, AtHome: true,
		})
		h.must(err)
	}
	from := "Family, from " + server.URL + "/anna/books/family/"
	return []deed{
		{name: "keep in step with an address book", methods: "BeginContactSync", word: household.ContactSyncBegun, is: from, final: true, ways: []way{
			page("contacts/sync", form("contacts/sync", "address", server.URL, "user", booksynctest.User, "password", booksynctest.Password, "at-home", "yes")).byOwner(),
			program("PUT contact-sync", `{"address": "`+server.URL+`", "user": "`+booksynctest.User+`", "password": "`+booksynctest.Password+`", "at_home": true}`).byOwner(),
			command("contact", "sync", "begin", server.URL, "--user", booksynctest.User, "--at-home", "--password-file", password),
		}},
		{name: "accept an address book", methods: "AcceptBookChanges", word: household.ContactsSynced, needs: inStep, is: "new: Cousin", final: true, ways: []way{
			page("contacts/sync", form("contacts/sync/accept")).byOwner(),
			program("POST contact-sync/accept", `{"mark": "`+mark+`"}`).byOwner(),
			command("contact", "sync", "accept"),
		}},
		{name: "give an address book's password", methods: "SetContactSyncPassword", word: household.ContactSyncPassword, needs: inStep, was: booksynctest.User, is: booksynctest.User, final: true, ways: []way{
			page("contacts/sync", form("contacts/sync/password", "password", booksynctest.Password)).byOwner(),
			program("PUT contact-sync/password", `{"password": "`+booksynctest.Password+`"}`).byOwner(),
			command("contact", "sync", "password", "--password-file", password),
		}},
		{name: "keep in step no more", methods: "EndContactSync", word: household.ContactSyncEnded, needs: inStep, was: from, final: true, ways: []way{
			page("contacts/sync", form("contacts/sync/stop", "contacts", "stay")).byOwner(),
			program("DELETE contact-sync?contacts=stay", "").byOwner(),
			command("contact", "sync", "stop", "--contacts", "stay"),
		}},
	}
}
