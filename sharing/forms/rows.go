package forms

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"ringfence/sharing/columns"
	"ringfence/store/lists"
)

// rows reads the rows of a table.
type rows struct {
	lines     *lines
	separator rune // 0: each line is one cell
	cells     splitter
}

// next is the next row that is neither empty nor a comment, and its first line; 0 at the end. The error is for this row alone.
func (r *rows) next() (cells []string, number int, err error) {
	for r.lines.next() {
		line := strings.TrimSpace(r.lines.text)
		if line == "" || line[0] == '#' {
			continue
		}
		number = r.lines.number
		if r.separator == 0 {
			return []string{withoutRemark(line)}, number, nil
		}
		if r.separator == '\t' { // an empty first cell
			line = strings.TrimRight(r.lines.text, " \r\n")
		}
		cells, err = r.cells.split(line, r.separator)
		if err != nil {
			err = errQuotes
			row, more := r.lines.record(line)
			if row != "" {
				if cells, err = r.cells.split(row, r.separator); err != nil {
					err = errQuotes
				}
			}
			if err != nil {
				r.lines.back(more)
			}
		}
		return cells, number, err
	}
	return nil, 0, nil
}

// sample reads the first lines of a file, and puts them back.
func (l *lines) sample() (first []string) {
	size := 0
	for len(first) < columns.SampleLines && size < columns.SampleBytes && l.next() {
		first = append(first, l.text)
		size += len(l.text)
	}
	l.back(first)
	return first
}

// table is a table that is being read.
type table struct {
	layout   columns.Layout
	judge    *columns.Judge
	choice   columns.Choice
	headings []string
	parts    parts
}

// table reads a table, or one number a line. Which columns have the numbers is chosen by the first rows, as many as the memory can hold, so that lists of millions can be read.
// The choice is checked against all rows once they have been read: if it is another one then, the file is refused, and nothing of it has been taken into use.
func (i *Import) table(file io.Reader, take func(lists.Entry) error) error {
	in := newLines(file)
	t, err := i.look(in.sample())
	if in.err != nil {
		return in.err
	}
	if err != nil {
		return err
	}
	i.Choice = t.choice
	if t.judge == nil {
		i.Form = Plain
	} else {
		i.Form = CSV
	}
	rows := &rows{lines: in, separator: t.layout.Separator}
	for {
		cells, number, err := rows.next()
		if number == 0 {
			break
		}
		if err := i.oneRow(t, cells, number, err, take); err != nil {
			return err
		}
	}
	if in.err != nil || t.judge == nil {
		return in.err
	}
	return i.confirm(t)
}

// oneRow takes the entries of a row, or refuses it.
func (i *Import) oneRow(t *table, cells []string, number int, err error, take func(lists.Entry) error) error {
	switch {
	case number == t.layout.Header+1, number == t.layout.Declared+1:
		return nil
	case number <= t.layout.Header:
		i.refuse(number, leave("it is above the headings"))
		return nil
	case err != nil:
		i.refuse(number, err)
		return nil
	}
	if t.judge != nil {
		t.judge.Add(cells)
	}
	if why := t.choice.LeavesOut(cells); why != "" {
		i.refuse(number, leave("%s", why))
		return nil
	}
	entries, err := i.row(&t.parts, cells)
	if err != nil {
		i.refuse(number, err)
	}
	for _, e := range entries {
		if err := take(e); err != nil {
			return err
		}
	}
	return nil
}

// look finds out from the first lines how a table is written, and which columns have the numbers.
func (i *Import) look(sample []string) (*table, error) {
	t := &table{layout: columns.Layout{Header: -1, Declared: -1}, parts: noParts(0)}
	if i.Form != Plain {
		var err error
		if t.layout, err = columns.LayoutOf(sample, columns.Callers, i.Region); err != nil {
			return nil, err
		}
	}
	if t.layout.Separator == 0 && t.layout.Header < 0 {
		t.choice = columns.Choice{Sure: -1, SureOf: 1, Understood: true}
		if columns.LetsThrough(sample) && !i.AllRows {
			return nil, errors.New("its first line says that these callers are let through, so they are no scams: import them as contacts")
		}
		i.zeros = slices.ContainsFunc(sample, keepsZero)
		if len(i.Columns) > 0 && !slices.Equal(i.Columns, []string{"1"}) {
			return nil, errors.New("the file has one number in each line and no columns: leave out the column")
		}
		return t, nil
	}
	if t.layout.Separator == 0 {
		t.layout.Separator = ','
	}
	body, err := i.judge(t, sample)
	if err != nil {
		return nil, err
	}
	if t.choice, err = t.judge.Choose(i.Columns, i.AllRows); err != nil {
		return nil, err
	}
	if t.parts = named(t.headings); t.parts.note < 0 && !t.choice.Headed() {
		t.parts.note = t.judge.Wordy(t.choice)
	}
	if i.Certain && !t.choice.Understood {
		return nil, &columns.Question{Why: "These look like phone numbers, and the heading does not say whose they are", Candidates: t.choice.Numbers}
	}
	t.parts.numbers = t.choice.Indexes()
	if t.parts.confidence < 0 {
		t.parts.confidence, t.parts.sureOf = t.choice.Sure, t.choice.SureOf
	}
	i.zeros = slices.ContainsFunc(body, func(cells []string) bool {
		return slices.ContainsFunc(t.parts.numbers, func(at int) bool { return keepsZero(cell(cells, at)) })
	})
	t.judge, err = columns.NewJudge(columns.Callers, i.Region, t.headings) // which sees all rows
	return t, err
}

// keepsZero says whether a number begins with a 0, which no spreadsheet has taken away then.
func keepsZero(cell string) bool {
	cell = columns.Cell(cell)
	return len(cell) > len("00000") && cell[0] == '0' && cell[1] >= '0' && cell[1] <= '9'
}

// judge has the rows among the first lines judged.
func (i *Import) judge(t *table, sample []string) (body [][]string, err error) {
	first := newLines(strings.NewReader(""))
	first.back(sample)
	first.number = 0
	rows := &rows{lines: first, separator: t.layout.Separator}
	for {
		cells, number, wrong := rows.next()
		if number == 0 {
			break
		}
		switch {
		case number == t.layout.Header+1:
			if t.headings = cells; wrong != nil {
				t.headings = columns.Split(sample[t.layout.Header], t.layout.Separator)
			}
		case wrong == nil && number > t.layout.Header+1 && number != t.layout.Declared+1:
			body = append(body, cells)
		}
	}
	if t.judge, err = columns.NewJudge(columns.Callers, i.Region, t.headings); err != nil {
		return nil, err
	}
	for _, cells := range body {
		t.judge.Add(cells)
	}
	return body, nil
}

// confirm asks the judge once more, who has seen all rows now.
func (i *Import) confirm(t *table) error {
	all, err := t.judge.Choose(i.Columns, i.AllRows)
	if err != nil {
		return err
	}
	if !slices.Equal(all.Indexes(), t.choice.Indexes()) {
		return &columns.Question{Why: "The first rows and all rows together point to different columns", Candidates: append(slices.Clone(t.choice.Numbers), all.Numbers...)}
	}
	if !all.SameRows(t.choice) {
		return &columns.Question{Why: fmt.Sprintf("Further down in the file a column may say that some numbers are no scam (%s)", all.Verdicts()[0].Label()), Rows: all.Verdicts()[0].Label()}
	}
	if i.Choice = all; !all.Understood {
		i.Doubt = "its numbers are " + all.From() + ", and the heading does not say whose they are"
		if all.Numbers[0].Heading == "" {
			i.Doubt = "its numbers are " + all.From() + ", which has no heading that says whose they are"
		}
	}
	return nil
}
