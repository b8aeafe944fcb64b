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
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/lists"
)

// columns are the positions of the parts in a line; -1 for those that it does not have. With separator 0 the whole line is a number.
type columns struct {
	separator                            rune
	numbers                              []int
	confidence, category, note           int
	reporters, reported, latest, expires int
}

// noColumns is a line of which only the numbers are known.
func noColumns(separator rune, numbers ...int) columns {
	return columns{separator, numbers, -1, -1, -1, -1, -1, -1, -1}
}

var separators = []rune{',', ';', '\t', '|'}

// undecided is how many lines at the beginning of a file may have neither a number nor a header that is understood, such as a title, or headings that named does
// not know.
const undecided = 10

var errNoHeading = leave("no column is called number or phone there: give the one with the phone numbers such a heading")

// table reads a table, or one number a line. The first lines show which.
func (i *Import) table() func(line string) ([]lists.Entry, error) {
	var form *columns
	seen := 0
	return func(line string) ([]lists.Entry, error) {
		if form != nil {
			return i.row(form, line)
		}
		plain := noColumns(0, 0)
		header, isHeader := i.headerOf(line)
		found, isBare := i.bare(line)
		seen++
		switch {
		case i.Form == Plain, seen > undecided:
			form = &plain
		case isHeader:
			form = &header
			return nil, nil
		case isBare:
			form = &found
		case cellsOf(line) > 1:
			return nil, errNoHeading
		default:
			entries, err := i.row(&plain, line)
			if err != nil {
				return nil, err
			}
			form = &plain
			i.Form = Plain
			return entries, nil
		}
		if form.separator == 0 {
			i.Form = Plain
		}
		return i.row(form, line)
	}
}

// cellsOf is how many cells a line has, with the separator that makes the most.
func cellsOf(line string) (most int) {
	for _, separator := range separators {
		if cells, err := split(line, separator); err == nil {
			most = max(most, len(cells))
		}
	}
	return most
}

// headerOf says whether a line names columns, at least one of them for numbers. A line with a number in it is no header. The separator is the one that makes the most
// cells of it.
func (i *Import) headerOf(line string) (header columns, ok bool) {
	most := 0
	for _, separator := range separators {
		cells, err := split(line, separator)
		if err != nil || len(cells) <= most {
			continue
		}
		if slices.ContainsFunc(cells, func(cell string) bool { return i.isNumber(cell) }) {
			return columns{}, false
		}
		if c := named(cells); len(c.numbers) > 0 {
			header, most = c, len(cells)
			header.separator = separator
		}
	}
	return header, most > 0
}

// named finds the columns by their headings.
func named(cells []string) columns {
	c := noColumns(0)
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
		case "caller id", "callerid", "caller-id", "cid", "clid", "nmbr", "e164", "e.164":
			c.numbers = append(c.numbers, at)
		default:
			if isNumbers(heading) {
				c.numbers = append(c.numbers, at)
			}
		}
	}
	first(&c.note, name)
	return c
}

// isNumbers says whether a heading is for telephone numbers, and not for how many there are of something.
func isNumbers(heading string) bool {
	for _, word := range strings.FieldsFunc(heading, func(r rune) bool { return r == ' ' || r == '_' || r == '-' }) {
		if slices.Contains([]string{"of", "count", "calls", "reports", "complaints", "votes", "line"}, word) {
			return false
		}
	}
	return addressbook.NumberHeading(heading)
}

// bare finds the columns of a table without a header, whose first line has a number in exactly one cell.
func (i *Import) bare(line string) (columns, bool) {
	for _, separator := range separators {
		cells, err := split(line, separator)
		if err != nil || len(cells) < 2 {
			continue
		}
		c := noColumns(separator)
		for at, cell := range cells {
			if i.isNumber(cell) {
				c.numbers = append(c.numbers, at)
			} else if c.note < 0 && strings.TrimSpace(cell) != "" {
				c.note = at
			}
		}
		if len(c.numbers) == 1 {
			return c, true
		}
	}
	return columns{}, false
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
	s.line.Reset(line)
	s.csv.Comma = separator
	return s.csv.Read() // to the end of the line, even if it fails
}

func split(line string, separator rune) ([]string, error) {
	return new(splitter).split(line, separator)
}

func (i *Import) row(c *columns, line string) ([]lists.Entry, error) {
	cells := []string{line}
	if c.separator != 0 {
		var err error
		if cells, err = i.cells.split(line, c.separator); err != nil {
			return nil, errQuotes
		}
	} else {
		cells[0] = withoutRemark(line)
	}
	about := lists.Entry{Confidence: listed, Category: category(cell(cells, c.category)), Note: clean(addressbook.Unguarded(cell(cells, c.note)), maxNote)}
	if share := strings.TrimSpace(cell(cells, c.confidence)); share != "" {
		var err error
		if about.Confidence, err = confidence(share); err != nil {
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
		found, err := i.entries(strings.TrimPrefix(addressbook.Unguarded(written), "'"), about)
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
func (c *columns) history(cells []string, e *lists.Entry) error {
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

func confidence(share string) (float64, error) {
	number, percent := strings.CutSuffix(share, "%")
	c, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		c /= 100
	}
	if err != nil || !(c >= 0 && c <= 1) {
		return 0, fmt.Errorf("its confidence %q is not between 0 and 1", screening.CleanLine(share, 40))
	}
	return c, nil
}
