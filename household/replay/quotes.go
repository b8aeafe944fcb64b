package replay

import (
	"bytes"
	"strings"
	"unicode"
)

// mostLines is how many lines a row may have, whose cells have line breaks between quotation marks.
const mostLines = 20

// closeQuotes empties the lines of a table in which a quotation mark opens a cell that no other one closes: encoding/csv would take all the rest of
// the file for that cell, without a word.
func (t *table) closeQuotes() {
	lines := bytes.Split(t.text, []byte("\n"))
	changed := false
	for at := 0; at < len(lines); {
		n := t.linesOfRow(lines[at:])
		if n == 0 {
			t.open, lines[at], changed, n = append(t.open, at+1+t.above), nil, true, 1
		}
		at += n
	}
	if changed {
		t.text = bytes.Join(lines, []byte("\n"))
	}
}

// linesOfRow is how many lines the first row has; 0 if it has a cell that does not end. A quotation mark in the middle of a further line is the beginning
// of another row's cell.
func (t *table) linesOfRow(lines [][]byte) int {
	open, _ := t.quoted(string(lines[0]), false)
	for n := 1; n < min(len(lines), mostLines) && open; n++ {
		var odd bool
		if open, odd = t.quoted(string(lines[n]), true); odd {
			return 0
		}
		if !open {
			return n + 1
		}
	}
	if open {
		return 0
	}
	return 1
}

// quoted says whether a line ends between quotation marks, as encoding/csv reads it with LazyQuotes. open says whether it begins so, and odd that a
// quotation mark between two is neither written twice nor the last.
func (t *table) quoted(line string, open bool) (still, odd bool) {
	line = strings.TrimSuffix(line, "\r")
	comma := string(t.comma)
	for {
		if !open {
			if t.comma != '\t' {
				line = strings.TrimLeftFunc(line, unicode.IsSpace)
			}
			if !strings.HasPrefix(line, `"`) {
				_, rest, more := strings.Cut(line, comma)
				if line = rest; !more {
					return false, odd
				}
				continue
			}
			line = line[1:]
		}
		_, rest, found := strings.Cut(line, `"`)
		switch {
		case !found:
			return true, odd
		case rest == "":
			return false, odd
		case strings.HasPrefix(rest, `"`):
			line, open = rest[1:], true
		case strings.HasPrefix(rest, comma):
			line, open = rest[len(comma):], false
		default:
			line, open, odd = rest, true, true
		}
	}
}
