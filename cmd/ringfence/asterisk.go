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
	Upgrade asteriskUpgradeCmd `cmd:"" help:"Replace this machine's own Asterisk by Debian's present one, after a test call."`
	Wait    asteriskWaitCmd    `cmd:"" help:"Wait until nobody is talking."`
	Sounds  asteriskSoundsCmd  `cmd:"" hidden:""`
}

type asteriskInstallCmd struct{}

func (asteriskInstallCmd) Help() string {
	return "Takes the asterisk on the PATH if it is 20 or newer, else the distribution's package, else it makes a\n" +
		"root folder with Debian's Asterisk (about 20 seconds, 280 MB): in /var/lib/ringfence-root where Ringfence's package is\n" +
		"installed, else in the user's cache.\n\nExample:\n\n    ringfence asterisk install"
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
	Dir string `arg:"" help:"Folder for the configuration; created if it does not exist." placeholder:"DIR"`
}

func (asteriskConfigCmd) Help() string {
	return "Writes every file that Asterisk reads, the prompts among them. The ARI password is made the first time and kept\n" +
		"in the data folder. Restart Asterisk afterwards.\n\nExample:\n\n    ringfence asterisk config /var/lib/ringfence/asterisk"
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
	Dir string `arg:"" help:"Folder that \"ringfence asterisk config\" has written, or is to write." placeholder:"DIR"`
}

func (asteriskRunCmd) Help() string {
	return "Writes the configuration again, so that it always fits the settings, and runs Asterisk until it is told to stop.\n" +
		"Asterisk is watched: it is started once more when the machine gets its address, or another.\n\n" +
		"Example:\n\n    ringfence asterisk run /var/lib/ringfence/asterisk"
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
