package softphone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"ringfence/softphone/recognise"
)

// Config says what every simulated telephone needs.
type Config struct {
	Name    string             // who it is, for events and errors: "the neighbour"
	Address string             // where it is reachable: host and port on loopback; port 0 for any
	Outside bool               // Address need not be on loopback: Asterisk itself may not listen there
	Codecs  []Codec            // its codecs, best first; nil for PCMA and PCMU
	Library *recognise.Library // the recordings that it recognises, or nil
	OnEvent func(Event)        // called for every event, one at a time; it must return soon; may be nil
	Log     *slog.Logger       // for what goes wrong underneath; may be nil
}

// Station is a SIP telephone at an address on loopback. It can make and take several calls at a time. Its methods are safe for several goroutines.
type Station struct {
	config  Config
	address netip.AddrPort
	socket  *net.UDPConn
	agent   *sipgo.UserAgent
	client  *sipgo.Client
	contact sip.ContactHeader
	closed  chan struct{}
	serving sync.WaitGroup

	registrar sipgo.RequestHandler             // nil if nobody can register here
	asks      func(*sip.Request) *sip.Response // the answer to a call without the password; nil if any may ring

	emitting sync.Mutex // one event at a time

	mu       sync.Mutex
	calls    map[string]*Call // by Call-ID
	waiting  []*Call          // calls that have rung and that Rings has not returned yet
	rung     chan struct{}    // closed when waiting grows
	refuse   int              // the status with which new calls are refused; 0 if they ring
	redirect []string         // new calls are answered with 302 to these addresses
	single   bool             // a second call is refused as busy
	lamp     string           // the last message summary
	lampOn   chan struct{}    // closed when the lamp changes
}

// ErrClosed is what a telephone says after its Close.
var ErrClosed = errors.New("this telephone is closed")

// open binds the address; the station answers once serve is called. user is the user part of its own address.
func open(config Config, user string) (*Station, error) {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if len(config.Codecs) == 0 {
		config.Codecs = []Codec{PCMA, PCMU}
	}
	address, err := netip.ParseAddrPort(config.Address)
	if err != nil || !address.Addr().IsLoopback() && !config.Outside {
		return nil, fmt.Errorf("%q is not an address on loopback with a port, such as 127.0.0.2:0", config.Address)
	}
	socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(address))
	if err != nil {
		return nil, fmt.Errorf("the address %s for %s cannot be used: %w", address, config.Name, err)
	}
	s := &Station{config: config, socket: socket, closed: make(chan struct{}), calls: map[string]*Call{}, rung: make(chan struct{})}
	s.address = socket.LocalAddr().(*net.UDPAddr).AddrPort()
	s.contact = sip.ContactHeader{Address: sip.Uri{User: user, Host: s.address.Addr().String(), Port: int(s.address.Port())}}
	return s, nil
}

// serve starts the SIP side of an open station.
func (s *Station) serve() error {
	if err := s.listen(); err != nil {
		return errors.Join(err, s.socket.Close())
	}
	return nil
}

func (s *Station) listen() error {
	log := s.config.Log
	agent, err := sipgo.NewUA(sipgo.WithUserAgent("softphone"), sipgo.WithUserAgentHostname(s.address.Addr().String()),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(log)),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(log),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {})))
	if err != nil {
		return err
	}
	s.agent = agent
	s.client, err = sipgo.NewClient(agent, sipgo.WithClientLogger(log), sipgo.WithClientConnectionAddr(s.address.String()))
	if err != nil {
		return errors.Join(err, agent.Close())
	}
	server, err := sipgo.NewServer(agent, sipgo.WithServerLogger(log))
	if err != nil {
		return errors.Join(err, agent.Close())
	}
	server.OnInvite(s.onInvite)
	server.OnAck(s.onAck)
	server.OnBye(s.onBye)
	server.OnCancel(s.onStray)
	server.OnOptions(s.onOptions)
	server.OnNotify(s.onNotify)
	if s.registrar != nil {
		server.OnRegister(s.registrar)
	}
	s.serving.Go(func() {
		if err := server.ServeUDP(s.socket); err != nil && !errors.Is(err, net.ErrClosed) {
			log.Warn("softphone stopped listening", "address", s.address, "error", err)
		}
	})
	// A request that is sent before sipgo has taken over the socket would try to open another one at the same address, and sipgo does not say when it
	// has done so.
	pool := agent.TransportLayer().Pool("udp")
	for pool.Get(s.socket.LocalAddr().String()) == nil {
		time.Sleep(time.Millisecond)
	}
	return nil
}

// Address is where the telephone is reachable, host and port.
func (s *Station) Address() string { return s.address.String() }

// Close hangs up all calls and releases the address. It waits at most two seconds for the other sides' answers.
func (s *Station) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var hangups sync.WaitGroup
	for _, c := range s.Calls() {
		hangups.Go(func() {
			// Whether or not that succeeds, Unplug ends the call.
			_ = c.Hangup(ctx)
		})
	}
	hangups.Wait()
	return s.Unplug()
}

// Unplug pulls the plug: the telephone is gone without a message to anybody, and its calls fall silent.
func (s *Station) Unplug() error {
	s.mu.Lock()
	if isClosed(s.closed) {
		s.mu.Unlock()
		return nil
	}
	close(s.closed)
	s.mu.Unlock()
	err := errors.Join(s.socket.Close(), s.agent.Close())
	for _, c := range s.Calls() {
		c.end(Ending{By: Us, Phrase: "unplugged"})
	}
	s.serving.Wait()
	// For what was still sending when the socket went, sipgo has opened another at the same address.
	if late := s.agent.Close(); !errors.Is(late, net.ErrClosed) {
		err = errors.Join(err, late)
	}
	return err
}

// Calls are the calls that have not ended.
func (s *Station) Calls() []*Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current()
}

func (s *Station) current() []*Call {
	var calls []*Call
	for _, c := range s.calls {
		if !isClosed(c.over) {
			calls = append(calls, c)
		}
	}
	return calls
}

// Refuse has every new call refused with a SIP status such as 486 (busy) or 603 (declined); 0 lets calls ring again.
func (s *Station) Refuse(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = status
}

// Redirect has every new call answered with 302 (Moved Temporarily) and these addresses, such as "sip:…"; without any, calls ring again.
func (s *Station) Redirect(to ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.redirect = to
}

// Rings waits for the next call that rings here. It also returns a call that has stopped ringing meanwhile.
func (s *Station) Rings(ctx context.Context) (*Call, error) {
	for {
		s.mu.Lock()
		if len(s.waiting) > 0 {
			c := s.waiting[0]
			s.waiting = s.waiting[1:]
			s.mu.Unlock()
			return c, nil
		}
		rung := s.rung
		s.mu.Unlock()
		select {
		case <-rung:
		case <-s.closed:
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, fmt.Errorf("%s did not ring: %w", s.config.Name, ctx.Err())
		}
	}
}

// background runs something that Unplug waits for. It returns false on a telephone that is closed.
func (s *Station) background(run func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if isClosed(s.closed) {
		return false
	}
	s.serving.Go(run)
	return true
}

// forget removes a call that is over. One that has vanished stays, so that its messages are not answered.
func (s *Station) forget(c *Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !c.vanished() {
		delete(s.calls, c.invite.CallID().Value())
	}
}

// do sends a request and waits for its final answer.
func (s *Station) do(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	return s.client.Do(ctx, routed(req), sipgo.ClientRequestBuild)
}

// routed is a request that knows where it goes: sipgo takes the colons of an IPv6 address for a port's (Uri.HostPort).
func routed(req *sip.Request) *sip.Request {
	if at, err := netip.ParseAddr(req.Recipient.Host); err == nil && at.Is6() {
		req.SetDestination(netip.AddrPortFrom(at, uint16(req.Recipient.Port)).String()) //nolint:gosec // a port
	}
	return req
}

func (s *Station) emit(e Event) {
	e.Who = s.config.Name
	if e.At.IsZero() {
		e.At = time.Now()
	}
	s.emitting.Lock()
	defer s.emitting.Unlock()
	if e.Call != nil {
		e.Call.note(e)
	}
	if s.config.OnEvent != nil {
		s.config.OnEvent(e)
	}
}

func (s *Station) call(id *sip.CallIDHeader) *Call {
	if id == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[id.Value()]
}

func (s *Station) onAck(req *sip.Request, _ sip.ServerTransaction) {
	if c := s.call(req.CallID()); c != nil {
		c.once(c.acked)
	}
}

func (s *Station) onBye(req *sip.Request, tx sip.ServerTransaction) {
	c := s.call(req.CallID())
	if c == nil {
		s.onStray(req, tx)
		return
	}
	if c.vanished() {
		return
	}
	s.respond(tx, sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil))
	c.end(Ending{By: Them, Code: 200, Phrase: "OK", Reason: reason(req)})
}

// onStray answers a request that belongs to none of our calls.
func (s *Station) onStray(req *sip.Request, tx sip.ServerTransaction) {
	if c := s.call(req.CallID()); c != nil && c.vanished() {
		return
	}
	s.respond(tx, sip.NewResponseFromRequest(req, sip.StatusCallTransactionDoesNotExists, "Call/Transaction Does Not Exist", nil))
}

func (s *Station) onOptions(req *sip.Request, tx sip.ServerTransaction) {
	s.respond(tx, sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil))
}

func (s *Station) respond(tx sip.ServerTransaction, res *sip.Response) {
	if err := tx.Respond(res); err != nil {
		s.config.Log.Debug("softphone could not answer", "who", s.config.Name, "answer", res.StartLine(), "error", err)
	}
}

// reason is what a message says about why it came (RFC 3326).
func reason(message interface{ GetHeader(string) sip.Header }) string {
	if h := message.GetHeader("Reason"); h != nil {
		return h.Value()
	}
	return ""
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
