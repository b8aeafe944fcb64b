package setup

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Interface is a connection of this machine to a network.
type Interface struct{ Name, Address string }

func (i Interface) String() string { return i.Name + " (" + i.Address + ")" }

// Interfaces are the connections at which phones could reach this machine: those with an IPv4 address, the one that leads to the internet first.
func Interfaces() ([]Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	first, _ := routeOut()
	var found []Interface
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 || isVirtual(i.Name) {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			return nil, err
		}
		for _, a := range addresses {
			if n, is := a.(*net.IPNet); is && n.IP.To4() != nil && !n.IP.IsLinkLocalUnicast() {
				found = append(found, Interface{i.Name, n.IP.String()})
				break
			}
		}
	}
	at := slices.IndexFunc(found, func(i Interface) bool { return i.Name == first })
	if at > 0 {
		found = slices.Concat(found[at:at+1], found[:at], found[at+1:])
	}
	return found, nil
}

// isVirtual tells whether a connection is one between containers of this machine.
func isVirtual(name string) bool {
	return slices.ContainsFunc([]string{"docker", "br-", "veth", "virbr", "lxc", "lxd"}, func(p string) bool { return strings.HasPrefix(name, p) })
}

// routeOut is the connection that leads to the internet, and the address of its gateway, mostly the router; "" if it can't be told.
func routeOut() (name, gateway string) {
	f, err := os.Open("/proc/net/route")
	if err != nil {
		return "", ""
	}
	defer func() { _ = f.Close() }() // it was only read
	return readDefaultRoute(f)
}

// readDefaultRoute reads the kernel's table of routes: the one to 00000000 is the way to everywhere, and the third word is the gateway's address,
// with its bytes in the machine's own order (proc(5)).
func readDefaultRoute(table io.Reader) (name, gateway string) {
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) < 3 || words[1] != "00000000" {
			continue
		}
		at, err := strconv.ParseUint(words[2], 16, 32)
		if err != nil || at == 0 { // a route without one, such as a mobile connection's
			return words[0], ""
		}
		ip := make(net.IP, net.IPv4len)
		binary.NativeEndian.PutUint32(ip, uint32(at))
		return words[0], ip.String()
	}
	return "", ""
}
