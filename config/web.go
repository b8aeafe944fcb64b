package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Web is how people reach the carers' pages.
type Web struct {
	Listen    string `toml:"listen"` // "" serves no pages
	Public    string `toml:"public"`
	Proxies   int    `toml:"proxies"`
	Plain     bool   `toml:"plain"`
	Cert      string `toml:"cert"`
	Key       string `toml:"key"`
	ACMEHost  string `toml:"acme_host"`
	ACMEEmail string `toml:"acme_email"`
	ACMEFrom  string `toml:"acme_from"`
}

// Encrypted says that the pages have a certificate of their own.
func (w Web) Encrypted() bool { return w.Cert != "" || w.ACMEHost != "" }

// Secure says that people reach the pages by https, by our own or a proxy's.
func (w Web) Secure() bool { return w.Encrypted() || strings.HasPrefix(w.Public, "https://") }

// Address is where the pages begin, without a slash at its end.
func (w Web) Address() string {
	switch {
	case w.Public != "":
		return strings.TrimSuffix(w.Public, "/")
	case w.ACMEHost != "":
		return "https://" + w.ACMEHost
	case w.Encrypted():
		return "https://" + w.Reachable()
	default:
		return "http://" + w.Reachable()
	}
}

// Validate refuses settings that would let others listen in. What people say to doctors and banks must not cross a network unencrypted, and a
// password that did so once is everybody's.
func (w Web) Validate() error {
	if w.Listen == "" {
		return nil
	}
	host, _, err := hostPort("web.listen", w.Listen, 8080)
	if err != nil {
		return err
	}
	if (w.Cert == "") != (w.Key == "") {
		return errors.New("web.cert and web.key belong together: give both, or none")
	}
	if w.Cert != "" && w.ACMEHost != "" {
		return errors.New("web.cert and web.acme_host are two ways to the same end: give one of them")
	}
	if strings.ContainsAny(w.ACMEHost, "/:") {
		return fmt.Errorf("web.acme_host is %q: write a name alone, such as ringfence.example.org", w.ACMEHost)
	}
	if w.Proxies < 0 || w.Proxies > 9 {
		return fmt.Errorf("web.proxies is %d: it is how many proxies of your own are in front of Ringfence, usually 1", w.Proxies)
	}
	if err := w.validatePublic(); err != nil {
		return err
	}
	if ip := net.ParseIP(host); (ip == nil || !ip.IsLoopback()) && host != "localhost" && !w.Encrypted() && !w.Plain {
		return fmt.Errorf("web.listen is %q, where others could listen in: leave it on 127.0.0.1 behind a VPN or a proxy, or give it a certificate (docs/outside.md)", w.Listen)
	}
	return nil
}

func (w Web) validatePublic() error {
	if w.Public == "" {
		if w.Proxies > 0 {
			return errors.New("web.proxies is set and web.public is not: say by which address people reach the proxy, such as https://ringfence.example.org")
		}
		return nil
	}
	u, err := url.Parse(w.Public)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("web.public is %q: write the address at which the pages begin, such as https://ringfence.example.org", w.Public)
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && !w.Plain && (ip == nil || !ip.IsLoopback()) && u.Hostname() != "localhost" {
		return fmt.Errorf("web.public is %q, where others could listen in: it begins with https (docs/outside.md)", w.Public)
	}
	return nil
}

// PublicAddress is how people reach the pages from elsewhere; "" if the settings do not say.
func (w Web) PublicAddress() string {
	if w.Public != "" || w.ACMEHost != "" {
		return w.Address()
	}
	return ""
}

// Reachable is an address at which this machine reaches the pages, also where they listen at all of its addresses.
func (w Web) Reachable() string {
	host, port, err := net.SplitHostPort(w.Listen)
	if ip := net.ParseIP(host); err != nil || host != "" && (ip == nil || !ip.IsUnspecified()) {
		return w.Listen
	}
	return net.JoinHostPort("localhost", port)
}
