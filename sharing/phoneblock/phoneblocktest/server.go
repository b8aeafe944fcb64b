// Package phoneblocktest has a server on this machine that answers as PhoneBlock's does, for tests.
package phoneblocktest

import (
	"crypto/sha1" //nolint:gosec // it is what PhoneBlock knows numbers by
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Key is the only one that the server takes.
const Key = "pbt_SecretOfTheHousehold1234567890"

// Fault answers instead of the server, if it wants to.
type Fault func(w http.ResponseWriter, r *http.Request) (it bool)

// Server is such a server.
type Server struct {
	URL string
	t   testing.TB

	mu    sync.Mutex
	asked []string
	list  string
	known map[string]string // what is said of a number, by its hash
	fault Fault
}

// New starts a server that stops with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, list: `{"numbers":[],"version":1}`}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	what, known := strings.CutPrefix(r.URL.Path, "/phoneblock/api/")
	s.mu.Lock()
	s.asked = append(s.asked, what+"?"+strings.Replace(r.URL.RawQuery, "format=json", "", 1))
	instead, answer := s.fault, s.list
	if what == "check" {
		if answer = s.known[r.URL.Query().Get("sha1")]; answer == "" {
			answer = `{"phone":"unknown","votes":0,"rating":"A_LEGITIMATE","votesWildcard":0,"whiteListed":false,"blackListed":false,"label":null}`
		}
	}
	s.mu.Unlock()
	switch {
	case !known || what != "blocklist" && what != "check" || r.Method != http.MethodGet:
		http.NotFound(w, r)
	case r.Header.Get("Authorization") != "Bearer "+Key:
		w.Header().Set("WWW-Authenticate", `Basic realm="PhoneBlock", charset="UTF-8"`)
		w.WriteHeader(http.StatusUnauthorized)
	case instead != nil && instead(w, r):
	default:
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}
}

// Lists sets the blocklist, whatever it is asked since; each number is "+4930123456 G_FRAUD 4".
func (s *Server) Lists(version int64, numbers ...string) {
	s.t.Helper()
	var all []string
	for _, n := range numbers {
		var phone, rating string
		var votes int
		if _, err := fmt.Sscan(n, &phone, &rating, &votes); err != nil {
			s.t.Fatal(err)
		}
		all = append(all, fmt.Sprintf(`{"phone":%q,"rating":%q,"votes":%d}`, phone, rating, votes))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list, s.fault = fmt.Sprintf(`{"numbers":[%s],"version":%d}`, strings.Join(all, ","), version), nil
}

// Knows has the server say something of a number.
func (s *Server) Knows(number, rating string, votes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]string{}
	}
	sum := sha1.Sum([]byte(number)) //nolint:gosec // it is what PhoneBlock knows numbers by
	s.known[strings.ToUpper(hex.EncodeToString(sum[:]))] = fmt.Sprintf(
		`{"phone":%q,"votes":%d,"rating":%q,"votesWildcard":0,"whiteListed":false,"blackListed":false,"dateAdded":1704067200000,"lastUpdate":1704153600000,"location":"London"}`,
		number, votes, rating)
}

// Fails has a fault answer from now on.
func (s *Server) Fails(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Answer is a fault that answers with a text.
func Answer(text string) Fault {
	return func(w http.ResponseWriter, _ *http.Request) bool { _, _ = io.WriteString(w, text); return true }
}

// Status is one that answers with a status.
func Status(code int) Fault {
	return func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(code); return true }
}

// Asked is what was asked since the last time: "blocklist?" is the whole list, "blocklist?&since=41" what is new, "check?&sha1=…" a number.
func (s *Server) Asked() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, s.asked = s.asked, nil
	return all
}

// Wants is an error where something else was asked since the last time.
func (s *Server) Wants(asked ...string) {
	s.t.Helper()
	if got := s.Asked(); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", asked) {
		s.t.Errorf("asked %q, not %q", got, asked)
	}
}
