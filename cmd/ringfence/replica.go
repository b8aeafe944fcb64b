package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/store/datafolder"
	"ringfence/store/replica"
)

// replicaCmd is the copy on another disk, which serve keeps.
type replicaCmd struct {
	Restore replicaRestoreCmd `cmd:"" help:"Restore the copy in a folder."`
}

func (replicaCmd) Help() string {
	return help("With a folder under [replica] in ringfence.toml, Ringfence keeps a second copy of everything on another disk, seconds behind. See "+
		"docs/replica.md. `ringfence check` says how far behind it is.",
		"sudo ringfence replica restore /var/lib/ringfence-replica/copy")
}

type replicaRestoreCmd struct {
	Folder string `arg:"" help:"The folder with the copy."`
}

func (replicaRestoreCmd) Help() string {
	return help("Stop Ringfence first; the phone rings meanwhile. The whole database is checked before anything changes. If there was other data "+
		"here, it stays in a folder beside it.\n\n"+
		"The settings are restored too, if they are in the copy and this machine has none. From then on this machine keeps the copy. The "+
		"one from before leaves it alone.",
		"sudo ringfence replica restore /var/lib/ringfence-replica/copy")
}

func (c replicaRestoreCmd) Run(ctx context.Context, p *program) error {
	began := time.Now()
	folder, err := filepath.Abs(c.Folder)
	if err != nil {
		return err
	}
	program, err := replica.Find(ctx)
	if err != nil {
		return err
	}
	settings, err := replica.RestoreSettings(folder, p.Config)
	if err != nil {
		return fmt.Errorf("the settings cannot be restored: %w", err)
	}
	s, err := p.settings()
	if err != nil && !errors.Is(err, config.ErrNoHousehold) { // they may come later
		return err
	}
	times := clock{time.Now()}
	if len(s.Households) > 0 {
		if times, err = p.clock(s); err != nil {
			return err
		}
	}
	line := household.Admin{Actor: household.CommandLine, Now: time.Now()}.ReplicaRestoredLine(folder)
	r, err := replica.Restore(ctx, program, folder, s.Data, line)
	if err != nil {
		return err
	}
	return p.sayRestored(r, times, folder, settings, time.Since(began))
}

func (p *program) sayRestored(r replica.Restored, times clock, folder string, settings bool, took time.Duration) error {
	text := fmt.Sprintf("Restored in %s: %s.\n", counted(int(took.Seconds()+1), "second", "seconds"), times.inWords(r.Contents))
	if r.Backup.IsZero() {
		text += fmt.Sprintf("Everything from before %s is there.\n", times.at(r.Complete)+r.Complete.Format(":05"))
	} else {
		text += fmt.Sprintf("What Litestream has kept is damaged. So this is the backup of %s, with the recordings up to %s.\n", times.at(r.Backup), times.at(r.Complete))
	}
	if settings {
		text += "The settings are in " + p.Config + ".\n"
	}
	if r.NotTaken != nil {
		text += fmt.Sprintf("The folder %s can't be written (%v). Make sure that the machine from before doesn't write there any more.\n", folder, r.NotTaken)
	} else if os.Geteuid() == 0 {
		if err := datafolder.GiveToOwner(folder); err != nil {
			return err
		}
	}
	if entries, _ := os.ReadDir(r.Before); len(entries) > 0 {
		text += "The data from before is in " + r.Before + "; delete it once all is well.\n"
	} else if err := os.Remove(r.Before); err != nil {
		return err
	}
	return p.say("%sStart Ringfence now: sudo systemctl start ringfence", text)
}
