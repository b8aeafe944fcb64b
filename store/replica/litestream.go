package replica

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ringfence/store/datafolder"
)

const (
	// oldest is the version that was tested here. With those before 0.5.16 a restored database could be damaged (benbjohnson/litestream, issue 1164);
	// those before 0.5.17 have an SQLite that can damage the database itself where two processes make checkpoints (issue 1432).
	oldest = "0.5.18"
	// packaged is where the Debian package ringfence-replica has the program.
	packaged = "/usr/lib/ringfence/litestream"
	// snapshots are made so often, and kept so long: what was deleted is in the replica for the sum of both at most.
	snapshots = 24 * time.Hour
)

// Litestream is the program.
type Litestream struct {
	program string
	// every replaces the time between snapshots, in tests.
	every time.Duration
}

// Find finds the program. The error is a sentence for people.
func Find(ctx context.Context) (Litestream, error) {
	program := os.Getenv("RINGFENCE_LITESTREAM")
	if program == "" {
		program, _ = exec.LookPath("litestream")
	}
	if program == "" {
		program = packaged
	}
	out, err := exec.CommandContext(ctx, program, "version").Output() //nolint:gosec // the administrator's
	if err != nil {
		return Litestream{}, errors.New("Litestream isn't installed: docs/replica.md says how to install it")
	}
	version := strings.TrimPrefix(strings.TrimSpace(string(out)), "v")
	if slices.Compare(numbers(version), numbers(oldest)) < 0 {
		return Litestream{}, fmt.Errorf("Litestream's version is %s, and %s or newer is needed: docs/replica.md says how to install it", version, oldest)
	}
	return Litestream{program: program, every: snapshots}, nil
}

// numbers are those of a version; there are none in "(development build)".
func numbers(version string) []int {
	three := make([]int, 3)
	_, _ = fmt.Sscanf(version, "%d.%d.%d", &three[0], &three[1], &three[2]) // what it cannot read is 0
	return three
}

// settings are Litestream's own, for a database and the folder of a generation. socket is where it listens; "": nowhere.
func (l Litestream) settings(database, folder, socket string) ([]byte, error) {
	type m map[string]any
	every := l.every.String()
	all := m{
		"dbs": []m{{
			"path": database,
			// It would hold the database for as long as a snapshot takes, once the write-ahead log has 500 MB. Package app/replica ends Litestream before that.
			"truncate-page-n": -1,
			"replica":         m{"type": "file", "path": folder},
		}},
		"snapshot":              m{"interval": every, "retention": every},
		"shutdown-sync-timeout": "2s",
		"logging":               m{"level": "warn", "type": "text", "stderr": true},
	}
	if socket != "" {
		all["socket"] = m{"enabled": true, "path": socket, "permissions": 0o600}
	}
	return json.Marshal(all) // which is YAML, too
}

// Follower is a Litestream that follows a database.
type Follower struct {
	Ended <-chan struct{} // closed when it has ended
	cmd   *exec.Cmd
	dir   string // a temporary folder with its settings and its socket
	http  *http.Client

	data, folder string

	mu         sync.Mutex
	generation generation
}

// Follow starts it. What it has to say is written to log.
func (l Litestream) Follow(data, folder string, log io.Writer) (f *Follower, err error) {
	g, err := current(data, folder)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "ringfence-replica-") // a socket's path can't be long, and the data folder's may be
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	socket, file := filepath.Join(dir, "socket"), filepath.Join(dir, "litestream.yml")
	f = &Follower{dir: dir, data: data, folder: folder, generation: g, http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}}
	settings, err := l.settings(f.path(), filepath.Join(folder, DatabaseFolder, g.Name), socket)
	if err == nil {
		err = os.WriteFile(file, settings, 0o600)
	}
	if err != nil {
		return nil, err
	}
	f.cmd = exec.Command(l.program, "replicate", "-config", file, "-no-expand-env") //nolint:gosec,noctx // it ends with Close
	f.cmd.Stdout, f.cmd.Stderr = io.Discard, log
	f.Ended, err = start(f.cmd)
	return f, err
}

func (f *Follower) path() string { return filepath.Join(f.data, datafolder.Database) }

// Sync has everything that is in the database by now put into the replica. It returns once it is there; changed says that something was not before. It
// waits so long at most.
func (f *Follower) Sync(ctx context.Context, within time.Duration) (changed bool, err error) {
	log := whichLog(f.data)
	body, err := json.Marshal(map[string]any{"path": f.path(), "wait": true, "timeout": int(within/time.Second) + 1})
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://litestream/sync", bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	answer, err := f.http.Do(r)
	if err != nil {
		return false, fmt.Errorf("Litestream does not answer: %w", errors.Unwrap(err))
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return false, err
	}
	var said struct{ Status, Error string }
	if err := json.Unmarshal(text, &said); err != nil {
		return false, err
	}
	if answer.StatusCode != http.StatusOK {
		return false, errors.New("Litestream says: " + said.Error)
	}
	return said.Status != "no_change", f.isComplete(log)
}

// isComplete notes that everything was copied, and of which log that was at least. Where it is another one, it is noted next time.
func (f *Follower) isComplete(log string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.generation.Log == log {
		return nil
	}
	isNew := f.generation.Log == ""
	f.generation.Log = log
	if err := f.generation.write(f.data); err != nil || !isNew {
		return err
	}
	return dropBefore(f.folder, f.generation.Name)
}

// Written is how many bytes it has written so far; 0 where the system does not say.
func (f *Follower) Written() (bytes int64) {
	counts, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(f.cmd.Process.Pid), "io")) // proc(5)
	for line := range strings.Lines(string(counts)) {
		if _, err := fmt.Sscanf(line, "wchar: %d", &bytes); err == nil {
			break
		}
	}
	return bytes
}

// Close ends it: with what it has, unless that takes too long.
func (f *Follower) Close() error {
	_ = f.cmd.Process.Signal(os.Interrupt) // it may have ended
	select {
	case <-f.Ended:
	case <-time.After(closeWithin):
		f.Kill()
	}
	f.http.CloseIdleConnections()
	return os.RemoveAll(f.dir)
}

// closeWithin is how long a stopping program waits for it: the phones ring meanwhile.
const closeWithin = 3 * time.Second

// Kill ends it at once, whatever it is doing, and with it the lock that keeps the write-ahead log from being begun anew.
func (f *Follower) Kill() {
	_ = f.cmd.Process.Kill() // it may have ended
	select {
	case <-f.Ended:
	case <-time.After(closeWithin): // a disk that does not answer keeps even a killed process
	}
}
