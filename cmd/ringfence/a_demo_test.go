package main_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// demo is the demonstration as a process of its own, with a folder of its own for all that it makes. It is without the race detector, for its
// softphones are in it, and have to keep up with the sound.
func demo(t *testing.T) (cmd *exec.Cmd, folder string) {
	ctx, done := context.WithTimeout(context.Background(), limit+4*time.Minute)
	t.Cleanup(done)
	folder = t.TempDir()
	cmd = exec.CommandContext(ctx, plain, "demo", "--exit")
	cmd.Env = append(os.Environ(), "TMPDIR="+folder)
	return cmd, folder
}

// nothingRuns checks that no process has been started from, or for, a folder, and that nothing is left in it.
func nothingRuns(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && strings.Contains(string(text), folder) { // it may have ended just now
			t.Errorf("still running: %s", strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// The day takes longer than any other test: it is begun while the others wait for their turn, and looked at when it is this test's.
func TestDemo(t *testing.T) {
	slots.take(t, true)
	cmd, folder := demo(t)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Parallel()
	if err := cmd.Wait(); err != nil || !strings.Contains(out.String(), "Every scene went as told.") || strings.Count(out.String(), " of 8 ──") != 8 {
		t.Errorf("%v\n%s", err, out.String())
	}
	nothingRuns(t, folder)
}

// canBeOpened checks that a link leads to where Anna can choose a password.
func canBeOpened(t *testing.T, link string) {
	t.Helper()
	answer, err := http.Get(link) //nolint:gosec,noctx // the demonstration's own
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = answer.Body.Close() }() // read to its end below
	if page, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(page), "Anna Taylor") {
		t.Errorf("%s: %s %v\n%s", link, answer.Status, err, page)
	}
}

func TestInterruptedDemoLeavesNothing(t *testing.T) {
	t.Parallel()
	slots.take(t, true)
	cmd, folder := demo(t)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	watched := false
	for lines.Scan() && !strings.Contains(lines.Text(), "the neighbour says") {
		if link := strings.TrimSpace(lines.Text()); strings.HasPrefix(link, "http://") {
			watched = true
			canBeOpened(t, link)
		}
	}
	if !watched {
		t.Error("the demonstration does not say how to watch it in a browser")
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // to its end
	}
	if err := cmd.Wait(); err == nil {
		t.Error("an interrupted demonstration ended as if all had been played")
	}
	nothingRuns(t, folder)
}
