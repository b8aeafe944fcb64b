package softphone

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

// arrivals reads packets with the moment at which the kernel received each. A reader that a busy machine has held up must not take packets that came in
// time for late ones, nor packets that it has not read yet for silence.
type arrivals struct {
	conn    *net.UDPConn
	raw     syscall.RawConn
	control [64]byte
}

// newArrivals asks the kernel to note when packets arrive (SO_TIMESTAMPNS in socket(7)).
func newArrivals(conn *net.UDPConn) (*arrivals, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		refused = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1)
	})
	if err = errors.Join(err, refused); err != nil {
		return nil, fmt.Errorf("asking when packets come: %w", err)
	}
	return &arrivals{conn: conn, raw: raw}, nil
}

// next waits for a packet for as long as one lasts. The error os.ErrDeadlineExceeded says that everything that came before at has been read.
func (a *arrivals) next(buffer []byte) (n int, at time.Time, err error) {
	for {
		if err := a.conn.SetReadDeadline(time.Now().Add(packetTime)); err != nil {
			return 0, time.Time{}, err
		}
		n, control, _, _, err := a.conn.ReadMsgUDPAddrPort(buffer, a.control[:])
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, a.stamp(control, time.Now()), err
		}
		// A read that is past its deadline fails even if there is something to read.
		if at = time.Now(); a.empty() {
			return 0, at, err
		}
	}
}

// empty says whether there is nothing to read.
func (a *arrivals) empty() bool {
	var err error
	if failed := a.raw.Control(func(fd uintptr) {
		_, _, err = syscall.Recvfrom(int(fd), a.control[:1], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	}); failed != nil {
		return true // it is closed
	}
	return errors.Is(err, syscall.EAGAIN)
}

// stamp is the time that the kernel has noted, on the monotonic clock, like now.
func (a *arrivals) stamp(control int, now time.Time) time.Time {
	messages, err := syscall.ParseSocketControlMessage(a.control[:control])
	if err != nil {
		return now
	}
	for _, m := range messages {
		// It is two 64-bit numbers. On 32-bit machines it is not, and the moment of reading has to do.
		if m.Header.Level == syscall.SOL_SOCKET && m.Header.Type == syscall.SCM_TIMESTAMPNS && len(m.Data) >= 16 {
			came := time.Unix(int64(binary.NativeEndian.Uint64(m.Data)), int64(binary.NativeEndian.Uint64(m.Data[8:])))
			return now.Add(-max(0, now.Sub(came)))
		}
	}
	return now
}
