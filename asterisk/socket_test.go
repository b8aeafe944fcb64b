package asterisk

import (
	"errors"
	"log/slog"
	"net"
	"testing"
)

// A trunk with TLS gets its socket once another program has left the port and nobody is on the line. That is tried once, and not where nobody had it.
func TestAPortForTLSThatAnotherProgramHas(t *testing.T) {
	sip, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sip.Close() }()
	other, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]string{"GET /channels": `[{"id":"1.1"}]`}
	a, _ := answering(t, answers)
	k := &Keeper{Moved: func(Site) bool { return false }, Log: slog.New(slog.DiscardHandler)}
	site := Site{
		SIPHost: "127.0.0.1", SIPPort: sip.LocalAddr().(*net.UDPAddr).Port, TLSPort: other.Addr().(*net.TCPAddr).Port,
		Trunks: []Trunk{{Name: "line", Host: "sip.example", TLS: true}},
	}
	looks := func(when string, restarts bool) {
		t.Helper()
		if err := k.checkSockets(t.Context(), site, a); errors.Is(err, errRestart) != restarts {
			t.Errorf("%s: %v", when, err)
		}
	}
	looks("while another program has it", false)
	_ = other.Close()
	looks("during a call", false)
	answers["GET /channels"] = "[]"
	looks("when nobody is on the line", true)
	looks("after a restart that did not help", false)
}

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
