package asterisk

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const shownRegistrations = `
 <Registration/ServerURI..............................>  <Auth....................>  <Status.......>
==========================================================================================

 trunk-line/sip:sip.provider.example:5060                trunk-line                  Registered        (exp. 284s)
 trunk-fritz-box/sip:192.168.178.1:5060                  trunk-fritz-box             Rejected          (exp. 12s)

Objects found: 2

`

func TestRegistrationsAreReadAsTheConsoleShowsThem(t *testing.T) {
	if got, want := registrationsIn(shownRegistrations), map[string]string{"line": Registered, "fritz-box": "Rejected"}; !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	if got := registrationsIn("No objects found.\n"); len(got) > 0 {
		t.Error(got)
	}
}

// consoleWithVariables is a console that keeps what "dialplan set global" sets.
type consoleWithVariables struct {
	variables map[string]string
	set       []string // names, in order
	broken    bool
}

func (c *consoleWithVariables) run(_ context.Context, command string) (string, error) {
	if c.broken {
		return "", errors.New("no socket")
	}
	if command == "pjsip show registrations" {
		return shownRegistrations, nil
	}
	words := strings.Fields(strings.TrimPrefix(command, "dialplan set global "))
	c.variables[words[0]] = words[1]
	c.set = append(c.set, words[0])
	return "", nil
}

func (c *consoleWithVariables) global(_ context.Context, name string) (string, error) {
	return c.variables[name], nil
}

// The application learns of a registration by a variable, and does not believe one that nobody keeps up to date.
func TestRegistrationsReachTheApplicationByAVariable(t *testing.T) {
	c := &consoleWithVariables{variables: map[string]string{}}
	read := func(after time.Duration) map[string]string {
		t.Helper()
		known, err := ReadRegistrations(t.Context(), []string{"line", "fritz-box", "other"}, time.Now().Add(after), c.global)
		if err != nil {
			t.Fatal(err)
		}
		return known
	}
	if known := read(0); len(known) > 0 {
		t.Errorf("before anybody has looked: %v", known)
	}
	r := &registrar{console: c.run, said: map[string]string{}}
	for range 2 {
		if err := r.look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if known, want := read(0), map[string]string{"line": Registered, "fritz-box": "Rejected"}; !maps.Equal(known, want) {
		t.Errorf("%v, not %v", known, want)
	}
	for _, later := range []time.Duration{2 * time.Minute, -2 * time.Minute} {
		if known := read(later); len(known) > 0 {
			t.Errorf("after %s what was found still counts: %v", later, known)
		}
	}
	if len(c.set) != 4 { // two trunks once, the time twice
		t.Errorf("the console was asked to set %v", c.set)
	}
}

// Nobody asks the console as long as no trunk registers, and it is asked as soon as one does.
func TestRegistrarLooksOnlyWhereATrunkRegisters(t *testing.T) {
	dir := t.TempDir()
	c := &consoleWithVariables{variables: map[string]string{}, broken: true}
	r := &registrar{console: c.run, said: map[string]string{}}
	write := func(conf string) {
		if err := os.WriteFile(filepath.Join(dir, "pjsip.conf"), []byte(conf), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := r.lookWhereATrunkRegisters(t.Context(), dir); err != nil {
			t.Errorf("the console was asked: %v", err)
		}
		write("[line]\ntype = aor\n")
	}
	write("[line]\ntype = registration\n")
	if err := r.lookWhereATrunkRegisters(t.Context(), dir); err == nil {
		t.Error("the console, which is broken, was not asked")
	}
	c.broken = false
	if err := r.lookWhereATrunkRegisters(t.Context(), dir); err != nil || c.variables["RF_REGISTERED_line"] != Registered {
		t.Errorf("%v, %v", c.variables, err)
	}
}
