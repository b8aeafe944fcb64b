package asterisk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// Console runs a command at Asterisk's console and returns what it prints.
func (s *Server) Console(ctx context.Context, command string) (string, error) {
	return Console(ctx, s.dir, command)
}

// consoleLimit is for an Asterisk that hangs.
const consoleLimit = 20 * time.Second

// Console runs a command at the console of the Asterisk that runs with the configuration in dir. It goes to its control socket, as "asterisk -rx"
// does (netconsole in main/asterisk.c): starting that program takes more of the processor than almost any command.
func Console(ctx context.Context, dir, command string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, consoleLimit)
	defer cancel()
	out, err := overSocket(ctx, dir, command)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return "", fmt.Errorf("Asterisk's console: %w", err)
	}
	return out, nil
}

func overSocket(ctx context.Context, dir, command string) (string, error) {
	path, err := controlSocket(dir)
	if err != nil {
		return "", err
	}
	c, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }() // nothing is left to send
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })()
	answers := bufio.NewReader(c)
	if _, err := answers.ReadString('\n'); err != nil { // its name and version; from then on it knows whose command it is
		return "", err
	}
	if _, err := io.WriteString(c, "cli quit after "+command+"\x00"); err != nil {
		return "", err
	}
	out, err := io.ReadAll(answers)
	if errors.Is(err, syscall.ECONNRESET) { // it ends: "core stop now"
		err = nil
	}
	return string(out), err
}

// controlSocketName is the name that Asterisk gives it where no setting says otherwise.
const controlSocketName = "asterisk.ctl"

var runFolder = regexp.MustCompile(`(?m)^astrundir => (.*)$`)

// controlSocket is where the Asterisk with the configuration in dir takes commands.
func controlSocket(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "asterisk.conf"))
	if err != nil {
		return "", err
	}
	found := runFolder.FindSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("%s names no astrundir", filepath.Join(dir, "asterisk.conf"))
	}
	return filepath.Join(string(found[1]), controlSocketName), nil
}
