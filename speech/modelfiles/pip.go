package modelfiles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// pip downloads a package with Python's own client, which knows the machine's mirror and proxy. Its newer versions go on by themselves if the internet
// fails for a moment. A package that is complete is kept for the next time, half of one is not.
func pip(ctx context.Context, w wheel, folder string, progress io.Writer) error {
	version, err := pipVersion(ctx, folder, progress)
	if err != nil {
		return err
	}
	requirement := filepath.Join(folder, "requirement.txt")
	if err := os.WriteFile(requirement, []byte(w.requirement+" --hash=sha256:"+w.sha256+"\n"), 0o600); err != nil {
		return err
	}
	work := filepath.Join(folder, "work") // /tmp may be small
	if err := errors.Join(os.RemoveAll(work), os.MkdirAll(work, 0o700)); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // the next download does so too
	args := []string{
		"download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--retries", "5",
		"--implementation", "cp", "--python-version", "3.11", "--platform", w.platform, "--dest", folder, "--requirement", requirement,
	}
	if version >= resumes {
		args = append(args, "--resume-retries", "20")
	}
	var said bytes.Buffer
	cmd := pipCommand(ctx, folder, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+work)
	cmd.Stderr = &said
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	stop := showProgress(progress, work, w.size)
	err = cmd.Run()
	stop()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%s could not be downloaded: type the command again once the internet works. Complete files stay.\n%s", w.what, lastLines(said.String()))
	}
	return nil
}

// pipCommand runs in the folder of the downloads: Python looks for its modules where it runs (docs.python.org, "-m"), and in the folder where somebody
// types a command as root there may be a pip.py of anybody's.
func pipCommand(ctx context.Context, folder string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "python3", append([]string{"-m", "pip"}, args...)...) //nolint:gosec // the arguments are ours
	cmd.Dir = folder
	return cmd
}

// resumes is the first pip that goes on with a download that was broken off (its change log, 25.1), in hundredths.
const resumes = 2501

// pipVersion is pip's version, in hundredths. As root it is installed where it is missing.
func pipVersion(ctx context.Context, folder string, progress io.Writer) (int, error) {
	text, err := pipCommand(ctx, folder, "--version").Output()
	if err != nil && os.Geteuid() == 0 {
		if _, noApt := exec.LookPath("apt-get"); noApt == nil {
			_, _ = fmt.Fprintln(progress, "Python's pip, which downloads it, is missing. Installing it: apt-get install python3-pip")
			if said, err := apt(ctx, "update", "-qq"); err != nil {
				return 0, fmt.Errorf("pip could not be installed: %w\n%s", err, lastLines(said))
			}
			if said, err := apt(ctx, "install", "-y", "-qq", "--no-install-recommends", "python3-pip"); err != nil {
				return 0, fmt.Errorf("pip could not be installed: %w\n%s", err, lastLines(said))
			}
			text, err = pipCommand(ctx, folder, "--version").Output()
		}
	}
	if err != nil {
		return 0, errors.New("downloading speech recognition takes Python's pip: install it (sudo apt-get install python3-pip), or use --from (docs/speech.md)")
	}
	found := regexp.MustCompile(`^pip (\d+)\.(\d+)`).FindSubmatch(text)
	if found == nil {
		return 0, nil
	}
	major, _ := strconv.Atoi(string(found[1])) // digits
	minor, _ := strconv.Atoi(string(found[2]))
	return 100*major + minor, nil
}

func apt(ctx context.Context, args ...string) (said string, err error) {
	cmd := exec.CommandContext(ctx, "apt-get", args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// lastLines is the end of what a program has said, which usually says why it failed.
func lastLines(text string) string {
	text = strings.TrimSpace(text)
	return text[max(0, len(text)-1000):]
}

// showProgress says every three seconds how much of a file has been downloaded into a folder, until stop is called.
func showProgress(progress io.Writer, folder string, size int64) (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(3 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-tick.C:
				_, _ = fmt.Fprintf(progress, "  %d of %d MB\n", min(largest(folder), size)/1000000, megabytes(size))
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}

// largest is the size of the largest file below a folder: pip downloads into a file of its own choice there.
func largest(folder string) (size int64) {
	_ = filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error { // files come and go
		if err != nil {
			return nil
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			size = max(size, info.Size())
		}
		return nil
	})
	return size
}
