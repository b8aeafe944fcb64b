package softphone

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"sync"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// ProviderConfig describes a telephone provider.
type ProviderConfig struct {
	Config
	User     string // the account that may register, and its password
	Password string
	Asks     bool // asks for the password with every call too, as many providers do
	Expires  int  // how many seconds a registration is granted for; 0 for what is asked for. Asterisk renews 10 s before the end
}

// Provider is the far side of a trunk: calls that the household dials arrive there. If the trunk registers, calls for the household go to the registered
// address.
type Provider struct {
	*Station
	config ProviderConfig
	nonce  string

	registering sync.Mutex
	contact     string        // host and port; "" while nobody is registered
	uri         sip.Uri       // the same, as it was given
	changed     chan struct{} // closed and renewed with contact
}

// NewProvider makes a provider.
func NewProvider(config ProviderConfig) (*Provider, error) {
	s, err := open(config.Config, "provider")
	if err != nil {
		return nil, err
	}
	p := &Provider{Station: s, config: config, nonce: rand.Text(), changed: make(chan struct{})}
	s.registrar = p.onRegister
	if config.Asks {
		s.asks = p.question
	}
	return p, s.serve()
}

// Registered waits until the account is registered and returns the address that it gave.
func (p *Provider) Registered(ctx context.Context) (contact string, err error) {
	return p.awaitContact(ctx, true)
}

// Unregistered waits until the account is not registered.
func (p *Provider) Unregistered(ctx context.Context) error {
	_, err := p.awaitContact(ctx, false)
	return err
}

func (p *Provider) awaitContact(ctx context.Context, registered bool) (string, error) {
	for {
		p.registering.Lock()
		contact, changed := p.contact, p.changed
		p.registering.Unlock()
		if (contact != "") == registered {
			return contact, nil
		}
		select {
		case <-changed:
		case <-p.closed:
			return "", ErrClosed
		case <-ctx.Done():
			return "", fmt.Errorf("%s: waiting for the account %s: %w", p.config.Name, p.config.User, ctx.Err())
		}
	}
}

// DialRegistered calls the registered address, as a provider delivers a call. Dial.At is left empty.
func (p *Provider) DialRegistered(ctx context.Context, d Dial) (*Call, error) {
	contact, err := p.Registered(ctx)
	if err != nil {
		return nil, err
	}
	p.registering.Lock()
	target := p.uri
	p.registering.Unlock()
	d.At = contact
	return p.dial(ctx, d, &target)
}

// onRegister is the registrar.
func (p *Provider) onRegister(req *sip.Request, tx sip.ServerTransaction) {
	if question := p.question(req); question != nil {
		p.respond(tx, question)
		return
	}
	contact := req.Contact()
	expires := p.expires(req)
	res := sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil)
	if contact != nil && expires > 0 {
		granted := contact.Clone()
		granted.Params.Add("expires", strconv.Itoa(expires))
		res.AppendHeader(granted)
	}
	p.respond(tx, res)
	p.registering.Lock()
	defer p.registering.Unlock()
	before := p.contact
	p.contact = ""
	if contact != nil && expires > 0 {
		p.contact, p.uri = contact.Address.HostPort(), contact.Address
	}
	if p.contact == before {
		return
	}
	close(p.changed)
	p.changed = make(chan struct{})
	kind := Registered
	if p.contact == "" {
		kind = Unregistered
	}
	p.emit(Event{Kind: kind, Text: p.config.User})
}

// question is the answer to a request without the right password, or nil if it has it.
func (p *Provider) question(req *sip.Request) *sip.Response {
	challenge := digest.Challenge{Realm: "provider", Nonce: p.nonce, Algorithm: "MD5", QOP: []string{"auth"}}
	if p.knows(req, challenge) {
		return nil
	}
	res := sip.NewResponseFromRequest(req, sip.StatusUnauthorized, "Unauthorized", nil)
	res.AppendHeader(sip.NewHeader("WWW-Authenticate", challenge.String()))
	return res
}

func (p *Provider) knows(req *sip.Request, challenge digest.Challenge) bool {
	h := req.GetHeader("Authorization")
	if h == nil {
		return false
	}
	given, err := digest.ParseCredentials(h.Value())
	if err != nil || given.Username != p.config.User || given.Nonce != p.nonce {
		return false
	}
	right, err := digest.Digest(&challenge, digest.Options{Method: req.Method.String(), URI: given.URI, Username: p.config.User,
		Password: p.config.Password, Cnonce: given.Cnonce, Count: given.Nc})
	return err == nil && right.Response == given.Response
}

// expires is how many seconds a registration is granted for; 0 removes it.
func (p *Provider) expires(req *sip.Request) int {
	asked := 3600
	if h := req.GetHeader("Expires"); h != nil {
		asked, _ = strconv.Atoi(h.Value())
	}
	if contact := req.Contact(); contact != nil {
		if own, ok := contact.Params.Get("expires"); ok {
			asked, _ = strconv.Atoi(own)
		}
	}
	if asked > 0 && p.config.Expires > 0 {
		return p.config.Expires
	}
	return asked
}
