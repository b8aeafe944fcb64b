package group

import (
	"errors"
	"net/url"
	"strings"

	"ringfence/internal/homenet"
	"ringfence/sharing/list"
)

// Link is an invitation to join a group.
type Link struct {
	URL    string // of the group's hub, without a slash at the end
	Invite string // what opens it: a secret
	Key    string // the public key (minisign) of the group's list; "" if the link has none
}

// longestLink is how long a link may be, in bytes.
const longestLink = 2000

var errLink = errors.New("this is not a link to join a group: it looks like https://hub.example/join#… and has to be copied whole")

// parseLink reads a group's link in either of its forms:
//
//	https://hub.example/join#SECRET
//	ringfence:group?url=https://hub.example&invite=SECRET&key=RW…
//
// The first may have the list's key in a query before the #: https://hub.example/join?key=RW…#SECRET. The secret comes after the #, which browsers send
// to nobody. An address without https is only accepted for a hub at home: if ownNetwork is set, and its host is an address of a private network or of
// this machine. The error is a sentence for people.
func parseLink(text string, ownNetwork bool) (l Link, err error) {
	text = strings.TrimSpace(text)
	u, err := url.Parse(text)
	if err != nil || len(text) > longestLink {
		return Link{}, errLink
	}
	switch {
	case u.Scheme == "ringfence" && u.Opaque == "group":
		q := u.Query()
		l = Link{URL: q.Get("url"), Invite: q.Get("invite"), Key: q.Get("key")}
	case u.Scheme == "https" || u.Scheme == "http":
		base, found := strings.CutSuffix(u.Path, "/join")
		if !found || u.User != nil {
			return Link{}, errLink
		}
		l = Link{URL: u.Scheme + "://" + u.Host + base, Invite: u.Fragment, Key: u.Query().Get("key")}
	default:
		return Link{}, errLink
	}
	if l.URL, err = hubAddress(l.URL, ownNetwork); err != nil {
		return Link{}, err
	}
	if !isSecret(l.Invite) {
		return Link{}, errLink
	}
	if l.Key != "" {
		if _, err := list.ParseKey(l.Key); err != nil {
			return Link{}, errLink
		}
	}
	return l, nil
}

// hubAddress checks a hub's address and puts it into its canonical form.
func hubAddress(text string, ownNetwork bool) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return "", errLink
	}
	switch u.Scheme {
	case "https":
	case "http":
		if !ownNetwork || (u.Hostname() != "localhost" && !homenet.HasHost(u.Hostname())) {
			return "", errors.New("the link begins with http, so anybody on the way could read your reports: ask the group for one that begins with https")
		}
	default:
		return "", errLink
	}
	return u.Scheme + "://" + strings.ToLower(u.Host) + strings.TrimRight(u.EscapedPath(), "/"), nil
}

// isSecret says whether a text can be an invitation or a key, which go into headers and bodies as they are.
func isSecret(text string) bool {
	return len(text) >= 16 && len(text) <= 200 && strings.Trim(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.~") == ""
}
