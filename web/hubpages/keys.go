package hubpages

import (
	"errors"
	"net/http"
	"strings"

	"ringfence/sharing/hub"
)

type keysPage struct {
	Keys   []hub.Key
	Asked  string // one pseudonym
	Most   bool   // there may be others
	Reason string // as typed
}

func (s moderatorHandlers) keysPage(r *http.Request, v *visit, asked string) (p keysPage, err error) {
	p.Asked = strings.TrimSpace(asked)
	p.Keys, err = s.Hub.Keys(r.Context(), p.Asked, v.Now)
	p.Most = len(p.Keys) == hub.MostKeys
	return p, err
}

func (s moderatorHandlers) keys(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.keysPage(r, v, r.FormValue("key"))
	if err != nil {
		return err
	}
	return s.show(w, r, v, "keys", "keys", "Households", p)
}

// expel expels a household, or lets it in again.
func (s moderatorHandlers) expel(w http.ResponseWriter, r *http.Request, v *visit) error {
	key, out := r.PostFormValue("key"), r.PostFormValue("what") == "expel"
	err := s.Hub.Expel(r.Context(), key, out, v.Moderator.Name, r.PostFormValue("why"), v.Now)
	var refused *hub.Refused
	if errors.As(err, &refused) {
		p, err := s.keysPage(r, v, key)
		if err != nil {
			return err
		}
		p.Reason = r.PostFormValue("why")
		return s.showAgain(w, r, v, "keys", "keys", "Households", p, refused.Sentence)
	}
	if err != nil {
		return err
	}
	done := "The household may report again, and what it has reported counts"
	if out {
		done = "The household is expelled: none of its reports counts any more, and no more are taken"
	}
	return s.done(w, r, "/moderate/keys", done+". "+fromNext)
}
