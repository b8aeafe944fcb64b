package testbed

import (
	"io"
	"net"
	"sync"
)

// wire is a TCP connection between the application and Asterisk that can be cut.
type wire struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	conns []net.Conn
	holds chan struct{} // closed when the wire carries again what it holds; nil: it carries
}

func newWire(to string) (*wire, error) {
	l, err := net.Listen("tcp4", AsteriskIP+":0")
	if err != nil {
		return nil, err
	}
	w := &wire{listener: l, to: to}
	go w.serve()
	return w, nil
}

func (w *wire) address() string { return w.listener.Addr().String() }

func (w *wire) serve() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return // closed
		}
		far, err := net.Dial("tcp4", w.to)
		if err != nil {
			_ = near.Close() // the application sees that Asterisk is not there
			continue
		}
		w.mu.Lock()
		w.conns = append(w.conns, near, far)
		w.mu.Unlock()
		go w.pipe(near, far)
		go w.pipe(far, near)
	}
}

// pipe closes both sides when one is closed.
func (w *wire) pipe(to, from net.Conn) {
	_, _ = io.Copy(to, held{w, from}) // how it ends does not matter
	_ = to.Close()
	_ = from.Close()
}

// cut ends all connections; new ones can be made at once.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close() // it may have ended by itself
	}
	w.conns = nil
}

// held reads what comes over the wire, once the wire carries it.
type held struct {
	wire *wire
	from io.Reader
}

func (h held) Read(b []byte) (int, error) {
	n, err := h.from.Read(b)
	h.wire.mu.Lock()
	holds := h.wire.holds
	h.wire.mu.Unlock()
	if holds != nil {
		<-holds
	}
	return n, err
}

// hold lets nothing through, and closes nothing: what is sent arrives after carry.
func (w *wire) hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.holds == nil {
		w.holds = make(chan struct{})
	}
}

func (w *wire) carry() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.holds != nil {
		close(w.holds)
		w.holds = nil
	}
}

func (w *wire) close() {
	_ = w.listener.Close() // nothing is left to do with it
	w.carry()
	w.cut()
}
