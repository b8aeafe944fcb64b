package booksync

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"ringfence/screening"
)

// wellKnown is where a server says where its address books are (RFC 6764, section 5).
const wellKnown = "/.well-known/carddav"

// maxBooks is how many address books are looked at; nobody has as many.
const maxBooks = 200

// look finds the address books of a user.
func (u *Updater) look(ctx context.Context, from From) ([]Book, *session, error) {
	s, err := u.session(from)
	if err != nil {
		return nil, nil, err
	}
	places, err := s.places(ctx)
	for _, at := range places {
		found, failed := s.booksAt(ctx, at)
		if failed == nil {
			return found, s, nil
		}
		if isFinal(failed) || ctx.Err() != nil {
			return nil, s, failed
		}
		if err == nil {
			err = failed
		}
	}
	return nil, s, err
}

// isFinal says that it makes no sense to ask the same server at other addresses: it would say so again, or nothing.
func isFinal(err error) bool {
	var failure *Failure
	return errors.As(err, &failure) && (failure.Password || failure.Network)
}

// places are the addresses at which a server is asked, one after the other: what was named; where it leads by itself; and where Nextcloud and Baikal have theirs,
// for whoever names the address that stands in the browser.
//
// The error is why the server does not lead to itself; it is what people are told if there is nothing at any place.
func (s *session) places(ctx context.Context) (once []*url.URL, err error) {
	var all []*url.URL
	named := strings.TrimSuffix(s.start.Path, "/")
	if named != "" {
		all = append(all, s.start)
	}
	to, err := s.leads(ctx)
	if to != nil {
		all = append(all, to)
	}
	if isFinal(err) {
		return all, err
	}
	for _, folder := range []string{"/", "/remote.php/dav/", "/dav.php/"} {
		for _, under := range []string{named, ""} {
			to := *s.start
			if to.Path = under + folder; under != "" || named == "" || folder == "/" {
				to.RawPath = ""
				all = append(all, &to)
			}
		}
	}
	seen := map[string]bool{}
	for _, at := range all {
		if !seen[at.String()] {
			seen[at.String()], once = true, append(once, at)
		}
	}
	return once, err
}

// leads is the address to which a server, or the domain, leads by itself; nil if to none. The password is not sent for that.
func (s *session) leads(ctx context.Context) (*url.URL, error) {
	at := &url.URL{Scheme: s.start.Scheme, Host: s.start.Host, Path: wellKnown}
	_, to, err := s.ask(ctx, at, request{method: "PROPFIND", depth: "0", body: askWho, open: true})
	var failure *Failure
	switch is := errors.As(err, &failure); {
	case err == nil, is && failure.Password: // it is there, and wants the password
		return to, nil
	case to.String() != at.String() && !isFinal(err):
		return to, nil
	case is && failure.elsewhere:
		return nil, err
	}
	if s.bare {
		if to := lookUpServer(ctx, s.start); to != nil {
			return to, nil
		}
	}
	if isFinal(err) {
		return nil, err
	}
	return nil, nil
}

// lookUpServer is the server that a domain names (RFC 6764, section 3); nil if it names none of its own.
func lookUpServer(ctx context.Context, domain *url.URL) *url.URL {
	_, found, err := net.DefaultResolver.LookupSRV(ctx, "carddavs", "tcp", domain.Hostname())
	if err != nil || len(found) == 0 {
		return nil
	}
	host := strings.TrimSuffix(found[0].Target, ".")
	if found[0].Port != 443 {
		host = net.JoinHostPort(host, strconv.Itoa(int(found[0].Port)))
	}
	to := &url.URL{Scheme: "https", Host: host, Path: wellKnown}
	if host == "" || !sameOwner(domain, to) {
		return nil
	}
	return to
}

// booksAt finds the address books by what is at an address: one of them, or whoever signs in and where theirs are (RFC 6764, section 6).
func (s *session) booksAt(ctx context.Context, at *url.URL) ([]Book, error) {
	who := request{method: "PROPFIND", depth: "0", body: askWho}
	all, at, err := s.ask(ctx, at, who)
	if err != nil {
		return nil, err
	}
	about, err := one(all)
	if err != nil {
		return nil, err
	}
	if about.Type.AddressBook != nil {
		return []Book{{title(about.Name, at), at.String()}}, nil
	}
	homes := about.Homes.All
	if len(homes) == 0 && len(about.Principal.All) > 0 {
		principal, err := follow(at, about.Principal.All[0])
		if err != nil {
			return nil, err
		}
		if all, at, err = s.ask(ctx, principal, who); err != nil {
			return nil, err
		}
		if about, err = one(all); err != nil {
			return nil, err
		}
		homes = about.Homes.All
	}
	if len(homes) == 0 {
		return nil, errNoServer
	}
	var found []Book
	for _, home := range homes {
		to, err := follow(at, home)
		if err != nil {
			return nil, err
		}
		in, err := s.booksIn(ctx, to)
		if err != nil {
			return nil, err
		}
		found = append(found, in...)
	}
	if len(found) == 0 {
		return nil, errNoBooks
	}
	slices.SortStableFunc(found, func(a, b Book) int { return strings.Compare(a.Title, b.Title) })
	return named(found), nil
}

// one is what an answer about one thing says.
func one(all multistatus) (properties, error) {
	for _, r := range all.Responses {
		if about, ok := r.good(); ok {
			return about, nil
		}
	}
	for _, r := range all.Responses {
		if code := statusOf(r.Status); code != 0 {
			return properties{}, ofStatus(&http.Response{StatusCode: code, Status: r.Status})
		}
	}
	return properties{}, errNoServer
}

// booksIn are the address books in a folder.
func (s *session) booksIn(ctx context.Context, home *url.URL) (found []Book, err error) {
	all, home, err := s.ask(ctx, home, request{method: "PROPFIND", depth: "1", body: askBooks})
	if err != nil {
		return nil, err
	}
	for _, r := range all.Responses {
		about, ok := r.good()
		if !ok || about.Type.AddressBook == nil {
			continue
		}
		at, err := follow(home, r.href())
		if err != nil {
			return nil, err
		}
		if len(found) < maxBooks {
			found = append(found, Book{title(about.Name, at), at.String()})
		}
	}
	return found, nil
}

// title is what an address book is called: its name, or the last part of its address.
func title(name string, at *url.URL) string {
	if name = screening.CleanLine(name, 80); name != "" {
		return name
	}
	return screening.CleanLine(path.Base(strings.TrimSuffix(at.Path, "/")), 80)
}

// named gives address books of the same name names of their own, by which they can be chosen.
func named(books []Book) []Book {
	times := map[string]int{}
	for _, b := range books {
		times[strings.ToLower(b.Title)]++
	}
	for i, b := range books {
		if at, err := url.Parse(b.URL); err == nil && times[strings.ToLower(b.Title)] > 1 {
			books[i].Title += " (" + path.Base(strings.TrimSuffix(at.Path, "/")) + ")"
		}
	}
	return books
}
