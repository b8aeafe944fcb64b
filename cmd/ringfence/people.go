package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ringfence/app"
	"ringfence/prompts"
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
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		numbers, err := typedNumbers(c.Numbers, h.Region)
		if err != nil {
			return err
		}
		if c.Language != "" && !slices.Contains(prompts.Languages(), c.Language) {
			return usagef("there are no prompts in %q: there are %s", c.Language, strings.Join(prompts.Languages(), ", "))
		}
		if err := db.AddContact(ctx, h.Name, c.Name, numbers...); err != nil {
			return err
		}
		if c.Language != "" {
			if _, err := db.SetContactLanguage(ctx, h.Name, c.Name, c.Language); err != nil {
				return err
			}
		}
		return p.did(ctx, db, h.Name, "contact-added", "%s will always ring: %s.", c.Name, national(numbers, h.Region))
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
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		who := strings.Join(c.Who, " ")
		removed, err := db.RemoveContact(ctx, h.Name, who)
		if err != nil {
			return err
		}
		if n, fault := screening.ParseNumber(who, h.Region); !removed && fault == nil {
			if removed, err = db.RemoveContactNumber(ctx, h.Name, n); err != nil {
				return err
			}
		}
		if !removed {
			return fmt.Errorf("there is no contact %q: `ringfence contact list` shows them", who)
		}
		return p.did(ctx, db, h.Name, "contact-removed", "%s is no longer a contact.", who)
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
		digits, what, err := typedBlock(c.Number, c.Prefix, h.Region)
		if err != nil {
			return err
		}
		warning := ""
		if c.Prefix {
			reach := screening.ReachOf(digits, s.Lines()[h.Name].Complete(screening.Household{}))
			if warning = " " + reach.Warning(); reach.Nothing {
				return errors.New(reach.Warning())
			}
		}
		err = db.AddBlock(ctx, h.Name, screening.Block{Digits: digits, Prefix: c.Prefix, Note: c.Note, Farewell: c.Farewell}, store.ByCommand)
		if err != nil {
			return err
		}
		return p.did(ctx, db, h.Name, "block-added", "%s will be turned away.%s", what, warning)
	})
}

// typedBlock reads a number, or the beginning of numbers, and says it back in words.
func typedBlock(words []string, prefix bool, region string) (digits, what string, err error) {
	typed := strings.Join(words, " ")
	if prefix {
		digits, err = screening.ParsePrefix(typed, region)
		return digits, "Every number that begins with +" + digits, err
	}
	n, err := screening.ParseNumber(typed, region)
	if err != nil {
		return "", "", err
	}
	if whose, never := screening.NeverBlocked(n, region); never {
		return "", "", fmt.Errorf("%s cannot be blocked: it is %s", n.National(region), whose)
	}
	return strings.TrimPrefix(string(n), "+"), n.National(region), nil
}

type blockRemoveCmd struct {
	Number []string `arg:"" help:"The number, or its beginning with --prefix."`
	Prefix bool     `help:"The block is on every number that begins so."`
}

func (blockRemoveCmd) Help() string { return "Example: ringfence block remove 0909 879 0123" }

func (c blockRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		digits, what, err := typedBlock(c.Number, c.Prefix, h.Region)
		if err != nil {
			return err
		}
		removed, err := db.RemoveBlock(ctx, h.Name, digits, c.Prefix)
		if err != nil {
			return err
		}
		if !removed {
			return fmt.Errorf("there is no such block: `ringfence block list` shows them")
		}
		return p.did(ctx, db, h.Name, "block-removed", "%s is no longer turned away.", what)
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
