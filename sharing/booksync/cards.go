package booksync

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"ringfence/sharing/addressbook"
	"ringfence/store"
)

const (
	maxCards = addressbook.MaxRows
	atOnce   = 50 // cards in one answer, which may have photographs
	maxHref  = 2000
	maxTag   = 500
)

// changed is what has changed on a server.
type changed struct {
	version string
	cards   []store.SyncedCard // new ones and other ones
	gone    []string           // addresses of cards
}

// changes asks for what has changed since. known are the cards as they were.
func (s *session) changes(ctx context.Context, sync store.ContactSync, known []store.SyncedCard) (got changed, err error) {
	book, err := url.Parse(sync.URL)
	if err != nil {
		return got, errAddress
	}
	if got.version, err = s.version(ctx, book); err != nil {
		return got, err
	}
	if got.version != "" && got.version == sync.Version {
		return got, nil
	}
	tags, err := s.tags(ctx, book)
	if err != nil {
		return got, err
	}
	var wanted []string
	have := map[string]string{}
	for _, c := range known {
		if _, still := tags[c.Href]; !still {
			got.gone = append(got.gone, c.Href)
		}
		have[c.Href] = c.ETag
	}
	for href, tag := range tags {
		if had, there := have[href]; !there || tag == "" || tag != had {
			wanted = append(wanted, href)
		}
	}
	slices.Sort(wanted)
	for some := range slices.Chunk(wanted, atOnce) {
		if err := s.inParts(ctx, book, some, tags, &got); err != nil {
			return got, err
		}
	}
	return got, nil
}

// inParts downloads some cards, in smaller parts if their photographs make an answer too large.
func (s *session) inParts(ctx context.Context, book *url.URL, hrefs []string, tags map[string]string, got *changed) error {
	err := s.cards(ctx, book, hrefs, tags, got)
	if half := len(hrefs) / 2; errors.Is(err, errTooLarge) && half > 0 {
		if err = s.inParts(ctx, book, hrefs[:half], tags, got); err == nil {
			err = s.inParts(ctx, book, hrefs[half:], tags, got)
		}
	}
	return err
}

// version is by what the server tells whether anything in an address book has changed; "" if it does not. Radicale, Nextcloud, Baikal and iCloud have the tag that
// Apple's Calendar Server began with, and the token of RFC 6578.
func (s *session) version(ctx context.Context, book *url.URL) (string, error) {
	all, _, err := s.ask(ctx, book, request{method: "PROPFIND", depth: "0", body: askVersion})
	if err != nil {
		return "", err
	}
	about, err := one(all)
	if err != nil {
		return "", err
	}
	if about.Type.AddressBook == nil {
		return "", failf("There is something else than an address book at this address now. Check it on the server.")
	}
	for _, version := range []string{about.CTag, about.SyncToken} {
		if version = strings.TrimSpace(version); version != "" && len(version) <= maxTag {
			return version, nil
		}
	}
	return "", nil
}

// tags are the ETags of all cards, by their addresses.
func (s *session) tags(ctx context.Context, book *url.URL) (map[string]string, error) {
	all, book, err := s.ask(ctx, book, request{method: "PROPFIND", depth: "1", body: askTags})
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, r := range all.Responses {
		about, ok := r.good()
		switch href := r.href(); {
		case href == "" || len(href) > maxHref:
			return nil, errHalf
		case ok && about.Type.Collection != nil, samePath(book, href):
			// the address book itself, or a folder in it
		case r.missing():
			// it has gone meanwhile
		case !ok:
			return nil, errHalf // the server has not told all, as where an answer has a limit (RFC 6578, section 3.6)
		case len(tags) == maxCards:
			return nil, errTooMany
		default:
			tags[href] = about.ETag[:min(len(about.ETag), maxTag)]
		}
	}
	return tags, nil
}

func samePath(book *url.URL, href string) bool {
	to, err := book.Parse(href)
	return err == nil && strings.TrimSuffix(to.Path, "/") == strings.TrimSuffix(book.Path, "/")
}

// cards downloads some cards. Each of them has to be there, or to be said to be gone.
func (s *session) cards(ctx context.Context, book *url.URL, hrefs []string, tags map[string]string, got *changed) error {
	all, _, err := s.ask(ctx, book, request{method: "REPORT", depth: "1", body: askCards(hrefs)})
	if err != nil {
		return err
	}
	left := map[string]string{} // by what they are whatever way they are written
	for _, href := range hrefs {
		left[plainPath(href)] = href
	}
	for _, r := range all.Responses {
		href, asked := left[plainPath(r.href())]
		if !asked {
			continue
		}
		about, ok := r.good()
		switch {
		case ok && about.Card != nil:
			people, err := json.Marshal(addressbook.ReadCard(*about.Card))
			if err != nil {
				return err
			}
			got.cards = append(got.cards, store.SyncedCard{Href: href, ETag: tags[href], People: string(people)})
		case r.missing():
			got.gone = append(got.gone, href)
		default:
			return errHalf
		}
		delete(left, plainPath(href))
	}
	if len(left) > 0 {
		return errHalf
	}
	return nil
}

// plainPath is the path of an address, decoded: servers write the same one in several ways.
func plainPath(href string) string {
	u, err := url.Parse(href)
	if err != nil {
		return href
	}
	return u.Path
}

// People are what contacts need of a household's cards.
func People(cards []store.SyncedCard) ([]addressbook.People, error) {
	all := make([]addressbook.People, 0, len(cards))
	for _, c := range cards {
		var one addressbook.People
		if err := json.Unmarshal([]byte(c.People), &one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
