package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/household/replay"
	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store/lists"
)

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
