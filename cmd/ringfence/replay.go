package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"ringfence/config"
	"ringfence/household"
	"ringfence/household/replay"
	"ringfence/screening"
	"ringfence/store"
)

type replayCmd struct {
	File      string            `arg:"" optional:"" help:"A log of calls; without it, this household's own of the last three months. - is standard input."`
	Option    map[string]string `help:"Try an option: withheld=turn-away." placeholder:"NAME=VALUE"`
	Mode      screening.Mode    `help:"Try a mode." placeholder:"MODE"`
	Threshold string            `help:"Try turning away from this confidence on." placeholder:"0.5"`
	List      []string          `help:"Try a list of numbers." placeholder:"FILE" sep:"none"`
	Column    string            `help:"The column of the log with the callers' numbers, by its heading or counting from 1. Without a log, of the list." placeholder:"COLUMN"`
	// Of a list that is tried beside a log.
	ListColumn string   `help:"The column of the list with the callers' numbers, beside a log." placeholder:"COLUMN"`
	AllRows    bool     `help:"Try all rows of the list, also where a column may say that some are no scam."`
	Block      []string `help:"Try a block; with * behind it, of all numbers starting with these digits." placeholder:"NUMBER" sep:"none"`
	Contact    []string `help:"Try a contact." placeholder:"NUMBER" sep:"none"`
	Time       []string `help:"Try a time of the week: \"mon-fri 22:00-07:00 quiet\"." placeholder:"SPAN" sep:"none"`
	JSON       bool     `help:"One JSON object."`
}

func (replayCmd) Help() string {
	return help("Says which past calls would have gone differently, and changes nothing. It asks the same rules as a real call. It reads what `ringfence "+
		"calls --json` writes, a CSV with date, number and name, Asterisk's Master.csv, and a FRITZ!Box's call list.\n\n"+
		"Commands that change something have --dry-run, which says the same of their change.",
		"ringfence replay --option withheld=turn-away",
		"ringfence replay calls.csv --list scams.csv --threshold 0.7",
		"ringfence replay calls.csv --column Caller --list scams.csv --list-column 2",
		"ringfence block add 0909 --prefix --dry-run")
}

func (c replayCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		a := p.admin(s, h, db)
		if c.File == "" {
			switch {
			case c.Column != "" && c.ListColumn != "":
				return errors.New("without a log, --column and --list-column are the same: leave out one of them")
			case c.Column+c.ListColumn != "" && len(c.List) == 0:
				return errors.New("there is no table whose column could be chosen: name a log, or a list with --list")
			}
			c.ListColumn = cmp.Or(c.ListColumn, c.Column)
			return p.replay(ctx, a, h, c.JSON, c.deed(p, h))
		}
		file, err := c.read(p, a)
		if err != nil {
			return err
		}
		r, err := replay.Of(ctx, a, file.Calls, c.deed(p, h))
		if file.Outside > 0 {
			r.Notes = append(r.Notes, "The file has "+counted(file.Outside, "call", "calls")+" that you made yourself. They aren't looked at.")
		}
		return p.replayed(a, h, c.JSON, r, err)
	})
}

func (c replayCmd) read(p *program, a household.Admin) (f replay.File, err error) {
	from := io.NopCloser(p.in)
	if c.File != "-" {
		if from, err = os.Open(c.File); err != nil {
			return f, fmt.Errorf("the log cannot be read: %w", err)
		}
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if f, err = replay.Read(from, a.Line, c.Column); err != nil {
		return f, askWhich(c.File, err, "Nothing was tried", "--column")
	}
	if f.From != "" {
		fmt.Fprintln(p.err, "The numbers are "+f.From+".")
	}
	for _, why := range f.Refused[:min(len(f.Refused), shownChanges)] {
		fmt.Fprintln(p.err, why)
	}
	if more := len(f.Refused) - shownChanges; more > 0 {
		fmt.Fprintf(p.err, "and %s more\n", counted(more, "line", "lines"))
	}
	return f, nil
}
