package booksync

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/icholy/digest"
	"golang.org/x/net/publicsuffix"

	"ringfence/sharing/fetch"
	"ringfence/sharing/filekind"
)

const (
	maxAnswer    = 16 << 20 // bytes; fifty cards with photographs have some MB
	maxRedirects = 5
)

// session asks one server in the name of one user.
type session struct {
	*Updater
	start          *url.URL // what was named
	bare           bool     // only a domain was named
	user, password string
	atHome         bool

	challenge *digest.Challenge // nil: Basic (RFC 7617)
	count     int
}

// session reads an address as somebody has written it.
func (u *Updater) session(from From) (*session, error) {
	s := &session{Updater: u, user: strings.TrimSpace(from.User), password: strings.TrimRight(from.Password, "\r\n"), atHome: from.AtHome}
	address := strings.TrimSpace(from.Address)
	if name, domain, isMail := strings.Cut(address, "@"); isMail && !strings.ContainsAny(address, "/:") {
		address = domain
		if s.user == "" && name != "" {
			s.user = from.Address
		}
	}
	s.bare = !strings.ContainsAny(address, "/:")
	if scheme, rest, found := strings.Cut(address, "://"); !found {
		address = "https://" + address
	} else if strings.EqualFold(scheme, "carddav") || strings.EqualFold(scheme, "carddavs") || strings.EqualFold(scheme, "davs") {
		address = "https://" + rest
	}
	if fetch.Check(address) != nil {
		return nil, errAddress
	}
	start, err := url.Parse(address)
	if err != nil || !strings.ContainsAny(start.Hostname(), ".:") && !from.AtHome { // a word is no server on the internet
		return nil, errAddress
	}
	start.Fragment, start.RawFragment, start.RawQuery = "", "", ""
	if s.user == "" || s.password == "" {
		return nil, errNoUser
	}
	if start.Scheme != "https" && !from.AtHome {
		return nil, errPlain
	}
	s.start = start
	return s, nil
}

func (s *session) client(to *url.URL) *http.Client {
	switch {
	case to.Scheme != "https":
		return s.home
	case s.atHome:
		return s.network
	default:
		return s.internet
	}
}

// sameOwner says whether an address is of the same server as another, or of another server of the same owner: both encrypted, in the same domain that somebody
// has registered. iCloud has its address books on such servers.
func sameOwner(a, b *url.URL) bool {
	if a.Scheme == b.Scheme && hostPort(a) == hostPort(b) {
		return true
	}
	if a.Scheme != "https" || b.Scheme != "https" {
		return false
	}
	for _, one := range []*url.URL{a, b} {
		if _, err := netip.ParseAddr(one.Hostname()); err == nil {
			return false
		}
	}
	first, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(a.Hostname()))
	if err != nil {
		return false
	}
	second, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(b.Hostname()))
	return err == nil && first == second
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// request is a question to the server.
type request struct {
	method string // PROPFIND or REPORT
	depth  string
	body   string
	// open asks without the password, and so may be sent on to other servers.
	open bool
}

// ask asks, and reads the answer. It returns the address that has answered.
func (s *session) ask(ctx context.Context, at *url.URL, r request) (multistatus, *url.URL, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.Within, fetch.ErrTime)
	defer cancel()
	for range maxRedirects + 1 {
		response, err := s.send(ctx, at, r)
		if err != nil {
			return multistatus{}, at, ofNetwork(ctx, at.Host, err)
		}
		next, err := redirected(at, response, r.open)
		if next == nil && err == nil {
			all, err := s.read(ctx, at, response)
			return all, at, err
		}
		_ = response.Body.Close() // nothing of it is read
		if err != nil {
			return multistatus{}, at, err
		}
		at = next
	}
	return multistatus{}, at, failf("%s sends whoever asks from one address to the next without end.", at.Host)
}

// redirected is where an answer leads; nil if it is an answer. Where a password was sent, it only leads to the same server.
func redirected(at *url.URL, response *http.Response, open bool) (*url.URL, error) {
	switch response.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	next, err := response.Location()
	if err != nil || fetch.Check(next.String()) != nil {
		return nil, errNoServer
	}
	same := hostPort(next) == hostPort(at) && next.Scheme == at.Scheme
	switch {
	case at.Scheme == "https" && next.Scheme != "https":
		return nil, failf("%s leads to an address without encryption, where anybody could read the password.", at.Host)
	case !same && !(open && sameOwner(at, next)):
		return nil, elsewhere(next)
	}
	return next, nil
}

// send sends a request, with the password in the way that the server wants it.
func (s *session) send(ctx context.Context, at *url.URL, r request) (*http.Response, error) {
	for again := false; ; again = true {
		request, err := http.NewRequestWithContext(ctx, r.method, at.String(), strings.NewReader(r.body))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", `application/xml; charset="utf-8"`)
		request.Header.Set("Accept", "application/xml, text/xml")
		request.Header.Set("User-Agent", s.Agent)
		request.Header.Set("Depth", r.depth)
		if !r.open {
			if err := s.sign(request); err != nil {
				return nil, err
			}
		}
		response, err := s.client(at).Do(request)
		if err != nil || response.StatusCode != http.StatusUnauthorized || r.open || again {
			return response, err
		}
		challenge, err := digest.FindChallenge(response.Header)
		if err != nil || !digest.CanDigest(challenge) {
			return response, nil
		}
		_ = response.Body.Close() // nothing of it is read
		s.challenge, s.count = challenge, 0
	}
}

func (s *session) sign(request *http.Request) error {
	if s.challenge == nil {
		request.SetBasicAuth(s.user, s.password)
		return nil
	}
	s.count++
	proof, err := digest.Digest(s.challenge, digest.Options{
		Method: request.Method, URI: request.URL.RequestURI(), GetBody: request.GetBody, Count: s.count, Username: s.user, Password: s.password,
	})
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", proof.String())
	return nil
}

// read reads an answer to its end.
func (s *session) read(ctx context.Context, at *url.URL, response *http.Response) (all multistatus, err error) {
	defer func() { _ = response.Body.Close() }() // only read
	limited := &io.LimitedReader{R: response.Body, N: maxAnswer + 1}
	text, err := io.ReadAll(limited)
	switch {
	case response.StatusCode != http.StatusMultiStatus && response.StatusCode != http.StatusOK:
		return all, ofStatus(response)
	case limited.N <= 0:
		return all, errTooLarge
	case err != nil:
		return all, ofBody(ctx, at.Host, err)
	case filekind.Of(text[:min(len(text), filekind.Beginning)]) == filekind.WebPage, strings.HasPrefix(response.Header.Get("Content-Type"), "text/html"):
		return all, errWebPage
	case response.StatusCode != http.StatusMultiStatus:
		return all, ofStatus(response)
	}
	if err := xml.NewDecoder(bytes.NewReader(printable(text))).Decode(&all); err != nil {
		var syntax *xml.SyntaxError
		if !errors.As(err, &syntax) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return all, errNoServer // another document
		}
		return all, ofBody(ctx, at.Host, err)
	}
	return all, nil
}

// printable is XML without the control characters that it cannot have and some cards do.
func printable(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			return -1
		}
		return r
	}, text)
}
