package api

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// contactJSON is a contact. Its pass code is left out: it lets people through, and a program that only reads needs none.
type contactJSON struct {
	ID       int64              `json:"id"`
	Name     string             `json:"name"`
	Numbers  []screening.Number `json:"numbers"`
	Language string             `json:"language"`
	Notes    string             `json:"notes"`
	Added    *time.Time         `json:"added,omitempty"`
	Book     store.BookState    `json:"book"` // "": not from the address book that the contacts are kept in step with
}

func toContact(c store.Contact) contactJSON {
	return contactJSON{
		ID: c.ID, Name: c.Name, Numbers: append([]screening.Number{}, c.Numbers...), Language: c.Language, Notes: c.Notes, Added: moment(c.Added), Book: c.Book,
	}
}

func (a *API) contacts(r *http.Request, v *backend.Visitor) (any, error) {
	contacts, err := a.Store.Contacts(r.Context(), v.Household.Name)
	return list(contacts, toContact), err
}

func (a *API) contact(r *http.Request, v *backend.Visitor) (any, error) {
	c, err := a.Contact(r, v)
	return contactReply(http.StatusOK, c), err
}

// tag is a contact's entity tag. It leaves the pass code out: somebody who knows the rest of a contact could find out by trial which code gives the
// tag.
func tag(c store.Contact) string {
	c.PassCode.Code = ""
	return `"` + household.Mark(c) + `"`
}

func contactReply(status int, c store.Contact) reply {
	return reply{status: status, header: "ETag", value: tag(c), body: toContact(c)}
}

// contactToChange is the contact that an address names. If a program says which version of it it means (If-Match, RFC 9110, section 13.1.1), any
// other is refused: what a carer has saved meanwhile would be lost.
func (a *API) contactToChange(r *http.Request, v *backend.Visitor) (store.Contact, error) {
	now, err := a.Contact(r, v)
	meant := r.Header.Values("If-Match")
	if err != nil || len(meant) == 0 {
		return now, err
	}
	for one := range strings.SplitSeq(strings.Join(meant, ","), ",") {
		if one = strings.TrimSpace(one); one == "*" || one == tag(now) {
			return now, nil
		}
	}
	return now, backend.RefuseAs(http.StatusPreconditionFailed, "The contact has been changed meanwhile: get it once more, and send what it is to be.")
}

// saveContact replaces before, which is the zero Contact for a new one, with what a program has sent.
func (a *API) saveContact(r *http.Request, v *backend.Visitor, status int, before store.Contact) (any, error) {
	var sent struct {
		Name     string   `json:"name"`
		Numbers  []string `json:"numbers"` // written in any way
		Language string   `json:"language"`
		Notes    string   `json:"notes"`
		EvenSo   bool     `json:"even_so"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	admin, c := a.Admin(v), before
	c.Name, c.Language, c.Notes, c.Numbers = sent.Name, sent.Language, sent.Notes, nil
	for _, written := range sent.Numbers {
		n, err := admin.ReadContactNumber(written)
		if err != nil {
			return nil, err
		}
		c.Numbers = append(c.Numbers, n)
	}
	seen := ""
	if before.ID != 0 {
		seen = household.Mark(before)
	}
	done, err := admin.SaveContact(r.Context(), c, seen, sent.EvenSo)
	if why, notSure, _ := backend.RefusalOf(err); notSure {
		return nil, backend.RefuseAs(http.StatusConflict, why+" Send even_so to save it all the same.")
	}
	if err != nil {
		return nil, err
	}
	saved, err := a.Store.Contact(r.Context(), v.Household.Name, done.ID)
	if errors.Is(err, store.ErrNoContact) {
		err = errNoAddress
	}
	return contactReply(status, saved), err
}

func (a *API) addContact(r *http.Request, v *backend.Visitor) (any, error) {
	return a.saveContact(r, v, http.StatusCreated, store.Contact{})
}

func (a *API) replaceContact(r *http.Request, v *backend.Visitor) (any, error) {
	before, err := a.contactToChange(r, v)
	if err != nil {
		return nil, err
	}
	return a.saveContact(r, v, http.StatusOK, before)
}

func (a *API) removeContact(r *http.Request, v *backend.Visitor) (any, error) {
	before, err := a.contactToChange(r, v)
	if err == nil {
		_, err = a.Admin(v).RemoveContact(r.Context(), before.ID, household.Mark(before))
	}
	return nil, err
}
