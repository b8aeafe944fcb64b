package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/household/replay"
	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/web/timeline"
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

// deed is everything that is tried, together.
func (c replayCmd) deed(p *program, h config.Household) replay.Deed {
	return func(ctx context.Context, a household.Admin) error {
		options := map[string]string{}
		for name, value := range c.Option {
			options[name] = value
		}
		if c.Threshold != "" {
			options["threshold"] = c.Threshold
		}
		var errs []error
		do := func(_ household.Done, err error) { errs = append(errs, asTyped(err)) }
		if len(options) > 0 {
			do(a.SetOptions(ctx, "", options))
		}
		if c.Mode != "" {
			do(a.SetMode(ctx, "", c.Mode, time.Time{}))
		}
		for _, number := range c.Block {
			digits, prefix := strings.CutSuffix(number, "*")
			do(a.AddBlock(ctx, household.BlockRequest{Number: digits, Prefix: prefix, Sure: true, Change: true}))
		}
		for _, number := range c.Contact {
			n, err := a.ReadContactNumber(number)
			if err == nil {
				_, err = a.AddContact(ctx, number, "", n)
			}
			do(household.Done{}, err)
		}
		for _, text := range c.Time {
			span, err := screening.ParseSpan(text)
			if err == nil {
				_, err = a.AddTime(ctx, "", span)
			}
			do(household.Done{}, err)
		}
		for _, file := range c.List {
			do(household.Done{}, c.tryList(ctx, p, a, file, h.Region))
		}
		return cmp.Or(errs...) // the first, as one sentence
	}
}

// tryList imports a list of which only what is known of callers will be looked at.
func (c replayCmd) tryList(ctx context.Context, p *program, a household.Admin, path, region string) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the list cannot be read: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	read := &forms.Import{Region: region, AllRows: c.AllRows}
	if c.ListColumn != "" {
		read.Columns = []string{c.ListColumn}
	}
	source := filepath.Base(path)
	name := cmp.Or(screening.CleanLine(strings.TrimSuffix(source, filepath.Ext(source)), lists.MaxName), "list")
	id, err := a.PrepareList(ctx, name, source, read, read.Entries(file))
	if err != nil {
		option := "--list-column"
		if c.File == "" {
			option = "--column" // there is no log that it could be about
		}
		return askWhich(path, err, "Nothing was tried", option)
	}
	p.sayColumns(read.Choice)
	_, err = a.AcceptList(ctx, id, source, read.Choice.From())
	return err
}

// tryable is in every command that has --dry-run.
type tryable struct {
	DryRun bool `help:"Change nothing. Say what this would have done to the calls of the last three months."`
}

// deed is program.deed, or with --dry-run what the deed would have done.
func (t tryable) deed(ctx context.Context, p *program, where string, do func(household.Admin) (household.Done, error)) error {
	if !t.DryRun {
		return p.deed(ctx, where, do)
	}
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		err := p.tryDeed(ctx, p.admin(s, h, db), h, do)
		if where != "" {
			err = hint(err, where)
		}
		return err
	})
}

// tryDeed says what a deed would have done.
func (p *program) tryDeed(ctx context.Context, a household.Admin, h householdSettings, do func(household.Admin) (household.Done, error)) error {
	return p.replay(ctx, a, h, false, func(_ context.Context, a household.Admin) error {
		_, err := do(a)
		return err
	})
}

func (p *program) replay(ctx context.Context, a household.Admin, h householdSettings, asJSON bool, deed replay.Deed) error {
	r, err := replay.OfLog(ctx, a, replay.MostOfALog, deed)
	return p.replayed(a, h, asJSON, r, err)
}

// replayed prints what would have happened, unless trying it has failed.
func (p *program) replayed(a household.Admin, h householdSettings, asJSON bool, r replay.Result, err error) error {
	if err != nil {
		return asTyped(err)
	}
	if asJSON {
		return printJSON(p, []replay.Result{r}, func(r replay.Result) replay.JSON { return r.JSON(a, true) })
	}
	times, err := clockOf(h)
	if err != nil {
		return err
	}
	lines := []string{"Nothing was changed. " + r.Head(a.Local)}
	for _, g := range r.Groups() {
		lines = append(lines, "", g.Sentence())
		for _, c := range g.Shown() {
			lines = append(lines, "  "+changedCall(c, times, h.Region))
		}
		if more := len(g.Calls) - len(g.Shown()); more > 0 {
			lines = append(lines, "  and "+counted(more, "more call", "more calls"))
		}
	}
	if len(r.Notes) > 0 {
		lines = append(lines, "", strings.Join(r.Notes, "\n"))
	}
	return p.say("%s", strings.Join(lines, "\n"))
}

// changedCall is a call in a line: when, who, how it went, and why it would have gone differently.
func changedCall(c replay.Change, times clock, region string) string {
	name := cmp.Or(c.Contact, c.Name)
	caller := cmp.Or(whoHas(c.Caller.Number, name, region), "no number")
	if c.Caller.Number == "" && c.Caller.Presentation == screening.Withheld {
		caller = "number withheld"
	}
	parts := []string{times.at(c.At) + "  " + caller}
	switch {
	case c.Logged != nil:
		parts = append(parts, timeline.Summary(*c.Logged))
	case c.Talked > 0:
		parts = append(parts, "Talked for "+timeline.Length(c.Talked))
	}
	parts = append(parts, c.Would.Reasons[0].Text)
	if words := c.Words(); words != "" {
		parts = append(parts, "“"+words+"”")
	}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "; ")
}
