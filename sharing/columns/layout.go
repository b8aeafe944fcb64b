package columns

import (
	"slices"
	"strings"

	"ringfence/screening"
)

// SampleLines and SampleBytes are how much of a file Layout should be given: enough to be sure, and little enough to be kept in memory.
const (
	SampleLines = 2000
	SampleBytes = 1 << 20
)

// aboveHeadings is how many lines may stand above the headings, such as a title.
const aboveHeadings = 10

var separators = []rune{',', ';', '\t', '|'}

// Layout is how a table is written.
type Layout struct {
	Separator rune // 0: there is one thing in a line, and no table
	Header    int  // which of the lines has the headings; -1: none has
	Declared  int  // which of the lines says what the separator is ("sep=;", as Excel has it); -1: none does
}

// LayoutOf finds out how a table is written, by its first lines. Empty ones are passed over.
func LayoutOf(lines []string, use Use, region string) (Layout, error) {
	numbers, err := screening.NewNumberReader(region)
	if err != nil {
		return Layout{}, err
	}
	l := Layout{Header: -1, Declared: -1}
	first := slices.IndexFunc(lines, func(line string) bool { return strings.TrimSpace(line) != "" })
	if first < 0 {
		return l, nil
	}
	if separator, declared := declaredBy(lines[first]); declared {
		l.Separator, l.Declared = separator, first
		first++
	}
	above := linesAbove(lines, first, l.Separator, numbers)
	l.heading(lines, above, use)
	if l.Header >= 0 && l.Separator != 0 {
		return l, nil
	}
	if l.Separator == 0 {
		l.Separator = mostUsed(lines[first:])
	}
	if len(above) > 0 && l.Header < 0 {
		at := above[0]
		if cells := Split(lines[at], l.Separator); l.Separator != 0 && len(cells) > 1 || l.Separator == 0 && isHeading(lines[at], use) {
			l.Header = at
		}
	}
	return l, nil
}

// declaredBy is the separator that Excel's first line says: "sep=;".
func declaredBy(line string) (separator rune, declared bool) {
	rest, found := strings.CutPrefix(strings.ToLower(strings.Trim(line, " \r\n\ufeff\"")), "sep=")
	if found && rest == "" {
		return 0, false
	}
	if runes := []rune(rest); found && len(runes) == 1 && runes[0] != '"' && runes[0] != '\n' {
		return runes[0], true
	}
	return 0, false
}

// linesAbove are the lines above the first number, in which headings can be.
func linesAbove(lines []string, first int, separator rune, numbers *screening.NumberReader) (above []int) {
	for at := first; at < len(lines) && len(above) <= aboveHeadings+1; at++ {
		if strings.TrimSpace(lines[at]) == "" || lines[at][0] == '#' {
			continue
		}
		if hasNumber(lines[at], separator, numbers) {
			return above
		}
		above = append(above, at)
	}
	if len(above) > aboveHeadings+1 { // there is none: only the first can be headings
		return above[:1]
	}
	return above
}

// hasNumber says whether a line has a cell that is mostly digits.
func hasNumber(line string, separator rune, numbers *screening.NumberReader) bool {
	tried := separators
	if separator != 0 {
		tried = []rune{separator}
	}
	for _, one := range tried {
		if slices.ContainsFunc(Split(line, one), func(cell string) bool {
			cell = Cell(cell)
			if is, _ := shapeOf(cell, numbers); is == marked || is == bare || is == shortened || is == moment {
				return true
			}
			return isDigits(cell)
		}) {
			return true
		}
	}
	return false
}

// isDigits says whether a cell has at least three digits, and more digits than anything else. A year can be part of a heading.
func isDigits(cell string) bool {
	amount, others := 0, 0
	for _, r := range cell {
		switch {
		case r >= '0' && r <= '9':
			amount++
		case r != ' ':
			others++
		}
	}
	year := amount == 4 && others == 0 && (strings.HasPrefix(cell, "19") || strings.HasPrefix(cell, "20"))
	return amount >= 3 && amount > others && !year
}

// heading finds the line with the most headings that are understood, one of them for numbers, and the separator that makes the most of it.
func (l *Layout) heading(lines []string, above []int, use Use) {
	tried := separators
	if l.Separator != 0 {
		tried = []rune{l.Separator}
	}
	most, widest := 0, 1
	for _, at := range above {
		for _, separator := range tried {
			cells := Split(lines[at], separator)
			understood, numbers := 0, false
			for _, cell := range cells {
				owner := ownerOf(cell, use)
				numbers = numbers || owner.isNumber()
				if owner != Unsaid {
					understood++
				}
			}
			if len(cells) > 1 && numbers && (understood > most || understood == most && len(cells) > widest && l.Header == at) {
				l.Header, l.Separator, most, widest = at, separator, understood, len(cells)
			}
		}
	}
}

// isHeading says whether a line alone is a heading for numbers, of anything, and not a title, such as "Our numbers".
func isHeading(line string, use Use) bool {
	all := wordsOf(line)
	var said kind
	for _, word := range all {
		said |= kinds()[word]
	}
	owner := ownerOf(line, use)
	return len(all) <= 5 && (owner == NoPhone || owner.isNumber() && said&(telephone|number|caller) != 0) && said&mine == 0
}

// mostUsed is the separator that splits the most lines; 0 if none splits at least half of them.
func mostUsed(lines []string) (best rune) {
	filled := 0
	for _, line := range lines {
		if strings.TrimSpace(line) != "" && line[0] != '#' {
			filled++
		}
	}
	most, cells := max(1, (filled+1)/2)-1, 0
	for _, separator := range separators {
		split, all := 0, 0
		for _, line := range lines {
			if n := cellsIn(line, separator); n > 1 && line[0] != '#' {
				split++
				all += n
			}
		}
		if split > most || split == most && best != 0 && all > cells {
			best, most, cells = separator, split, all
		}
	}
	return best
}

// cellsIn is how many cells a line has, without taking quotation marks seriously that do not end.
func cellsIn(line string, separator rune) int {
	n, quoted := 1, false
	for _, r := range line {
		switch {
		case r == '"':
			quoted = !quoted
		case r == separator && !quoted:
			n++
		}
	}
	return n
}

// Split splits a line into its cells, and takes the quotation marks off. It is for looking at a line: a row that goes on in the next line needs a reader of tables.
func Split(line string, separator rune) (cells []string) {
	if separator == 0 {
		return []string{line}
	}
	start, quoted := 0, false
	for at, r := range line {
		switch {
		case r == '"':
			quoted = !quoted
		case r == separator && !quoted:
			cells, start = append(cells, unquoted(line[start:at])), at+len(string(r))
		}
	}
	return append(cells, unquoted(line[start:]))
}

func unquoted(cell string) string {
	cell = strings.TrimSpace(cell)
	if len(cell) > 1 && cell[0] == '"' && cell[len(cell)-1] == '"' {
		return strings.ReplaceAll(cell[1:len(cell)-1], `""`, `"`)
	}
	return cell
}
