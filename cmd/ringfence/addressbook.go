package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"ringfence/household"
	"ringfence/sharing"
	"ringfence/sharing/addressbook"
	"ringfence/store"
)

type contactImportCmd struct {
	File   string   `arg:"" help:"A vCard (.vcf), a CSV, or a phone book; - is standard input."`
	Column []string `help:"The column of a table with the phone numbers, by its heading or counting from 1; once for each. Without it, headings and rows show which." sep:"none" placeholder:"COLUMN"`
	DryRun bool     `help:"Only show what would happen to each row." name:"dry-run"`
}

func (contactImportCmd) Help() string {
	return help("Reads the address books of phones (vCard 2.1, 3.0 and 4.0), the CSV files of Google Contacts and Outlook. Also the phone books of FRITZ!Box, "+
		"Yealink, Gigaset and others (XML). Any CSV with columns for names and phone numbers will do. Somebody who is a contact already gets the new numbers.\n\n"+
		`It skips wrong numbers, blocked ones, and people whose name says they aren't wanted, such as "SCAM do not answer". It names `+
		"each line that it skips.",
		"ringfence contact import mothers-phone.vcf --dry-run",
		"ringfence contact import clients.csv --column Phone --column Mobile",
		"ringfence contact import mothers-phone.vcf")
}

func (c contactImportCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		file := io.ReadCloser(os.Stdin)
		if c.File != "-" {
			var err error
			if file, err = os.Open(c.File); err != nil {
				return fmt.Errorf("the address book cannot be read: %w", err)
			}
			defer func() { _ = file.Close() }() // only read
		}
		book, err := addressbook.Read(file, addressbook.Options{Region: h.Region, Columns: c.Column})
		if err != nil {
			return sayWhich(c.File, err)
		}
		p.sayColumns(book.Choice)
		a := p.admin(s, h, db)
		house, err := a.AddressBook(ctx)
		if err != nil {
			return err
		}
		plan, unwanted := addressbook.Make(book, house).WithoutUnwanted(book, house)
		if c.DryRun {
			if err := p.showPlan(plan, h.Region); err != nil {
				return err
			}
		}
		p.refusals(append(plan.Refusals(), unwanted...), c.DryRun)
		return c.finish(ctx, p, a, plan, book, len(unwanted))
	})
}

// finish imports what is planned, unless it is only to be shown, and says in one line what was done.
func (c contactImportCmd) finish(ctx context.Context, p *program, a household.Admin, plan addressbook.Plan, book addressbook.Book, unwanted int) error {
	contacts := plan.Contacts()
	said := "Nothing was changed. What would be done:"
	if !c.DryRun {
		said = "Done:"
		if len(contacts) > 0 {
			if _, err := a.ImportContacts(ctx, filepath.Base(c.File), book.Choice.From(), contacts); err != nil {
				return err
			}
		}
	}
	added := plan.Count(addressbook.New)
	return p.say("%s of %s in the file, new contacts: %d; contacts with more numbers: %d; there already: %d; without a phone number: %d. Unwanted names: %d; lines refused: %d.",
		said, counted(len(book.Rows), "person", "people"), added, len(contacts)-added, plan.Count(addressbook.Existing), plan.Count(addressbook.NoNumber), unwanted, len(plan.Refusals()))
}

// showPlan says what each row becomes. People without a telephone number are only counted.
func (p *program) showPlan(plan addressbook.Plan, region string) error {
	for _, s := range plan.Steps {
		var what string
		switch s.Kind {
		case addressbook.New:
			what = "a new contact"
		case addressbook.Added:
			what = "goes to the contact " + s.Into
		case addressbook.Existing:
			what = "is there already, as " + s.Into
		case addressbook.Joined:
			what = fmt.Sprintf("goes to %s (line %d)", s.Into, s.IntoLine)
		case addressbook.Nothing:
			what = "is left out"
		default:
			continue
		}
		with := ""
		if len(s.Numbers) > 0 {
			with = ": " + national(s.Numbers, region)
		}
		if s.Language != "" {
			with += ", spoken to in " + s.Language
		}
		if err := p.say("line %d: %s %s%s%s", s.Line, s.Name, what, with, strings.Join(append([]string{""}, s.Remarks...), " ")); err != nil {
			return err
		}
	}
	return nil
}

// refusals names the lines that are left out: all of them, or the first.
func (p *program) refusals(refused []sharing.Refusal, all bool) {
	if !all {
		printRefusals(p, "", refused, len(refused), "line: --dry-run shows all", "lines: --dry-run shows all")
		return
	}
	for _, r := range refused {
		fmt.Fprintf(p.err, "%s\n", r)
	}
}
