package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"ringfence/app/hubserver"
)

type hubBackupCmd struct {
	File string `arg:"" help:"The file to write, such as hub.tar.gz."`
}

func (hubBackupCmd) Help() string {
	return help("Writes the ledgers of reports and decisions, moderators, invitations, settings, protected numbers, the published list, and "+
		"the SECRET KEY that signs it. The hub goes on meanwhile. Certificates aren't in it. The file isn't encrypted. Only its owner "+
		"can read it.",
		"ringfence hub backup /media/stick/hub.tar.gz --dir /var/lib/ringfence-hub")
}

// Run does not switch to the hub's user: the backup is for whoever runs the command, and nothing is left behind in the hub's folder.
func (c hubBackupCmd) Run(ctx context.Context, p *program, h *hubCmd) (err error) {
	b, err := hubserver.NewBackup(ctx, h.Dir, time.Now())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	written, err := writeWhole(c.File, func(w io.Writer) error { return b.Write(ctx, w, p.progress(b.Bytes)) })
	if err != nil {
		return fmt.Errorf("the backup cannot be written: %w", err)
	}
	return p.say("%s (%s) has %s.\nIt has the secret key of the list in it: keep it where only you can find it. Whoever has it can publish in your name.",
		c.File, size(written), hubInWords(b.Contents))
}

// hubInWords is what is in a backup of a hub, for people.
func hubInWords(c hubserver.Contents) string {
	return fmt.Sprintf("the hub %q with %s and %s, as of %s", c.Name, counted(c.Households, "household", "households"), counted(c.Moderators, "moderator", "moderators"),
		clock{time.Now()}.at(c.Made))
}

type hubRestoreCmd struct {
	File string `arg:"" help:"A file written by \"ringfence hub backup\"."`
}

func (hubRestoreCmd) Help() string {
	return help("The folder must be empty, or not exist. The whole file is checked first. Then the list is published with a higher serial than "+
		"any before, so that households accept it. Moderators sign in again. Don't run the old hub any more: two with one key would "+
		"publish different lists.",
		"ringfence hub restore /media/stick/hub.tar.gz --dir /var/lib/ringfence-hub")
}

func (c hubRestoreCmd) Run(ctx context.Context, p *program, h *hubCmd) (err error) {
	f, err := os.Open(c.File) // before switching to the hub's user, who may not be allowed to read it
	if err != nil {
		return fmt.Errorf("the backup cannot be read: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	made, err := hubserver.EmptyFolder(h.Dir)
	if err != nil {
		return err
	}
	contents, err := hubserver.Restore(ctx, h.Dir, bufio.NewReaderSize(f, 1<<18))
	if err != nil {
		if made {
			err = errors.Join(err, os.Remove(h.Dir))
		}
		return err
	}
	if err := p.say("Restored into %s: %s.", h.Dir, hubInWords(contents)); err != nil {
		return err
	}
	published := hubPublishCmd{}.Run(ctx, p, h)
	if made && os.Geteuid() == 0 {
		if err := p.say("The folder is root's now. Where the hub runs as a user of its own: chown -R ringfence-hub: %s", h.Dir); err != nil {
			return err
		}
	}
	return errors.Join(published, p.say("Start it with `ringfence hub serve --dir %s`. The old hub must not run any more.", h.Dir))
}
