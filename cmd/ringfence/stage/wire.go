package stage

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
		go pipe(near, far)
		go pipe(far, near)
	}
}

// pipe ends both sides when one ends.
func pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from) // how it ends is the same to both
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

func (w *wire) close() {
	_ = w.listener.Close() // nothing is left to do with it
	w.cut()
}
