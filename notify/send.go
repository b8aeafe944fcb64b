package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// Message is what somebody is told.
type Message struct {
	Title  string // one line
	Text   string
	Urgent bool // a telephone may make itself heard where the service can ask for that
}

// send sends a message. It is made for a process of its own (see Child): it changes how this process speaks HTTP, and may
// take for ever.
func send(address string, m Message) *Failure {
	u, err := parse(address)
	if err != nil {
		return failure(address, "broken", "the address is not valid")
	}
	web := newWeb()
	http.DefaultTransport = web
	err = sendOn(u, m, web)
	if err == nil && web.err != nil { // shoutrrr's Telegram takes a network that is away for success
		err = web.err
	}
	if err == nil && web.status >= 300 {
		err = fmt.Errorf("it answered with %d", web.status)
	}
	if err == nil {
		return nil
	}
	if web.err != nil && !errors.Is(err, web.err) { // some services only say that they failed
		err = errors.Join(err, web.err)
	}
	return explain(address, err, web.status)
}

// sendOn keeps a fault in shoutrrr from looking like anything but an error.
func sendOn(u *url.URL, m Message, web *web) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("shoutrrr: %v", fault)
		}
	}()
	service, err := (&router.ServiceRouter{}).NewService(u.Scheme)
	if err != nil {
		return err
	}
	if err := service.Initialize(u, nil); err != nil {
		return err
	}
	if n, ok := service.(*ntfy.Service); ok && !n.Config.DisableTLSVerification {
		n.SetHTTPClient(&http.Client{Transport: web})
	}
	text, params := shaped(u.Scheme, m)
	return service.Send(text, &params)
}

// titled are the services that show a title by themselves. For the others it is the text's first line.
var titled = []string{"smtp", "ntfy", "pushover", "gotify", "pushbullet", "bark", "join", "generic"}

// shaped brings a message into a service's own form.
func shaped(scheme string, m Message) (text string, params types.Params) {
	params = types.Params{}
	title := strings.Join(strings.Fields(m.Title), " ")
	text = m.Text
	switch {
	case !slices.Contains(titled, scheme):
		text = title + "\n" + text
	case scheme == "smtp": // RFC 2047, which shoutrrr leaves to others
		params["title"] = mime.QEncoding.Encode("utf-8", title)
		text = strings.ReplaceAll(text, "\n", "\r\n") + "\r\n"
	default:
		params["title"] = title
	}
	if m.Urgent {
		switch scheme {
		case "ntfy":
			params["priority"] = "max"
		case "pushover":
			params["priority"] = "1"
		}
	}
	return text, params
}

var (
	errRedirect   = errors.New("it redirects to another server")
	errNotAllowed = errors.New("link-local and other special addresses are not sent to")
)

// web is how the sending process speaks HTTP: it remembers what was answered last, follows no redirect to another host, and
// reads no more of an answer than one has to.
type web struct {
	plain *http.Transport

	mu     sync.Mutex
	status int
	err    error
}

// mostAnswer is how much of a service's answer is read.
const mostAnswer = 1 << 20

func newWeb() *web {
	dialer := &net.Dialer{Timeout: 15 * time.Second, Control: func(_, address string, _ syscall.RawConn) error { return allowed(address) }}
	return &web{plain: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 15 * time.Second,
		DisableKeepAlives: true,
	}}
}

// allowed tells whether an address that a name stands for may be connected to.
func allowed(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := at.Addr().Unmap()
	if ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
		return errNotAllowed
	}
	return nil
}

// RoundTrip implements http.RoundTripper.
func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := w.roundTrip(r)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err, w.status = err, 0
	if err == nil {
		w.status = res.StatusCode
	}
	return res, err
}

func (w *web) roundTrip(r *http.Request) (*http.Response, error) {
	if r.Response != nil && r.Response.Request != nil { // a redirect brought it here
		from := r.Response.Request.URL
		if from.Host != r.URL.Host || from.Scheme == "https" && r.URL.Scheme != "https" {
			return nil, errRedirect
		}
	}
	res, err := w.plain.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body := res.Body
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(body, mostAnswer), body}
	return res, nil
}

// Test sends a message that says that it works, for somebody who waits for the answer. household is its name.
func Test(ctx context.Context, by Courier, address, household string) error {
	return by.Send(ctx, address, Message{
		Title: "Ringfence: " + household,
		Text:  "This is a test. It works: Ringfence can tell you here.",
	})
}
