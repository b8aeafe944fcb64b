package forms

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ringfence/screening"
	"ringfence/sharing/addressbook"
	"ringfence/sharing/columns"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/lists"
)

// parts are the positions of the parts in a row; -1 for those that it does not have.
type parts struct {
	numbers                              []int
	confidence, category, note           int
	reporters, reported, latest, expires int
	sureOf                               float64 // what the confidence goes up to: 1, or 100
}

// noParts is a row of numbers alone, in these columns.
func noParts(numbers ...int) parts { return parts{numbers, -1, -1, -1, -1, -1, -1, -1, 1} }

// named finds the parts that say something about a number, by their headings.
func named(cells []string) parts {
	c := noParts()
	name := -1
	first := func(column *int, at int) {
		if *column < 0 {
			*column = at
		}
	}
	for at, cell := range cells {
		switch heading := strings.ToLower(clean(cell, 60)); heading {
		case "confidence", "certainty", "probability":
			first(&c.confidence, at)
		case "reporters":
			first(&c.reporters, at)
		case "first reported":
			first(&c.reported, at)
		case "last reported":
			first(&c.latest, at)
		case "expires":
			first(&c.expires, at)
		case "category", "kind", "kategorie", "catégorie", "categoría", "categoria", "categorie":
			first(&c.category, at)
		case "note", "notes", "reason", "description", "comment", "comments", "remark", "remarks", "label", "grund", "notiz", "notizen", "bemerkung",
			"bemerkungen", "kommentar", "beschreibung", "raison", "motif", "commentaire", "remarque", "motivo", "nota", "notas", "opmerking", "reden":
			first(&c.note, at)
		case "name", "caller name", "company", "who", "bezeichnung", "anzeigename", "firma", "nom", "nom de l’appelant", "entreprise", "nombre", "nome", "naam":
			first(&name, at)
		}
	}
	first(&c.note, name)
	return c
}

var errQuotes = errors.New("its quotes do not match")

// splitter splits the lines of tables.
type splitter struct {
	line strings.Reader
	csv  *csv.Reader // reads line; it is large, so all lines with quotation marks share it
}

// split splits a line. Most lines have no quotation marks, and need no CSV reader.
func (s *splitter) split(line string, separator rune) ([]string, error) {
	if !strings.Contains(line, `"`) {
		return strings.Split(line, string(separator)), nil
	}
	if s.csv == nil {
		s.csv = csv.NewReader(&s.line)
		s.csv.FieldsPerRecord = -1
	}
	s.csv.Comma = separator
	s.line.Reset(line)
	cells, err := s.csv.Read() // to the end of the line, even if it fails
	if plain := withoutFormulas(line, separator); err != nil && plain != line {
		s.line.Reset(plain)
		return s.csv.Read()
	}
	return cells, err
}

// withoutFormulas takes the = away before a cell in quotation marks, with which users of Excel keep a leading zero: ="0207…".
func withoutFormulas(line string, separator rune) string {
	line = strings.ReplaceAll(line, string(separator)+`="`, string(separator)+`"`)
	if rest, formula := strings.CutPrefix(line, `="`); formula {
		line = `"` + rest
	}
	return line
}

func split(line string, separator rune) ([]string, error) {
	return new(splitter).split(line, separator)
}

// row makes a row's entries.
func (i *Import) row(c *parts, cells []string) ([]lists.Entry, error) {
	about := lists.Entry{Confidence: listed, Category: category(cell(cells, c.category)), Note: clean(addressbook.Unguarded(cell(cells, c.note)), maxNote)}
	if share := strings.TrimSpace(cell(cells, c.confidence)); share != "" {
		var err error
		if about.Confidence, err = confidence(share, c.sureOf); err != nil {
			return nil, err
		}
	}
	if err := c.history(cells, &about); err != nil {
		return nil, err
	}
	var entries []lists.Entry
	for _, column := range c.numbers {
		written := strings.TrimSpace(cell(cells, column))
		if written == "" {
			continue
		}
		if columns.Shortened(written) {
			return entries, fmt.Errorf("%s %s", clean(written, 40), columns.WhyShortened)
		}
		found, err := i.entries(columns.Cell(written), about)
		if err != nil {
			return entries, err
		}
		entries = append(entries, found...)
	}
	if len(entries) == 0 {
		return nil, errors.New("it has no number")
	}
	return entries, nil
}

// history reads the additional columns of our own lists.
func (c *parts) history(cells []string, e *lists.Entry) error {
	if n := strings.TrimSpace(cell(cells, c.reporters)); n != "" {
		count, err := strconv.Atoi(n)
		if err != nil || count < 0 || count > 1_000_000 {
			return fmt.Errorf("its reporters %q are no number", clean(n, 40))
		}
		e.Reporters = count
	}
	for _, day := range []struct {
		column int
		into   *int32
	}{{c.reported, &e.First}, {c.latest, &e.Last}, {c.expires, &e.Expires}} {
		text := strings.TrimSpace(cell(cells, day.column))
		if text == "" {
			continue
		}
		var d list.Day
		if err := d.UnmarshalText([]byte(text)); err != nil {
			return err
		}
		*day.into = int32(d)
	}
	return nil
}

func cell(cells []string, at int) string {
	if at < 0 || at >= len(cells) {
		return ""
	}
	return cells[at]
}

// category is the one of ours that a word means, or else what is written.
func category(written string) string {
	written = clean(addressbook.Unguarded(written), 40)
	if ours := strings.ReplaceAll(strings.ToLower(written), " ", "-"); slices.Contains(store.Categories(), ours) {
		return ours
	}
	return written
}

func confidence(share string, of float64) (float64, error) {
	number, percent := strings.CutSuffix(share, "%")
	c, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		of = 100
	}
	if c /= of; err != nil || !(c >= 0 && c <= 1) {
		return 0, fmt.Errorf("its confidence %q is not between 0 and %v", screening.CleanLine(share, 40), of)
	}
	return c, nil
}
