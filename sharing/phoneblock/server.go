package phoneblock

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"ringfence/sharing/fetch"
)

// Server is PhoneBlock's own server, where most people are registered.
const Server = "https://phoneblock.net/"

// maxKey is how many bytes a key may have. PhoneBlock's have about 40.
const maxKey = 200

// ErrKey says that something is not a key. It does not quote it, because no message may contain a key.
var ErrKey = errors.New("this is not a key of PhoneBlock's: make one on its page under Settings, “Create token”, of the type API, and copy all of it")

// CheckKey reads a key as somebody has copied it.
func CheckKey(text string) (key string, err error) {
	key = strings.TrimSpace(text)
	if key == "" || len(key) > maxKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", ErrKey
	}
	return key, nil
}

// ErrPlain says that a key would be sent where everybody on the way can read it.
var ErrPlain = errors.New("the key must not go out without encryption: the address of PhoneBlock’s server begins with https://")

// ParseServer reads the address of a server as somebody has typed it; "" is PhoneBlock's own. plain allows one without encryption, such as one in the home
// network.
func ParseServer(text string, plain bool) (server string, err error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Server, nil
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	if err := fetch.Check(text); err != nil {
		return "", err
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", fetch.ErrAddress
	}
	if u.Scheme != "https" && !plain {
		return "", ErrPlain
	}
	return (&url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: "/"}).String(), nil
}

// BlocklistURL is the address of a server's blocklist: what has changed since a version, or everything if that is 0.
func BlocklistURL(server string, since int64) string {
	address := server + "phoneblock/api/blocklist?format=json"
	if since > 0 {
		address += "&since=" + strconv.FormatInt(since, 10)
	}
	return address
}

// Name is what people call a server: its host.
func Name(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	return u.Host
}
