package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"ringfence/screening"
	"ringfence/sharing"
	"ringfence/sharing/addressbook"
	"ringfence/sharing/booksync"
	"ringfence/store"
	"ringfence/store/sqlite"
	"ringfence/web/backend"
)

// contactSyncAPI is for keeping contacts in step with an address book.
type contactSyncAPI struct{ *API }

func (a contactSyncAPI) routes() []Route {
	return []Route{
		{"GET " + of + "/contact-sync", backend.Own, a.contactSync},
		{"PUT " + of + "/contact-sync", backend.Own, a.beginContactSync},
		{"DELETE " + of + "/contact-sync", backend.Own, a.endContactSync},
		{"POST " + of + "/contact-sync/accept", backend.Own, a.acceptBookChanges},
		{"POST " + of + "/contact-sync/check", backend.Own, a.checkBook},
		{"PUT " + of + "/contact-sync/password", backend.Own, a.setContactSyncPassword},
	}
}

// contactSyncJSON is how contacts are kept in step with an address book. The password is never shown.
type contactSyncJSON struct {
	Title     string        `json:"title"`
	URL       string        `json:"url"`
	User      string        `json:"user"`
	AtHome    bool          `json:"at_home"`
	Confirmed *time.Time    `json:"confirmed,omitempty"` // nil: nobody has confirmed the first changes
	Checked   *time.Time    `json:"checked,omitempty"`
	Changed   *time.Time    `json:"changed,omitempty"`
	Next      time.Time     `json:"next"`
	Failures  int           `json:"failures"`
	Error     string        `json:"error"`
	Held      *time.Time    `json:"held,omitempty"` // since when changes wait for somebody
	Changes   *bookKeptJSON `json:"changes,omitempty"`
}

// bookKeptJSON is what an address book would change, or has changed.
type bookKeptJSON struct {
	Mark     string        `json:"mark"`
	New      []contactJSON `json:"new"`
	Changed  []contactJSON `json:"changed"` // as they would be
	Removed  []contactJSON `json:"removed"`
	Existing []string      `json:"existing"` // people whose numbers are those of contacts of one's own
	Left     []string      `json:"left"`     // contacts that somebody has changed or removed here
	Remarks  []string      `json:"remarks"`
	Refused  []string      `json:"refused"`
}

func toBookKept(k addressbook.Kept) *bookKeptJSON {
	return &bookKeptJSON{
		Mark: k.Mark(), New: list(k.New, toContact), Changed: list(k.Will(), toContact),
		Removed:  list(k.Gone, func(c store.SyncedContact) contactJSON { return toContact(c.Contact) }),
		Existing: list(k.Existing, func(s addressbook.Step) string { return s.Name }),
		Left:     list(k.Left, func(c store.SyncedContact) string { return c.Was.Name }),
		Remarks:  append([]string{}, k.Remarks...),
		Refused:  list(k.Refused, func(r sharing.Refusal) string { return r.Why }),
	}
}

func (a contactSyncAPI) contactSync(r *http.Request, v *backend.Visitor) (any, error) {
	sync, err := a.Store.ContactSync(r.Context(), v.Household.Name)
	if errors.Is(err, store.ErrNoContactSync) {
		return nil, errNoAddress
	}
	if err != nil {
		return nil, err
	}
	answer := contactSyncJSON{
		Title: sync.Title, URL: sync.URL, User: sync.User, AtHome: sync.AtHome, Confirmed: moment(sync.Confirmed), Checked: moment(sync.Checked),
		Changed: moment(sync.Changed), Next: sync.Next.UTC(), Failures: sync.Failures, Error: sync.Error, Held: moment(sync.Held),
	}
	if !sync.Held.IsZero() {
		k, err := a.Admin(v).BookChanges(r.Context())
		if err != nil {
			return nil, err
		}
		answer.Changes = toBookKept(k)
	}
	return answer, nil
}

// beginContactSync begins it. If there are several address books, the answer names them, and nothing has begun.
func (a contactSyncAPI) beginContactSync(r *http.Request, v *backend.Visitor) (any, error) {
	var sent struct {
		Address  string `json:"address"`
		User     string `json:"user"`
		Password string `json:"password"`
		AtHome   bool   `json:"at_home"`
		Book     string `json:"book"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), backend.LookTime)
	defer cancel()
	_, err := a.Admin(v).BeginContactSync(ctx, a.Books, booksync.From{Address: sent.Address, User: sent.User, Password: sent.Password, AtHome: sent.AtHome, Book: sent.Book})
	if q := (*booksync.Question)(nil); errors.As(err, &q) {
		return nil, backend.RefuseAs(http.StatusConflict, screening.Sentence(q)+" Send it as book.")
	}
	if err != nil {
		return nil, err
	}
	return a.contactSync(r, v)
}

func (a contactSyncAPI) acceptBookChanges(r *http.Request, v *backend.Visitor) (any, error) {
	var sent struct {
		Mark string `json:"mark"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	_, err := a.Admin(v).AcceptBookChanges(r.Context(), sent.Mark)
	return nil, err
}

// checkBook has the server asked now.
func (a contactSyncAPI) checkBook(r *http.Request, v *backend.Visitor) (any, error) {
	ctx, cancel := context.WithTimeout(r.Context(), backend.LookTime)
	defer cancel()
	done, err := a.Books.Check(ctx, v.Household.Name)
	switch {
	case errors.Is(err, store.ErrNoContactSync):
		return nil, errNoAddress
	case sqlite.IsInternal(err):
		return nil, err
	case err != nil:
		return nil, backend.RefuseAs(http.StatusBadGateway, screening.Sentence(err))
	}
	return struct {
		Held    bool `json:"held"`
		New     int  `json:"new"`
		Changed int  `json:"changed"`
		Removed int  `json:"removed"`
	}{done.Held, len(done.New), len(done.Changed), len(done.Gone)}, nil
}

func (a contactSyncAPI) setContactSyncPassword(r *http.Request, v *backend.Visitor) (any, error) {
	var sent struct {
		User     string `json:"user"`
		Password string `json:"password"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	_, err := a.Admin(v).SetContactSyncPassword(r.Context(), a.Books, sent.User, sent.Password)
	return nil, err
}

var errStayOrGo = backend.Refuse("Say in the address what should happen to its contacts: contacts=stay or contacts=go.")

func (a contactSyncAPI) endContactSync(r *http.Request, v *backend.Visitor) (any, error) {
	what := r.URL.Query().Get("contacts")
	if what != "stay" && what != "go" {
		return nil, errStayOrGo
	}
	_, err := a.Admin(v).EndContactSync(r.Context(), what == "go")
	return nil, err
}
