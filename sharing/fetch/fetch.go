// Package fetch downloads files over http and https from addresses that strangers have written: the address of a shared list, and what its server
// says, are hostile input.
//
//   - It only reaches the public internet: no address of this machine, the home network or any other private one, by whatever name or redirect. It checks the
//     address that is dialled, so a name that resolves to something else a moment later gets nowhere. (Settings can allow private addresses, for a list that is
//     served at home.)
//   - It sends nothing but the request: no cookies, no password, no referrer; and it uses no proxy.
//   - The number of redirects is limited, and none leads from https to http.
//   - There are limits to a file's size, to the time it takes, and to how slowly it may come: a server that sends a byte a minute is dropped.
//
// Whatever goes wrong is one of the errors below, each of which is a plain sentence.
package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// What can go wrong. Each is the beginning of an error's plain sentence, and can be found with errors.Is.
var (
	ErrAddress     = errors.New("this is not an address of a list")
	ErrPrivate     = errors.New("the address leads into a private network, and lists are not downloaded from there") // unless the settings allow it
	ErrPublic      = errors.New("the address leads out of the private network, and this must not go over the internet without encryption")
	ErrRedirects   = errors.New("the server sends whoever asks from one address to the next without end")
	ErrDowngrade   = errors.New("the server leads from an encrypted address to one without encryption")
	ErrElsewhere   = errors.New("the server leads to another one, which must not get the key")
	ErrUnreachable = errors.New("the server cannot be reached")
	ErrCertificate = errors.New("the server cannot prove that it is the one of this address")
	ErrAnswer      = errors.New("the server does not give the file") // see StatusError
	ErrTooLarge    = errors.New("the file is larger than it may be")
	ErrSlow        = errors.New("the server sends so slowly that it was left")
	ErrTime        = errors.New("getting the file has taken too long")
	ErrCutOff      = errors.New("the connection was cut off before the file was there")
)

// StatusError is an answer other than the file or "not modified". It is an ErrAnswer.
type StatusError struct {
	Status int           // of HTTP
	After  time.Duration // how long the server wants to be left alone; 0 if it does not say
}

func (e *StatusError) Error() string {
	switch e.Status {
	case http.StatusNotFound, http.StatusGone:
		return fmt.Sprintf("%s: there is nothing at this address (%d)", ErrAnswer, e.Status)
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Sprintf("%s: it is not for everybody (%d)", ErrAnswer, e.Status)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return fmt.Sprintf("%s: it is busy (%d)", ErrAnswer, e.Status)
	default:
		return fmt.Sprintf("%s: its answer was %d", ErrAnswer, e.Status)
	}
}

// Is makes it an ErrAnswer.
func (e *StatusError) Is(target error) bool { return target == ErrAnswer }

// Options say how a Client gets files. The zero value is the usual.
type Options struct {
	AllowPrivate bool   // addresses of this machine and of private networks too
	OnlyPrivate  bool   // these alone, for what must not be sent over the internet without encryption
	Agent        string // how it names itself; "" is "ringfence"

	// Speed is how many bytes have to come in each Window once the server has begun to answer; 0 is 4 kB in 30 seconds.
	Speed  int64
	Window time.Duration
	// Begin is how long to wait for a connection, and then for the beginning of an answer; 0 is 15 seconds.
	Begin time.Duration

	AtOnce int // connections to one server; 0 is 2

	Resolver *net.Resolver // of names; nil is the system's
}

const (
	usualSpeed   = 4 << 10
	usualWindow  = 30 * time.Second
	usualBegin   = 15 * time.Second
	usualAtOnce  = 2
	maxRedirects = 5
	maxHeader    = 64 << 10
	maxAddress   = 2000
	maxAfter     = 7 * 24 * time.Hour
)

// Client gets files. Its methods may be called from any goroutine.
type Client struct {
	http   *http.Client
	agent  string
	speed  int64
	window time.Duration
}

// New makes a client.
func New(o Options) *Client {
	if o.Agent == "" {
		o.Agent = "ringfence"
	}
	if o.Speed <= 0 {
		o.Speed = usualSpeed
	}
	if o.Window <= 0 {
		o.Window = usualWindow
	}
	if o.Begin <= 0 {
		o.Begin = usualBegin
	}
	if o.AtOnce <= 0 {
		o.AtOnce = usualAtOnce
	}
	allowed := Public
	switch {
	case o.OnlyPrivate:
		allowed = atHome
	case o.AllowPrivate:
		allowed = func(netip.AddrPort) error { return nil }
	}
	return newClient(o, allowed)
}

func newClient(o Options, allowed func(netip.AddrPort) error) *Client {
	dialer := &net.Dialer{Timeout: o.Begin, Resolver: o.Resolver, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %s", ErrPrivate, address)
		}
		return allowed(at)
	}}
	return &Client{
		http: &http.Client{
			Transport: &http.Transport{
				Proxy:       nil, // it would dial in our place
				DialContext: dialer.DialContext, TLSHandshakeTimeout: o.Begin, ResponseHeaderTimeout: o.Begin,
				TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
				DisableCompression: true, MaxResponseHeaderBytes: maxHeader, MaxConnsPerHost: o.AtOnce, IdleConnTimeout: time.Minute,
			},
			CheckRedirect: redirect,
		},
		agent: o.Agent, speed: o.Speed, window: o.Window,
	}
}

// Check returns ErrAddress unless an address is http or https, with a host and without a password.
func Check(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil, len(address) > maxAddress:
		return ErrAddress
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("%w: it begins with https://", ErrAddress)
	case u.Hostname() == "" || u.Opaque != "":
		return fmt.Errorf("%w: it names no server", ErrAddress)
	case u.User != nil:
		return fmt.Errorf("%w: it holds a password", ErrAddress)
	}
	return nil
}

func redirect(next *http.Request, before []*http.Request) error {
	if len(before) > maxRedirects {
		return ErrRedirects
	}
	if err := Check(next.URL.String()); err != nil {
		return err
	}
	if before[len(before)-1].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return ErrDowngrade
	}
	// net/http would pass the key on to a subdomain of the first server.
	if first := before[0]; first.Header.Get("Authorization") != "" && next.URL.Host != first.URL.Host {
		return ErrElsewhere
	}
	next.Header.Del("Referer")
	return nil
}

// Request is what to get.
type Request struct {
	URL  string
	Most int64         // bytes of the file at most
	Time time.Duration // for all of it
	// From the last answer, to ask whether the file has changed since; "" if it had none.
	ETag, Modified string
	// Bearer is a key that is sent with the request, only to this server; "" for none. Errors never contain it.
	Bearer string
}

// Answer is what the server said besides the file.
type Answer struct {
	Unchanged      bool // the file has not changed since the request's ETag or Modified, and nothing was written
	Size           int64
	ETag, Modified string
	// Elsewhere is the server that the answer came from, if it is not the one that was asked, as where a login page stands before everything.
	Elsewhere string
	// Unmeasured says that the server has not said how long the file is, nor where it ends: it may have been cut off.
	Unmeasured bool
}

// Get writes a file to the writer to. If there is an error, what was written is of no use.
func (c *Client) Get(ctx context.Context, r Request, to io.Writer) (Answer, error) {
	if err := Check(r.URL); err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, r.Time, fmt.Errorf("%w: it was given %v", ErrTime, r.Time))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	request.Header.Set("User-Agent", c.agent)
	request.Header.Set("Accept-Encoding", "identity")
	if plainTag.MatchString(r.ETag) {
		request.Header.Set("If-None-Match", r.ETag)
	}
	if r.Modified != "" {
		request.Header.Set("If-Modified-Since", r.Modified)
	}
	if r.Bearer != "" {
		request.Header.Set("Authorization", "Bearer "+r.Bearer)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, Explain(ctx, err)
	}
	defer func() { _ = response.Body.Close() }() // only read
	return c.take(ctx, r, response, to)
}

// Close ends the connections that wait for another request.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func (c *Client) take(ctx context.Context, r Request, response *http.Response, to io.Writer) (Answer, error) {
	var a Answer
	a.ETag, a.Modified = validators(response.Header)
	a.Unmeasured = response.ContentLength < 0 && response.ProtoMajor == 1 && len(response.TransferEncoding) == 0
	if asked, err := url.Parse(r.URL); err == nil && response.Request.URL.Host != asked.Host {
		a.Elsewhere = response.Request.URL.Hostname()
	}
	switch {
	case response.StatusCode == http.StatusNotModified && (r.ETag != "" || r.Modified != ""):
		a.Unchanged, a.ETag, a.Modified = true, r.ETag, r.Modified
		return a, nil
	case response.StatusCode != http.StatusOK:
		return a, &StatusError{response.StatusCode, RetryAfter(response.Header)}
	case response.ContentLength > r.Most:
		return a, fmt.Errorf("%w: it has %d bytes, and at most %d are taken", ErrTooLarge, response.ContentLength, r.Most)
	}
	// Many servers say that a file ending in .gz has the encoding gzip, although it is the file itself.
	encoding := response.Header.Get("Content-Encoding")
	if encoding != "" && encoding != "identity" && !strings.HasSuffix(response.Request.URL.Path, ".gz") {
		return a, fmt.Errorf("%w: it sends it packed (%q), which was not asked for", ErrAnswer, cut(encoding))
	}
	body := newWatched(response.Body, c.speed, c.window)
	defer body.stop()
	size, err := io.Copy(to, io.LimitReader(body, r.Most+1))
	a.Size = size
	switch {
	case body.slow():
		return a, fmt.Errorf("%w: less than %d bytes came in %v", ErrSlow, c.speed, c.window)
	case err != nil && body.failed():
		return a, Explain(ctx, err)
	case err != nil: // the writer's own error
		return a, err
	case size > r.Most:
		return a, fmt.Errorf("%w: at most %d bytes are taken", ErrTooLarge, r.Most)
	}
	return a, nil
}

// settled is how old a file has to be for its date to show that it is the same one: within the same second, the unit of dates and of many servers' ETags, it may
// be written again.
const settled = 2 * time.Second

// plainTag is an ETag as servers make it from a file: its hash, or its time and size, in hexadecimal or base 64. Anything else could be an identifier that a
// server has given to this household, to recognise it at every request.
var plainTag = regexp.MustCompile(`^(W/)?"[0-9a-fA-F]{1,64}(-[0-9a-fA-F]{1,16}){0,2}(-gzip|-br|-zstd)?"$|^(W/)?"[A-Za-z0-9+/_-]{43}=?"$`)

// validators are the ETag and the date of an answer, as far as they may be sent back; "" for one that would say nothing, or too much.
func validators(h http.Header) (tag, modified string) {
	tag = h.Get("ETag")
	if !plainTag.MatchString(tag) {
		tag = ""
	}
	written, err := http.ParseTime(h.Get("Last-Modified"))
	if err != nil {
		return tag, ""
	}
	if now, errNow := http.ParseTime(h.Get("Date")); errNow != nil || now.Sub(written) < settled {
		return "", ""
	}
	return tag, written.UTC().Format(http.TimeFormat)
}

// RetryAfter is how long a server wants to be left alone, which it says in seconds or as a date; 0 if it does not say.
func RetryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	var wait time.Duration
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		wait = time.Duration(min(max(seconds, 0), int64(maxAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), maxAfter)
}

// Explain turns the error of an HTTP client, such as that from Messages, into one of the errors above, if it is one that people can do something about.
func Explain(ctx context.Context, err error) error {
	for _, ours := range []error{ErrPrivate, ErrPublic, ErrRedirects, ErrDowngrade, ErrElsewhere, ErrAddress} {
		if errors.Is(err, ours) {
			var wrapped *url.Error
			if errors.As(err, &wrapped) {
				err = wrapped.Err // without the address, which is in people's own words elsewhere
			}
			var dialling *net.OpError
			if errors.As(err, &dialling) {
				err = dialling.Err
			}
			return err
		}
	}
	var unknown *tls.CertificateVerificationError
	var timeout net.Error
	var unfinished *net.OpError
	switch {
	case errors.Is(context.Cause(ctx), ErrTime):
		return context.Cause(ctx)
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &unknown):
		return fmt.Errorf("%w: %w", ErrCertificate, unknown.Err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return ErrCutOff
	case errors.As(err, &timeout) && timeout.Timeout() && !(errors.As(err, &unfinished) && unfinished.Op == "dial"):
		return fmt.Errorf("%w: it does not answer", ErrSlow)
	default:
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
}

func cut(text string) string { return text[:min(len(text), 40)] }
