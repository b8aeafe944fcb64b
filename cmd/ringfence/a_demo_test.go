package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ringfence/internal/servetest"
)

// demo is the demonstration as a process of its own, with a folder of its own for all that it makes. It is without the race detector, for its
// softphones are in it, and have to keep up with the sound.
func demo(t *testing.T) (cmd *exec.Cmd, folder string) {
	ctx, done := context.WithTimeout(context.Background(), limit+4*time.Minute)
	t.Cleanup(done)
	folder = t.TempDir()
	cmd = exec.CommandContext(ctx, plain, "demo", "--exit")
	cmd.Env = append(os.Environ(), "TMPDIR="+folder, "RINGFENCE_SPEECH="+folder) // where there is no speech recognition
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
	if !strings.Contains(out.String(), "`ringfence speech install`") {
		t.Errorf("it does not say how to have callers' words read\n%s", out.String())
	}
	nothingRuns(t, folder)
}

// showsALine checks that a link lets Anna in, and that the first page that she sees says that all is well, as soon as the telephone is there.
func showsALine(t *testing.T, link string) {
	t.Helper()
	site, err := url.Parse(link)
	if err != nil {
		t.Error(err)
		return
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Error(err)
		return
	}
	browser, page := &http.Client{Jar: jar, Transport: servetest.Browser{}, Timeout: time.Minute}, ""
	read := func(answer *http.Response, err error) { // and close it
		if err != nil {
			t.Error(err)
			return
		}
		text, err := io.ReadAll(answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			t.Error(err)
		}
		page = string(text)
	}
	const email, password, want = "anna@example.org", "walnut sofa kettle orbit", "All is well. The line works, and the phone is connected."
	read(browser.PostForm(link, url.Values{"new": {password}, "again": {password}})) //nolint:bodyclose // read closes it
	today := "http://" + site.Host + "/"
	read(browser.PostForm(today+"sign-in", url.Values{"email": {email}, "password": {password}})) //nolint:bodyclose // read closes it
	for until := time.Now().Add(limit); !t.Failed() && !strings.Contains(page, want) && time.Now().Before(until); {
		read(browser.Get(today)) //nolint:bodyclose,noctx // read closes it, and it has a time limit
		if strings.Contains(page, "Nothing checks the line") {
			break
		}
		time.Sleep(100 * time.Millisecond) // the demonstration beside it needs the processor for its sound
	}
	if !strings.Contains(page, want) {
		t.Errorf("the first page says\n%s", page)
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
			showsALine(t, link)
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
