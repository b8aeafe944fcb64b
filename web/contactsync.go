package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/booksync"
	"ringfence/store"
	"ringfence/store/sqlite"
	"ringfence/web/backend"
)

// contactSyncHandlers keep contacts in step with an address book on a server. Only owners may: whoever is in that address book always gets through.
type contactSyncHandlers struct{ contactHandlers }

func (s contactSyncHandlers) routes() []route {
	return []route{
		{"GET /h/{household}/contacts/sync", backend.Own, s.contactSync},
		{"POST /h/{household}/contacts/sync", backend.Own, s.beginContactSync},
		{"POST /h/{household}/contacts/sync/book", backend.Own, s.chooseBook},
		{"POST /h/{household}/contacts/sync/accept", backend.Own, s.do(at("contacts", "sync"), acceptBookChanges)},
		{"POST /h/{household}/contacts/sync/check", backend.Own, s.checkBook},
		{"POST /h/{household}/contacts/sync/password", backend.Own, s.setContactSyncPassword},
		{"POST /h/{household}/contacts/sync/stop", backend.Own, s.do(at("contacts"), endContactSync)},
	}
}

// bookOffer is a server with several address books, one of which somebody has to choose.
type bookOffer struct {
	from  booksync.From
	books []booksync.Book
}

// contactSyncPage is how contacts are kept in step, or the form for beginning that. The password is never shown again.
type contactSyncPage struct {
	Sync    *store.ContactSync // nil: they are not
	State   []household.ListFinding
	Changes *bookKeptPage // nil: none wait
	Follow  int           // contacts that follow the address book
	Left    []contactRow  // that somebody has changed here
	Removed int           // that somebody has removed here
	// The form.
	Address, User string
	AtHome        bool
	Wrong         string
	Offer         string // the key of an offer; "" is none
	Books         []booksync.Book
}

// bookKeptPage is what waits to be confirmed.
type bookKeptPage struct {
	Mark                 string
	People               int
	Words                string
	New, Changed, Gone   []contactRow
	Existing             []string
	Remarks              []string
	Refused              []string
	MoreRefused          int
	NoNumber             int
	First                bool
	MoreNew, MoreChanged int
}

// shownPeople is how many people of each kind a preview names; all are counted.
const shownPeople = 500

const contactSyncTitle = "Keep in step with an address book"

func (s contactSyncHandlers) contactSync(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.syncPage(r.Context(), v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "contact-sync", "contacts", contactSyncTitle, p)
}

func (s contactSyncHandlers) syncPage(ctx context.Context, v *backend.Visitor) (p contactSyncPage, err error) {
	sync, err := s.Store.ContactSync(ctx, v.Household.Name)
	if errors.Is(err, store.ErrNoContactSync) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.Sync, p.User, p.State = &sync, sync.User, household.StateOfContactSync(sync, v.When, v.Coming)
	all, err := s.Store.SyncedContacts(ctx, v.Household.Name)
	if err != nil {
		return p, err
	}
	for _, one := range all {
		switch {
		case one.Removed():
			p.Removed++
		case one.ByHand():
			p.Left = append(p.Left, toContactRow(v, one.Contact))
		default:
			p.Follow++
		}
	}
	if sync.Held.IsZero() {
		return p, nil
	}
	p.Changes, err = s.keptPage(ctx, v, sync)
	return p, err
}

func (s contactSyncHandlers) keptPage(ctx context.Context, v *backend.Visitor, sync store.ContactSync) (*bookKeptPage, error) {
	k, err := s.Admin(v).BookChanges(ctx)
	if err != nil {
		return nil, err
	}
	p := &bookKeptPage{Mark: k.Mark(), People: k.People, Words: k.Words(), NoNumber: k.NoNumber, First: sync.Confirmed.IsZero()}
	for _, c := range k.New[:min(len(k.New), shownPeople)] {
		p.New = append(p.New, toContactRow(v, c))
	}
	p.MoreNew = len(k.New) - len(p.New)
	for _, c := range k.Will()[:min(len(k.Changed), shownPeople)] {
		p.Changed = append(p.Changed, toContactRow(v, c))
	}
	for _, c := range k.Gone[:min(len(k.Gone), shownPeople)] {
		p.Gone = append(p.Gone, toContactRow(v, c.Contact))
	}
	p.MoreChanged = len(k.Changed) - len(p.Changed) + len(k.Gone) - len(p.Gone)
	for _, one := range k.Existing {
		p.Existing = append(p.Existing, one.Name)
	}
	p.Remarks = k.Remarks[:min(len(k.Remarks), shownLines)]
	for _, one := range k.Refused[:min(len(k.Refused), shownLines)] {
		p.Refused = append(p.Refused, one.Why)
	}
	p.MoreRefused = len(k.Refused) - len(p.Refused)
	return p, nil
}

// beginContactSync looks for the address book, and has somebody choose one if there are several.
func (s contactSyncHandlers) beginContactSync(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.begin(w, r, v, booksync.From{
		Address: r.PostFormValue("address"), User: r.PostFormValue("user"), Password: r.PostFormValue("password"), AtHome: r.PostFormValue("at-home") == "yes",
	})
}

// chooseBook begins with the address book that somebody has chosen.
func (s contactSyncHandlers) chooseBook(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	offer, there := s.bookOffers.find(v, r.PostFormValue("offer"))
	if !there {
		return backend.RefuseAs(http.StatusNotFound, "That was too long ago. Fill in the address and the password once more.")
	}
	from := offer.from
	from.Book = r.PostFormValue("book")
	return s.begin(w, r, v, from)
}

func (s contactSyncHandlers) begin(w http.ResponseWriter, r *http.Request, v *backend.Visitor, from booksync.From) error {
	p := contactSyncPage{Address: from.Address, User: from.User, AtHome: from.AtHome}
	if !s.meetings.Allow(strconv.FormatInt(v.Person.ID, 10), v.Now) { // each asks another machine
		p.Wrong = "You have asked for this a few times already: wait a minute."
		return s.showAgain(w, v, "contact-sync", "contacts", contactSyncTitle, p, p.Wrong)
	}
	ctx, cancel := context.WithTimeout(r.Context(), backend.LookTime)
	defer cancel()
	done, err := s.Admin(v).BeginContactSync(ctx, s.Books, from)
	if q := (*booksync.Question)(nil); errors.As(err, &q) {
		p.Offer, p.Books = s.bookOffers.put(v, bookOffer{from, q.Books}), q.Books
		return s.show(w, r, v, "contact-sync", "contacts", contactSyncTitle, p)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = backend.Refuse("The server doesn't answer in time. Try again later.")
	}
	if p.Wrong, _, err = backend.RefusalOf(err); err != nil {
		return err
	}
	if p.Wrong != "" {
		return s.showAgain(w, v, "contact-sync", "contacts", contactSyncTitle, p, p.Wrong)
	}
	return s.finish(w, r, v, v.Path("contacts", "sync"), done, nil)
}

func acceptBookChanges(r *http.Request, a household.Admin) (household.Done, error) {
	return a.AcceptBookChanges(r.Context(), r.PostFormValue("mark"))
}

// endContactSync wants to be told what should happen to the contacts.
func endContactSync(r *http.Request, a household.Admin) (household.Done, error) {
	what := r.PostFormValue("contacts")
	if what != "stay" && what != "go" {
		return household.Done{}, backend.Refuse("Choose what should happen to the contacts that came from the address book.")
	}
	return a.EndContactSync(r.Context(), what == "go")
}

// checkBook has the server asked now, and says how that went.
func (s contactSyncHandlers) checkBook(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	to := v.Path("contacts", "sync")
	if !s.meetings.Allow(strconv.FormatInt(v.Person.ID, 10), v.Now) {
		return s.done(w, r, to, "You have asked for this a few times already: wait a minute.", "")
	}
	told, err := s.checkNow(r.Context(), v)
	if err != nil {
		return err
	}
	return s.done(w, r, to, told, "")
}

func (s contactSyncHandlers) checkNow(ctx context.Context, v *backend.Visitor) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, backend.LookTime)
	defer cancel()
	done, err := s.Books.Check(ctx, v.Household.Name)
	switch {
	case errors.Is(err, store.ErrNoContactSync):
		return "", backend.RefuseAs(http.StatusNotFound, "The contacts aren't kept in step with an address book any more.")
	case sqlite.IsInternal(err), errors.Is(err, context.DeadlineExceeded):
		return "The check isn't finished. Ringfence tries again by itself.", nil
	case err != nil:
		return "The check failed: " + screening.Sentence(err) + " The contacts stay as they were.", nil
	case done.Held:
		return "The address book is here. Look at the changes below.", nil
	case done.Nothing():
		return "The contacts are as the address book has them.", nil
	}
	return "The contacts are as the address book has them: " + done.Words() + ".", nil
}

// setContactSyncPassword replaces the password, and has it tried.
func (s contactSyncHandlers) setContactSyncPassword(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if !s.meetings.Allow(strconv.FormatInt(v.Person.ID, 10), v.Now) {
		return backend.Refuse("You have asked for this a few times already: wait a minute.")
	}
	done, err := s.Admin(v).SetContactSyncPassword(r.Context(), s.Books, r.PostFormValue("user"), r.PostFormValue("password"))
	if err != nil {
		return err
	}
	told, err := s.checkNow(r.Context(), v)
	if err != nil {
		return err
	}
	return s.done(w, r, v.Path("contacts", "sync"), done.Sentence+" "+told, "")
}
