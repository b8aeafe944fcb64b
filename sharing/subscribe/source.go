package subscribe

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"

	"ringfence/sharing/fetch"
	"ringfence/sharing/list"
	"ringfence/store/lists"
)

// Source is where a list comes from, and how to know that it is its publisher's.
type Source struct {
	URL  string // the folder's, with a slash at its end, or the file's; it may have a query, which is sent for every file
	Key  string // the publisher's public key, in one line; "" if nobody has signed the list, or the key is not known
	File bool   // the address is that of a plain file of numbers, which nobody has signed
}

// linkScheme is the scheme of links to lists as they were before: what follows is list?url=…&key=…
const linkScheme = "ringfence"

// keyInLink stands before the key in a link: https://parish.example/list/#key=RW…
const keyInLink = "key="

// ParseSource reads what somebody has pasted: a link from Link, or one with the scheme ringfence, which contain the key; or the address of a list, its manifest or a plain file, with the key ("" for a
// list that is not signed). The errors are plain sentences.
func ParseSource(text, key string) (Source, error) {
	text, key = strings.TrimSpace(text), strings.TrimSpace(key)
	if text == "" {
		return Source{}, errors.New("fill in the list's address, or the link that was given to you")
	}
	if len(text) > maxLink {
		return Source{}, errors.New("this is too long for the address of a list")
	}
	if strings.HasPrefix(strings.ToLower(text), linkScheme+":") {
		return parseLink(text, key)
	}
	if address, after, _ := strings.Cut(text, "#"); strings.HasPrefix(after, keyInLink) {
		its, err := url.PathUnescape(strings.TrimPrefix(after, keyInLink))
		if err != nil || its == "" {
			return Source{}, errors.New("this link is not whole: copy all of it, to its end")
		}
		if key != "" && key != its {
			return Source{}, errOtherKey
		}
		return newSource(address, its)
	}
	return newSource(text, key)
}

const maxLink = 8000

var errOtherKey = errors.New("the link carries another key than the one beside it: leave the key out, or ask whoever gave you the link")

var errFileKey = errors.New("this is the address of a plain file, which no key belongs to: leave the key out, or give the address of the list’s folder")

func parseLink(text, key string) (Source, error) {
	broken := errors.New("this link is not whole: copy all of it, from ringfence: to its end")
	link, err := url.Parse(text)
	if err != nil {
		return Source{}, broken
	}
	if what := strings.Trim(link.Opaque+link.Host+link.Path, "/"); what != "list" {
		return Source{}, errors.New("this link leads to no list")
	}
	carried, err := url.ParseQuery(link.RawQuery)
	if err != nil || carried.Get("url") == "" {
		return Source{}, broken
	}
	its := strings.TrimSpace(carried.Get("key"))
	if key != "" && key != its {
		return Source{}, errOtherKey
	}
	return newSource(carried.Get("url"), its)
}

func newSource(address, key string) (Source, error) {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	if err := fetch.Check(address); err != nil {
		return Source{}, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return Source{}, fetch.ErrAddress
	}
	u.Fragment, u.RawFragment, u.RawQuery = "", "", asSent(u.RawQuery)
	if name := path.Base(u.Path); name == list.ManifestFile || name == list.SignatureFile {
		u = u.ResolveReference(&url.URL{Path: "./", RawQuery: u.RawQuery})
	}
	if isFile(u) {
		if key != "" {
			return Source{}, errFileKey
		}
		return Source{URL: u.String(), File: true}, fetch.Check(u.String())
	}
	u = u.JoinPath("/")
	s := Source{URL: u.String()}
	if key != "" {
		known, err := list.ParseKey(key)
		if err != nil {
			return Source{}, err
		}
		s.Key = known.String()
	}
	// Written out, the address can be longer than it was pasted: a byte that isn't ASCII takes three characters.
	file, err := s.file(list.SignatureFile)
	if err != nil {
		return Source{}, err
	}
	return s, fetch.Check(file)
}

// asSent is a query as browsers send it (WHATWG URL, "query percent-encode set"): with a space in it, the request could not be read.
func asSent(query string) string {
	var b strings.Builder
	for _, c := range []byte(query) {
		if c <= ' ' || c > '~' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Link is the source as one text that can be passed on, as a link or a QR code. At a group's hub it opens a page that explains it.
func (s Source) Link() string {
	if s.Key == "" {
		return s.URL
	}
	return s.URL + "#" + keyInLink + url.QueryEscape(s.Key)
}

// LinkTo is the link for passing a subscribed list on; "" for PhoneBlock's, for which everybody needs a key of their own, and for those that come with Ringfence.
func LinkTo(sub lists.Subscription) string {
	if sub.Kind != lists.Published && sub.Kind != lists.File {
		return ""
	}
	return Source{URL: sub.URL, Key: sub.Key}.Link()
}

// file is the address of one of the list's files.
func (s Source) file(name string) (string, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return "", fmt.Errorf("%w: %w", fetch.ErrAddress, err)
	}
	return u.ResolveReference(&url.URL{Path: name, RawQuery: u.RawQuery}).String(), nil
}
