// Package webserver serves pages, or metrics, over HTTP or HTTPS: limits on how long anything may take, and a certificate from files or from an
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
	Retry                         time.Duration // how long until it tries again if the address is taken
}

// UsualLimits are those of a household's and a hub's pages: a recording, or a backup that is restored, may come over a slow line.
var UsualLimits = Limits{
	Header: 10 * time.Second, Request: 2 * time.Minute, Answer: 2 * time.Minute, Idle: 2 * time.Minute, Stop: 5 * time.Second,
	Retry: 30 * time.Second,
}

// Options say what is served, and where.
type Options struct {
	What    string // for the log, such as "pages"
	Web     config.Web
	Folder  string // for certificates that the server gets by itself
	Handler http.Handler
	Limits  Limits
	Log     *slog.Logger
	Ready   func() // called once it listens; may be nil
}

// Server serves at an address.
type Server struct {
	Options
	http *http.Server
}

// New is a server with limits, and with a certificate if the settings ask for one. Requests end with ctx.
func New(ctx context.Context, o Options) (*Server, error) {
	w, limits, log := o.Web, o.Limits, o.Log
	server := &http.Server{
		Handler:           o.Handler,
		ReadHeaderTimeout: limits.Header, ReadTimeout: limits.Request, WriteTimeout: limits.Answer, IdleTimeout: limits.Idle,
		MaxHeaderBytes: 64 << 10,
		// Streams of events end with ctx, and so do not delay the end of the program.
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
		server.TLSConfig = manager(w, o.Folder).TLSConfig()
		server.TLSConfig.MinVersion = tls.VersionTLS12
		server.TLSConfig.GetCertificate = logged(server.TLSConfig.GetCertificate, w.ACMEHost, log)
	}
	return &Server{o, server}, nil
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

// logged logs why there is no certificate, at most once a minute, and for our own name only: strangers ask for all kinds of names.
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

// Keep serves until ctx ends. What fails is tried again, for example because another program has the address.
func (s *Server) Keep(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.Serve(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error(s.What+" are not served; calls go on, and it is tried again", "err", err, "again", s.Limits.Retry)
		}
		select {
		case <-ctx.Done():
		case <-time.After(s.Limits.Retry):
		}
	}
}

// Serve serves until ctx ends or serving fails.
func (s *Server) Serve(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Web.Listen)
	if err != nil {
		return fmt.Errorf("another program may have the address, or it is not this machine's: %w", err)
	}
	s.Log.Info(s.What+" are served", "listen", listener.Addr(), "address", s.Web.Address())
	if s.Ready != nil {
		s.Ready()
	}
	ended := make(chan error, 1)
	go func() {
		if s.http.TLSConfig != nil {
			ended <- s.http.ServeTLS(listener, "", "")
		} else {
			ended <- s.http.Serve(listener)
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Limits.Stop)
	defer cancel()
	if err := s.http.Shutdown(stop); err != nil {
		_ = s.http.Close() // whoever has not finished by now is cut off
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
