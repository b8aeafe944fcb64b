package notifytest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ringfence/notify"
)

// Pushed is a message that a push service was sent for a browser.
type Pushed struct {
	Payload string // decrypted
	Header  http.Header
	Claims  jwt.MapClaims // of whoever sent it, whose signature was checked
	Key     string        // by which it was signed
}

// PushService is a push service, and the browser behind it, which decrypts what comes (RFC 8291).
type PushService struct {
	Heard  chan Pushed // what came, and could be decrypted
	Status int         // that it answers with; 0 is 201, "Created"
	// Certificate is the file with its certificate, which has to be in SSL_CERT_FILE for whoever sends.
	Certificate string

	server *httptest.Server
	key    *ecdh.PrivateKey
	auth   []byte
	mu     sync.Mutex
	faults []error
}

// NewPushService starts one on an address of this machine, with https.
func NewPushService(t *testing.T, host string) *PushService {
	t.Helper()
	s := &PushService{Heard: make(chan Pushed, 100), auth: make([]byte, 16)}
	var err error
	if s.key, err = ecdh.P256().GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	_, _ = rand.Read(s.auth) // never fails
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(s.take))
	_ = s.server.Listener.Close() // the one that it comes with
	s.server.Listener = listener
	certificate := certificateFor(t, host)
	s.server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	s.server.StartTLS()
	t.Cleanup(func() {
		s.server.Close()
		for _, fault := range s.faults {
			t.Error(fault)
		}
	})
	file := filepath.Join(t.TempDir(), "push.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Certificate = file
	return s
}

// Fields are what a browser says of its subscription.
func (s *PushService) Fields() map[string]string {
	return map[string]string{
		"endpoint": s.server.URL + "/push/topsecret", "p256dh": encoded(s.key.PublicKey().Bytes()), "auth": encoded(s.auth), "device": "Firefox on a test",
	}
}

// Address is where messages are sent for it, as a channel keeps it.
func (s *PushService) Address(t *testing.T) string {
	t.Helper()
	service, _ := notify.ServiceOf("webpush")
	a, err := service.Build(s.Fields())
	if err != nil {
		t.Fatal(err)
	}
	return a.URL
}

func (s *PushService) take(w http.ResponseWriter, r *http.Request) {
	p, err := s.read(r)
	s.mu.Lock()
	status := s.Status
	if err != nil {
		s.faults = append(s.faults, err)
	}
	s.mu.Unlock()
	switch {
	case err != nil:
		status = http.StatusBadRequest
	case status == 0:
		status = http.StatusCreated
	}
	w.WriteHeader(status)
	if err == nil {
		s.Heard <- p
	}
}

// Answers sets the status that it answers with from now on.
func (s *PushService) Answers(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Status = status
}

func (s *PushService) read(r *http.Request) (p Pushed, err error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return p, err
	}
	text, err := s.decrypt(body)
	if err != nil {
		return p, err
	}
	p = Pushed{Payload: string(text), Header: r.Header}
	p.Claims, p.Key, err = s.signature(r.Header.Get("Authorization"))
	return p, err
}

// signature checks that of RFC 8292.
func (s *PushService) signature(header string) (claims jwt.MapClaims, key string, err error) {
	signed, found := strings.CutPrefix(header, "vapid t=")
	signed, key, both := strings.Cut(signed, ", k=")
	public, err := base64.RawURLEncoding.DecodeString(key)
	if !found || !both || err != nil {
		return nil, "", errors.New("no VAPID in " + header)
	}
	claims = jwt.MapClaims{}
	_, err = jwt.ParseWithClaims(signed, claims, func(*jwt.Token) (any, error) {
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), public)
	}, jwt.WithValidMethods([]string{"ES256"}), jwt.WithExpirationRequired(), jwt.WithAudience(s.origin()))
	return claims, key, err
}

func (s *PushService) origin() string {
	u, _ := url.Parse(s.server.URL)
	return "https://" + u.Host
}

// decrypt reads one record of the coding aes128gcm (RFC 8188), with the keys of RFC 8291.
func (s *PushService) decrypt(body []byte) ([]byte, error) {
	const salted, sizes = 16, 21                                                                                                                // the salt; and with it the record's size and the length of the sender's key
	if len(body) < sizes+65 || len(body) > 4096 || body[sizes-1] != 65 || binary.BigEndian.Uint32(body[salted:]) < uint32(len(body)-sizes-65) { //nolint:gosec // bounded
		return nil, errors.New("this is no record of aes128gcm")
	}
	salt, from, sealed := body[:salted], body[sizes:sizes+65], body[sizes+65:]
	sender, err := ecdh.P256().NewPublicKey(from)
	if err != nil {
		return nil, err
	}
	shared, err := s.key.ECDH(sender)
	if err != nil {
		return nil, err
	}
	input, err1 := hkdf.Key(sha256.New, shared, s.auth, "WebPush: info\x00"+string(s.key.PublicKey().Bytes())+string(from), 32)
	key, err2 := hkdf.Key(sha256.New, input, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce, err3 := hkdf.Key(sha256.New, input, salt, "Content-Encoding: nonce\x00", 12)
	block, err4 := aes.NewCipher(key)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	padded, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, err
	}
	text, padding, found := strings.Cut(string(padded), "\x02")
	if !found || strings.Trim(padding, "\x00") != "" {
		return nil, errors.New("the padding is wrong")
	}
	return []byte(text), nil
}

// certificateFor is a certificate for an address, signed by itself. The one of httptest is for 127.0.0.1 alone.
func certificateFor(t *testing.T, host string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.ParseIP(host)}, NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: key}
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
