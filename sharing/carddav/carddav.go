// Package carddav serves the numbers of a household's lists as a read-only address book (RFC 6352), to a FRITZ!Box or a mobile telephone that then shows "Scam" when
// such a number rings, or blocks it. Such devices accept a few hundred people at most, so whoever makes the book chooses the surest numbers.
//
// Who may read it is decided before a request comes here. Only read requests are answered.
package carddav

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/emersion/go-vcard"
	"github.com/emersion/go-webdav"
	"github.com/emersion/go-webdav/carddav"

	"ringfence/sharing/forms"
	"ringfence/store/lists"
)

// MaxRequest is how large a request may be, in bytes. It may name every number.
const MaxRequest = 1 << 20

// Methods are those that are answered.
func Methods() []string { return []string{"PROPFIND", "REPORT", http.MethodGet, http.MethodOptions} } // and HEAD, with GET

// Book is an address book.
type Book struct {
	Root    string // the beginning of its address, such as "/carddav/"
	Owner   string // whose lists it is made of: part of the address, decoded
	Title   string // what a device shows
	Region  string
	Numbers []lists.Entry // no prefixes
}

// Path is the address of the book itself, for devices that cannot find it from Root.
func (b Book) Path() string { return b.home() + "scams/" }

func (b Book) principal() string { return b.Root + b.Owner + "/" }
func (b Book) home() string      { return b.principal() + "books/" }

// Handler answers requests for the book.
func Handler(b Book) http.Handler {
	library := &carddav.Handler{Backend: shelf{b}, Prefix: strings.TrimSuffix(b.Root, "/")}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodOptions: // the library would claim more
			w.Header().Set("DAV", "1, 3, addressbook")
			w.Header().Set("Allow", strings.Join(append(Methods(), http.MethodHead), ", "))
			w.WriteHeader(http.StatusNoContent)
		case "PROPFIND", "REPORT", http.MethodGet, http.MethodHead:
			if b.has(r) {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, MaxRequest)
			library.ServeHTTP(w, r)
		default:
			w.Header().Set("Allow", strings.Join(append(Methods(), http.MethodHead), ", "))
			http.Error(w, "This address book can only be read.", http.StatusMethodNotAllowed)
		}
	})
}

// has says whether a device already has the present version of a number it asks for (RFC 9110, section 13.1.2), which the library does not check.
func (b Book) has(r *http.Request) bool {
	known := r.Header.Get("If-None-Match")
	if known == "" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	object, err := shelf{b}.GetAddressObject(r.Context(), r.URL.Path, nil)
	if err != nil {
		return false
	}
	for one := range strings.SplitSeq(known, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == "*" || one == strconv.Quote(object.ETag) {
			return true
		}
	}
	return false
}

// shelf implements the library's backend for the book.
type shelf struct{ book Book }

var (
	errNotFound = webdav.NewHTTPError(http.StatusNotFound, errors.New("there is nothing at this address"))
	errReadOnly = webdav.NewHTTPError(http.StatusForbidden, errors.New("this address book can only be read"))
)

func (s shelf) CurrentUserPrincipal(context.Context) (string, error)   { return s.book.principal(), nil }
func (s shelf) AddressBookHomeSetPath(context.Context) (string, error) { return s.book.home(), nil }

func (s shelf) about() carddav.AddressBook {
	return carddav.AddressBook{Path: s.book.Path(), Name: s.book.Title, Description: "The numbers of which the lists are surest. It can only be read."}
}

func (s shelf) ListAddressBooks(context.Context) ([]carddav.AddressBook, error) {
	return []carddav.AddressBook{s.about()}, nil
}

func (s shelf) GetAddressBook(_ context.Context, path string) (*carddav.AddressBook, error) {
	if path = strings.TrimSuffix(path, "/") + "/"; path != s.book.Path() {
		return nil, errNotFound
	}
	about := s.about()
	return &about, nil
}

func (s shelf) GetAddressObject(_ context.Context, path string, _ *carddav.AddressDataRequest) (*carddav.AddressObject, error) {
	name, here := strings.CutPrefix(path, s.book.Path())
	digits, card := strings.CutSuffix(name, ending)
	if here && card {
		for _, e := range s.book.Numbers {
			if e.Digits == digits {
				object := s.object(e)
				return &object, nil
			}
		}
	}
	return nil, errNotFound
}

func (s shelf) ListAddressObjects(context.Context, string, *carddav.AddressDataRequest) ([]carddav.AddressObject, error) {
	all := make([]carddav.AddressObject, 0, len(s.book.Numbers))
	for _, e := range s.book.Numbers {
		all = append(all, s.object(e))
	}
	return all, nil
}

func (s shelf) QueryAddressObjects(ctx context.Context, path string, query *carddav.AddressBookQuery) ([]carddav.AddressObject, error) {
	if _, err := s.GetAddressBook(ctx, path); err != nil {
		return nil, err
	}
	all, err := s.ListAddressObjects(ctx, path, &query.DataRequest)
	if err != nil {
		return nil, err
	}
	asked := *query
	if len(asked.PropFilters) == 0 { // it means all (RFC 6352, section 10.5), but the library takes it for none
		asked.FilterTest = carddav.FilterAllOf
	}
	return carddav.Filter(&asked, all)
}

func (s shelf) CreateAddressBook(context.Context, *carddav.AddressBook) error { return errReadOnly }
func (s shelf) DeleteAddressBook(context.Context, string) error               { return errReadOnly }
func (s shelf) DeleteAddressObject(context.Context, string) error             { return errReadOnly }

func (s shelf) PutAddressObject(context.Context, string, vcard.Card, *carddav.PutAddressObjectOptions) (*carddav.AddressObject, error) {
	return nil, errReadOnly
}

// ending is the end of a card's address.
const ending = ".vcf"

// object is one number of the book. It keeps its address and its UID, and gets another ETag when its contents change.
func (s shelf) object(e lists.Entry) carddav.AddressObject {
	contact := forms.Card(e, s.book.Region)
	// The library does not escape semicolons, which separate the parts of a name (RFC 6350, section 6.2.2).
	name := strings.ReplaceAll(contact.Name, ";", ",")
	card := vcard.Card{}
	card.SetValue(vcard.FieldVersion, "3.0")
	card.SetValue(vcard.FieldUID, "ringfence-"+e.Digits)
	card.SetValue(vcard.FieldFormattedName, name)
	card.SetValue(vcard.FieldName, ";"+name+";;;")
	card.SetValue(vcard.FieldNote, strings.ReplaceAll(contact.Notes, ";", ","))
	for _, n := range contact.Numbers {
		card.Add(vcard.FieldTelephone, &vcard.Field{Value: string(n), Params: vcard.Params{vcard.ParamType: {"VOICE"}}})
	}
	hash := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", name, contact.Notes, contact.Numbers))
	return carddav.AddressObject{Path: s.book.Path() + e.Digits + ending, ETag: base64.RawURLEncoding.EncodeToString(hash[:12]), Card: card}
}
