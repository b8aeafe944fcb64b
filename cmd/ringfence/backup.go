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
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

type backupCmd struct {
	File string `arg:"" help:"The file to write, such as ringfence.tar.gz."`
}

func (backupCmd) Help() string {
	return "Contacts, blocks, lists, calls, recordings, what the household says in its own voice, and who may use the pages: all\n" +
		"households of this machine. Calls go on meanwhile. The file is not encrypted, and only its owner can read it. ringfence.toml\n" +
		"and passwords in files are not in it.\n\nExample:\n\n    ringfence backup /media/stick/ringfence.tar.gz"
}

func (c backupCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(_ config.Settings, db *store.Store) (err error) {
		b, err := backups.Make(ctx, db.Folder(), time.Now())
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.Close()) }()
		size, err := writeWhole(c.File, func(w io.Writer) error { return b.Write(ctx, w, p.progress(b.Bytes)) })
		if err != nil {
			return fmt.Errorf("the backup cannot be written: %w", err)
		}
		return p.say("%s (%s) has %s.\nKeep it safe: whoever has it can hear the recordings.", c.File, megabytes(size), inWords(b.Contents))
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

func megabytes(bytes int64) string {
	if bytes < 100_000 {
		return fmt.Sprintf("%d kB", (bytes+999)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}

// inWords is what is in a backup, for people.
func inWords(c backups.Contents) string {
	return fmt.Sprintf("%s (%s): %s, %s, %s, %s, %s and %s of their own, all as on %s",
		screening.Counted(len(c.Households), "household", "households"), strings.Join(c.Households, ", "), screening.Counted(c.People, "person's account", "people's accounts"),
		screening.Counted(c.Contacts, "contact", "contacts"), screening.Counted(c.Blocks, "block", "blocks"), screening.Counted(c.Calls, "call", "calls"),
		screening.Counted(c.Recordings, "recording", "recordings"), screening.Counted(c.Phrases, "phrase", "phrases"), c.Made.Local().Format("2 January 2006 at 15:04"))
}

type restoreCmd struct {
	File          string `arg:"" optional:"" help:"A file that \"ringfence backup\" has written."`
	BeforeUpgrade bool   `help:"Go back to the database from before the last upgrade of Ringfence. Recordings stay."`
}

func (restoreCmd) Help() string {
	return "The whole file is checked before anything is touched, and the present data is kept in a folder beside it. Ringfence must\n" +
		"not be running; the telephone rings meanwhile. Everybody is signed out.\n\n" +
		"An upgrade copies the database first. --before-upgrade puts that copy back, for the Ringfence from before; what was changed since\n" +
		"is in the folder beside it.\n\n" +
		"Example:\n\n    ringfence restore /media/stick/ringfence.tar.gz\n    ringfence restore --before-upgrade"
}

func (c restoreCmd) Run(ctx context.Context, p *program) (err error) {
	if c.BeforeUpgrade == (c.File != "") {
		return usagef("name the file of a backup, or say --before-upgrade")
	}
	s, err := p.settings()
	if err != nil {
		return err
	}
	if c.BeforeUpgrade {
		return p.goBack(ctx, s)
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
	return p.say("Restored: %s.\nThe data from before is in %s; delete it once all is well.", inWords(contents), before)
}

// goBack puts the database from before the last upgrade back.
func (p *program) goBack(ctx context.Context, s config.Settings) error {
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
		done.Made.Local().Format("2 January 2006 at 15:04"), done.Before, log, next)
}
