// Package webserver serves pages over HTTP or HTTPS: limits on how long anything may take, and a certificate from files or from an
// ACME server such as Let's Encrypt.
package webserver

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"ringfence/config"
)

// Limits are how long things may take. A stream of events sets limits of its own.
type Limits struct {
	Header, Request, Answer, Idle time.Duration
	Stop                          time.Duration // until what is under way is cut off
	Retry                         time.Duration // when it tries again if the address is taken
}

// UsualLimits are those of a household's and a hub's pages: a recording, or a backup that is restored, may come over a slow line.
var UsualLimits = Limits{
	Header: 10 * time.Second, Request: 2 * time.Minute, Answer: 2 * time.Minute, Idle: 2 * time.Minute, Stop: 5 * time.Second,
	Retry: 30 * time.Second,
}

// New is a server with limits, and with a certificate if the settings ask for one. Certificates that it gets by itself are kept in a folder.
// Requests end with ctx.
func New(ctx context.Context, w config.Web, folder string, handler http.Handler, limits Limits, log *slog.Logger) (*http.Server, error) {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: limits.Header, ReadTimeout: limits.Request, WriteTimeout: limits.Answer, IdleTimeout: limits.Idle,
		MaxHeaderBytes: 64 << 10,
		// A stream of events ends with ctx, and does not hold the end of the program up.
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelDebug), // browsers that leave, and scanners
	}
	switch {
	case w.Cert != "":
		cert := &certFiles{cert: w.Cert, key: w.Key}
		if _, err := cert.get(nil); err != nil {
			return nil, err
		}
		server.TLSConfig = &tls.Config{GetCertificate: cert.get, MinVersion: tls.VersionTLS12}
	case w.ACMEHost != "":
		server.TLSConfig = manager(w, folder).TLSConfig()
		server.TLSConfig.MinVersion = tls.VersionTLS12
		server.TLSConfig.GetCertificate = logged(server.TLSConfig.GetCertificate, w.ACMEHost, log)
	}
	return server, nil
}

// manager gets a certificate when the first browser comes, and renews it in time.
func manager(w config.Web, folder string) *autocert.Manager {
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(w.ACMEHost), Cache: autocert.DirCache(folder), Email: w.ACMEEmail,
	}
	if w.ACMEFrom != "" {
		m.Client = &acme.Client{DirectoryURL: w.ACMEFrom}
	}
	return m
}

type getCertificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)

// logged logs why there is no certificate for our own name, at most once a minute; strangers ask for all kinds of names.
func logged(get getCertificate, own string, log *slog.Logger) getCertificate {
	var mu sync.Mutex
	var last time.Time
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		cert, err := get(hello)
		mu.Lock()
		defer mu.Unlock()
		if err != nil && hello.ServerName == own && time.Since(last) > certEvery {
			last = time.Now()
			log.Error("the pages have no certificate: does the name lead here, and does the internet reach web.listen as port 443?", "name", hello.ServerName, "err", err)
		}
		return cert, err
	}
}

// Listen serves at the address until ctx ends or serving fails. ready is called once it listens.
func Listen(ctx context.Context, server *http.Server, w config.Web, limits Limits, log *slog.Logger, ready func()) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", w.Listen)
	if err != nil {
		return fmt.Errorf("another program may have the address, or it is not this machine's: %w", err)
	}
	log.Info("pages are served", "listen", listener.Addr(), "address", w.Address())
	ready()
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
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), limits.Stop)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		_ = server.Close() // whoever has not finished by now is cut off
	}
	return ctx.Err()
}

// certFiles is a certificate in files that somebody else renews.
type certFiles struct {
	cert, key string

	mu     sync.Mutex
	have   *tls.Certificate
	looked time.Time
	of     time.Time // the file's time
}

// certEvery is how often it looks for a renewed one.
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
