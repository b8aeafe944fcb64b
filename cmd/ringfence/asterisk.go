package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"ringfence/asterisk"
	"ringfence/prompts"
	"ringfence/store"
)

type asteriskCmd struct {
	Install asteriskInstallCmd `cmd:"" help:"Get Asterisk onto this machine, where it is not there yet."`
	Config  asteriskConfigCmd  `cmd:"" help:"Write Asterisk's configuration and prompts from the settings."`
	Run     asteriskRunCmd     `cmd:"" help:"Run Asterisk in the foreground, for systemd or a container."`
}

type asteriskInstallCmd struct{}

func (asteriskInstallCmd) Help() string {
	return "Takes the asterisk on the PATH if it is 20 or newer, else the distribution's package, else it makes a\n" +
		"root folder with Debian's Asterisk in the user's cache (about 20 seconds, 370 MB).\n\nExample: ringfence asterisk install"
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
	Dir string `arg:"" help:"Folder for the configuration; it is made where it is absent." placeholder:"DIR"`
}

func (asteriskConfigCmd) Help() string {
	return "Writes every file that Asterisk reads, the prompts among them. The ARI password is made the first time and kept\n" +
		"in the data folder. Restart Asterisk afterwards.\n\nExample: ringfence asterisk config /var/lib/ringfence/asterisk"
}

func (c asteriskConfigCmd) Run(ctx context.Context, p *program) error {
	inst, err := asterisk.Find(ctx)
	if err != nil {
		return err
	}
	if _, err := p.writeAsterisk(ctx, c.Dir, inst, settings.Site, p.refuseNewWeaknesses); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "Asterisk's configuration is in %s. Start it with: ringfence asterisk run %s\n", c.Dir, c.Dir)
	return err
}

// siteOf makes what Asterisk's configuration is written from, of the settings and the ARI password.
type siteOf func(s settings, ariPassword string) (asterisk.Site, error)

// weaknessCheck refuses what the settings leave open, or only warns of it.
type weaknessCheck func(dir string, weaknesses []asterisk.Weakness) error

// writeAsterisk writes Asterisk's configuration, unless check refuses it, and returns what it was written from, also where only the
// writing failed.
func (p *program) writeAsterisk(ctx context.Context, dir string, inst asterisk.Installation, of siteOf, check weaknessCheck) (asterisk.Site, error) {
	s, err := p.settings()
	if err != nil {
		return asterisk.Site{}, err
	}
	// One that is there need not be changed, which a disk that is read-only refuses.
	if _, there := os.Stat(dir); there != nil {
		if err := store.DataFolder(s.Data); err != nil {
			return asterisk.Site{}, err
		}
	}
	s = p.chosenRegions(ctx, s)
	password, err := s.MakeARIPassword()
	if err != nil {
		return asterisk.Site{}, err
	}
	site, err := of(s, password)
	if err != nil {
		return asterisk.Site{}, fmt.Errorf("%s: %w", p.Config, err)
	}
	if err := check(dir, site.Weaknesses()); err != nil {
		return asterisk.Site{}, err
	}
	if err := asterisk.WriteConfig(dir, site, inst); err != nil {
		return site, err
	}
	return site, prompts.Write(filepath.Join(dir, "sounds"))
}

type asteriskRunCmd struct {
	Dir string `arg:"" help:"Folder that \"ringfence asterisk config\" has written, or is to write." placeholder:"DIR"`
}

func (asteriskRunCmd) Help() string {
	return "Writes the configuration again, so that it always fits the settings, and runs Asterisk until it is told to stop.\n" +
		"Asterisk is watched: it is started once more when the machine gets its address, or another.\n\n" +
		"Example: ringfence asterisk run /var/lib/ringfence/asterisk"
}

func (c asteriskRunCmd) Run(ctx context.Context, p *program) error {
	inst, err := asterisk.Install(ctx, p.err)
	if err != nil {
		return err
	}
	s, err := p.settings()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(p.err, nil))
	written := s.Asterisk // the settings that the configuration was last written from: the file may change while Asterisk runs
	keeper := asterisk.Keeper{
		Installation: inst, Dir: c.Dir, Out: os.Stdout, Log: log,
		Moved: func(site asterisk.Site) bool { return written.Moved(site) },
		Write: func(ctx context.Context) (asterisk.Site, error) {
			return p.writeOrUseThere(ctx, c.Dir, inst, log, func(s settings, ariPassword string) (asterisk.Site, error) {
				written = s.Asterisk
				return s.SiteThatRings(ariPassword, p.err)
			})
		},
	}
	return keeper.Run(ctx)
}

// writeOrUseThere writes the configuration. Where the disk does not take it, for whatever reason, Asterisk starts with the one that is
// there: phones ring then.
func (p *program) writeOrUseThere(ctx context.Context, dir string, inst asterisk.Installation, log *slog.Logger, of siteOf) (asterisk.Site, error) {
	site, err := p.writeAsterisk(ctx, dir, inst, of, p.warnOfWeaknesses)
	var fault syscall.Errno // only what the system refuses: settings that are wrong are no fault of the disk
	_, absent := os.Stat(filepath.Join(dir, "asterisk.conf"))
	if site.SIPHost != "" && errors.As(err, &fault) && absent == nil {
		log.Error("Asterisk's configuration can't be written, so it starts with the one before", "err", err)
		return site, nil
	}
	return site, err
}
