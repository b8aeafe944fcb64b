package addressbook

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"ringfence/sharing/columns"
)

const (
	// maxQuoted is how many lines a quoted cell may have. Without a limit, a missing quotation mark would turn the rest of the file into one note.
	maxQuoted = 200
	maxCells  = 1000
)

// readCSV reads a CSV with a header, or lines with a name and numbers. Which columns have the numbers is judged over all rows, so all are read first.
func readCSV(in *lines, o Options) (Book, error) {
	book := Book{Form: "CSV"}
	var sample []line
	for len(sample) < columns.SampleLines && in.next() {
		sample = append(sample, line{in.number, in.text})
	}
	in.back(sample...)
	texts := make([]string, len(sample))
	for at, one := range sample {
		texts[at] = utf8Text(one.text, "")
	}
	layout, err := columns.LayoutOf(texts, columns.People, o.Region)
	if err != nil {
		return book, err
	}
	r := &records{in: in, separator: cmp.Or(layout.Separator, ',')}
	header, rows, err := r.all(layout, &book)
	if err != nil || len(rows) == 0 {
		return book, err
	}
	if header == nil && layout.Separator == 0 && len(o.Columns) == 0 { // one thing in a line
		return book, book.fill(rows, nil, []int{0})
	}
	judge, err := columns.NewJudge(columns.People, o.Region, header)
	if err != nil {
		return book, err
	}
	for _, row := range rows {
		judge.Add(row.cells)
	}
	if book.Choice, err = judge.Choose(o.Columns, true); err != nil {
		return book, err
	}
	return book, book.fill(rows, header, book.Choice.Indexes())
}

// fill makes people of the rows of a table.
func (b *Book) fill(rows []record, header []string, numbers []int) error {
	parts := partsOf(header, numbers)
	for _, one := range rows {
		row := Row{Line: one.line}
		if header != nil {
			parts.fill(&row, one.cells)
		} else if err := bare(&row, one.cells, numbers); err != nil {
			b.refuse(one.line, err.Error())
			continue
		}
		if row.Name == "" && row.Notes == "" && len(row.Numbers) == 0 {
			continue
		}
		b.zeros = b.zeros || slices.ContainsFunc(row.Numbers, func(n Number) bool { return len(n.Text) > len("00000") && n.Text[0] == '0' })
		if err := b.add(row); err != nil {
			return err
		}
	}
	return nil
}

// record is a row of a table.
type record struct {
	line  int
	cells []string
}

// maxTable is how many bytes the cells of a table may have in all, because they are kept in memory until all have been judged.
const maxTable = 24 << 20

// records splits lines into cells. It works line by line, so that a wrong quotation mark costs one line.
type records struct {
	in        *lines
	separator rune
}

// all are all rows, and the header if there is one. What stands above it is refused.
func (r *records) all(layout columns.Layout, book *Book) (header []string, rows []record, err error) {
	text := 0
	for {
		cells, first, err := r.next()
		switch {
		case err != nil:
			return nil, nil, err
		case cells == nil:
			return header, rows, nil
		case first == layout.Declared+1:
			continue
		case first == layout.Header+1:
			header = cells
			continue
		case first <= layout.Header:
			book.refuse(first, "it is above the headings")
			continue
		}
		for _, cell := range cells {
			text += len(cell) + 16 // and what a string takes
		}
		if len(rows) >= 2*MaxRows || text > maxTable {
			return nil, nil, fmt.Errorf("the table has more than %d lines or %d MB: export a part of the address book, such as a group", 2*MaxRows, maxTable>>20)
		}
		rows = append(rows, record{first, cells})
	}
}

// next is the next line that is not empty; nil at the end.
func (r *records) next() (cells []string, first int, err error) {
	for r.in.next() {
		text := utf8Text(r.in.text, "")
		if strings.Trim(text, " \t,;") == "" {
			continue
		}
		first = r.in.number
		if cells, err = r.split(text); err != nil {
			return nil, first, err
		}
		for i, cell := range cells {
			cells[i] = Unguarded(cell)
		}
		return cells, first, nil
	}
	return nil, 0, r.in.err
}

// split splits a line, together with the lines after it for as long as a quoted cell goes on: as long as the number of quotation marks is odd.
func (r *records) split(text string) ([]string, error) {
	whole := []string{text}
	odd := strings.Count(text, `"`)%2 == 1
	var after []line
	for odd && len(after) < maxQuoted && r.in.next() {
		after = append(after, line{r.in.number, r.in.text})
		next := utf8Text(r.in.text, "")
		whole = append(whole, next)
		odd = strings.Count(next, `"`)%2 == 0
	}
	cells, err := parseLine(strings.Join(whole, "\n"), r.separator, false)
	if err != nil {
		// The cell does not end, or ends wrongly. So these are separate lines, and somebody who writes Peter "Pit" Smith without doubling the marks
		// means them as text.
		r.in.back(after...)
		cells, err = parseLine(text, r.separator, true)
	}
	if err != nil || len(cells) > maxCells {
		return nil, fmt.Errorf("line %d is not a line of a table: this is not an address book", r.in.number)
	}
	return cells, nil
}

func parseLine(text string, separator rune, lazy bool) ([]string, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = separator, -1, lazy
	return r.Read()
}

// Unguarded removes from a cell what keeps a spreadsheet from reading it as a formula: the apostrophe that Guarded writes, and the ="…" with which users of Excel
// keep a leading zero.
func Unguarded(cell string) string {
	cell = strings.TrimSpace(cell)
	if rest, marked := strings.CutPrefix(cell, "'"); marked && Guarded(rest) == cell {
		return rest
	}
	if strings.HasPrefix(cell, `="`) && strings.HasSuffix(cell, `"`) && len(cell) > 3 {
		return strings.ReplaceAll(cell[2:len(cell)-1], `""`, `"`)
	}
	return cell
}

// bare fills a row from a line of a file without a header: the numbers from their columns, the first other cell as the name, and the rest as notes.
func bare(row *Row, cells []string, numbers []int) error {
	var notes []string
	for at, cell := range cells {
		switch {
		case cell == "":
		case slices.Contains(numbers, at) && looksLikeNumber(cell):
			row.numbers(cell)
		case row.Name == "" && !looksLikeNumber(cell):
			row.Name = cell
		default:
			notes = append(notes, cell)
		}
	}
	row.Notes = strings.Join(notes, "\n")
	if len(row.Numbers) == 0 {
		return errors.New("it has no phone number")
	}
	return nil
}

// looksLikeNumber says whether a cell has at least three digits, and more digits than anything else.
func looksLikeNumber(cell string) bool {
	digits, others := 0, 0
	for _, r := range cell {
		switch {
		case unicode.IsDigit(r):
			digits++
		case !unicode.IsSpace(r):
			others++
		}
	}
	return digits >= 3 && digits > others
}

// numbers adds the numbers in a cell. Google puts several into one.
func (row *Row) numbers(cell string) {
	for _, text := range strings.FieldsFunc(strings.ReplaceAll(cell, ":::", "\n"), func(r rune) bool { return r == '\n' || r == '\r' }) {
		text = columns.Cell(text)
		same := func(n Number) bool { return n.Text == text }
		if text != "" && len(row.Numbers) < maxWritten && !slices.ContainsFunc(row.Numbers, same) {
			row.Numbers = append(row.Numbers, Number{row.Line, text})
		}
	}
}
