package main

import (
	"errors"
	"fmt"
	"strings"

	"ringfence/sharing/columns"
)

// tableArgs are what somebody may have to say about a table with numbers.
type tableArgs struct {
	Column  []string `help:"The column of a table with the callers' numbers, by its heading or counting from 1. Without it, headings and rows show which." sep:"none" placeholder:"COLUMN"`
	AllRows bool     `help:"Import all rows of a table, also where a column may say that some are no scam."`
}

// sayWhich says how to answer what a table leaves open.
func sayWhich(file string, err error) error {
	return askWhich(file, err, "Nothing was imported", "--column")
}

// askWhich does so for another command: what has not been done, and the option that names the column.
func askWhich(file string, err error, nothing, option string) error {
	var q *columns.Question
	switch {
	case !errors.As(err, &q):
		return fmt.Errorf("%s: %w", file, err)
	case q.Rows != "":
		return fmt.Errorf("%s: %w. %s. Delete those rows and run it again, or take all rows with --all-rows", file, q, nothing)
	default:
		return fmt.Errorf("%s: %w. %s. Say which with %s, such as %s 1", file, q, nothing, option, option)
	}
}

// sayColumns says which columns of a table were taken.
func (p *program) sayColumns(c columns.Choice) {
	if from := c.From(); from != "" {
		fmt.Fprintln(p.err, strings.TrimSpace("The numbers are "+from+". "+c.NotTaken()))
	}
}
