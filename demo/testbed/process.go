package testbed

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a ringfence that runs in the background.
type process struct {
	*os.Process
	done chan struct{} // is closed when it has ended
}

// start starts one, and waits until its log has each of the ready words. If a process is returned it has to be ended, even with an error.
func start(ctx context.Context, program string, log *lines, ready []string, args ...string) (*process, error) {
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C at the terminal is for the demonstration, which ends this
	var said []<-chan struct{}
	for _, words := range ready {
		said = append(said, log.expect(words))
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start ringfence: %w", err)
	}
	p := &process{cmd.Process, make(chan struct{})}
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // how it ends is what the tests are about
	}()
	for _, is := range said {
		select {
		case <-is:
		case <-p.done:
			return p, fmt.Errorf("ringfence has ended at once: %s", log.last())
		case <-ctx.Done():
			return p, ctx.Err()
		}
	}
	return p, nil
}

// end ends the process, and waits until it is gone.
func (p *process) end(with syscall.Signal) {
	_ = p.Signal(with) // it may have ended by itself
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		_ = p.Kill()
		<-p.done
	}
}

// command runs a ringfence command to its end and returns what it wrote to stdout. where are the arguments that name the household or the hub.
func command(ctx context.Context, program string, where []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, append(where, args...)...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("ringfence %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(errOut.String()))
	}
	return out.String(), nil
}

// lines passes on what is written to it, and wakes those who wait for a line.
type lines struct {
	to io.Writer

	mu      sync.Mutex
	part    []byte
	latest  string
	waiting []waiting
}

type waiting struct {
	words string
	seen  chan struct{}
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, b...)
	for {
		at := bytes.IndexByte(l.part, '\n')
		if at < 0 {
			return len(b), nil
		}
		l.line(string(l.part[:at]))
		l.part = l.part[at+1:]
	}
}

func (l *lines) line(text string) {
	l.latest = text
	if l.to != nil {
		_, _ = fmt.Fprintln(l.to, text) // a log that is full must not stop the testbed
	}
	rest := l.waiting[:0]
	for _, w := range l.waiting {
		if strings.Contains(text, w.words) {
			close(w.seen)
			continue
		}
		rest = append(rest, w)
	}
	l.waiting = rest
}

func (l *lines) expect(words string) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := waiting{words, make(chan struct{})}
	l.waiting = append(l.waiting, w)
	return w.seen
}

func (l *lines) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.latest
}
