// Package fritzbox finds a FRITZ!Box in the home network, and makes a telephone in it that Ringfence registers as. Both are done as AVM's public
// documents say (TR-064 "First Steps", X_VoIP, X_AVM-DE_Auth: avm.de/service/schnittstellen), and as others do who run it. No FRITZ!Box was at hand:
// it is tested against one made of those documents.
package fritzbox

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"ringfence/internal/homenet"
)

// Multicast is where devices are asked who they are (UPnP Device Architecture 1.1, section 1.3.2).
const Multicast = "239.255.255.250:1900"

// device is how a box calls itself that takes settings by TR-064 (TR-064 First Steps, "Device Discovery").
const device = "urn:dslforum-org:device:InternetGatewayDevice:1"

// Wait is for how long it makes sense to wait for answers: boxes are told to take at most a second.
const Wait = 2 * time.Second

// Find asks the home network for boxes, and returns the address of one that answers before ctx ends; "" if none does. Whatever is in the network can
// answer, and may get a password for it: so the network's gateway is taken before all others, and where several others answer none is.
func Find(ctx context.Context, multicast, gateway string) (string, error) {
	to, err := net.ResolveUDPAddr("udp4", multicast)
	if err != nil {
		return "", err
	}
	conn, err := new(net.ListenConfig).ListenPacket(ctx, "udp4", ":0")
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()                                              // nothing is written that could be lost
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })() // ends what is being read
	question := "M-SEARCH * HTTP/1.1\r\nHOST: " + Multicast + "\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: " + device + "\r\n\r\n"
	for range 2 { // a datagram may be lost
		if _, err := conn.WriteTo([]byte(question), to); err != nil {
			return "", nil //nolint:nilerr // there is no network yet, or none that takes such questions: nothing is found
		}
	}
	packet, other, several := make([]byte, 4<<10), "", false
	for {
		n, from, err := conn.ReadFrom(packet)
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			if several {
				other = ""
			}
			return other, nil
		}
		if err != nil {
			return "", err
		}
		switch address, is := answers(packet[:n], from); {
		case is && address == gateway:
			return address, nil
		case is:
			several = several || other != "" && other != address
			other = address
		}
	}
}

// answers reads an answer. Anybody in the network can send one, so it counts only if it speaks of the sender itself, at an address of a home network.
func answers(packet []byte, from net.Addr) (address string, is bool) {
	answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(packet)), nil)
	if err != nil {
		return "", false
	}
	defer func() { _ = answer.Body.Close() }() // it has none
	location, err := url.Parse(answer.Header.Get("Location"))
	sender, isUDP := from.(*net.UDPAddr)
	if err != nil || !isUDP || answer.Header.Get("St") != device {
		return "", false
	}
	ip, err := netip.ParseAddr(location.Hostname())
	own := sender.AddrPort().Addr().Unmap()
	if err != nil || ip != own || !homenet.Has(ip) {
		return "", false
	}
	return ip.String(), true
}
