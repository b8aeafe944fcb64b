package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"ringfence/prompts"
	"ringfence/sharing/group"
	"ringfence/store"
	"ringfence/web"
)

// pages serves the carers' pages beside the calls. Whatever happens to it, calls go on.
type pages struct {
	settings settings
	db       *store.Store
	live     *live
	facts    facts
	regions  *regions
	groups   group.Groups
	anew     *anew
	log      *slog.Logger
	out      io.Writer // where the address of the first run is written
	limits   pageLimits
}

// pageLimits are how long things may take. A stream of events sets limits of its own.
type pageLimits struct {
	header, request, answer, idle time.Duration
	stop                          time.Duration // until what is under way is cut off
	again                         time.Duration // after an address could not be listened at
}

// usualLimits: a recording, or a backup that is brought back, may come through a slow line.
var usualLimits = pageLimits{
	header: 10 * time.Second, request: 2 * time.Minute, answer: 2 * time.Minute, idle: 2 * time.Minute, stop: 5 * time.Second,
	again: 30 * time.Second,
}

// serve serves the pages until ctx ends. It is tried again for as long as another program has the address.
func (p *pages) serve(ctx context.Context) {
	w := p.settings.Web
	if w.Listen == "" {
		p.log.Info("no pages are served: web.listen is empty")
		return
	}
	server, err := p.server(ctx)
	if err != nil {
		p.log.Error("the carers' pages cannot be served; calls go on", "err", err)
		return
	}
	for ctx.Err() == nil {
		if err := p.listen(ctx, server); err != nil && ctx.Err() == nil {
			p.log.Error("the carers' pages are not served; calls go on, and it is tried again", "err", err, "again", p.limits.again)
		}
		select {
		case <-ctx.Done():
		case <-time.After(p.limits.again):
		}
	}
}

// server is the pages with all that stands around them.
func (p *pages) server(ctx context.Context) (*http.Server, error) {
	w := p.settings.Web
	messages, err := newMessenger(p.db)
	if err != nil {
		return nil, err
	}
	made, err := web.New(web.Options{
		Store: p.db, Households: p.households, Switchboard: p.live, Messenger: messages, Houses: p.facts, Regions: p.regions, Phrases: p.facts,
		Backups: p.anew, TestCalls: testCalls{p.live}, Groups: p.groups,
		Languages: languages(), Log: p.log, Now: time.Now,
		Secure: w.secure(), Public: publicOf(w), Proxies: w.Proxies,
	})
	if err != nil {
		return nil, err
	}
	server := &http.Server{
		Handler:           made.Handler(),
		ReadHeaderTimeout: p.limits.header, ReadTimeout: p.limits.request, WriteTimeout: p.limits.answer, IdleTimeout: p.limits.idle,
		MaxHeaderBytes: 64 << 10,
		// A stream of events ends with ctx, and does not hold the end of the program up.
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(p.log.Handler(), slog.LevelDebug), // browsers that leave, and whoever knocks at every port
	}
	switch {
	case w.Cert != "":
		cert := &certFiles{cert: w.Cert, key: w.Key}
		if _, err := cert.get(nil); err != nil {
			return nil, err
		}
		server.TLSConfig = &tls.Config{GetCertificate: cert.get, MinVersion: tls.VersionTLS12}
	case w.ACMEHost != "":
		server.TLSConfig = w.acme(filepath.Join(p.settings.Data, "certificates")).TLSConfig()
		server.TLSConfig.MinVersion = tls.VersionTLS12
		server.TLSConfig.GetCertificate = p.told(server.TLSConfig.GetCertificate)
	}
	return server, nil
}

func publicOf(w webSettings) string {
	if w.Public != "" || w.ACMEHost != "" {
		return w.address()
	}
	return ""
}

// acme gets a certificate by itself when the first browser comes, and a new one before it ends.
func (w webSettings) acme(folder string) *autocert.Manager {
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(w.ACMEHost), Cache: autocert.DirCache(folder), Email: w.ACMEEmail,
	}
	if w.ACMEFrom != "" {
		m.Client = &acme.Client{DirectoryURL: w.ACMEFrom}
	}
	return m
}

var languageNames = map[string]string{"en-GB": "British English", "en-US": "American English", "fr-FR": "French"}

// languages are those in which there are recordings.
func languages() []web.Language {
	var all []web.Language
	for _, code := range prompts.Languages() {
		all = append(all, web.Language{Code: code, Name: languageNames[code]})
	}
	return all
}

type getCertificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)

// told logs why there is no certificate for our own name, once in a while; other names are what strangers ask for.
func (p *pages) told(get getCertificate) getCertificate {
	var mu sync.Mutex
	var last time.Time
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		cert, err := get(hello)
		mu.Lock()
		defer mu.Unlock()
		if err != nil && hello.ServerName == p.settings.Web.ACMEHost && time.Since(last) > certEvery {
			last = time.Now()
			p.log.Error("the pages have no certificate: does the name lead here, and does the internet reach web.listen as port 443?", "name", hello.ServerName, "err", err)
		}
		return cert, err
	}
}

// households is what the pages need to know of them, as it is now.
func (p *pages) households() []web.Household {
	var all []web.Household
	for _, h := range p.settings.Households {
		line := p.facts.lines.Of(h.Name)
		zone := line.Zone
		if zone == nil {
			zone = time.Local
		}
		all = append(all, web.Household{
			Name: h.Name, Region: line.Region, Language: line.Language, Zone: zone, Number: line.Number, Telecare: line.Telecare,
		})
	}
	return all
}

// listen serves at the address until ctx ends, or it can do so no more.
func (p *pages) listen(ctx context.Context, server *http.Server) error {
	w := p.settings.Web
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", w.Listen)
	if err != nil {
		return fmt.Errorf("another program may have the address, or it is not this machine's: %w", err)
	}
	p.log.Info("the carers' pages are served", "listen", listener.Addr(), "address", w.address())
	p.firstRun(ctx)
	ended := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			ended <- server.ServeTLS(listener, "", "")
		} else {
			ended <- server.Serve(listener)
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	stop, done := context.WithTimeout(context.WithoutCancel(ctx), p.limits.stop)
	defer done()
	if err := server.Shutdown(stop); err != nil {
		_ = server.Close() // whoever has not finished by now is cut off
	}
	return ctx.Err()
}

// firstRun writes the address at which the first account is made, where nobody has one.
func (p *pages) firstRun(ctx context.Context) {
	token, err := p.db.MakeStartToken(ctx)
	if errors.Is(err, store.ErrPeople) {
		return
	}
	if err != nil {
		p.log.Error("the address of the first run could not be made", "err", err)
		return
	}
	// Not in the log's own form: it is to be copied.
	_, err = fmt.Fprintf(p.out, "\nNobody has an account yet. To make the first one, open this address, once:\n\n    %s/start/%s\n\n", p.settings.Web.address(), token)
	if err != nil {
		p.log.Error("the address of the first run could not be written", "err", err)
	}
}

// certFiles is a certificate that whoever renews it writes anew.
type certFiles struct {
	cert, key string

	mu     sync.Mutex
	have   *tls.Certificate
	looked time.Time
	of     time.Time // the file's time
}

// certEvery is how often is looked whether there is a new one.
const certEvery = time.Minute

func (c *certFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.have != nil && time.Since(c.looked) < certEvery {
		return c.have, nil
	}
	c.looked = time.Now()
	info, err := os.Stat(c.cert)
	if err == nil && c.have != nil && info.ModTime().Equal(c.of) {
		return c.have, nil
	}
	var pair tls.Certificate
	if err == nil {
		pair, err = tls.LoadX509KeyPair(c.cert, c.key)
	}
	switch {
	case err == nil:
		c.have, c.of = &pair, info.ModTime()
	case c.have == nil:
		return nil, fmt.Errorf("the certificate cannot be read (web.cert, web.key): %w", err)
	}
	return c.have, nil // the one before, while a new one is being written
}
