package asterisk

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

// Whoever has the SIP port is named, with the command that stops it.
func TestWhoeverHasThePortIsNamed(t *testing.T) {
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := c.LocalAddr().String()
	who, found := HolderOf("udp", address)
	if !found || !strings.HasSuffix(who.Name, fmt.Sprintf("(process %d)", os.Getpid())) || who.PID == "" || who.Stop == "" {
		t.Errorf("%s is had by %+v, found %v", address, who, found)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if who, found := HolderOf("udp", address); found {
		t.Errorf("%s, which is free, is had by %+v", address, who)
	}
}
