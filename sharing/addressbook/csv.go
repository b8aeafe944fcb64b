package addressbook

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

const (
	// maxQuoted is how many lines a quoted cell may have. Without a limit, a missing quotation mark would turn the rest of the file into one note.
	maxQuoted = 200
	maxCells  = 1000
)

// readCSV reads a CSV with a header, or lines with a name and numbers.
func readCSV(in *lines) (Book, error) {
	book := Book{Form: "CSV"}
	r := &records{in: in, separator: 0}
	var columns *columns
	headed := false
	for {
		cells, first, err := r.next()
		if err != nil {
			return book, err
		}
		if cells == nil {
			return book, nil
		}
		if !headed {
			headed = true
			found, isHeader, err := columnsOf(cells)
			if err != nil {
				return book, err
			}
			if columns = found; isHeader {
				continue
			}
		}
		row := Row{Line: first}
		if columns != nil {
			columns.fill(&row, cells)
		} else if err := bare(&row, cells); err != nil {
			book.refuse(first, err.Error())
			continue
		}
		if row.Name == "" && row.Notes == "" && len(row.Numbers) == 0 {
			continue
		}
		if err := book.add(row); err != nil {
			return book, err
		}
	}
}

// records splits lines into cells. It works line by line, so that a wrong quotation mark costs one line.
type records struct {
	in        *lines
	separator rune // 0 until the first line has shown it
}

// next is the next line that is not empty; nil at the end.
func (r *records) next() (cells []string, first int, err error) {
	for r.in.next() {
		text := utf8Text(r.in.text, "")
		if r.separator == 0 {
			if sep, told := strings.CutPrefix(strings.ToLower(strings.TrimSpace(text)), "sep="); told && len(sep) == 1 { // Excel's own
				r.separator = rune(sep[0])
				continue
			}
		}
		if strings.Trim(text, " \t,;") == "" {
			continue
		}
		if r.separator == 0 {
			r.separator = separatorOf(text)
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

// separatorOf is the separator that splits a line into the most cells, not counting those between quotation marks, because names may have commas.
func separatorOf(text string) rune {
	best, most := ',', 0
	for _, separator := range []rune{',', ';', '\t', '|'} {
		n, quoted := 0, false
		for _, r := range text {
			switch {
			case r == '"':
				quoted = !quoted
			case r == separator && !quoted:
				n++
			}
		}
		if n > most {
			best, most = separator, n
		}
	}
	return best
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

// bare fills a row from a line of a file without a header: whatever looks like a number is one, and the first other cell is the name.
func bare(row *Row, cells []string) error {
	var notes []string
	for _, cell := range cells {
		switch {
		case cell == "":
		case looksLikeNumber(cell):
			row.numbers(cell)
		case row.Name == "":
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
		text = strings.TrimSpace(text)
		same := func(n Number) bool { return n.Text == text }
		if text != "" && len(row.Numbers) < maxWritten && !slices.ContainsFunc(row.Numbers, same) {
			row.Numbers = append(row.Numbers, Number{row.Line, text})
		}
	}
}
