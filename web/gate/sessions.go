package gate

import (
	"log/slog"
	"net/http"

	"github.com/alexedwards/scs/v2"

	"ringfence/store/people"
)

// Sessions are kept beside the accounts, with hashed tokens, for as long as somebody stays signed in. The cookie's name is name, with "__Host-"
// before it if secure says that people reach the pages by https. sorry is shown if a session could not be read or stored.
func Sessions(p people.People, name string, secure bool, log *slog.Logger, sorry string) *scs.SessionManager {
	m := scs.New()
	m.Store = p.KeptSessions()
	m.HashTokenInStore = true
	m.Lifetime = p.Lasts
	m.Cookie.Name = name
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode // so that a link in one of our messages opens its page
	if secure {
		m.Cookie.Name, m.Cookie.Secure = "__Host-"+name, true
	}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		if r.Context().Err() == nil {
			log.Error("a session could not be read or kept", "err", err)
		}
		http.Error(w, sorry, http.StatusInternalServerError)
	}
	return m
}
