package setuppages

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"ringfence/accounts"
	"ringfence/web/gate"
)

const cookieName = "ringfence-setup"

func isOurs(path string) bool   { return path == "/setup" || strings.HasPrefix(path, "/setup/") }
func isStatic(path string) bool { return strings.HasPrefix(path, "/static/") }

// needsCode is false for the page on which the code is typed, and for what it is made of.
func needsCode(path string) bool { return path != "/setup/code" && !isStatic(path) }

// knows tells whether a request comes from somebody who has typed the code.
func (s *Server) knows(r *http.Request) bool {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inside[cookie.Value]
}

func (s *Server) codePage(w http.ResponseWriter, r *http.Request) error {
	if s.knows(r) {
		http.Redirect(w, r, "/setup/", http.StatusSeeOther)
		return nil
	}
	return s.show(w, "code", page{Title: "Set up Ringfence"})
}

func (s *Server) codeTyped(w http.ResponseWriter, r *http.Request) error {
	switch {
	case !s.tries.Allow(accounts.Network(gate.Address(r, 0)), time.Now()):
		return s.codeRefused(w, "That was too fast. Please wait a few seconds, then try again.")
	case subtle.ConstantTimeCompare([]byte(words(r.PostFormValue("code"))), []byte(words(s.Code))) != 1:
		s.Log.Warn("somebody typed a wrong code for the set-up", "address", r.RemoteAddr)
		return s.codeRefused(w, "That isn’t the code. It’s six words, shown on the machine’s console and by `sudo journalctl -u ringfence`.")
	}
	value := rand.Text()
	s.mu.Lock()
	s.inside[value] = true
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: value, Path: "/", HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode}) //nolint:gosec // Secure wherever there is TLS; on loopback there is none
	http.Redirect(w, r, "/setup/", http.StatusSeeOther)
	return nil
}

func (s *Server) codeRefused(w http.ResponseWriter, why string) error {
	return s.show(w, "code", page{Title: "Set up Ringfence", Errors: []string{why}})
}

// words are the words of a code, however somebody has typed them.
func words(code string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(code), func(r rune) bool { return r < 'a' || r > 'z' }), " ")
}
