package notify

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/matrix"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// longestURL is how long an address may be.
const longestURL = 4000

// Check says in a plain sentence what is wrong with a shoutrrr URL. The sentence reveals nothing of it but the service's name. Check connects to
// nothing, so only a message shows whether the service is there and the password is right.
func Check(address string) error {
	_, err := parse(address)
	return err
}

// parse reads a URL as far as that is possible without connecting to anything.
func parse(address string) (u *url.URL, err error) {
	// Some of shoutrrr's parsers index out of range.
	defer func() {
		if recover() != nil {
			err = errIncomplete(schemeOf(address))
		}
	}()
	scheme := schemeOf(address)
	if scheme == pushScheme && len(address) <= longestURL {
		return parsePush(address)
	}
	if len(address) > longestURL || scheme == "" {
		return nil, errors.New("This is not an address. It begins with the service's name, such as discord://token@id.")
	}
	if u, err = url.Parse(address); err != nil {
		return nil, errIncomplete(scheme)
	}
	if !slices.Contains(known(), scheme) {
		return nil, fmt.Errorf("There is no service %q. It is one of: %s.", cut(scheme, 20), strings.Join(known(), ", "))
	}
	service, err := (&router.ServiceRouter{}).NewService(scheme)
	if err != nil {
		return nil, errIncomplete(scheme)
	}
	if _, custom, plus := strings.Cut(u.Scheme, "+"); plus {
		converter, ok := service.(types.CustomURLService)
		if !ok || custom != "http" && custom != "https" || u.Host == "" {
			return nil, errIncomplete(scheme)
		}
		if u, err = converter.GetConfigURLFromCustom(u); err != nil {
			return nil, errIncomplete(scheme)
		}
	}
	copied := *u            // reading may change it
	if scheme == "matrix" { // whose Initialize signs in
		config := &matrix.Config{}
		if err := config.SetURL(&copied); err != nil || config.Host == "" || config.Password == "" {
			return nil, errIncomplete(scheme)
		}
		return u, nil
	}
	if scheme == "generic" && u.Host == "" {
		return nil, errIncomplete(scheme)
	}
	if err := service.Initialize(&copied, nil); err != nil {
		return nil, errIncomplete(scheme)
	}
	return u, nil
}

func errIncomplete(scheme string) error {
	return fmt.Errorf("This address is not complete, or not written as %s needs it. Compare it with the example in the documents of shoutrrr.", cut(scheme, 20))
}

// known lists the services that reach people. shoutrrr's logger, which only writes to Ringfence's own log, is left out.
func known() []string {
	all := slices.DeleteFunc((&router.ServiceRouter{}).ListServices(), func(s string) bool { return s == "logger" })
	slices.Sort(all)
	return all
}

// schemeOf is the service's name in an address, or "".
func schemeOf(address string) string {
	scheme, _, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	scheme, _, _ = strings.Cut(strings.ToLower(scheme), "+")
	return scheme
}

func cut(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "")
}

func isIPv6(text string) bool {
	a, err := netip.ParseAddr(text)
	return err == nil && a.Is6()
}
