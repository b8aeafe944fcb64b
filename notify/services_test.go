package notify

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/matrix"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/email/smtp"
	shoutrrr "github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/specialized/generic"
)

type filled = map[string]string

func build(t *testing.T, service string, f filled) Address {
	t.Helper()
	s, ok := ServiceOf(service)
	if !ok {
		t.Fatalf("there is no %s", service)
	}
	a, err := s.Build(f)
	if err != nil {
		t.Fatalf("%s: %v", service, err)
	}
	return a
}

func parsed(t *testing.T, a Address) *url.URL {
	t.Helper()
	u, err := parse(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// What was filled in arrives in shoutrrr as it was meant, signs that mean something in addresses too.
func TestBuildEmail(t *testing.T) {
	a := build(t, "email", filled{"to": " anna+mum@example.org ", "server": "smtp.example.org", "port": "465", "user": "anna@example.org", "password": "p&ss:w/rd?#%+ @"})
	var s smtp.Service
	if err := s.Initialize(parsed(t, a), nil); err != nil {
		t.Fatal(err)
	}
	c := s.Config.Clone()
	c.FixEmailTags()
	if c.Host != "smtp.example.org" || c.Port != 465 || c.Username != "anna@example.org" || c.Password != "p&ss:w/rd?#%+ @" ||
		c.FromAddress != "anna@example.org" || len(c.ToAddresses) != 1 || c.ToAddresses[0] != "anna+mum@example.org" || !c.RequireStartTLS ||
		c.Encryption != smtp.EncMethods.ImplicitTLS || c.FromName != "Ringfence" {
		t.Errorf("%+v", c)
	}
	if a.Where != "E-mail to anna+mum@example.org" {
		t.Error(a.Where)
	}
	a = build(t, "email", filled{"to": "anna@example.org", "server": "192.168.1.2"})
	if u := parsed(t, a); u.Port() != "587" || u.User != nil || u.Query().Get("from") != "anna@example.org" || u.Query().Has("requirestarttls") {
		t.Error(a.URL)
	}
}

func TestBuildOthers(t *testing.T) {
	a := build(t, "ntfy", filled{"topic": "ringfence-k3v9"})
	var n shoutrrr.Service
	if err := n.Initialize(parsed(t, a), nil); err != nil || n.Config.GetAPIURL() != "https://ntfy.sh/ringfence-k3v9" {
		t.Error(n.Config.GetAPIURL(), err)
	}
	a = build(t, "ntfy", filled{"topic": "mum", "server": "http://192.168.1.5:8080/", "token": "tk_a:b/c"})
	if err := n.Initialize(parsed(t, a), nil); err != nil || n.Config.GetAPIURL() != "http://192.168.1.5:8080/mum" || n.Config.Username != "" || n.Config.Password != "tk_a:b/c" {
		t.Errorf("%+v %v", n.Config, err)
	}
	a = build(t, "matrix", filled{"server": "matrix.example.org", "token": "syt_a/b", "room": "!room:example.org"})
	var m matrix.Config
	if err := m.SetURL(parsed(t, a)); err != nil || m.Host != "matrix.example.org" || m.Password != "syt_a/b" || m.User != "" || m.Rooms[0] != "!room:example.org" {
		t.Errorf("%+v %v", m, err)
	}
	build(t, "telegram", filled{"token": "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "chat": "-100123"})
	build(t, "pushover", filled{"user": strings.Repeat("u", 30), "token": strings.Repeat("t", 30)})
	if a := build(t, "other", filled{"address": "gotify://gotify.example.org/AzyoeNS.D4iJLVa"}); a.Where != "Gotify" {
		t.Error(a.Where)
	}
}

// A web address keeps its own query, also where shoutrrr has settings of the same names.
func TestBuildWebhook(t *testing.T) {
	a := build(t, "webhook", filled{"url": "http://user:pw@192.168.1.7:8123/api/webhook/a%2Fb?title=mine&x=1&x=2&Method=GET", "token": "secret"})
	var g generic.Service
	if err := g.Initialize(parsed(t, a), nil); err != nil {
		t.Fatal(err)
	}
	got := g.Config.WebhookURL()
	if got.Scheme != "http" || got.Host != "192.168.1.7:8123" || got.EscapedPath() != "/api/webhook/a%2Fb" || got.Query().Get("title") != "mine" ||
		len(got.Query()["x"]) != 2 || got.Query().Get("Method") != "GET" || g.Config.RequestMethod != "POST" || got.User.String() != "user:pw" {
		t.Errorf("%s", got)
	}
	if a.Where != "Web address on 192.168.1.7:8123" {
		t.Error(a.Where)
	}
}

func TestBuildRefuses(t *testing.T) {
	long := strings.Repeat("x", 2000)
	for _, c := range []struct {
		service, field string
		filled         filled
	}{
		{"email", "to", filled{"server": "smtp.example.org"}},
		{"email", "to", filled{"to": "Anna <anna@example.org>", "server": "smtp.example.org"}},
		{"email", "to", filled{"to": "a@example.org, b@example.org", "server": "smtp.example.org"}},
		{"email", "to", filled{"to": "anna@example.org\r\nBcc: all@example.org", "server": "smtp.example.org"}},
		{"email", "server", filled{"to": "anna@example.org", "server": "smtp.example.org/?skiptlsverify=yes"}},
		{"email", "port", filled{"to": "anna@example.org", "server": "smtp.example.org", "port": "smtp"}},
		{"email", "user", filled{"to": "anna@example.org", "server": "smtp.example.org", "password": "x"}},
		{"email", "password", filled{"to": "anna@example.org", "server": "smtp.example.org", "user": "a", "password": long}},
		{"ntfy", "topic", filled{"topic": "two words"}},
		{"ntfy", "topic", filled{"topic": "a?priority=max"}},
		{"ntfy", "server", filled{"topic": "a", "server": "ftp://ntfy.sh"}},
		{"ntfy", "server", filled{"topic": "a", "server": "https://ntfy.sh/topic"}},
		{"telegram", "token", filled{"token": "secret", "chat": "1"}},
		{"telegram", "chat", filled{"token": "1:a", "chat": "anna"}},
		{"matrix", "room", filled{"server": "matrix.org", "token": "x", "room": "family"}},
		{"pushover", "user", filled{"user": "short", "token": strings.Repeat("t", 30)}},
		{"webhook", "url", filled{"url": "home.example.org/hook"}},
		{"webhook", "url", filled{"url": "file:///etc/passwd"}},
		{"webhook", "url", filled{"url": "https://example.org/?@Host=other"}},
		{"other", "address", filled{"address": "logger://"}},
		{"other", "address", filled{"address": "https://example.org"}},
		{"other", "address", filled{"address": "telegram://only"}},
	} {
		s, _ := ServiceOf(c.service)
		_, err := s.Build(c.filled)
		var fault FieldError
		if !errors.As(err, &fault) || fault.Field != c.field || fault.Sentence == "" {
			t.Errorf("%s %v: %v", c.service, c.filled, err)
			continue
		}
		if f := c.filled[c.field]; len(f) > 8 && strings.Contains(fault.Sentence, f) {
			t.Errorf("%s: the sentence repeats what was filled in: %s", c.service, fault.Sentence)
		}
	}
}

// Whatever is typed there, Check answers with a sentence that has no secret in it, and does not fall over.
func TestCheck(t *testing.T) {
	for _, address := range []string{
		"", "discord", "://", "discord://", "matrix://:pw@host/?rooms=", "matrix://:pw@host/?rooms=a,,b", "telegram://x", "generic://", "generic+ftp://x/",
		"discord+https://x", "generic+https://", "nosuch://secretsecret", "smtp://:@:/", "slack://hook:x@y", "pushover://:@", "ntfy://host/", "zulip://",
		"discord://secretsecret@", "\x00://", strings.Repeat("a", 5000) + "://x", "teams://secretsecret", "ifttt://secretsecret", "matrix://secretsecret",
	} {
		err := Check(address)
		if err == nil {
			t.Errorf("%q is an address", address)
		} else if strings.Contains(err.Error(), "secretsecret") || !strings.HasSuffix(err.Error(), ".") {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, address := range []string{
		"generic+https://example.org/hook?x=1", "discord://token@1234567890", "matrix://user:password@matrix.example.org/?rooms=!a:b", "NTFY://ntfy.sh/topic",
	} {
		if err := Check(address); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, scheme := range known() {
		f.Add(scheme + "://a:b@c/d?e=f")
	}
	f.Fuzz(func(t *testing.T, address string) {
		if err := Check(address); err != nil && len(err.Error()) > 500 {
			t.Errorf("%q: %v", address, err)
		}
	})
}

func TestServicesAreDescribed(t *testing.T) {
	for _, s := range Services() {
		if s.ID == "" || s.Name == "" || s.By == "" || s.Hint == "" || len(s.Fields) == 0 || s.Fields[0].Optional {
			t.Errorf("%+v", s)
		}
		for _, f := range s.Fields {
			if f.ID == "" || f.Label == "" || f.Type == "" || f.Type == "password" && !f.Secret {
				t.Errorf("%s: %+v", s.ID, f)
			}
		}
	}
}
