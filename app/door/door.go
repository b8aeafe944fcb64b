// Package door lets somebody set a machine up that has no screen: for one hour after the program's first start, its pages can be reached in the home
// network, by https with a certificate that the machine makes itself. Visitors need a code, which the pages ask for.
package door

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ringfence/store/datafolder"
)

// hour is how long the door is open after the first start.
const hour = time.Hour

// beganFile has the time of the first start, so that a machine that is started again does not open its door again.
const beganFile = "first-start"

// Until is when the door is shut, for a program with this data folder. The first call begins the hour.
func Until(data string, now time.Time) (time.Time, error) {
	if err := datafolder.Make(data); err != nil {
		return time.Time{}, err
	}
	path := filepath.Join(data, beganFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text = []byte(now.UTC().Format(time.RFC3339))
		err = datafolder.WriteFile(path, text)
	}
	if err != nil {
		return time.Time{}, err
	}
	began, err := time.Parse(time.RFC3339, strings.TrimSpace(string(text)))
	if err != nil || began.After(now) { // a clock that was wrong at the first start opens nothing
		return time.Time{}, err
	}
	return began.Add(hour), nil
}

// Limits of the server.
const (
	headerTime = 10 * time.Second
	bodyTime   = time.Minute
	stopTime   = 5 * time.Second
)

// Open opens it until a time, unless that is over, and says whether it did. It is shut when ctx ends.
func Open(ctx context.Context, listen string, until time.Time, pages http.Handler, log *slog.Logger) (opened bool, err error) {
	left := time.Until(until)
	if listen == "" || left <= 0 {
		return false, nil
	}
	certificate, err := selfMade(until)
	if err != nil {
		return false, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return false, err
	}
	server := &http.Server{
		Handler: pages, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, MaxHeaderBytes: 64 << 10,
		TLSConfig:   &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	go func() {
		if err := server.ServeTLS(&home{Listener: l, from: map[netip.Addr]int{}}, "", ""); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the set-up can't be reached in the home network any more", "err", err)
		}
	}()
	go func() {
		timer := time.NewTimer(left)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
			log.Info("the first hour is over: the set-up can't be reached in the home network any more")
		}
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		if err := server.Shutdown(stop); err != nil {
			_ = server.Close() // whoever has not finished by now is cut off
		}
	}()
	return true, nil
}

// selfMade makes a certificate for this machine's addresses. No browser trusts it.
func selfMade(until time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, err
	}
	of := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Ringfence set-up"}, NotBefore: until.Add(-2 * 24 * time.Hour), NotAfter: until.Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if name, err := os.Hostname(); err == nil {
		of.DNSNames = []string{name}
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return tls.Certificate{}, err
	}
	for _, a := range addresses {
		if n, is := a.(*net.IPNet); is {
			of.IPAddresses = append(of.IPAddresses, n.IP)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
