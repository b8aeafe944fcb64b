package testbed

import (
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
)

// Ports for whatever is started later lie above those that Ringfence takes for sound where no setting says so (to 10999), below those for the sound of
// testbeds, and below those that the system hands out by itself (Linux: ip_local_port_range, from 32768), so that no other socket of the machine takes one
// meanwhile.
const firstPort, ports = 11000, 9000

// nextPort counts up from a random port: testbeds of one program never get the same port, those of two programs hardly ever.
var nextPort = func() *atomic.Uint32 {
	var n atomic.Uint32
	n.Store(mathrand.Uint32N(ports)) //nolint:gosec // it need not be a secret
	return &n
}()

// Free finds an unused port of an address, for "tcp" or "udp".
func Free(network, ip string) (address string, err error) {
	for range ports {
		address = net.JoinHostPort(ip, strconv.Itoa(firstPort+int(nextPort.Add(1)%ports)))
		var taken io.Closer
		if network == "udp" {
			taken, err = net.ListenPacket("udp", address)
		} else {
			taken, err = net.Listen("tcp", address)
		}
		if err == nil {
			return address, taken.Close()
		}
	}
	return "", fmt.Errorf("no free port on %s: %w", ip, err)
}
