package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ringfence/config"
	"ringfence/household"
	"ringfence/household/replay"
	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store"
	"ringfence/store/lists"
)

type listImportCmd struct {
	File   string `arg:"" help:"The file; - is standard input."`
	Name   string `help:"What to call the list; without it, the file's name." placeholder:"NAME"`
	Form   string `help:"What kind of file it is, if its contents don't show that: plain, csv, vcard, ncid-alias, ncid-blacklist, astdb, ftc, fcc or phoneblock." enum:",plain,csv,vcard,ncid-alias,ncid-blacklist,astdb,ftc,fcc,phoneblock" default:"" placeholder:"FORM"`
	DryRun bool   `help:"Change nothing. Say what would be added, changed and removed, and what that would have done to the calls of the last three months."`
	tableArgs
}

func (listImportCmd) Help() string {
	return help("Recognises these files by their contents:\n\n"+strings.Join([]string{
		"  CSV:      a column of numbers, and perhaps of confidence, category, note",
		"  plain:    one number a line",
		"  vCard:    an address book",
		"  NCID:     its aliases or blacklist",
		"  astdb:    what Asterisk's \"database show blacklist\" prints",
		"  phones:   phone books of FRITZ!Box, Yealink, Snom, Gigaset and others (XML)",
		"  blockers: callattendant, callblocker, SpamBlocker, NoPhoneSpam, Fossify ...",
		"  others:   the FTC's and FCC's complaints, PhoneBlock's blocklist",
	}, "\n")+"\n\n"+
		"A number that ends in * stands for all numbers starting with these digits. It names wrong lines and skips them; a file with "+
		"more wrong lines than right ones changes nothing.",
		"ringfence list import scams.csv --name parish --dry-run",
		"ringfence list import calls.csv --name parish --column \"Caller number\"",
		"ringfence list import scams.csv --name parish")
}

func (c listImportCmd) Run(ctx context.Context, p *program) error {
	p.boundHeap(importHeap)
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		file, name, err := c.open()
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // only read
		read := &forms.Import{Region: h.Region, Form: forms.Form(c.Form), Columns: c.Column, AllRows: c.AllRows}
		source := filepath.Base(c.File)
		progress := newProgress(p.err, file)
		a := p.admin(s, h, db)
		id, err := a.PrepareList(ctx, name, source, read, read.Entries(io.TeeReader(file, progress)))
		progress.end()
		printRefusals(p, "", read.Refusals, read.Refused, "line", "lines")
		if err != nil {
			return sayWhich(c.File, err)
		}
		p.sayColumns(read.Choice)
		changes, err := db.Lists.Differences(ctx, h.Name, id, shownChanges)
		if err != nil {
			return err
		}
		prepared, err := db.Lists.Prepared(ctx, h.Name, id)
		if err != nil {
			return err
		}
		if len(prepared.Contacts) > 0 {
			fmt.Fprintf(p.err, "These contacts have a number that is on it, and ring all the same: %s.\n", strings.Join(prepared.Contacts, ", "))
		}
		if c.DryRun {
			replayed, failed := replay.OfLog(ctx, a, replay.MostOfALog, func(ctx context.Context, a household.Admin) error {
				_, err := a.AcceptList(ctx, id, source, read.Choice.From())
				return err
			})
			return errors.Join(c.only(ctx, p, h, db, id, changes, read), p.replayed(a, h, false, replayed, failed))
		}
		if _, err := a.AcceptList(ctx, id, source, read.Choice.From()); err != nil {
			return err
		}
		return p.say("The list %s now has %s; %s refused. Added: %s, changed: %s, removed: %s, unchanged: %s.",
			name, counted(changes.Entries, "number", "numbers"), counted(read.Refused, "line was", "lines were"),
			screening.Thousands(changes.Added), screening.Thousands(changes.Changed), screening.Thousands(changes.Removed), screening.Thousands(changes.Unchanged))
	})
}

// only says what the import would change, and changes nothing.
func (c listImportCmd) only(ctx context.Context, p *program, h config.Household, db *store.Store, id int64, changes lists.Differences, read *forms.Import) error {
	if err := db.Lists.Drop(ctx, h.Name, id); err != nil {
		return err
	}
	if err := p.sayChanges(changes, h.Region); err != nil {
		return err
	}
	return p.say("%s is %s, with %s. It would add %s, change %s, leave %s unchanged, and remove %s. %s refused.",
		c.File, read.Form.Title(), counted(changes.Entries, "number", "numbers"),
		screening.Thousands(changes.Added), screening.Thousands(changes.Changed), screening.Thousands(changes.Unchanged),
		counted(changes.Removed, "other", "others"), screening.Capital(counted(read.Refused, "line is", "lines are")))
}

func (c listImportCmd) open() (file fs.File, name string, err error) {
	name = c.Name
	if name == "" {
		name = screening.CleanLine(strings.TrimSuffix(filepath.Base(c.File), filepath.Ext(c.File)), lists.MaxName)
	}
	if c.File == "-" {
		if c.Name == "" {
			return nil, "", usagef("say what to call the list that comes from standard input, with --name")
		}
		return os.Stdin, name, nil
	}
	file, err = os.Open(c.File)
	if err != nil {
		return nil, "", fmt.Errorf("the list cannot be read: %w", err)
	}
	return file, name, nil
}
