package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"ringfence/sharing/addressbook"
	"ringfence/store"
)

type contactExportCmd struct {
	File   string `arg:"" optional:"" help:"The file to write; without it, standard output."`
	Format string `help:"vcard for phones, csv for spreadsheets, or the maker of a router or desk phone. Without it, what the file's name says, or else vcard." enum:"vcard,csv,fritzbox,yealink,snom,gigaset,grandstream,cisco," default:"" placeholder:"FORMAT"`
}

func (contactExportCmd) Help() string {
	return help("Writes names, numbers, notes and languages, but no pass codes. `contact import` reads all formats. A phone book for a router or "+
		"desk phone (XML) has names and numbers only: fritzbox, yealink, snom, gigaset, grandstream or cisco.",
		"ringfence contact export contacts.vcf",
		"ringfence contact export --format csv > contacts.csv",
		"ringfence contact export --format fritzbox phonebook.xml")
}

func (c contactExportCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		contacts, err := db.Contacts(ctx, h.Name)
		if err != nil {
			return err
		}
		name := cmp.Or(c.Format, "vcard")
		if c.Format == "" && strings.EqualFold(filepath.Ext(c.File), ".csv") {
			name = "csv"
		}
		format, known := addressbook.FormatNamed(name)
		if !known {
			return fmt.Errorf("there is no format %s", name)
		}
		write := func(to io.Writer) error { return format.Write(to, contacts, h.Region) }
		if c.File == "" {
			return write(p.out)
		}
		// Who is known to a household is its own affair.
		file, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err == nil {
			err = errors.Join(write(file), file.Close())
		}
		if err != nil {
			return fmt.Errorf("the contacts cannot be written: %w", err)
		}
		return p.say("%s has %s.", c.File, counted(len(contacts), "contact", "contacts"))
	})
}
