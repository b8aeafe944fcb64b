package asterisk

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pretend is a shell script in place of Asterisk, and the folder of its configuration. console answers commands at its console; one that it is not true
// for gets no answer. Without it there is no console.
func pretend(t *testing.T, server string, console func(command string) (answer string, answers bool)) (Installation, string) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "asterisk")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"+server+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "asterisk.conf"), []byte("[directories]\nastrundir => "+dir+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if console != nil {
		pretendConsole(t, filepath.Join(dir, controlSocketName), console)
	}
	return Installation{Program: []string{"sh", program}}, dir // not the script itself: it may be "busy" while another test forks
}

// pretendConsole is Asterisk's end of its control socket.
func pretendConsole(t *testing.T, path string, console func(string) (string, bool)) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // nobody comes any more
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }() // the test sees what it got
				if _, err := io.WriteString(c, "machine/1/22.10.1\n"); err != nil {
					return
				}
				text, err := bufio.NewReader(c).ReadString(0)
				if err != nil {
					return
				}
				answer, answers := console(strings.TrimSuffix(strings.TrimPrefix(text, "cli quit after "), "\x00"))
				if !answers {
					_, _ = c.Read(make([]byte, 1)) // until the other side has had enough
				}
				_, _ = io.WriteString(c, answer)
			}()
		}
	}()
}

// obeys is a console that says that Asterisk is ready, whatever it is asked.
func obeys(string) (string, bool) { return "Usage: Asterisk has fully booted.\n", true }

func TestConsoleSaysWhyItCannotAnswer(t *testing.T) {
	t.Parallel()
	if _, err := Console(t.Context(), t.TempDir(), "core show uptime"); err == nil {
		t.Error("a console without a configuration answers")
	}
	_, gone := pretend(t, "", nil)
	if _, err := Console(t.Context(), gone, "core show uptime"); err == nil {
		t.Error("a console that is gone answers")
	}
	_, hangs := pretend(t, "", func(string) (string, bool) { return "", false })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Console(ctx, hangs, "core show uptime"); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "\n") {
		t.Errorf("a console that hangs says %v", err)
	}
	long := strings.Repeat("Contact: one of many\n", 10_000)
	_, speaks := pretend(t, "", func(command string) (string, bool) { return command + "\n" + long, true })
	if out, err := Console(t.Context(), speaks, "pjsip show contacts"); out != "pjsip show contacts\n"+long {
		t.Errorf("of %d bytes %d came, %v", len(long), len(out), err)
	}
}
