package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"ringfence/config"
	"ringfence/household/cell"
)

type householdListCmd struct {
	JSON bool `help:"One JSON object a line."`
}

func (householdListCmd) Help() string { return help("", "ringfence household list --json") }

func (c householdListCmd) Run(_ context.Context, p *program) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(p, s.Households, cell.LookAt)
	}
	err = printTable(p, s.Households, "", []string{"NAME", "NUMBER", "LINE", "PHONES"}, func(h config.Household) []string {
		var phones []string
		for _, one := range h.Phones {
			phones = append(phones, one.Name)
		}
		return []string{h.Name, h.Number, h.Trunk, strings.Join(phones, ", ")}
	})
	if err != nil {
		return err
	}
	where := "They are in " + s.File + ": change them there."
	if s.InDatabase() {
		where = "They are in the database: `ringfence household add`, `change` and `remove` change them."
	}
	return p.say("\n%s", where)
}

type householdShowCmd struct {
	Name string `arg:"" help:"Which household."`
	JSON bool   `help:"As a JSON object."`
}

func (householdShowCmd) Help() string { return help("", "ringfence household show mum") }

func (c householdShowCmd) Run(_ context.Context, p *program) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	h := s.Named(c.Name)
	if h.Name == "" {
		return fmt.Errorf("there is no household %s: `ringfence household` lists them", c.Name)
	}
	if c.JSON {
		return printJSON(p, []config.Household{h}, cell.LookAt)
	}
	h = h.Clone()
	for i := range h.Phones {
		h.Phones[i].Password = "" // it is in the phone
	}
	text, err := config.Homes{Households: []config.Household{h}}.TOML()
	if err != nil {
		return err
	}
	return p.say("%s", strings.TrimSpace(string(text)))
}

type householdExportCmd struct {
	File string `arg:"" help:"The file to write; - is standard output."`
}

func (householdExportCmd) Help() string {
	return help("Writes the [[trunk]] and [[household]] blocks of a ringfence.toml, with the passwords in them: keep the file safe. It works wherever they are, "+
		"and `ringfence household import` takes it.",
		"ringfence household export households.toml")
}

func (c householdExportCmd) Run(_ context.Context, p *program) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	text, err := s.Homes().TOML()
	if err != nil {
		return err
	}
	if c.File == "-" {
		_, err := p.out.Write(text)
		return err
	}
	if _, err := writeNew(c.File, func(to io.Writer) error { _, err := to.Write(text); return err }); err != nil {
		return err
	}
	return p.say("%s has %s and %s, with their passwords.", c.File, counted(len(s.Households), "household", "households"), counted(len(s.Trunks), "line", "lines"))
}

type householdImportCmd struct {
	File string `arg:"" help:"A ringfence.toml, or a file of ringfence household export."`
}

func (householdImportCmd) Help() string {
	return help("Takes all its lines and households into the database, or none if one is wrong, and says in which line. Those that are there by the same name are "+
		"replaced. Its other settings don't count. While ringfence.toml has the households, the imported ones wait: delete them there, and write "+
		"households = \"database\" at the top.",
		"ringfence household import households.toml")
}

func (c householdImportCmd) Run(ctx context.Context, p *program) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("%s can't be read: %w", c.File, err)
	}
	waits := false
	err = p.deedOfHomes(ctx, func(a cell.Admin) (cell.Done, error) {
		waits = !a.Settings.InDatabase()
		done, err := a.Import(ctx, text)
		if err != nil {
			err = fmt.Errorf("%s: %w", c.File, err)
		}
		return done, err
	})
	if err != nil || !waits {
		return err
	}
	return p.say("They wait until you delete the [[household]] and [[trunk]] blocks in %s, and write households = \"database\" at its top.", p.Config)
}
