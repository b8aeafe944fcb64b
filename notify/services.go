package notify

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Service is a way of reaching somebody, as people choose it.
type Service struct {
	ID     string // such as "email"; kept in databases: added, never renamed
	Name   string
	By     string // in a sentence: "an alert by e-mail"
	Hint   string // where to find what the fields ask for
	Fields []Field
	// AnyAddress says that it sends to any address that is filled in, in any form, so that not everybody may use it.
	AnyAddress bool
	// ByBrowser says that a browser fills in the fields, and not a person.
	ByBrowser bool
	// Slow says that it is no way to hear of a call while that is in progress.
	Slow bool

	build func(v values) (Address, error)
}

// Field is one thing to fill in.
type Field struct {
	ID       string
	Label    string
	Hint     string
	Example  string
	Type     string // the type of HTML input: "text", "email", "url", "number" or "password"
	Secret   bool   // never shown again
	Optional bool
}

// Address is where alerts go, in the form in which it is stored.
type Address struct {
	URL   string // shoutrrr's; a secret as a whole
	Where string // in words, without secrets: "E-mail to anna@example.org"
}

// FieldError is a mistake in what was filled in. Its text is a plain sentence for whoever filled it in.
type FieldError struct{ Field, Sentence string }

func (e FieldError) Error() string { return e.Sentence }

// values are what was filled in, with surrounding space removed.
type values map[string]string

func wrong(field, format string, args ...any) error {
	return FieldError{field, fmt.Sprintf(format, args...)}
}

// Services lists the services to choose from, the usual ones first.
func Services() []Service {
	return []Service{byWebPush(), byEmail(), byNtfy(), byTelegram(), byMatrix(), byPushover(), byWebhook(), byOther()}
}

// ServiceOf finds a service by its ID.
func ServiceOf(id string) (Service, bool) {
	all := Services()
	i := slices.IndexFunc(all, func(s Service) bool { return s.ID == id })
	if i < 0 {
		return Service{}, false
	}
	return all[i], true
}

// longest is how long anything that is filled in may be. Real values are far shorter.
const longest = 1000

// Build makes an address of what was filled in, by the fields' IDs. A mistake is a FieldError.
func (s Service) Build(filled map[string]string) (Address, error) {
	v := values{}
	for _, f := range s.Fields {
		text := strings.TrimSpace(filled[f.ID])
		switch {
		case text == "" && !f.Optional && s.ByBrowser:
			return Address{}, FieldError{f.ID, errNoPush.Error()}
		case text == "" && !f.Optional:
			return Address{}, wrong(f.ID, "Please fill in “%s”.", f.Label)
		case len(text) > longest:
			return Address{}, wrong(f.ID, "“%s” is too long.", f.Label)
		case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd }):
			return Address{}, wrong(f.ID, "“%s” has characters in it that cannot be typed. Please type it instead of copying it.", f.Label)
		}
		v[f.ID] = text
	}
	a, err := s.build(v)
	if err != nil {
		return Address{}, err
	}
	if err := Check(a.URL); err != nil {
		return Address{}, FieldError{s.Fields[0].ID, err.Error()}
	}
	return a, nil
}

// server reads the address of a server, and of nothing on it: a name, or a whole http or https address. Without a scheme it is https. only is said
// of an address with more in it.
func server(v values, usual, only string) (*url.URL, error) {
	text := v["server"]
	if text == "" {
		text = usual
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil {
		return nil, wrong("server", "This is not a server's address. Write it like %s.", usual)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, wrong("server", "%s", only)
	}
	return u, nil
}
