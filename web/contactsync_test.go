package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/booksync"
	"ringfence/sharing/booksync/booksynctest"
	"ringfence/store"
)

// booksOf keeps the site's contacts in step, with the site's clock.
func (s *site) booksOf(db *store.Store) *booksync.Updater {
	return booksync.New(booksync.Options{Store: db, Now: func() time.Time { return siteNow }, Apply: func(ctx context.Context, name string) (booksync.Applied, error) {
		return household.Admin{Store: db, Household: name, Line: screening.Line{Region: "GB", Number: "+442079460100"}, Actor: household.AddressBookActor, Now: siteNow}.FollowBook(ctx)
	}})
}

// cousinsName is one that a hostile server would like to see run.
const cousinsName = "Cousin " + hostileName

// An owner keeps contacts in step with an address book: chooses one of two, sees what would change, confirms it, and stops.
func TestKeepingInStepInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	server := booksynctest.Open(t)
	server.Put("Family", cousinsName, "020 7946 0321", "07700 900321")
	server.Put("Family", "Police", "999")
	server.Put("Family", "Our own house", "020 7946 0100")
	server.Put("Family", "SCAM do not answer", "020 7946 0322")
	server.Put("Work", "Boss", "020 7946 0323")
	b := s.browse("owner", "/h/mum/contacts")
	b.press("Address book")
	b.press("Keep in step with an address book")
	b.sees("You’ll see who would become a contact before anyone does.")
	b.shot("contact-sync")
	b.axe()
	b.fits()
	b.fill("The server’s address", server.URL)
	b.fill("User name", booksynctest.User)
	b.fill("Password", "wrong")
	b.press("Preview")
	b.sees("Without https anybody on the way could read the password.")
	b.shot("contact-sync-wrong")
	b.press("The server is in our own network")
	b.fill("Password", booksynctest.Password)
	b.press("Preview")
	b.sees("Which address book?")
	b.press("Family")
	b.press("Preview")
	b.sees("Of 4 people in the address book: 1 new, 0 changed, 0 removed.")
	b.sees(cousinsName)
	b.sees("sounds like somebody who is not wanted")
	b.shot("contact-sync-preview")
	b.axe()
	b.fits()
	b.keyboard()
	if _, there := s.contactNamed(cousinsName); there {
		t.Fatal("a preview has changed something")
	}
	b.press("Add these contacts")
	b.sees("1 contact follows the address book. Change them there.")
	b.shot("contact-sync-done")
	b.press("Check now")
	b.sees("The contacts are as the address book has them.")
	b.press("All contacts")
	b.sees("From the address book")
	b.shot("contacts-in-step")
	b.axe()
	b.press("Address book")
	b.press("Keep in step with an address book")
	b.press("They go, except those changed here")
	b.press("Stop")
	b.sees("Removed: 1 contact that came from there.")
}

// What waits is confirmed only as it was shown, and the password is on no page.
func TestContactSyncForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	server := booksynctest.Open(t)
	server.Put("Family", "Cousin", "020 7946 0321")
	c := s.as("owner")
	form := func(password string) []string {
		return []string{"address", server.URL, "user", booksynctest.User, "password", password, "at-home", "yes"}
	}
	if got := c.post("/h/mum/contacts/sync", form("wrong")...); !strings.Contains(got.body, "take this user name and password") {
		t.Error(got.status, got.body)
	}
	c.post("/h/mum/contacts/sync", form(booksynctest.Password)...)
	got := c.get("/h/mum/contacts/sync")
	if !strings.Contains(got.body, "Cousin") || strings.Contains(got.body, booksynctest.Password) {
		t.Error(got.body)
	}
	c.post("/h/mum/contacts/sync/accept", "mark", "another")
	if _, there := s.contactNamed("Cousin"); there {
		t.Error("it was confirmed unseen")
	}
	if got := c.post("/h/mum/contacts/sync/stop"); got.status != http.StatusUnprocessableEntity {
		t.Error(got.status)
	}
}
