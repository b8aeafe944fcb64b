package main

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"ringfence/config"
	"ringfence/internal/servetest"
	"ringfence/store/datafolder"
)

// secureBrowser is servetest.Browser for a certificate that nobody knows.
type secureBrowser struct{ *http.Transport }

func (b secureBrowser) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Origin", "https://"+r.URL.Host)
	return b.Transport.RoundTrip(r)
}

// Through the door of the first hour somebody sets a household up in a browser, and goes on to the first account, in the program that goes on running.
// Started again, with a household, the program opens no door.
// Long: one set-up, from the code to the first account.
func TestAHouseholdIsSetUpThroughTheDoor(t *testing.T) {
	t.Parallel()
	h := notSetUp(t)
	web, door := servetest.FreePort(t), servetest.FreePort(t)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(os.MkdirAll(strings.TrimSuffix(h.config, "/ringfence.toml"), 0o700))
	ok(os.WriteFile(h.config, []byte("[asterisk]\nari = \""+servetest.FreePort(t)+"\"\n[web]\nlisten = \""+web+"\"\n"), 0o600))
	ok(datafolder.Make(h.data))
	_, err := config.Settings{Data: h.data}.MakeARIPassword() // as Asterisk does
	ok(err)
	serve := func() (said, log *servetest.Text, stop func()) {
		ctx, end := context.WithCancel(t.Context())
		said, log = servetest.NewText(), servetest.NewText()
		ended := make(chan int, 1)
		go func() {
			ended <- run(ctx, []string{"--config", h.config, "--data", h.data, "serve", "--door", door}, strings.NewReader(""), said, log)
		}()
		return said, log, func() { end(); <-ended }
	}
	said, log, stop := serve()
	said.Has(t, "and type this code:")
	text := said.String()
	code := regexp.MustCompile(`(?m)^    (\w+ \w+ \w+ \w+ \w+ \w+)$`).FindStringSubmatch(text)
	if code == nil || !strings.Contains(text, "https://"+door+"/") || !strings.Contains(text, "sudo ringfence setup") {
		t.Fatalf("it says %s", text)
	}
	log.Has(t, "pages of the set-up are served")
	jar, err := cookiejar.New(nil)
	ok(err)
	client := &http.Client{Jar: jar, Transport: secureBrowser{&http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}} //nolint:gosec // the certificate is self-made
	answered := func(answer *http.Response, err error) (path, body string) {
		t.Helper()
		ok(err)
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		ok(err)
		return answer.Request.URL.Path, string(text)
	}
	at := "https://" + door
	if path, _ := answered(client.Get(at + "/")); path != "/setup/code" { //nolint:bodyclose // answered closes it
		t.Fatalf("the door leads to %s", path)
	}
	for _, step := range []struct {
		page string
		form url.Values
		then string
	}{
		{"code", url.Values{"code": {code[1]}}, "/setup/wiring"},
		{"wiring", url.Values{"wiring": {"provider"}}, "/setup/line"},
		{"line", url.Values{"country": {"GB"}, "number": {"020 7946 0100"}, "address": {"127.0.0.1"}}, "/setup/other-end"},
		{"other-end", url.Values{"provider": {"sipgate"}, "server": {"sipgate.co.uk"}, "user": {"1234567e0"}, "password": {"of sipgate's"}}, "/setup/phones"},
		{"phones", url.Values{"phones": {"hall"}}, "/setup/working"},
	} {
		if path, body := answered(client.PostForm(at+"/setup/"+step.page, step.form)); path != step.then && !(step.page == "phones" && path == "/setup/done") { //nolint:bodyclose // answered closes it
			t.Fatalf("%s leads to %s: %s", step.page, path, body)
		}
	}
	path, body := "", ""
	for !strings.HasPrefix(path, "/start/") {
		if path, body = answered(client.Get(at + "/setup/account")); t.Context().Err() != nil { //nolint:bodyclose // answered closes it
			t.Fatalf("it leads to %s: %s\n%s", path, body, log)
		}
	}
	if !strings.Contains(body, "Welcome to Ringfence") {
		t.Errorf("%s: %s", path, body)
	}
	if path, body := answered(client.Get(at + "/setup/done")); path != "/setup/done" || !strings.Contains(body, "home-hall") { //nolint:bodyclose // answered closes it
		t.Errorf("the phones' passwords can't be seen again: %s", path)
	}
	if path, _ := answered(http.Get("http://" + web + "/sign-in")); path != "/sign-in" { //nolint:bodyclose // answered closes it
		t.Errorf("as the settings say: %s", path)
	}
	stop()
	client.CloseIdleConnections()
	said, log, stop = serve()
	log.Has(t, "pages are served")
	if answer, err := client.Get(at + "/"); err == nil {
		_ = answer.Body.Close()
		t.Error("the door is open again")
	}
	if strings.Contains(said.String(), "type this code") {
		t.Errorf("it says %s", said)
	}
	stop()
}
