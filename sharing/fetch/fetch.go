// Package fetch gets files over http and https from addresses that strangers have written: the address of a shared list, and what
// its server says, are hostile input.
//
//   - It reaches the public internet and nothing else: no address of this machine, of the home network or of any other private one,
//     by whatever name or redirect it comes. What counts is the address that is dialled, so a name that leads somewhere else a moment
//     later does not help. (Settings can allow all that, for a list that is served at home.)
//   - It sends nothing but the request: no cookies, no password, no page that it came from; no proxy is asked.
//   - The number of redirects is limited, and none leads from https to http.
//   - A file is taken up to a size, within a time, and not slower than a speed: a server that sends a byte a minute is left.
//
// What goes wrong is one of the errors below, each of which is a plain sentence.
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

// What can go wrong. Each is the beginning of an error's plain sentence, and found with errors.Is.
var (
	ErrAddress     = errors.New("this is no address of a list")
	ErrPrivate     = errors.New("the address leads into a private network, where no list is got from") // unless the settings allow it
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

// StatusError is an answer that is neither the file nor that it has not changed. It is an ErrAnswer.
type StatusError struct {
	Status int           // of HTTP
	After  time.Duration // for how long the server wants to be left alone; 0: it does not say
}

func (e *StatusError) Error() string {
	switch e.Status {
	case http.StatusNotFound, http.StatusGone:
		return fmt.Sprintf("%s: there is none at this address (%d)", ErrAnswer, e.Status)
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

// Options are how a Client gets files. The zero Options are usual.
type Options struct {
	AllowPrivate bool   // addresses of this machine and of private networks too
	Agent        string // how it names itself; "" is "ringfence"

	// Speed is how many bytes must come in each Window at least, after the server has begun to answer; 0 is 4 kB in 30 seconds.
	Speed  int64
	Window time.Duration
	// Begin is for how long may be waited for a connection, and then for the beginning of an answer; 0 is 15 seconds.
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
	if o.AllowPrivate {
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

// Check is ErrAddress where an address is none that can be asked: it is http or https, with a host and without a password.
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
	// net/http would hand the key on to a server below the first one's name.
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
	// Of the answer before, to ask whether there is another since then; "" where it had none.
	ETag, Modified string
	// Bearer is a key that goes out with the request, to this server alone; "" for none. Errors do not have it.
	Bearer string
}

// Answer is what the server said beside the file.
type Answer struct {
	Unchanged      bool // the file is the one that the request's ETag or Modified belong to, and nothing was written
	Size           int64
	ETag, Modified string
}

// Get writes a file to `to`. Where there is an error, what was written is of no use.
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
		return Answer{}, explain(ctx, err)
	}
	defer func() { _ = response.Body.Close() }() // only read
	return c.take(ctx, r, response, to)
}

// Close ends the connections that wait for another request.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func (c *Client) take(ctx context.Context, r Request, response *http.Response, to io.Writer) (Answer, error) {
	var a Answer
	a.ETag, a.Modified = validators(response.Header)
	switch {
	case response.StatusCode == http.StatusNotModified && (r.ETag != "" || r.Modified != ""):
		a.Unchanged, a.ETag, a.Modified = true, r.ETag, r.Modified
		return a, nil
	case response.StatusCode != http.StatusOK:
		return a, &StatusError{response.StatusCode, after(response.Header.Get("Retry-After"))}
	case response.ContentLength > r.Most:
		return a, fmt.Errorf("%w: it has %d bytes, and at most %d are taken", ErrTooLarge, response.ContentLength, r.Most)
	}
	// Many servers say of a file that ends in .gz that it is encoded by gzip: it is the file all the same.
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
		return a, explain(ctx, err)
	case err != nil: // of the writer, which says it itself
		return a, err
	case size > r.Most:
		return a, fmt.Errorf("%w: at most %d bytes are taken", ErrTooLarge, r.Most)
	}
	return a, nil
}

// settled is how long ago a file must have been written for its date to say that there is no other: within the same second, in which
// both dates and many servers' ETags count, it may be written once more.
const settled = 2 * time.Second

// plainTag is an ETag as servers make it of a file: its hash, or its time and size, in hexadecimal or base 64. Anything else could be a
// name that a server has given to this household, which would tell it with every request who is asking.
var plainTag = regexp.MustCompile(`^(W/)?"[0-9a-fA-F]{1,64}(-[0-9a-fA-F]{1,16}){0,2}(-gzip|-br|-zstd)?"$|^(W/)?"[A-Za-z0-9+/_-]{43}=?"$`)

// validators are the ETag and the date of an answer as they may be sent back; "" where one would say nothing, or too much.
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

// after reads for how long a server wants to be left alone: seconds, or a date.
func after(text string) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		wait = time.Duration(min(max(seconds, 0), int64(maxAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), maxAfter)
}

// explain makes one of our errors of what the libraries say.
func explain(ctx context.Context, err error) error {
	for _, ours := range []error{ErrPrivate, ErrRedirects, ErrDowngrade, ErrElsewhere, ErrAddress} {
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
