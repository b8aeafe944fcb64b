package asterisk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// Errors of CheckSIP, each a sentence for whoever runs Asterisk.
type (
	// NoAddress says that this machine does not have the address on which Asterisk is to listen.
	NoAddress struct{ Address string }
	// Taken says that another program has the port.
	Taken struct{ Address string }
	// NotListening says that no program has the port.
	NotListening struct{ Address string }
	// NotAnswering says that a program has the port but does not answer: an Asterisk that hangs, or something that does not speak SIP.
	NotAnswering struct{ Address string }
)

func (e NoAddress) Error() string {
	return fmt.Sprintf("this machine has no address %s: calls work as soon as it has. Check the network cable, or sip under [asterisk] in ringfence.toml", e.Address)
}

func (e Taken) Error() string {
	return fmt.Sprintf("another program on this machine uses UDP port %s: stop it, and calls work within seconds; or choose another port", e.Address)
}

func (e NotListening) Error() string {
	return fmt.Sprintf("Asterisk isn't listening on UDP port %s: if that stays so, restart it (systemctl restart ringfence-asterisk)", e.Address)
}

func (e NotAnswering) Error() string {
	return fmt.Sprintf("nobody answers on UDP port %s, though a program has it. Asterisk may be hanging: restart it (systemctl restart ringfence-asterisk). If that doesn't help, another program has the port: stop it", e.Address)
}

// bindable binds a socket for a moment. It returns nil if nobody has it, else NoAddress or Taken.
func bindable(ctx context.Context, s socket) error {
	var bound io.Closer
	var err error
	if s.network == "tcp" {
		bound, err = (&net.ListenConfig{}).Listen(ctx, s.network+versionOf(s.address), s.address)
	} else {
		bound, err = (&net.ListenConfig{}).ListenPacket(ctx, s.network+versionOf(s.address), s.address)
	}
	switch {
	case err == nil:
		return bound.Close()
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return NoAddress{s.address}
	case errors.Is(err, syscall.EADDRINUSE):
		return Taken{s.address}
	default:
		return err
	}
}

// versionOf ends the name of an address's network: one of IPv4 must not be bound for IPv6 as well.
func versionOf(address string) string {
	if at, err := netip.ParseAddrPort(address); err == nil && at.Addr().Is6() {
		return "6"
	}
	return "4"
}

// CheckSIP asks Asterisk over SIP, from this machine, whether it is there. It returns nil, NoAddress, Taken, NotListening or NotAnswering.
func CheckSIP(ctx context.Context, host string, port int) error {
	address := addressOf(host, port)
	if answered, err := options(ctx, host, port); err != nil || answered {
		return err
	}
	switch err := bindable(ctx, socket{"udp", address}); {
	case err == nil:
		return NotListening{address}
	case errors.As(err, new(Taken)):
		return NotAnswering{address}
	default:
		return err
	}
}

// options sends OPTIONS (RFC 3261, section 11), which every SIP server answers in some way, and checks who has answered.
func options(ctx context.Context, host string, port int) (answered bool, err error) {
	to := host
	if at, err := netip.ParseAddr(host); err == nil && at.IsUnspecified() {
		to = "127.0.0.1"
	}
	if !ours(ctx, to) {
		return false, nil // some other machine may have the address, and is not to be bothered
	}
	at := addressOf(to, port)
	c, err := (&net.Dialer{}).DialContext(ctx, "udp", at)
	if err != nil {
		return false, nil
	}
	defer func() { _ = c.Close() }() // nothing is left to send
	here := c.LocalAddr().String()
	for range 3 { // a busy Asterisk, or a full socket, may lose one
		id := rand.Text()
		message := strings.Join([]string{
			fmt.Sprintf("OPTIONS sip:%s SIP/2.0", at),
			fmt.Sprintf("Via: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s", here, id),
			"Max-Forwards: 70",
			fmt.Sprintf("From: <sip:check@%s>;tag=%s", here, id),
			fmt.Sprintf("To: <sip:check@%s>", at),
			"Call-ID: " + id,
			"CSeq: 1 OPTIONS",
			"Content-Length: 0", "", "",
		}, "\r\n")
		_ = c.SetDeadline(time.Now().Add(time.Second)) // cannot fail on an open socket
		if _, err := c.Write([]byte(message)); err != nil {
			continue
		}
		answer := make([]byte, 4096)
		n, err := c.Read(answer)
		if err != nil {
			continue
		}
		if text := string(answer[:n]); strings.HasPrefix(text, "SIP/2.0 ") && strings.Contains(text, "\r\nServer: "+userAgent+"\r\n") {
			return true, nil
		}
		return false, Taken{addressOf(host, port)}
	}
	return false, nil
}

// userAgent is what Asterisk calls itself (pjsip.conf).
const userAgent = "Ringfence"

// ours says whether an address belongs to this machine.
func ours(ctx context.Context, host string) bool {
	here := net.JoinHostPort(host, "0")
	c, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp"+versionOf(here), here)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// AddressOf is the IPv4 address of a network interface such as "eth0": was, if the interface still has it, else its first address that is
// neither link-local nor loopback. It is false if there is none.
func AddressOf(name, was string) (string, bool) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return "", false
	}
	all, err := i.Addrs()
	if err != nil {
		return "", false
	}
	first := ""
	for _, a := range all {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.To4() == nil || n.IP.IsLinkLocalUnicast() || n.IP.IsLoopback() {
			continue
		}
		if n.IP.String() == was {
			return was, true
		}
		if first == "" {
			first = n.IP.String()
		}
	}
	return first, first != ""
}
