package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"ringfence/app/doctor"
	"ringfence/asterisk"
	"ringfence/demo"
)

// asteriskUnit is the service that runs Asterisk.
const asteriskUnit = "ringfence-asterisk.service"

type asteriskWaitCmd struct {
	Most time.Duration `help:"Wait no longer than this." default:"12h"`
}

func (asteriskWaitCmd) Help() string {
	return help("Ends as soon as nobody is on the line, or when the time is up.",
		"ringfence asterisk wait --most 6h")
}

func (c asteriskWaitCmd) Run(ctx context.Context, p *program) error {
	return p.waitUntilFree(ctx, c.Most)
}

// waitUntilFree waits until nobody is talking, for so long at most. Where nothing is set up, nobody is.
func (p *program) waitUntilFree(ctx context.Context, most time.Duration) error {
	if _, err := os.Stat(p.Config); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	s, err := p.settings()
	if err != nil {
		return err
	}
	password, err := s.ARIPassword()
	if err != nil {
		return nil //nolint:nilerr // Asterisk has never run
	}
	site, err := s.Site(password)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	err = asterisk.WaitUntilFree(bounded, site)
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return p.say("Somebody is still on the phone after %s, so the wait is over.", most)
	}
	return err
}

type asteriskUpgradeCmd struct {
	Most time.Duration `help:"How long to wait until nobody is talking, before Asterisk is restarted." default:"12h"`
}

func (asteriskUpgradeCmd) Help() string {
	return help("Gets Debian's latest Asterisk with its libraries, and has it answer a test call on loopback. It replaces the old one when "+
		"nobody is talking. If it fails the test call, or doesn't run afterwards, the old one stays. A timer does this once a week.",
		"sudo ringfence asterisk upgrade")
}

func (c asteriskUpgradeCmd) Run(ctx context.Context, p *program) (err error) {
	up, err := asterisk.PrepareUpgrade(ctx, p.err)
	if errors.Is(err, asterisk.ErrPackaged) {
		return p.say("Nothing to do: %s.", err)
	}
	if err != nil {
		return err
	}
	if up == nil {
		return p.say("Asterisk is up to date.")
	}
	defer func() { err = errors.Join(err, up.Close()) }()
	if err := p.testCall(ctx, up.Installation); err != nil {
		return fmt.Errorf("the new Asterisk %s did not take a test call, so %s stays: %w", up.Installation.Version, up.Before.Version, err)
	}
	if err := p.waitUntilFree(ctx, c.Most); err != nil {
		return err
	}
	if err := up.Switch(); err != nil {
		return err
	}
	if err := p.restartAsterisk(ctx); err != nil {
		back := errors.Join(up.GoBack(), p.restartAsterisk(context.WithoutCancel(ctx)))
		return errors.Join(fmt.Errorf("the new Asterisk %s does not run here, so %s is back: %w", up.Installation.Version, up.Before.Version, err), back)
	}
	return p.say("Asterisk %s has taken the place of %s.", up.Installation.Version, up.Before.Version)
}

// testCall has an Asterisk, and this program, take a stranger's call on loopback: ask, record, announce, connect.
func (p *program) testCall(ctx context.Context, inst asterisk.Installation) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ringfence-test-call")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	return demo.TestCall(ctx, demo.Options{Program: self, Install: inst, Dir: dir, Out: p.err})
}

// answersWithin is how long a restarted Asterisk may take until it answers.
const answersWithin = 2 * time.Minute

// restartAsterisk restarts the service, where it runs, and waits until Asterisk answers.
func (p *program) restartAsterisk(ctx context.Context) error {
	if exec.CommandContext(ctx, "systemctl", "is-active", "--quiet", asteriskUnit).Run() != nil {
		return nil // nothing is to be restarted
	}
	if out, err := exec.CommandContext(ctx, "systemctl", "restart", asteriskUnit).CombinedOutput(); err != nil {
		return fmt.Errorf("systemctl restart %s: %w: %s", asteriskUnit, err, out)
	}
	s, err := p.settings()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	for {
		found := doctor.New(s).ARI(ctx)
		if found.State == doctor.OK {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New(found.Text)
		case <-time.After(500 * time.Millisecond): // it is starting
		}
	}
}
