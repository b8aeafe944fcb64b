package main

import (
	"context"
	"strings"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

type contactCmd struct {
	Add    contactAddCmd    `cmd:"" help:"Add a contact, or more numbers to one."`
	Remove contactRemoveCmd `cmd:"" help:"Remove a contact, or one of their numbers."`
	List   contactListCmd   `cmd:"" default:"1" help:"List the contacts."`
	Import contactImportCmd `cmd:"" help:"Import an address book: a phone's, Google's, Outlook's."`
	Export contactExportCmd `cmd:"" help:"Write the contacts as an address book."`
	Sync   contactSyncCmd   `cmd:"" help:"Keep the contacts in step with an address book on a server (CardDAV)."`
}

func (contactCmd) Help() string {
	return help("Without a command it lists them.",
		"ringfence contact",
		`ringfence contact add "Dr Patel" 0116 496 0123`)
}

type contactAddCmd struct {
	Name     string   `arg:"" help:"Who it is."`
	Language string   `help:"The language that Ringfence speaks to them, such as fr-FR; without it, the household's." placeholder:"LANGUAGE"`
	Numbers  []string `arg:"" help:"Their numbers. You can type one number with spaces in it."`
	Prefix   bool     `help:"The first digits of all their numbers, such as a hospital's."`
	tryable  `embed:""`
}

func (contactAddCmd) Help() string {
	return help("",
		`ringfence contact add "Dr Patel" 0116 496 0123`,
		"ringfence contact add Daughter 02079460123 07700900456",
		`ringfence contact add "Wexham Park hospital" 01753 63 --prefix`)
}

func (c contactAddCmd) Run(ctx context.Context, p *program) error {
	return c.deed(ctx, p, "", func(a household.Admin) (household.Done, error) {
		numbers, err := c.typed(a)
		if err != nil {
			return household.Done{}, err
		}
		return a.AddContact(ctx, c.Name, c.Language, numbers...)
	})
}

// typed are the numbers, or the beginning of all numbers.
func (c contactAddCmd) typed(a household.Admin) ([]screening.Number, error) {
	written := strings.Join(c.Numbers, " ")
	if c.Prefix && !screening.IsBeginning(written) {
		written += "*"
	}
	if !screening.IsBeginning(written) {
		return typedNumbers(c.Numbers, a.Line)
	}
	n, err := a.ReadContactNumber(written)
	return []screening.Number{n}, err
}

type contactRemoveCmd struct {
	Who     []string `arg:"" help:"A name, a number, or the beginning of numbers with * at the end."`
	tryable `embed:""`
}

func (contactRemoveCmd) Help() string {
	return help("A name removes the contact with all numbers, a number only that number.",
		"ringfence contact remove Daughter")
}

func (c contactRemoveCmd) Run(ctx context.Context, p *program) error {
	return c.deed(ctx, p, "`ringfence contact`", func(a household.Admin) (household.Done, error) {
		return a.RemoveContactNamed(ctx, strings.Join(c.Who, " "))
	})
}

type contactListCmd struct{}

func (contactListCmd) Help() string { return help("", "ringfence contact list") }

func (contactListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		contacts, err := db.Contacts(ctx, h.Name)
		if err != nil {
			return err
		}
		return printLines(p, contacts, "There are no contacts yet: `ringfence contact add NAME NUMBER` makes one.", func(c store.Contact) string {
			line := c.Called(h.Region) + ": " + national(c.Numbers, h.Region)
			if c.Language != "" {
				line += ", spoken to in " + c.Language
			}
			switch c.Book {
			case store.FollowsBook:
				line += ", from the address book"
			case store.LeftByBook:
				line += ", from the address book and changed here"
			}
			return line
		})
	})
}
