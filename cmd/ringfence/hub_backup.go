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
	"ringfence/screening"
)

type hubBackupCmd struct {
	File string `arg:"" help:"The file to write, such as hub.tar.gz."`
}

func (hubBackupCmd) Help() string {
	return "The ledgers of reports and decisions, moderators, invitations, settings, protected numbers, the list that is published, and the SECRET KEY\n" +
		"that it is signed with. The hub goes on meanwhile. The file is not encrypted, and only its owner can read it. Certificates are not in it.\n\n" +
		"Example:\n\n    ringfence hub backup /media/stick/hub.tar.gz --dir /var/lib/ringfence-hub"
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
	return p.say("%s (%s) has %s.\nIt has the secret key of the list in it: keep it where nobody but you finds it, because whoever has it can publish in your name.",
		c.File, megabytes(written), hubInWords(b.Contents))
}

// hubInWords is what is in a backup of a hub, for people.
func hubInWords(c hubserver.Contents) string {
	return fmt.Sprintf("the hub %q with %s and %s, all as on %s", c.Name, screening.Counted(c.Households, "household", "households"), screening.Counted(c.Moderators, "moderator", "moderators"),
		c.Made.Local().Format("2 January 2006 at 15:04"))
}

type hubRestoreCmd struct {
	File string `arg:"" help:"A file that \"ringfence hub backup\" has written."`
}

func (hubRestoreCmd) Help() string {
	return "The folder must be empty, or not exist. The whole file is checked before a hub is made from it; then the list is published, with a serial\n" +
		"greater than any before, so that households accept it. Moderators sign in again. The old hub must not run any more: two with one\n" +
		"key would publish different lists.\n\nExample:\n\n    ringfence hub restore /media/stick/hub.tar.gz --dir /var/lib/ringfence-hub"
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
