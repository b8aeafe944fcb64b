package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ringfence/app"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

// withStore opens what most commands need.
func (p *program) withStore(ctx context.Context, do func(settings, householdSettings, *store.Store) error) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	if _, err := p.household(s); err != nil {
		return err
	}
	db, err := app.OpenStore(ctx, s)
	if err != nil {
		return err
	}
	chosen, err := db.Regions(ctx)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	s = p.withRegions(s, chosen)
	h, err := p.household(s)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(db.InWords(do(s, h, db)), db.Close())
}

func (p *program) say(format string, args ...any) error {
	_, err := fmt.Fprintf(p.out, format+"\n", args...)
	return err
}

// admin changes a household by the command line.
func (p *program) admin(s settings, h householdSettings, db *store.Store) household.Admin {
	return app.Admin(s, db, h.Name, household.CommandLine)
}

// tell says what a deed has come to.
func (p *program) tell(done household.Done, err error) error {
	if err != nil {
		return err
	}
	return p.say("%s", done.Sentence)
}

// hint adds to what is refused because there is no such thing how to see what there is.
func hint(err error, where string) error {
	var refusal *household.Refusal
	if errors.As(err, &refusal) && refusal.Kind == household.Gone {
		return errors.New(refusal.Sentence + " " + where + " shows what there is.")
	}
	return err
}

type contactCmd struct {
	Add    contactAddCmd    `cmd:"" help:"Add a contact, or more numbers to one."`
	Remove contactRemoveCmd `cmd:"" help:"Remove a contact, or one of their numbers."`
	List   contactListCmd   `cmd:"" help:"List the contacts."`
	Import contactImportCmd `cmd:"" help:"Bring in an address book: a telephone's, Google's, Outlook's."`
	Export contactExportCmd `cmd:"" help:"Write the contacts as an address book."`
}

type contactAddCmd struct {
	Name     string   `arg:"" help:"Who it is."`
	Language string   `help:"In which they are spoken to, such as fr-FR; without it in the household's." placeholder:"LANGUAGE"`
	Numbers  []string `arg:"" help:"Their numbers; digits that are separated by spaces and belong together are understood."`
}

func (contactAddCmd) Help() string {
	return "Example: ringfence contact add \"Dr Patel\" 0116 496 0123\n         ringfence contact add Daughter 02079460123 07700900456"
}

func (c contactAddCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		numbers, err := typedNumbers(c.Numbers, h.Region)
		if err != nil {
			return err
		}
		return p.tell(p.admin(s, h, db).AddContact(ctx, c.Name, c.Language, numbers...))
	})
}

// typedNumbers reads numbers from the command line: each word one, or all words together one that was typed with
// spaces.
func typedNumbers(words []string, region string) ([]screening.Number, error) {
	if whole, err := screening.ParseNumber(strings.Join(words, " "), region); err == nil {
		return []screening.Number{whole}, nil
	}
	var numbers []screening.Number
	for _, w := range words {
		n, err := screening.ParseNumber(w, region)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

func national(numbers []screening.Number, region string) string {
	var all []string
	for _, n := range numbers {
		all = append(all, n.National(region))
	}
	return strings.Join(all, ", ")
}

// shown writes the digits of a block or an entry for people.
func shown(digits string, prefix bool, region string) string {
	if prefix {
		return "+" + digits + "…"
	}
	if n, err := screening.ParseNumber(digits, region); err == nil && string(n) == digits {
		return digits // a short number
	}
	return screening.Number("+" + digits).National(region)
}

type contactRemoveCmd struct {
	Who []string `arg:"" help:"A name, or a number."`
}

func (contactRemoveCmd) Help() string {
	return "With a name the contact goes with all numbers, with a number only that number.\n\nExample: ringfence contact remove Daughter"
}

func (c contactRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		done, err := p.admin(s, h, db).RemoveContactNamed(ctx, strings.Join(c.Who, " "))
		return p.tell(done, hint(err, "`ringfence contact list`"))
	})
}

type contactListCmd struct{}

func (contactListCmd) Help() string { return "Example: ringfence contact list" }

func (contactListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		contacts, err := db.Contacts(ctx, h.Name)
		if err != nil {
			return err
		}
		if len(contacts) == 0 {
			return p.say("There are no contacts yet: `ringfence contact add NAME NUMBER` makes one.")
		}
		for _, c := range contacts {
			spoken := ""
			if c.Language != "" {
				spoken = ", spoken to in " + c.Language
			}
			if err := p.say("%s: %s%s", c.Name, national(c.Numbers, h.Region), spoken); err != nil {
				return err
			}
		}
		return nil
	})
}

type blockCmd struct {
	Add    blockAddCmd    `cmd:"" help:"Turn a number away, or all that begin so."`
	Remove blockRemoveCmd `cmd:"" help:"Lift a block."`
	List   blockListCmd   `cmd:"" help:"List the blocks."`
}

type blockAddCmd struct {
	Number   []string           `arg:"" help:"The number, or its beginning with --prefix."`
	Prefix   bool               `help:"Every number that begins so."`
	Note     string             `help:"Why." placeholder:"TEXT"`
	Farewell screening.Farewell `help:"What the caller hears: inspection (for scams) or not-wanted." enum:"inspection,not-wanted" default:"inspection"`
}

func (blockAddCmd) Help() string {
	return "Example: ringfence block add 0909 879 0123 --note \"premium rate\"\n         ringfence block add 0909879 --prefix --farewell not-wanted"
}

func (c blockAddCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		return p.tell(p.admin(s, h, db).AddBlock(ctx, household.BlockRequest{
			Number: strings.Join(c.Number, " "), Prefix: c.Prefix, Note: c.Note, Farewell: c.Farewell, Sure: true, Change: true,
		}))
	})
}

type blockRemoveCmd struct {
	Number []string `arg:"" help:"The number, or its beginning with --prefix."`
	Prefix bool     `help:"The block is on every number that begins so."`
}

func (blockRemoveCmd) Help() string { return "Example: ringfence block remove 0909 879 0123" }

func (c blockRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		done, err := p.admin(s, h, db).Unblock(ctx, strings.Join(c.Number, " "), c.Prefix)
		return p.tell(done, hint(err, "`ringfence block list`"))
	})
}

type blockListCmd struct{}

func (blockListCmd) Help() string { return "Example: ringfence block list" }

func (blockListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		blocks, err := db.Blocks(ctx, h.Name)
		if err != nil {
			return err
		}
		if len(blocks) == 0 {
			return p.say("There are no blocks.")
		}
		zone, err := h.Zone()
		if err != nil {
			return err
		}
		for _, b := range blocks {
			what := shown(b.Digits, b.Prefix, h.Region)
			if b.Note != "" {
				what += "  (" + b.Note + ")"
			}
			if b.Hits.Count > 0 {
				what += fmt.Sprintf("  turned away: %d, the last on %s", b.Hits.Count, b.Hits.Last.In(zone).Format("2 January 2006"))
			}
			if err := p.say("%s", what); err != nil {
				return err
			}
		}
		return nil
	})
}
