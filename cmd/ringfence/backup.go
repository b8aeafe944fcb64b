package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"ringfence/config"
	"ringfence/store"
	"ringfence/store/backups"
)

type backupCmd struct {
	File string `arg:"" help:"The file to write, such as ringfence.tar.gz."`
}

func (backupCmd) Help() string {
	return help("Writes contacts, blocks, lists, calls, recordings, accounts, and what the household says in its own voice, for all households "+
		"of this machine. Calls go on meanwhile.\n\n"+
		"ringfence.toml and passwords in files aren't in it. The file isn't encrypted. Only its owner can read it.",
		"ringfence backup /media/stick/ringfence.tar.gz")
}

func (c backupCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(s config.Settings, db *store.Store) (err error) {
		times, err := p.clock(s)
		if err != nil {
			return err
		}
		b, err := backups.Make(ctx, db.Folder(), time.Now())
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.Close()) }()
		written, err := writeWhole(c.File, func(w io.Writer) error { return b.Write(ctx, w, p.progress(b.Bytes)) })
		if err != nil {
			return fmt.Errorf("the backup cannot be written: %w", err)
		}
		return p.say("%s (%s) has %s.\nKeep it safe: whoever has it can hear the recordings.", c.File, size(written), times.inWords(b.Contents))
	})
}

// inWords is what is in a backup, for people.
func (k clock) inWords(c backups.Contents) string {
	return fmt.Sprintf("%s (%s): %s, %s, %s, %s, %s and %s of their own, as of %s",
		counted(len(c.Households), "household", "households"), strings.Join(c.Households, ", "), counted(c.People, "person's account", "people's accounts"),
		counted(c.Contacts, "contact", "contacts"), counted(c.Blocks, "block", "blocks"), counted(c.Calls, "call", "calls"),
		counted(c.Recordings, "recording", "recordings"), counted(c.Phrases, "phrase", "phrases"), k.at(c.Made))
}
