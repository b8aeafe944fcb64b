package hubpages

import (
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

func (s moderatorHandlers) keysPage(r *http.Request, v *visitor) (p keysPage, err error) {
	p.Asked, p.Reason = strings.TrimSpace(r.FormValue("key")), r.PostFormValue("why")
	p.Keys, err = s.Hub.Keys(r.Context(), p.Asked, v.Now)
	p.Most = len(p.Keys) == hub.MostKeys
	return p, err
}

func (s moderatorHandlers) keysView() view { return viewOf("keys", "keys", "Households", s.keysPage) }

// expel expels a household, or readmits it.
func (s moderatorHandlers) expel(w http.ResponseWriter, r *http.Request, v *visitor) error {
	key, out := r.PostFormValue("key"), r.PostFormValue("what") == "expel"
	err := s.Hub.Expel(r.Context(), key, out, v.Moderator.Name, r.PostFormValue("why"), v.Now)
	if err != nil {
		return s.again(w, r, v, s.keysView(), err)
	}
	done := "The household may report again, and what it has reported counts"
	if out {
		done = "The household is expelled: its reports no longer count, and it can send no more"
	}
	return s.done(w, r, "/moderate/keys", done+". "+fromNext)
}
