package notify

import (
	"bytes"
	"context"
	"crypto/tls"
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
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/mattermost"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/gotify"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// Message is one message to somebody.
type Message struct {
	Title  string // one line
	Text   string
	Urgent bool   // the phone should make a sound, if the service can ask for that
	Link   string // a page of Ringfence's about it; "" for none

	// Thread names what the message is about, such as a call in progress: a later message about the same replaces it, where the service can do that. ""
	// is a message by itself.
	Thread string
	// Receipt is what Deliver returned for the message that this one replaces; "" for the first.
	Receipt string
	// Quiet is set where a message replaces one that has made a sound.
	Quiet bool
	// Expires is after how long the message is worth nothing any more; 0 is never.
	Expires time.Duration
	// Stays is set where a notification stays until somebody has seen to it.
	Stays bool
}

// send sends a message, and returns its receipt (see Process.Deliver). It needs a process of its own (see Child), because it changes how the process
// speaks HTTP and may take for ever.
func send(to Target, m Message, public func(netip.AddrPort) error) (receipt string, fault *Failure) {
	address := to.URL
	u, err := parse(address)
	if err != nil {
		return "", failure(address, "broken", "the address is not valid")
	}
	web := newWeb(public)
	web.remembers = m.Thread != ""
	http.DefaultTransport = web
	if u.Scheme == "smtp" { // it connects by itself; a name server that answers differently a moment later would not be noticed
		err = web.lookup(u.Hostname())
	}
	if err == nil {
		receipt, err = deliver(u, to.Push, m, web)
	}
	if err == nil && web.err != nil { // shoutrrr's Telegram reports success if there is no network
		err = web.err
	}
	if err == nil && web.status >= 300 {
		err = fmt.Errorf("it answered with %d", web.status)
		if edits(u, m) && notReplaced(web.status) {
			err = errors.Join(errNotReplaced, err)
		}
	}
	if err == nil {
		return receipt, nil
	}
	if web.err != nil && !errors.Is(err, web.err) { // some services only say that they failed
		err = errors.Join(err, web.err)
	}
	return "", explain(address, err, web.status)
}

// deliver sends a message by whatever its service needs.
func deliver(u *url.URL, keys PushKeys, m Message, web *web) (receipt string, err error) {
	if u.Scheme == pushScheme {
		return m.Thread, push(u, keys, m, web)
	}
	if edits(u, m) {
		return m.Receipt, editors[u.Scheme](u, m, web)
	}
	if err := sendOn(u, m, web); err != nil || m.Thread == "" {
		return "", err
	}
	return receiptOf(u, m, web), nil
}

// sendOn turns a panic in shoutrrr into an error.
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
	speakBy(service, m, web)
	text, params := shaped(u.Scheme, m)
	return service.Send(text, &params)
}

// speakBy has services with a transport of their own use web, too (as found in shoutrrr 0.13.2). All others use http.DefaultTransport.
func speakBy(service types.Service, m Message, web *web) {
	switch x := service.(type) {
	case *ntfy.Service:
		if m.Thread != "" { // a server before 2.16 does not know it, and shows one message after the other
			web.header = http.Header{"X-Sequence-Id": {topicOf(m.Thread)}}
		}
		x.SetHTTPClient(&http.Client{Transport: web})
		web.verify(!x.Config.DisableTLSVerification)
	case *gotify.Service:
		x.GetHTTPClient().Transport = web
		web.verify(!x.Config.InsecureSkipVerify)
	case *mattermost.Service:
		x.GetHTTPClient().Transport = web
	}
}

// titled are the services that show a title. For the others it becomes the first line of the text.
var titled = []string{"smtp", "ntfy", "pushover", "gotify", "pushbullet", "bark", "join", "generic"}

// shaped puts a message into a service's own form.
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
	addLink(scheme, m, &text, params)
	switch {
	case scheme == "ntfy" && m.Quiet:
		params["priority"] = "low"
	case scheme == "ntfy" && m.Urgent:
		params["priority"] = "max"
	case scheme == "ntfy" && m.Thread != "":
		params["priority"] = "high"
	case scheme == "pushover" && m.Urgent:
		params["priority"] = "1"
	}
	return text, params
}

// addLink adds a message's link in the form that a service has for it: as what a tap opens, as a field of its own, or else behind the text.
func addLink(scheme string, m Message, text *string, params types.Params) {
	if scheme == "generic" && m.Thread != "" { // programs replace a message by its thread
		params["thread"] = m.Thread
	}
	switch {
	case m.Link == "":
	case scheme == "ntfy":
		params["click"] = m.Link
	case scheme == "generic":
		params["link"] = m.Link
	case scheme == "smtp":
		*text += m.Link + "\r\n"
	default:
		*text += "\n" + m.Link
	}
}

var (
	errRedirect   = errors.New("it redirects to another server")
	errNotAllowed = errors.New("link-local and other special addresses are not sent to")
	errAtHome     = errors.New("an address in a home network is not sent to")
)

// web is how the sending process speaks HTTP. It remembers the last answer, follows no redirect to another host, and limits how much of an answer is read.
type web struct {
	plain  *http.Transport
	proxy  *http.Transport // the same for an operator's proxy, which may be anywhere
	public func(netip.AddrPort) error

	header    http.Header // added to every request
	remembers bool        // it keeps what was answered last

	mu       sync.Mutex
	status   int
	err      error
	answer   []byte   // what was answered last
	asked    *url.URL // and to which request
	messages int      // how many requests sent a message: one for each chat or room
}

// mostAnswer is how much of a service's answer is read.
const mostAnswer = 1 << 20

func newWeb(public func(netip.AddrPort) error) *web {
	w := &web{public: public}
	transport := func(control func(network, address string, _ syscall.RawConn) error) *http.Transport {
		dialer := &net.Dialer{Timeout: 15 * time.Second, Control: control}
		return &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 15 * time.Second, DisableKeepAlives: true,
		}
	}
	w.plain = transport(func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return w.allowed(at)
	})
	w.proxy = transport(nil)
	w.proxy.Proxy = http.ProxyFromEnvironment
	return w
}

// verify sets whether servers have to prove who they are. An address may do without that.
func (w *web) verify(proof bool) {
	for _, t := range []*http.Transport{w.plain, w.proxy} {
		t.TLSClientConfig = &tls.Config{InsecureSkipVerify: !proof, MinVersion: tls.VersionTLS12} //nolint:gosec // whoever made the address chose it
	}
}

// allowed says whether an IP address may be connected to.
func (w *web) allowed(at netip.AddrPort) error {
	ip := at.Addr().Unmap()
	if ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
		return errNotAllowed
	}
	if err := w.public(at); err != nil {
		return errAtHome
	}
	return nil
}

// lookup does the same for all addresses of a name. A name without any is left to whoever connects.
func (w *web) lookup(host string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil //nolint:nilerr // whoever connects reports it, in the service's words
	}
	for _, ip := range found {
		if err := w.allowed(netip.AddrPortFrom(ip, 0)); err != nil {
			return err
		}
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
	if r.Response != nil && r.Response.Request != nil { // this request follows a redirect
		from := r.Response.Request.URL
		if from.Host != r.URL.Host || from.Scheme == "https" && r.URL.Scheme != "https" {
			return nil, errRedirect
		}
	}
	way := w.plain
	if through, err := http.ProxyFromEnvironment(r); err == nil && through != nil {
		if err := w.lookup(r.URL.Hostname()); err != nil {
			return nil, err
		}
		way = w.proxy
	}
	for name, values := range w.header {
		r.Header[name] = values
	}
	res, err := way.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body := res.Body
	if w.remembers {
		return res, w.remember(r, res)
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(body, mostAnswer), body}
	return res, nil
}

// remember keeps an answer for receiptOf.
func (w *web) remember(r *http.Request, res *http.Response) error {
	answer, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	err = errors.Join(err, res.Body.Close())
	res.Body = io.NopCloser(bytes.NewReader(answer))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer, w.asked = answer, r.URL
	if sendsMessage(r.URL) {
		w.messages++
	}
	return err
}

// Test sends a message saying that alerts work, for somebody who waits for the result. household is the household's name.
func Test(ctx context.Context, by Courier, to Target, household string) error {
	return by.Send(ctx, to, Message{
		Title: "Ringfence: " + household,
		Text:  "This is a test. It works: Ringfence can tell you here.",
	})
}
