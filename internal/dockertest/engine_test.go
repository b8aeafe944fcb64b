package dockertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// engine is a Docker engine of Debian's, with a folder and a socket of its own, that ends with the test.
type engine struct {
	*testing.T
	dir    string
	socket string
}

// start starts it. Containers have the host's network, so it needs neither a bridge nor rules of a firewall.
func start(t *testing.T) *engine {
	t.Helper()
	dir, err := os.MkdirTemp("", "ringfence-docker") //nolint:usetesting // not in t.TempDir: the path of a socket has at most 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{T: t, dir: dir, socket: "unix://" + filepath.Join(dir, "docker.sock")}
	log, err := os.Create(filepath.Join(dir, "dockerd.log"))
	if err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command("/usr/sbin/dockerd", "--data-root", filepath.Join(dir, "data"), "--exec-root", filepath.Join(dir, "exec"), //nolint:noctx // ended below
		"--pidfile", filepath.Join(dir, "docker.pid"), "--host", e.socket, "--iptables=false", "--bridge=none")
	daemon.Stdout, daemon.Stderr = log, log
	if err := daemon.Start(); err != nil {
		t.Fatalf("%v: install docker.io (apt-get install docker.io)", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	t.Cleanup(func() { e.stop(daemon, ended, log) })
	for {
		if _, err := e.try("docker", "version"); err == nil {
			return e
		}
		select {
		case err := <-ended:
			ended <- err
			text, _ := os.ReadFile(log.Name()) // it is only for the message
			t.Fatalf("the Docker engine has ended: %v\n%s", err, text)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// stop ends the engine, and deletes what it has written.
func (e *engine) stop(daemon *exec.Cmd, ended <-chan error, log *os.File) {
	_ = daemon.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case _ = <-ended: //nolint:staticcheck // however it has ended
	case <-time.After(time.Minute):
		_ = daemon.Process.Kill()
		_ = <-ended //nolint:staticcheck // it has been killed: how it ended says nothing
	}
	// It leaves the namespace of containers on the host's network mounted.
	_ = syscall.Unmount(filepath.Join(e.dir, "exec/netns/default"), syscall.MNT_DETACH) // which it may not have made
	if err := errors.Join(log.Close(), os.RemoveAll(e.dir)); err != nil {
		e.Error(err)
	}
}

// command is one that talks to this engine. Debian's programs go before others of the same names.
func (e *engine) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(e.Context(), name, args...) //nolint:gosec // names from this test
	if debians := filepath.Join("/usr/bin", name); filepath.Base(name) == name {
		cmd = exec.CommandContext(e.Context(), debians, args...) //nolint:gosec // names from this test
	}
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+e.socket, "DOCKER_CONFIG="+filepath.Join(e.dir, "config"), "COMPOSE_PROJECT_NAME=ringfence")
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

func (e *engine) try(name string, args ...string) (string, error) {
	return output(e.command(name, args...))
}

// output is all that a command says.
func output(cmd *exec.Cmd) (string, error) {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return said.String(), fmt.Errorf("%s: %w:\n%s", strings.Join(cmd.Args, " "), err, said.String())
	}
	return said.String(), nil
}

// run runs a command that has to work.
func (e *engine) run(name string, args ...string) string {
	e.Helper()
	said, err := e.try(name, args...)
	if err != nil {
		e.Fatal(err)
	}
	return said
}

// isHealthy waits until a container's health check says that all is well.
func (e *engine) isHealthy(container string) {
	e.Helper()
	ctx, cancel := context.WithTimeout(e.Context(), 5*time.Minute)
	defer cancel()
	for {
		state := strings.TrimSpace(e.run("docker", "inspect", "--format", "{{.State.Status}} {{.State.Health.Status}}", container))
		if state == "running healthy" {
			return
		}
		select {
		case <-ctx.Done():
			e.Fatalf("%s is %s\n%s\n%s", container, state, e.run("docker", "inspect", "--format", "{{json .State}}", container), e.run("docker", "logs", "--tail", "100", container))
		case <-time.After(500 * time.Millisecond):
		}
	}
}
