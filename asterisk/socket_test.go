package asterisk

import (
	"errors"
	"net"
	"testing"
)

// The answer shows who has the port: nobody, a program that does not answer, or another program.
func TestWhoHasTheSIPPort(t *testing.T) {
	t.Parallel()
	port := freePort(t, "udp")
	if err := CheckSIP(t.Context(), "127.0.0.1", port); !errors.As(err, new(NotListening)) {
		t.Errorf("nobody has it, and the error is: %v", err)
	}
	other, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() }) // closed below, unless the test has failed
	if err := CheckSIP(t.Context(), "127.0.0.1", port); !errors.As(err, new(NotAnswering)) {
		t.Errorf("it does not answer, and the error is: %v", err)
	}
	go func() {
		request := make([]byte, 4096)
		for {
			_, from, err := other.ReadFromUDP(request)
			if err != nil {
				return
			}
			_, _ = other.WriteToUDP([]byte("SIP/2.0 200 OK\r\nServer: other\r\n\r\n"), from) // CheckSIP asks again
		}
	}()
	if err := CheckSIP(t.Context(), "127.0.0.1", port); !errors.As(err, new(Taken)) {
		t.Errorf("another program answers, and the error is: %v", err)
	}
}
