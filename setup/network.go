package setup

import (
	"bufio"
	"cmp"
	"io"
	"net"
	"os"
	"slices"
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
	f, err := os.Open("/proc/net/route")
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // it was only read
	return readDefaultRoute(f)
}

// readDefaultRoute reads the kernel's table of routes: the one to 00000000 is the way to everywhere (proc(5)).
func readDefaultRoute(table io.Reader) string {
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) > 1 && words[1] == "00000000" {
			return words[0]
		}
	}
	return ""
}
