package asterisk

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFindTakesTheOneOnThePath(t *testing.T) {
	m := newMachine(t)
	m.hasAsterisk("20.6.0~dfsg")
	inst, err := m.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := Installation{
		Program: []string{filepath.Join(m.programs, "asterisk")},
		Modules: m.file("usr/lib/x86_64-linux-gnu/asterisk/modules"), Documentation: m.file("usr/share/asterisk/documentation"),
		Version: "20.6.0", Origin: "PATH",
	}
	if !slices.Equal(inst.Program, want.Program) || inst.Modules != want.Modules || inst.Documentation != want.Documentation ||
		inst.Version != want.Version || inst.Origin != want.Origin {
		t.Errorf("found %+v, want %+v", inst, want)
	}
}

func TestFindLooksWhereThePathDoesNotLead(t *testing.T) {
	m := newMachine(t)
	m.hasAsterisk("22.1.0")
	if err := os.Rename(filepath.Join(m.programs, "asterisk"), m.file("usr/sbin/asterisk")); err != nil {
		t.Fatal(err)
	}
	if inst, err := m.find(t.Context()); err != nil || inst.Program[0] != m.file("usr/sbin/asterisk") {
		t.Errorf("found %+v (%v)", inst, err)
	}
}

// An Asterisk that was built by hand has its folders where its own asterisk.conf says.
func TestFindAsksAsterisksOwnConfiguration(t *testing.T) {
	m := newMachine(t)
	m.hasAsterisk("22.1.0")
	m.write(m.file("etc/asterisk/asterisk.conf"), "[directories](!)\n;astmoddir => /elsewhere\nastmoddir => /opt/asterisk/modules ; here\nastdatadir=/opt/asterisk/data\n")
	m.write(m.file("opt/asterisk/modules/chan_pjsip.so"), "")
	m.write(m.file("opt/asterisk/data/documentation/core-en_US.xml"), "")
	inst, err := m.find(t.Context())
	if err != nil || inst.Modules != m.file("opt/asterisk/modules") || inst.Documentation != m.file("opt/asterisk/data/documentation") {
		t.Errorf("found %+v (%v)", inst, err)
	}
}

func TestFindSaysWhatIsWrong(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(m *fakeMachine)
		want    string
	}{
		"nothing there": {func(*fakeMachine) {}, "run `ringfence asterisk install`"},
		"too old":       {func(m *fakeMachine) { m.hasAsterisk("16.28.0") }, "Asterisk 16.28.0 is too old"},
		"not complete": {func(m *fakeMachine) {
			m.hasAsterisk("22.1.0")
			_ = os.RemoveAll(m.file("usr/lib"))
		}, "no chan_pjsip.so"},
		"not working": {func(m *fakeMachine) { m.has("asterisk", "exit 1") }, "does not run"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			test.prepare(m)
			inst, err := m.find(t.Context())
			if !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("found %+v (%v), want an error with %q", inst, err, test.want)
			}
		})
	}
}

func TestInstallLeavesAMachineThatHasItAlone(t *testing.T) {
	m := newMachine(t)
	m.hasAsterisk("20.1.0")
	m.hasApt("1:22.1.0")
	m.hasMmdebstrap("")
	if inst, err := m.get(t.Context()); err != nil || inst.Origin != "PATH" {
		t.Errorf("got %+v (%v)", inst, err)
	}
	if m.ran() != "" || m.left() != nil {
		t.Errorf("it has run %q and left %v", m.ran(), m.left())
	}
}

func TestInstallTakesTheDistributionsPackage(t *testing.T) {
	m := newMachine(t)
	m.hasApt("1:22.1.0")
	m.hasMmdebstrap("")
	m.has("systemctl", "")
	m.folder(m.file("run/systemd/system"))
	inst, err := m.get(t.Context())
	if err != nil || inst.Origin != "package" || inst.Version != "22.1.0" {
		t.Errorf("got %+v (%v)", inst, err)
	}
	// The service was kept from starting, and is off for the next start of the machine.
	want := []string{
		"apt-get update -qq", "apt-cache policy asterisk", "apt-get install -y -qq --no-install-recommends asterisk",
		"systemctl disable --quiet asterisk.service", "systemctl stop asterisk.service",
	}
	if got := strings.Split(strings.TrimSpace(m.ran()), "\n"); !slices.Equal(got, want) {
		t.Errorf("it has run %q, want %q", got, want)
	}
	if _, err := os.Stat(m.file(policyFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the policy is left behind (%v)", err)
	}
}

func TestInstallInAContainerWithoutSystemd(t *testing.T) {
	m := newMachine(t)
	m.hasApt("20.6.0")
	m.has("update-rc.d", "")
	if _, err := m.get(t.Context()); err != nil {
		t.Error(err)
	}
	if !strings.HasSuffix(m.ran(), "update-rc.d asterisk disable\n") {
		t.Errorf("it has run %q", m.ran())
	}
}

func TestInstallRespectsTheMachinesOwnPolicy(t *testing.T) {
	m := newMachine(t)
	m.hasApt("22.1.0")
	m.write(m.file(policyFile), "#!/bin/sh\nexit 104\n")
	if _, err := m.get(t.Context()); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(m.file(policyFile)); err != nil || string(text) != "#!/bin/sh\nexit 104\n" {
		t.Errorf("the machine's own policy is now %q (%v)", text, err)
	}
}

func TestInstallRemovesAPolicyThatAKilledOneHasLeft(t *testing.T) {
	m := newMachine(t)
	m.hasApt("22.1.0")
	m.write(m.file(policyFile), policyText)
	if _, err := m.get(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(m.file(policyFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the policy is left behind (%v)", err)
	}
}

func TestInstallRemovesThePolicyWhenAptFails(t *testing.T) {
	m := newMachine(t)
	m.hasApt("22.1.0")
	m.has("apt-get", "[ $1 = update ] || { echo E: the disk is full; exit 100; }")
	_, err := m.get(t.Context())
	if err == nil || !strings.Contains(err.Error(), "apt-get install did not work") || !strings.Contains(m.said.String(), "the disk is full") {
		t.Errorf("the error is %v; it has said %s", err, m.said)
	}
	if _, err := os.Stat(m.file(policyFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the policy is left behind (%v)", err)
	}
}

// apt may finish: a half-installed package is in the way of every later installation.
func TestAnInterruptLetsAptFinish(t *testing.T) {
	m := newMachine(t)
	began, goOn := m.pipe("BEGAN"), m.pipe("GO_ON")
	m.hasApt("22.1.0")
	m.has("systemctl", "")
	m.has("apt-get", `[ $1 = update ] && exit
echo began > "$BEGAN"
cat "$GO_ON"
echo finished >> "$LOG"`)
	ctx, interrupt := context.WithCancel(t.Context())
	result := make(chan error)
	go func() { _, err := m.get(ctx); result <- err }()
	told(t, began)
	interrupt()
	if err := os.WriteFile(goOn, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if !strings.Contains(m.ran(), "finished\nsystemctl disable") {
		t.Errorf("it has run %q", m.ran())
	}
	if _, err := os.Stat(m.file(policyFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the policy is left behind (%v)", err)
	}
}
