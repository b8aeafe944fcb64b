package systemd

import (
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// The first sign of life ends the start; each feeds the watchdog. Where nobody listens nothing happens. A failure is logged once, and the next
// sign of life ends the start.
func TestSystemdIsToldThatAServiceWorks(t *testing.T) {
	var said strings.Builder
	n := &Notifier{Log: slog.New(slog.NewTextHandler(&said, nil))}
	n.Works()
	path := filepath.Join(t.TempDir(), "notify")
	t.Setenv("NOTIFY_SOCKET", path)
	n = &Notifier{Log: n.Log}
	n.Works()
	n.Works()
	if got := strings.Count(said.String(), "can't be told"); got != 1 {
		t.Errorf("it is logged %d times: %s", got, said.String())
	}
	heard, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = heard.Close() }()
	for _, want := range []string{"READY=1\nWATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"} {
		n.Works()
		buffer := make([]byte, 100)
		size, err := heard.Read(buffer)
		if err != nil || string(buffer[:size]) != want {
			t.Errorf("systemd hears %q (%v), not %q", buffer[:size], err, want)
		}
	}
}
