package gate

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

// Sessions are kept in store, with hashed tokens, for as long as life after signing in. The cookie's name is name, with "__Host-" before it if secure says that people
// reach the pages by https. sorry is what somebody sees whose session could not be read or kept.
func Sessions(store scs.Store, name string, life time.Duration, secure bool, log *slog.Logger, sorry string) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.HashTokenInStore = true
	m.Lifetime = life
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
