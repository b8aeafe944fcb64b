package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/store/backups"
	"ringfence/store/datafolder"
)

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
