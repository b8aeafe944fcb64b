package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

func (s *Server) apiContactRoutes() []route {
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

func (s *Server) apiContacts(w http.ResponseWriter, r *http.Request, v *visit) error {
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
func (s *Server) contactAt(r *http.Request, v *visit) (store.Contact, error) {
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

func (s *Server) apiOneContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.contactAt(r, v)
	if err != nil {
		return err
	}
	return s.giveContact(w, http.StatusOK, c)
}

// tag is a contact's entity tag. It leaves the pass code out: who knows all else of a contact could try out which code makes the tag.
func tag(c store.Contact) string {
	c.PassCode.Code = ""
	return `"` + markOfContact(c) + `"`
}

func (s *Server) giveContact(w http.ResponseWriter, status int, c store.Contact) error {
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
func (s *Server) saveContactOf(r *http.Request, v *visit, before store.Contact) (store.Contact, error) {
	var sent sentContact
	if err := take(r, &sent); err != nil {
		return store.Contact{}, err
	}
	c := before
	c.Name, c.Language, c.Notes, c.Numbers = sent.Name, sent.Language, sent.Notes, nil
	if c.Language != "" && !slices.ContainsFunc(s.Languages, func(l Language) bool { return l.Code == c.Language }) {
		return c, refused("Nobody can be spoken to in %q here.", c.Language)
	}
	for _, written := range sent.Numbers {
		n, err := screening.ParseNumber(written, v.Household.Region)
		if err != nil {
			return c, refused("%s", sentence(err))
		}
		c.Numbers = append(c.Numbers, n)
	}
	saved, err := s.Store.SaveContact(r.Context(), v.Household.Name, c, sent.EvenSo)
	var collision *store.CollisionError
	switch {
	case errors.As(err, &collision):
		return saved, fault{http.StatusConflict, sentence(err) + " Send even_so to save it all the same."}
	case errors.Is(err, store.ErrNoContact):
		return saved, errNoAddress
	case err != nil:
		return saved, refused("%s", sentence(err))
	}
	return saved, nil
}

func (s *Server) apiAddContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	saved, err := s.saveContactOf(r, v, store.Contact{})
	if err != nil {
		return err
	}
	if err := s.changed(r.Context(), v, "contact-added", saved.Name+" is one of the contacts now, and always rings."); err != nil {
		return err
	}
	return s.giveContact(w, http.StatusCreated, saved)
}

func (s *Server) apiPutContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	before, err := s.contactAt(r, v)
	if err == nil {
		err = unchanged(r, before)
	}
	if err != nil {
		return err
	}
	saved, err := s.saveContactOf(r, v, before)
	if err != nil {
		return err
	}
	if err := s.changed(r.Context(), v, "contact-changed", "The contact "+saved.Name+" is changed."); err != nil {
		return err
	}
	return s.giveContact(w, http.StatusOK, saved)
}

func (s *Server) apiRemoveContact(w http.ResponseWriter, r *http.Request, v *visit) error {
	before, err := s.contactAt(r, v)
	if err == nil {
		err = unchanged(r, before)
	}
	if err != nil {
		return err
	}
	removed, err := s.Store.RemoveContactByID(r.Context(), v.Household.Name, before.ID)
	if errors.Is(err, store.ErrNoContact) {
		return errNoAddress
	}
	if err != nil {
		return err
	}
	if err := s.changed(r.Context(), v, "contact-removed", removed.Name+" is no contact any more."); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
