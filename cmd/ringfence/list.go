package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ringfence/sharing/forms"
	"ringfence/store"
)

type listCmd struct {
	Import listImportCmd `cmd:"" help:"Import a list; one of the same name is replaced."`
	Show   listShowCmd   `cmd:"" help:"Show the lists, or what is in one."`
	Remove listRemoveCmd `cmd:"" help:"Remove a list."`

	Publish listPublishCmd `cmd:"" help:"Publish a list as signed files that any web server can serve."`
	Verify  listVerifyCmd  `cmd:"" help:"Check a published list: its signature, and all that is in it."`
	Key     listKeyCmd     `cmd:"" help:"Make the keys with which a list is published."`
}

type listImportCmd struct {
	File string `arg:"" help:"The file; - is standard input."`
	Name string `help:"What to call the list; without it, the file's name." placeholder:"NAME"`
}

func (listImportCmd) Help() string {
	return "Understands a CSV with a column \"number\" (and confidence, category, note, where they are there), callattendant's\n" +
		"PhoneNo,Name,Reason, and one number a line. A number that ends in * stands for all that begin so. Lines that are wrong\n" +
		"are named and left out; a file with more wrong lines than right ones changes nothing.\n\n" +
		"Example: ringfence list import scams.csv --name parish"
}

// shownRefusals is how many wrong lines are named; all are counted.
const shownRefusals = 20

func (c listImportCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		file, name, err := c.open()
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // only read
		read := &forms.Import{Region: h.Region}
		progress := &progress{to: p.err, began: time.Now()}
		entries, err := db.ReplaceList(ctx, h.Name, name, filepath.Base(c.File), read.Entries(io.TeeReader(file, progress)))
		p.name(read.Refusals, read.Refused, "lines")
		if err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
		return p.did(ctx, db, h.Name, "list-imported", "The list %s now has %d numbers; %d lines were refused.", name, entries, read.Refused)
	})
}

func (c listImportCmd) open() (file io.ReadCloser, name string, err error) {
	name = c.Name
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(c.File), filepath.Ext(c.File))
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

// progress tells every two seconds how much of a long list has been read.
type progress struct {
	to          io.Writer
	began, told time.Time
	bytes       int
}

func (r *progress) Write(b []byte) (int, error) {
	r.bytes += len(b)
	if now := time.Now(); now.Sub(r.began) > 2*time.Second && now.Sub(r.told) > 2*time.Second {
		r.told = now
		_, _ = fmt.Fprintf(r.to, "… %d MB read\n", r.bytes>>20) // nobody to tell is no reason to stop
	}
	return len(b), nil
}

type listShowCmd struct {
	Name  string `arg:"" optional:"" help:"A list; without it, all of them are named."`
	Limit int    `help:"How many numbers at most." default:"100"`
}

func (listShowCmd) Help() string { return "Example: ringfence list show parish" }

func (c listShowCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		if c.Name != "" {
			return c.entries(ctx, p, h, db)
		}
		lists, err := db.Lists(ctx, h.Name)
		if err != nil {
			return err
		}
		if len(lists) == 0 {
			return p.say("There are no lists yet: `ringfence list import FILE` makes one.")
		}
		for _, l := range lists {
			if err := p.say("%s: %d numbers, from %s on %s", l.Name, l.Entries, l.Source, l.Imported.Format("2 January 2006")); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c listShowCmd) entries(ctx context.Context, p *program, h householdSettings, db *store.Store) error {
	entries, err := db.Numbers(ctx, h.Name, c.Name, c.Limit)
	if err != nil {
		return err
	}
	for _, e := range entries {
		what := shown(e.Digits, e.Prefix, h.Region)
		about := strings.TrimSpace(e.Category + " " + e.Note)
		if err := p.say("%s", strings.TrimSpace(fmt.Sprintf("%s  %.0f %%  %s", what, 100*e.Confidence, about))); err != nil {
			return err
		}
	}
	return nil
}

type listRemoveCmd struct {
	Name string `arg:"" help:"The list."`
}

func (listRemoveCmd) Help() string { return "Example: ringfence list remove parish" }

func (c listRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		removed, err := db.RemoveList(ctx, h.Name, c.Name)
		if err != nil {
			return err
		}
		if !removed {
			return fmt.Errorf("there is no list %q: `ringfence list show` names them", c.Name)
		}
		return p.did(ctx, db, h.Name, "list-removed", "The list %s is gone.", c.Name)
	})
}
