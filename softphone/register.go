package softphone

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// registrationTime is what a telephone asks for. It renews after three quarters of what it is granted.
const registrationTime = 120 * time.Second

// registration keeps a telephone registered. (diago's takes the whole program down if there is no answer.)
type registration struct {
	mu     sync.Mutex
	callID string
	number uint32
	stop   context.CancelFunc // ends the renewing; nil while not registered
	done   chan struct{}
}

// Register tells Asterisk where the telephone is, and renews that until Unregister or Close.
func (p *Phone) Register(ctx context.Context) error {
	r := &p.registration
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop != nil {
		return nil
	}
	granted, err := p.register(ctx, registrationTime)
	if err != nil {
		return err
	}
	p.emit(Event{Kind: Registered, Text: p.config.Server})
	renewing, cancel := context.WithCancel(context.Background())
	r.stop, r.done = cancel, make(chan struct{})
	go func() {
		defer close(r.done)
		p.renew(renewing, granted)
	}()
	return nil
}

func (p *Phone) renew(ctx context.Context, granted time.Duration) {
	for {
		select {
		case <-time.After(granted * 3 / 4):
		case <-ctx.Done():
			return
		case <-p.closed:
			return
		}
		next, err := p.register(ctx, registrationTime)
		if err != nil && ctx.Err() == nil {
			p.emit(Event{Kind: Unregistered, Text: err.Error()})
			// Try again soon, like a telephone whose Asterisk is away for a moment.
			next = 5 * time.Second
		}
		granted = next
	}
}

// Unregister removes the registration, so that Asterisk no longer knows where the telephone is.
func (p *Phone) Unregister(ctx context.Context) error {
	r := &p.registration
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop == nil {
		return nil
	}
	r.stop()
	<-r.done
	r.stop = nil
	if _, err := p.register(ctx, 0); err != nil {
		return err
	}
	p.emit(Event{Kind: Unregistered, Text: p.config.Server})
	return nil
}

// Close unregisters, hangs up, and gives the address back.
func (p *Phone) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := p.Unregister(ctx)
	return errors.Join(err, p.Station.Close())
}

// register sends one REGISTER, with the password if that is asked for, and returns how long it was granted for.
func (p *Phone) register(ctx context.Context, expires time.Duration) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := p.registerRequest(expires)
	if err != nil {
		return 0, err
	}
	res, err := p.do(ctx, req)
	if err == nil && challenged(res) {
		p.registration.number++
		res, err = p.client.DoDigestAuth(ctx, req, res, sipgo.DigestAuth{Username: p.config.User, Password: p.config.Password})
	}
	if err != nil {
		return 0, fmt.Errorf("%s: registering at %s: %w", p.config.Name, p.config.Server, err)
	}
	if !res.IsSuccess() {
		return 0, fmt.Errorf("%s: registering at %s was refused: %d %s", p.config.Name, p.config.Server, res.StatusCode, res.Reason)
	}
	return granted(res, expires), nil
}

func (p *Phone) registerRequest(expires time.Duration) (*sip.Request, error) {
	host, port, err := sip.ParseAddr(p.config.Server)
	if err != nil || port == 0 {
		return nil, fmt.Errorf("%s: %q is not an address to register at; it needs a host and a port", p.config.Name, p.config.Server)
	}
	r := &p.registration
	if r.callID == "" {
		r.callID = sip.GenerateTagN(24)
	}
	r.number++
	self := sip.Uri{User: p.config.User, Host: host}
	from := sip.FromHeader{Address: self}
	from.Params.Add("tag", sip.GenerateTagN(16))
	callID := sip.CallIDHeader(r.callID)
	req := sip.NewRequest(sip.REGISTER, sip.Uri{Host: host, Port: port})
	req.AppendHeader(&from)
	req.AppendHeader(&sip.ToHeader{Address: self})
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: r.number, MethodName: sip.REGISTER})
	req.AppendHeader(p.contact.Clone())
	seconds := sip.ExpiresHeader(expires / time.Second)
	req.AppendHeader(&seconds)
	return req, nil
}

// granted is how long a registrar has accepted the registration for: what it says at our contact counts before what it says for all (RFC 3261, section
// 10.2.4).
func granted(res *sip.Response, asked time.Duration) time.Duration {
	seconds := ""
	if h := res.GetHeader("Expires"); h != nil {
		seconds = h.Value()
	}
	if contact := res.Contact(); contact != nil {
		if own, ok := contact.Params.Get("expires"); ok {
			seconds = own
		}
	}
	if n, err := strconv.Atoi(seconds); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	return asked
}
