package notify

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/SherClockHolmes/webpush-go"
)

// Web Push: a browser that somebody has asked for it gives an address of its maker's push service, and a key. A message to it is encrypted for that
// browser (RFC 8291), and signed (VAPID, RFC 8292).

// WebPush is the service of browsers. pushScheme begins their addresses.
const (
	WebPush    = "webpush"
	pushScheme = "webpush"
)

// pushGone are the statuses by which a push service says that a browser has given its address up (RFC 8030, section 7.3).
var pushGone = []int{http.StatusNotFound, http.StatusGone}

// PushKeys are the keys by which push services know this Ringfence. The public one is in every browser's address: with others it would not be accepted.
type PushKeys struct {
	Public, Private string // in base64, as browsers take the public one
	Contact         string // an https address, for whoever runs a push service
}

// NeedsPushKeys says whether an address is a browser's.
func NeedsPushKeys(address string) bool { return schemeOf(address) == pushScheme }

// NewPushKeys makes a pair of keys.
func NewPushKeys() (k PushKeys, err error) {
	k.Private, k.Public, err = webpush.GenerateVAPIDKeys()
	return k, err
}

// PushEndpoint is the address that a browser has given; "" where an alert goes elsewhere.
func PushEndpoint(address string) string {
	if u, err := url.Parse(address); err == nil && u.Scheme == pushScheme {
		return u.Query().Get("endpoint")
	}
	return ""
}

func byWebPush() Service {
	return Service{
		ID: WebPush, Name: "This browser or phone", By: "in a browser", ByBrowser: true, build: buildWebPush,
		Hint: "Alerts reach the phone, tablet or computer that you are using now, even while this page is closed.",
		Fields: []Field{
			{ID: "endpoint", Label: "Push address", Type: "hidden", Secret: true},
			{ID: "p256dh", Label: "Key", Type: "hidden", Secret: true},
			{ID: "auth", Label: "Secret", Type: "hidden", Secret: true},
			{ID: "device", Label: "Device", Type: "hidden", Optional: true},
		},
	}
}

// buildWebPush takes what a browser says of its subscription, which anybody can make up.
func buildWebPush(v values) (Address, error) {
	q := url.Values{"endpoint": {v["endpoint"]}, "p256dh": {v["p256dh"]}, "auth": {v["auth"]}}
	address := url.URL{Scheme: pushScheme, Host: "browser", RawQuery: q.Encode()}
	if _, err := parsePush(address.String()); err != nil {
		return Address{}, FieldError{"endpoint", err.Error()}
	}
	name := "This browser"
	if v["device"] != "" {
		name = cut(v["device"], 60)
	}
	return Address{address.String(), "Browser: " + name}, nil
}

// errNoPush is for whoever has no such address.
var errNoPush = errors.New("This browser has given no address that alerts can be sent to. Try again, or choose another way.")

// parsePush reads the address of a browser. Where its host is, is looked at when it is connected to, like that of any other (see web.allowed).
func parsePush(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errNoPush
	}
	q := u.Query()
	to, err := url.Parse(q.Get("endpoint"))
	if err != nil || to.Scheme != "https" || to.Hostname() == "" || to.User != nil || to.Fragment != "" {
		return nil, errNoPush
	}
	key, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(q.Get("p256dh"), "="))
	if err != nil {
		return nil, errNoPush
	}
	if _, err := ecdh.P256().NewPublicKey(key); err != nil {
		return nil, errNoPush
	}
	if secret, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(q.Get("auth"), "=")); err != nil || len(secret) != 16 {
		return nil, errNoPush
	}
	return u, nil
}

// pushed is what the service worker of web/static is told: no more than it shows.
type pushed struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	Tag   string `json:"tag,omitempty"`  // a later notification with the same replaces it
	Path  string `json:"path,omitempty"` // of the page that a tap opens
	Quiet bool   `json:"quiet,omitempty"`
	Stays bool   `json:"stays,omitempty"` // until somebody has seen to it
}

// usualExpiry is how long a push service keeps a message for a phone that is switched off.
const usualExpiry = 3 * 24 * time.Hour

// longestTitle is in bytes. mostPushed is what of the 4096 bytes that every push service takes (RFC 8030, section 7.2) encryption leaves, in JSON.
const longestTitle, mostPushed = 200, 3900

// json is the message as JSON that fits into one push. Where it does not, because it is full of characters that JSON writes longer, its text ends earlier.
func (p pushed) json() ([]byte, error) {
	for {
		payload, err := json.Marshal(p)
		if err != nil || len(payload) <= mostPushed {
			return payload, err
		}
		p.Text = cut(p.Text, len(p.Text)*9/10)
	}
}

// push sends a message to a browser.
func push(u *url.URL, keys PushKeys, m Message, web *web) error {
	p := pushed{Title: cut(m.Title, longestTitle), Text: cut(m.Text, room[pushScheme]), Quiet: m.Quiet, Stays: m.Stays}
	if link, err := url.Parse(m.Link); err == nil {
		p.Path = link.Path
	}
	o := &webpush.Options{
		HTTPClient: &http.Client{Transport: web}, Subscriber: keys.Contact, VAPIDPublicKey: keys.Public, VAPIDPrivateKey: keys.Private,
		TTL: int(usualExpiry.Seconds()), Urgency: webpush.UrgencyNormal,
	}
	if m.Expires > 0 {
		o.TTL = int(m.Expires.Seconds())
	}
	if m.Thread != "" {
		p.Tag = topicOf(m.Thread)
		o.Topic = p.Tag
	}
	if m.Urgent || p.Stays {
		o.Urgency = webpush.UrgencyHigh
	}
	payload, err := p.json()
	if err != nil {
		return err
	}
	q := u.Query()
	to := &webpush.Subscription{Endpoint: q.Get("endpoint"), Keys: webpush.Keys{P256dh: q.Get("p256dh"), Auth: q.Get("auth")}}
	res, err := webpush.SendNotificationWithContext(context.Background(), payload, to, o)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, res.Body) // only the status counts
	return res.Body.Close()
}
