package asterisk

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
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
	patience time.Duration // how long each step of Stop waits
}

// Start runs Asterisk in the foreground with the configuration in dir, which WriteConfig has written, and returns when it has fully booted. Its
// output goes to log. Asterisk ends with Stop, or when this process dies; ctx only bounds the start.
func Start(ctx context.Context, inst Installation, dir string, log io.Writer) (*Server, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{inst: inst, dir: dir, done: make(chan struct{}), said: &complaints{to: log}, patience: 8 * time.Second}
	guard := newGuard(dir, s.Console, handOn{s.said})
	if s.said.mark, err = markLines(dir); err != nil {
		return nil, err
	}
	guard.mark, s.said.takes = s.said.mark, guard.takes
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
	registrar := &registrar{console: s.Console, log: handOn{s.said}, said: map[string]string{}}
	go s.untilDone(guard.run)                                                 //nolint:gosec // it lasts as long as Asterisk does, not as long as ctx
	go s.untilDone(func(ctx context.Context) { askAll(ctx, s.Console, dir) }) //nolint:gosec // the same
	go s.untilDone(func(ctx context.Context) { registrar.run(ctx, dir) })     //nolint:gosec // the same
	return s, nil
}

// markLines has Asterisk put a secret behind the time of each line that it prints, and returns it. Asterisk prints what a sender wrote as it
// is, newlines included (a packet that it cannot read, above all). Without the mark a sender could write lines that look like Asterisk's own.
func markLines(dir string) (string, error) {
	const format = "\ndateformat = %F %T.%3q"
	conf, err := os.ReadFile(filepath.Join(dir, "logger.conf"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	before, after, found := strings.Cut(string(conf), format)
	if !found {
		return "", nil
	}
	old, after, _ := strings.Cut(after, "\n")
	mark := " " + rand.Text()
	if write(dir, "logger.conf", before+format+mark+"\n"+after) != nil {
		return old, nil // a disk that can't be written keeps no Asterisk from starting: the mark from before is a secret too
	}
	return mark, nil
}

// untilDone runs a function for as long as Asterisk runs.
func (s *Server) untilDone(run func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-s.done
		cancel()
	}()
	run(ctx)
}

// run keeps one thread for Asterisk's whole life, because Pdeathsig is sent when the thread that started the process ends.
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
	cmd := exec.Command(p[0], p[1:]...) //nolint:noctx // it ends with Stop
	cmd.Env = slices.DeleteFunc(os.Environ(), isForService)
	return cmd
}

// isForService says whether a variable is systemd's to the service, that is to this process (sd_notify(3), sd_watchdog_enabled(3)). Asterisk would
// take it for its own, and systemd would log that it listens to the service's first process alone.
func isForService(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return name == "NOTIFY_SOCKET" || name == "WATCHDOG_USEC" || name == "WATCHDOG_PID"
}

// ready is what Asterisk's console says, asked in turn, once it has started. It registers its first and last commands after it has told that it is fully
// booted, and overlooks a stop in between.
var ready = [...]struct{ command, says string }{
	{"core waitfullybooted", "fully booted"}, {"core show version", "Asterisk "}, {"core show help core stop now", "Usage: "},
}

// booted waits until Asterisk answers on its control socket, which it does once all modules are loaded, and takes every command.
func (s *Server) booted(ctx context.Context) error {
	for at := 0; at < len(ready); {
		out, err := s.Console(ctx, ready[at].command)
		if err == nil && strings.Contains(out, ready[at].says) {
			at++
			continue
		}
		select {
		case <-s.done:
			return fmt.Errorf("Asterisk ended while it started: %s", strings.Join(s.Complaints(), "; "))
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond): // the socket is not there yet
		}
	}
	return nil
}

// Complaints are the lines with WARNING or ERROR that Asterisk has printed so far.
func (s *Server) Complaints() []string { return s.said.list() }

// PID is the process's ID.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Done is closed when Asterisk has ended.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err is how it ended. It is valid after Done.
func (s *Server) Err() error { return s.err }

// Stop ends Asterisk: with a command at its console, then with SIGTERM, then with SIGKILL, for which it returns ErrKilled. When ctx ends,
// Asterisk is killed at once. It has ended when Stop returns.
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

// ErrKilled says that Asterisk had to be killed. It can hang in its own clean-up after its last call, once in some 150 stops on a busy
// machine (docs/asterisk.md).
var ErrKilled = errors.New("Asterisk did not stop when asked to, and was killed")

// ask gives Asterisk the command to stop. It is false if Asterisk does not take it, as when it is frozen.
func (s *Server) ask(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	_, err := s.Console(ctx, "core stop now")
	return err == nil
}

// ended waits for the end of Asterisk, for no longer than wait or ctx allow.
func (s *Server) ended(ctx context.Context, wait time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	select {
	case <-s.done:
		return true
	case <-ctx.Done():
		// Both may have happened.
		select {
		case <-s.done:
			return true
		default:
			return false
		}
	}
}

// signal signals all of Asterisk's processes. If they have just ended, that does not matter.
func (s *Server) signal(signal syscall.Signal) { _ = syscall.Kill(-s.PID(), signal) }

// Bounds on what Asterisk prints: callers choose the names that it complains about, and how often.
const (
	lineRead = 1 << 16 // bytes of a line that the guard sees: a packet has no more
	lineMost = 1000    // bytes of a line that are passed on
	keptMost = 1000    // complaints
)

// complaints passes on what Asterisk prints, line by line, and keeps the warnings and errors. Asterisk puts what callers send into its log as
// it is, such as a name of 16 kB with control characters (docs/asterisk.md).
type complaints struct {
	to    io.Writer
	takes func(line []byte) bool // true for lines that are not passed on
	mark  string                 // what Asterisk puts behind the time of its own lines; not passed on

	mu      sync.Mutex
	line    []byte // what has been read of the present line, at most lineRead
	leftOut int    // bytes of that line that were dropped
	kept    []string
}

func (c *complaints) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for rest := b; len(rest) > 0; {
		part, after, ends := bytes.Cut(rest, []byte("\n"))
		taken := min(len(part), lineRead-len(c.line))
		c.line = append(c.line, part[:taken]...)
		c.leftOut += len(part) - taken
		if ends {
			c.endLine()
		}
		rest = after
	}
	return len(b), nil
}

// end passes on a last line that has no line end.
func (c *complaints) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.line) > 0 {
		c.endLine()
	}
}

// endLine is called with mu held.
func (c *complaints) endLine() {
	if c.takes != nil && c.takes(c.line) {
		c.line, c.leftOut = c.line[:0], 0
		return
	}
	c.line = bytes.Replace(c.line, []byte(c.mark), nil, 1)
	if more := len(c.line) - lineMost; more > 0 {
		c.line, c.leftOut = c.line[:lineMost], c.leftOut+more
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

// printable replaces whatever could harm a terminal, or is not UTF-8, with "?". Unlike U+FFFD that makes no line longer.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r != utf8.RuneError && unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, line)
}

// handOn writes our own lines into the log, between Asterisk's.
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
