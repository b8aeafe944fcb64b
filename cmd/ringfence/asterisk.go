package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"ringfence/app"
	"ringfence/asterisk"
	"ringfence/prompts"
)

type asteriskCmd struct {
	Install asteriskInstallCmd `cmd:"" help:"Install Asterisk on this machine, unless it is there already."`
	Config  asteriskConfigCmd  `cmd:"" help:"Write Asterisk's configuration and prompts from the settings."`
	Run     asteriskRunCmd     `cmd:"" help:"Run Asterisk in the foreground, for systemd or a container."`
	Upgrade asteriskUpgradeCmd `cmd:"" help:"Replace this machine's own Asterisk with Debian's latest, after a test call."`
	Wait    asteriskWaitCmd    `cmd:"" help:"Wait until nobody is talking."`
	Sounds  asteriskSoundsCmd  `cmd:"" hidden:""`
}

func (asteriskCmd) Help() string {
	return help("The package and the Docker image run these by themselves.", "ringfence asterisk install")
}

type asteriskInstallCmd struct{}

func (asteriskInstallCmd) Help() string {
	return help("Uses the Asterisk on the PATH if it is 20 or newer, or else the distribution's package. Failing that, it makes a root folder "+
		"with Debian's Asterisk (about 20 seconds, 280 MB). With Ringfence's package that is /var/lib/ringfence-root, "+
		"otherwise it is in the user's cache.",
		"ringfence asterisk install")
}

func (asteriskInstallCmd) Run(ctx context.Context, p *program) error {
	inst, err := asterisk.Install(ctx, p.err)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "Asterisk %s (%s)\n", inst.Version, inst.Origin)
	return err
}

type asteriskConfigCmd struct {
	Dir string `arg:"" help:"The folder for the configuration; created if it doesn't exist." placeholder:"DIR"`
}

func (asteriskConfigCmd) Help() string {
	return help("Writes every file that Asterisk reads, prompts included. The ARI password is made the first time and kept in the data folder. "+
		"Restart Asterisk afterwards.",
		"ringfence asterisk config /var/lib/ringfence/asterisk")
}

func (c asteriskConfigCmd) Run(ctx context.Context, p *program) error {
	if err := p.asteriskConfig(c.Dir, asterisk.Installation{}).SetUp(ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, "Asterisk's configuration is in %s. Start it with: ringfence asterisk run %s\n", c.Dir, c.Dir)
	return err
}

func (p *program) asteriskConfig(dir string, inst asterisk.Installation) app.AsteriskConfig {
	return app.AsteriskConfig{File: p.Config, Data: p.Data, Dir: dir, Installation: inst, Warnings: p.err}
}

type asteriskRunCmd struct {
	Dir string `arg:"" help:"The folder for the configuration." placeholder:"DIR"`
}

func (asteriskRunCmd) Help() string {
	return help("Writes the configuration again, so that it fits the settings, and runs Asterisk until you stop it. It restarts Asterisk when "+
		"the machine gets an address, or a new one.",
		"ringfence asterisk run /var/lib/ringfence/asterisk")
}

func (c asteriskRunCmd) Run(ctx context.Context, p *program) error {
	p.boundHeap(keeperHeap)
	inst, err := asterisk.Install(ctx, p.err)
	if err != nil {
		return err
	}
	return p.asteriskConfig(c.Dir, inst).Keep(ctx, os.Stdout, slog.New(slog.NewTextHandler(p.err, nil)))
}

// asteriskSoundsCmd writes what Asterisk plays in a process of its own: unpacking takes memory that a process which stays would keep.
type asteriskSoundsCmd struct {
	Dir string `arg:""`
}

func (c asteriskSoundsCmd) Run() error { return prompts.Write(filepath.Join(c.Dir, "sounds")) }
