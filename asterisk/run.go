package asterisk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"
)

// Server is a running Asterisk.
type Server struct {
	inst     Installation
	dir      string
	cmd      *exec.Cmd
	done     chan struct{}
	err      error
	said     *complaints
	patience time.Duration // how long Stop waits after each of its steps
}

// Start runs Asterisk in the foreground with the configuration in dir, which WriteConfig has written, and returns when
// it has fully booted. What it says goes to log. It ends with Stop, or when this process dies, but not with ctx, which
// bounds the start alone.
func Start(ctx context.Context, inst Installation, dir string, log io.Writer) (*Server, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{inst: inst, dir: dir, done: make(chan struct{}), said: &complaints{to: log}, patience: 8 * time.Second}
	guard := newGuard(dir, s.Console, handOn{s.said})
	s.said.takes = guard.takes
	started := make(chan error)
	go s.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("Asterisk cannot be started: %w", err)
	}
	if err := s.booted(ctx); err != nil {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return nil, errors.Join(err, s.Stop(stop))
	}
	go s.untilDone(guard.run) //nolint:gosec // it lasts as long as Asterisk, not as whoever starts it
	return s, nil
}

// untilDone runs something for as long as Asterisk runs.
func (s *Server) untilDone(run func(context.Context)) {
	ctx, end := context.WithCancel(context.Background())
	go func() {
		<-s.done
		end()
	}()
	run(ctx)
}

// run keeps one thread for Asterisk's whole life: Pdeathsig is sent when the thread that started it ends.
func (s *Server) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s.cmd = s.command("-f", "-C", filepath.Join(s.dir, "asterisk.conf"))
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	s.cmd.Stdout, s.cmd.Stderr = s.said, s.said
	err := s.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	s.err = s.cmd.Wait()
	s.said.end()
	close(s.done)
}

func (s *Server) command(args ...string) *exec.Cmd {
	p := slices.Concat(s.inst.Program, args)
	return exec.Command(p[0], p[1:]...) //nolint:noctx // it ends with Stop
}

// booted waits until Asterisk answers on its control socket, which does so only once all modules are loaded.
func (s *Server) booted(ctx context.Context) error {
	for {
		out, err := s.Console(ctx, "core waitfullybooted")
		if err == nil && strings.Contains(out, "fully booted") {
			return nil
		}
		select {
		case <-s.done:
			return fmt.Errorf("Asterisk ended while it started: %s", strings.Join(s.Complaints(), "; "))
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond): // the socket is not there yet
		}
	}
}

// Console runs a command at Asterisk's console and returns what it prints.
func (s *Server) Console(ctx context.Context, command string) (string, error) {
	return Console(ctx, s.inst, s.dir, command)
}

// Console runs a command at the console of the Asterisk that runs with the configuration in dir.
func Console(ctx context.Context, inst Installation, dir, command string) (string, error) {
	ctx, done := context.WithTimeout(ctx, 20*time.Second)
	defer done()
	p := slices.Concat(inst.Program, []string{"-C", filepath.Join(dir, "asterisk.conf"), "-rx", command})
	out, err := exec.CommandContext(ctx, p[0], p[1:]...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("Asterisk's console: %w: %s", err, bytes.TrimSpace(out))
	}
	return string(out), nil
}

// Complaints are the lines of WARNING and ERROR that Asterisk has said so far.
func (s *Server) Complaints() []string { return s.said.list() }

// PID is the process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Done is closed when Asterisk has ended.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err is how it ended; only after Done.
func (s *Server) Err() error { return s.err }

// Stop ends Asterisk, and has ended it when it returns: first it is asked, then told, then killed. It is killed as soon as
// ctx ends. The error is ErrKilled.
func (s *Server) Stop(ctx context.Context) error {
	if s.ended(ctx, 0) {
		return nil
	}
	if s.ask(ctx) && s.ended(ctx, s.patience) {
		return nil
	}
	s.signal(syscall.SIGTERM)
	if s.ended(ctx, s.patience) {
		return nil
	}
	s.signal(syscall.SIGKILL)
	<-s.done
	return ErrKilled
}

// ErrKilled says that Asterisk had to be killed. It may hang in its own clean-up after its last call has ended (seen once in some 150
// stops on a busy machine).
var ErrKilled = errors.New("Asterisk did not stop when it was told to, and was killed")

// ask tells whether Asterisk has taken the command to stop, which a frozen one does not.
func (s *Server) ask(ctx context.Context) bool {
	ctx, done := context.WithTimeout(ctx, s.patience)
	defer done()
	_, err := s.Console(ctx, "core stop now")
	return err == nil
}

// ended waits for a while, at most as long as ctx.
func (s *Server) ended(ctx context.Context, wait time.Duration) bool {
	ctx, done := context.WithTimeout(ctx, wait)
	defer done()
	select {
	case <-s.done:
		return true
	case <-ctx.Done():
		// Both may be so.
		select {
		case <-s.done:
			return true
		default:
			return false
		}
	}
}

// signal goes to all of Asterisk's processes; where they have just ended there is nobody to miss it.
func (s *Server) signal(signal syscall.Signal) { _ = syscall.Kill(-s.PID(), signal) }

// Bounds of what Asterisk says: a caller chooses the name that it complains of, and how often.
const (
	lineMost = 1000 // bytes of a line
	keptMost = 1000 // lines of complaint
)

// complaints hands on what Asterisk says, line by line, and keeps the lines that complain. Asterisk puts what callers send into its
// log as it is: a name of 16 kB, raw (measured with 22.10).
type complaints struct {
	to    io.Writer
	takes func(line []byte) bool // lines that are not handed on

	mu      sync.Mutex
	line    []byte // as far as it is read, at most lineMost
	leftOut int    // bytes of the line
	kept    []string
}

func (c *complaints) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for rest := b; len(rest) > 0; {
		part, after, ends := bytes.Cut(rest, []byte("\n"))
		taken := min(len(part), lineMost-len(c.line))
		c.line = append(c.line, part[:taken]...)
		c.leftOut += len(part) - taken
		if ends {
			c.endLine()
		}
		rest = after
	}
	return len(b), nil
}

// end hands on a last line that has no end.
func (c *complaints) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.line) > 0 {
		c.endLine()
	}
}

// endLine wants mu.
func (c *complaints) endLine() {
	if c.takes != nil && c.takes(c.line) {
		c.line, c.leftOut = c.line[:0], 0
		return
	}
	line := printable(string(c.line))
	if c.leftOut > 0 {
		line = fmt.Sprintf("%s... (%d more bytes)", line, c.leftOut)
	}
	c.line, c.leftOut = c.line[:0], 0
	if c.to != nil {
		_, _ = io.WriteString(c.to, line+"\n") // a log that is full must not stop the telephone
	}
	if len(c.kept) < keptMost && (strings.Contains(line, "WARNING") || strings.Contains(line, "ERROR")) {
		c.kept = append(c.kept, line)
	}
}

// printable writes what does nothing to a terminal, and is UTF-8. It is no longer than the line: U+FFFD in place of a byte would be.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r != utf8.RuneError && unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, line)
}

// handOn writes into the log between Asterisk's lines.
type handOn struct{ c *complaints }

func (h handOn) Write(b []byte) (int, error) {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	if h.c.to == nil {
		return len(b), nil
	}
	return h.c.to.Write(b)
}

func (c *complaints) list() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.kept...)
}
