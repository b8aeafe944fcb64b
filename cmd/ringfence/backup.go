package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
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

// writeWhole writes a file that only its owner can read, whole or not at all. It is on the disk when writeWhole returns; until then an older file
// stays.
func writeWhole(path string, write func(io.Writer) error) (size int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already once it has been renamed
	buffered := bufio.NewWriterSize(f, 1<<18)
	err = write(buffered)
	if err == nil {
		err = errors.Join(buffered.Flush(), f.Sync())
	}
	info, failed := f.Stat()
	if err := errors.Join(err, failed, f.Close()); err != nil {
		return 0, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return 0, err
	}
	// Some file systems of USB sticks and network shares cannot sync a folder; the file itself is on the disk.
	_ = sqlite.SyncFolder(filepath.Dir(path))
	return info.Size(), nil
}

// progress shows how much has been written, if a terminal is there to show it.
func (p *program) progress(total int64) func(done int64) {
	bar := newProgress(p.err, nil)
	if !bar.terminal {
		return nil
	}
	bar.all = total
	return func(done int64) {
		bar.reached(done)
		if done >= total {
			bar.end()
		}
	}
}

// inWords is what is in a backup, for people.
func (k clock) inWords(c backups.Contents) string {
	return fmt.Sprintf("%s (%s): %s, %s, %s, %s, %s and %s of their own, as of %s",
		counted(len(c.Households), "household", "households"), strings.Join(c.Households, ", "), counted(c.People, "person's account", "people's accounts"),
		counted(c.Contacts, "contact", "contacts"), counted(c.Blocks, "block", "blocks"), counted(c.Calls, "call", "calls"),
		counted(c.Recordings, "recording", "recordings"), counted(c.Phrases, "phrase", "phrases"), k.at(c.Made))
}

type restoreCmd struct {
	File          string `arg:"" optional:"" help:"A file written by \"ringfence backup\"."`
	BeforeUpgrade bool   `help:"Go back to the database from before the last upgrade. Recordings stay."`
}

func (restoreCmd) Help() string {
	return help("Stop Ringfence first; the phone rings meanwhile. The whole file is checked before anything changes, and today's data stays in "+
		"a folder beside it. Everybody is signed out.\n\n"+
		"--before-upgrade goes back to the database that the last upgrade copied first. Anything changed since then is in the folder "+
		"beside it.",
		"ringfence restore /media/stick/ringfence.tar.gz",
		"ringfence restore --before-upgrade")
}

func (c restoreCmd) Run(ctx context.Context, p *program) (err error) {
	if c.BeforeUpgrade == (c.File != "") {
		return usagef("name the file of a backup, or say --before-upgrade")
	}
	s, err := p.settings()
	if err != nil {
		return err
	}
	times, err := p.clock(s)
	if err != nil {
		return err
	}
	if c.BeforeUpgrade {
		return p.goBack(ctx, s, times)
	}
	if err := datafolder.Make(s.Data); err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("the backup cannot be read: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := datafolder.NotInUse(s.Data); err != nil {
		return err
	}
	line := household.Admin{Actor: household.CommandLine, Now: time.Now()}.RestoredLine(c.File)
	contents, err := backups.Stage(ctx, s.Data, bufio.NewReaderSize(f, 1<<18), line)
	if err != nil {
		return err
	}
	before, err := datafolder.ApplyStaged(s.Data)
	if err != nil {
		return errors.Join(err, datafolder.DropStaged(s.Data))
	}
	return p.say("Restored: %s.\nThe data from before is in %s; delete it once all is well.", times.inWords(contents), before)
}

// goBack puts the database from before the last upgrade back.
func (p *program) goBack(ctx context.Context, s config.Settings, times clock) error {
	line := household.Admin{Actor: household.CommandLine, Now: time.Now()}.GoneBackLine()
	done, err := backups.GoBack(ctx, s.Data, line)
	if err != nil {
		return err
	}
	log := ""
	if done.LogLost {
		log = " So is the log of changes since then, which could not be kept."
	}
	next := "Start Ringfence again (`systemctl start ringfence`)."
	if !done.Current {
		next = "Now install the Ringfence from before, and start that: this one would upgrade the database again."
	}
	return p.say("Put back: the database from before the upgrade of %s. Recordings are as they were.\nWhat was changed since then is in %s; delete it once all is well.%s\n%s",
		times.at(done.Made), done.Before, log, next)
}
