package setup

import (
	"bufio"
	"cmp"
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
	first := defaultRoute()
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
	slices.SortStableFunc(found, func(a, b Interface) int { return cmp.Compare(rank(a.Name, first), rank(b.Name, first)) })
	return found, nil
}

func rank(name, first string) int {
	if name == first {
		return 0
	}
	return 1
}

// isVirtual tells whether a connection is one between containers of this machine.
func isVirtual(name string) bool {
	return slices.ContainsFunc([]string{"docker", "br-", "veth", "virbr", "lxc", "lxd"}, func(p string) bool { return strings.HasPrefix(name, p) })
}

// defaultRoute is the connection that leads to the internet; "" if it can't be told.
func defaultRoute() string {
	name, _ := routeOut()
	return name
}

// gateway is the address of the home network's way to the internet, mostly its router; "" if it can't be told.
func gateway() string {
	_, at := routeOut()
	return at
}

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
