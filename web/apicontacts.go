package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

func (s apiHandlers) apiContactRoutes() []route {
	return []route{
		{"GET /api/v1/households/{household}/contacts", see, s.apiContacts},
		{"POST /api/v1/households/{household}/contacts", change, s.apiAddContact},
		{"GET /api/v1/households/{household}/contacts/{contact}", see, s.apiOneContact},
		{"PUT /api/v1/households/{household}/contacts/{contact}", change, s.apiPutContact},
		{"DELETE /api/v1/households/{household}/contacts/{contact}", change, s.apiRemoveContact},
	}
}

// apiContact is a contact. Its pass code is left out: it lets people through, and a program that only reads needs none.
type apiContact struct {
	ID       int64              `json:"id"`
	Name     string             `json:"name"`
	Numbers  []screening.Number `json:"numbers"`
	Language string             `json:"language"`
	Notes    string             `json:"notes"`
	Added    *time.Time         `json:"added,omitempty"`
}

func contactAPI(c store.Contact) apiContact {
	return apiContact{c.ID, c.Name, list(c.Numbers), c.Language, c.Notes, moment(c.Added)}
}

func (s apiHandlers) apiContacts(w http.ResponseWriter, r *http.Request, v *visit) error {
	contacts, err := s.Store.Contacts(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	all := []apiContact{}
	for _, c := range contacts {
		all = append(all, contactAPI(c))
	}
	return s.give(w, http.StatusOK, all)
}

// contactAt is the contact that an address names.
func (s apiHandlers) contactAt(r *http.Request, v *visit) (store.Contact, error) {
	id, err := number(r, "contact")
	if err != nil {
		return store.Contact{}, err
	}
	c, err := s.Store.Contact(r.Context(), v.Household.Name, id)
	if errors.Is(err, store.ErrNoContact) {
		err = errNoAddress
	}
	return c, err
}

func (s apiHandlers) apiOneContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.contactAt(r, v)
	if err != nil {
		return err
	}
	return s.giveContact(w, http.StatusOK, c)
}

// tag is a contact's entity tag. It leaves the pass code out: who knows all else of a contact could try out which code makes the tag.
func tag(c store.Contact) string {
	c.PassCode.Code = ""
	return `"` + household.Mark(c) + `"`
}

func (s apiHandlers) giveContact(w http.ResponseWriter, status int, c store.Contact) error {
	w.Header().Set("ETag", tag(c))
	return s.give(w, status, contactAPI(c))
}

// unchanged refuses what a program sends about another state of a contact than the present one, where it says which it means (If-Match,
// RFC 9110, section 13.1.1): it would take away what a carer has saved meanwhile.
func unchanged(r *http.Request, now store.Contact) error {
	meant := r.Header.Values("If-Match")
	if len(meant) == 0 {
		return nil
	}
	for one := range strings.SplitSeq(strings.Join(meant, ","), ",") {
		if one = strings.TrimSpace(one); one == "*" || one == tag(now) {
			return nil
		}
	}
	return fault{http.StatusPreconditionFailed, "The contact has been changed meanwhile: get it once more, and send what it is to be."}
}

// sentContact is a contact as a program sends it. Numbers may be written in any way.
type sentContact struct {
	Name     string   `json:"name"`
	Numbers  []string `json:"numbers"`
	Language string   `json:"language"`
	Notes    string   `json:"notes"`
	EvenSo   bool     `json:"even_so"`
}

// saveContactOf saves what a program has sent over before, which is the zero Contact for a new one.
func (s apiHandlers) saveContactOf(w http.ResponseWriter, r *http.Request, v *visit, status int, before store.Contact) error {
	var sent sentContact
	if err := take(r, &sent); err != nil {
		return err
	}
	a, c := s.admin(v), before
	c.Name, c.Language, c.Notes, c.Numbers = sent.Name, sent.Language, sent.Notes, nil
	for _, written := range sent.Numbers {
		n, err := a.ReadContactNumber(written)
		if err != nil {
			return err
		}
		c.Numbers = append(c.Numbers, n)
	}
	seen := ""
	if before.ID != 0 {
		seen = household.Mark(before)
	}
	done, err := a.SaveContact(r.Context(), c, seen, sent.EvenSo)
	if why, notSure, _ := refusalOf(err); notSure {
		return fault{http.StatusConflict, why + " Send even_so to save it all the same."}
	}
	if err != nil {
		return err
	}
	saved, err := s.Store.Contact(r.Context(), v.Household.Name, done.ID)
	if errors.Is(err, store.ErrNoContact) {
		err = errNoAddress
	}
	if err != nil {
		return err
	}
	return s.giveContact(w, status, saved)
}

func (s apiHandlers) apiAddContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.saveContactOf(w, r, v, http.StatusCreated, store.Contact{})
}

func (s apiHandlers) apiPutContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	before, err := s.contactAt(r, v)
	if err == nil {
		err = unchanged(r, before)
	}
	if err != nil {
		return err
	}
	return s.saveContactOf(w, r, v, http.StatusOK, before)
}

func (s apiHandlers) apiRemoveContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	before, err := s.contactAt(r, v)
	if err == nil {
		err = unchanged(r, before)
	}
	if err == nil {
		_, err = s.admin(v).RemoveContact(r.Context(), before.ID, household.Mark(before))
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
