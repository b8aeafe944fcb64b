// Package booksynctest is a CardDAV server for tests, on a library's server, that can be told to misbehave.
package booksynctest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-vcard"
	"github.com/emersion/go-webdav"
	"github.com/emersion/go-webdav/carddav"
)

// Who may read the address books.
const (
	User     = "anna@example.org"
	Password = "correct horse 4711"
)

// Server is a CardDAV server.
type Server struct {
	*httptest.Server
	mu    sync.Mutex
	books map[string]map[string]string // the names of books; the cards in them, by their names
	asked []string
	// Instead answers in place of the server if it returns true.
	instead func(w http.ResponseWriter, r *http.Request) bool
}

// Open opens a server with one address book, "Family".
func Open(t *testing.T) *Server {
	t.Helper()
	s := &Server{books: map[string]map[string]string{"Family": {}}}
	s.Server = httptest.NewServer(s.Handler())
	t.Cleanup(s.Close)
	return s
}

// Put puts a card into a book, in place of one of the same name.
func (s *Server) Put(book, name string, numbers ...string) {
	text := "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:" + name + "\r\nFN:" + name + "\r\n"
	for _, n := range numbers {
		text += "TEL;TYPE=HOME:" + n + "\r\n"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.books[book] == nil {
		s.books[book] = map[string]string{}
	}
	s.books[book][name] = text + "END:VCARD\r\n"
}

// Delete deletes cards of a book.
func (s *Server) Delete(book string, names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		delete(s.books[book], name)
	}
}

// Instead has requests answered by f if it returns true; nil: as they should be.
func (s *Server) Instead(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instead = f
}

// Asked are the requests since the last time: their methods and depths.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.asked
	s.asked = nil
	return all
}

// Handler answers as the server does.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, strings.TrimSpace(r.Method+" "+r.Header.Get("Depth")))
		instead := s.instead
		s.mu.Unlock()
		if instead != nil && instead(w, r) {
			return
		}
		if user, password, _ := r.BasicAuth(); user != User || password != Password {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		(&carddav.Handler{Backend: backend{s}}).ServeHTTP(w, r)
	})
}

// backend implements the library's backend. It never writes.
type backend struct{ *Server }

var errReadOnly = webdav.NewHTTPError(http.StatusForbidden, errors.New("Ringfence never writes here"))

func (b backend) CurrentUserPrincipal(context.Context) (string, error)   { return "/anna/", nil }
func (b backend) AddressBookHomeSetPath(context.Context) (string, error) { return "/anna/books/", nil }

func (b backend) ListAddressBooks(context.Context) (all []carddav.AddressBook, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name := range b.books {
		all = append(all, carddav.AddressBook{Path: "/anna/books/" + strings.ToLower(name) + "/", Name: name})
	}
	slices.SortFunc(all, func(a, b carddav.AddressBook) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func (b backend) GetAddressBook(ctx context.Context, path string) (*carddav.AddressBook, error) {
	all, err := b.ListAddressBooks(ctx)
	for _, one := range all {
		if one.Path == path {
			return &one, nil
		}
	}
	return nil, errors.Join(err, webdav.NewHTTPError(http.StatusNotFound, errors.New("no such book")))
}

func (b backend) GetAddressObject(ctx context.Context, path string, _ *carddav.AddressDataRequest) (*carddav.AddressObject, error) {
	all, err := b.ListAddressObjects(ctx, path[:strings.LastIndex(path, "/")+1], nil)
	for _, one := range all {
		if one.Path == path {
			return &one, nil
		}
	}
	return nil, errors.Join(err, webdav.NewHTTPError(http.StatusNotFound, errors.New("no such card")))
}

func (b backend) ListAddressObjects(_ context.Context, path string, _ *carddav.AddressDataRequest) (all []carddav.AddressObject, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for book, cards := range b.books {
		if path != "/anna/books/"+strings.ToLower(book)+"/" {
			continue
		}
		for name, text := range cards {
			card, err := vcard.NewDecoder(strings.NewReader(text)).Decode()
			if err != nil {
				return nil, err
			}
			sum := sha256.Sum256([]byte(text))
			all = append(all, carddav.AddressObject{Path: path + fileOf(name), ETag: hex.EncodeToString(sum[:8]), Card: card})
		}
	}
	slices.SortFunc(all, func(a, b carddav.AddressObject) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// fileOf is a file for a card of any name.
func fileOf(name string) string {
	if plain := strings.ReplaceAll(strings.ToLower(name), " ", "-"); strings.Trim(plain, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" {
		return plain + ".vcf"
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:8]) + ".vcf"
}

func (b backend) QueryAddressObjects(ctx context.Context, path string, _ *carddav.AddressBookQuery) ([]carddav.AddressObject, error) {
	return b.ListAddressObjects(ctx, path, nil)
}

func (b backend) CreateAddressBook(context.Context, *carddav.AddressBook) error { return errReadOnly }
func (b backend) DeleteAddressBook(context.Context, string) error               { return errReadOnly }
func (b backend) DeleteAddressObject(context.Context, string) error             { return errReadOnly }

func (b backend) PutAddressObject(context.Context, string, vcard.Card, *carddav.PutAddressObjectOptions) (*carddav.AddressObject, error) {
	return nil, errReadOnly
}
