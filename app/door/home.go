package door

import (
	"net"
	"net/netip"
	"sync"

	"ringfence/internal/homenet"
)

// How many connections there may be at a time, from one address and in all: whoever holds more of them open takes memory that calls need.
const (
	mostFromOne = 32
	mostInAll   = 256
)

// home takes connections from a home network alone, for the machine may have an address on the internet, too; and no more than there may be.
type home struct {
	net.Listener

	mu   sync.Mutex
	from map[netip.Addr]int
	all  int
}

// Accept implements net.Listener.
func (h *home) Accept() (net.Conn, error) {
	for {
		c, err := h.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from, err := netip.ParseAddrPort(c.RemoteAddr().String())
		if ip := from.Addr().Unmap(); err == nil && homenet.Has(ip) && h.add(ip) {
			return &counted{Conn: c, closed: sync.OnceFunc(func() { h.remove(ip) })}, nil
		}
		_ = c.Close() // nothing was sent
	}
}

func (h *home) add(ip netip.Addr) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all >= mostInAll || h.from[ip] >= mostFromOne {
		return false
	}
	h.all++
	h.from[ip]++
	return true
}

func (h *home) remove(ip netip.Addr) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all--
	if h.from[ip]--; h.from[ip] == 0 {
		delete(h.from, ip)
	}
}

// counted is a connection that counts until it is closed.
type counted struct {
	net.Conn
	closed func()
}

// Close implements net.Conn.
func (c *counted) Close() error {
	c.closed()
	return c.Conn.Close()
}
