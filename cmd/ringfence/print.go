package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

// deed runs a deed on the household, and prints its sentence. where is the command that lists what exists, "" if none does.
func (p *program) deed(ctx context.Context, where string, do func(household.Admin) (household.Done, error)) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		done, err := do(p.admin(s, h, db))
		if where != "" {
			err = hint(err, where)
		}
		return p.tell(done, err)
	})
}

// printLines prints a line for each, or says that there is nothing.
func printLines[T any](p *program, all []T, nothing string, line func(T) string) error {
	if len(all) == 0 {
		return p.say("%s", nothing)
	}
	for _, one := range all {
		if err := p.say("%s", line(one)); err != nil {
			return err
		}
	}
	return nil
}

// printTable prints a row for each in columns, or says that there is nothing.
func printTable[T any](p *program, all []T, nothing string, head []string, row func(T) []string) error {
	if len(all) == 0 {
		return p.say("%s", nothing)
	}
	t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	_, err := fmt.Fprintln(t, strings.Join(head, "\t"))
	for _, one := range all {
		_, failed := fmt.Fprintln(t, strings.Join(row(one), "\t"))
		err = errors.Join(err, failed)
	}
	return errors.Join(err, t.Flush())
}

// printJSON prints one object a line.
func printJSON[T, J any](p *program, all []T, shape func(T) J) error {
	encoder := json.NewEncoder(p.out)
	encoder.SetEscapeHTML(false)
	for _, one := range all {
		if err := encoder.Encode(shape(one)); err != nil {
			return err
		}
	}
	return nil
}

// shownRefusals is how many of what was refused are named; all are counted.
const shownRefusals = 20

// counted is a number of things for people: "no calls", "1 call", "1,200 calls".
func counted[N int | int64](n N, one, many string) string {
	if n == 0 {
		return "no " + many
	}
	return screening.Counted(n, one, many)
}

// andMore says how many there are that are not named.
func andMore(more int, one, many string) string {
	return "and " + screening.Counted(more, "more "+one, "more "+many)
}

// printRefusals names what was refused, up to shownRefusals.
func printRefusals[T fmt.Stringer](p *program, head string, refused []T, all int, one, many string) {
	shown := refused[:min(len(refused), shownRefusals)]
	for _, r := range shown {
		fmt.Fprintf(p.err, "%s%s\n", head, r)
	}
	if more := all - len(shown); more > 0 {
		fmt.Fprintf(p.err, "%s\n", andMore(more, one, many))
	}
}
