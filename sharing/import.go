// Package sharing reads lists of scam numbers as people hand them on. A list is read as hostile: line by line, within
// limits, and what is wrong with a line is said with its number while the good ones go in.
package sharing

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"ringfence/screening"
	"ringfence/store"
)

const (
	maxLine = 64 << 10 // bytes
	maxFile = 1 << 30  // bytes: a list of ten million numbers has 200 MB
	maxNote = 200      // bytes
	// listed is how sure a plain list is of its numbers. Whoever imports one by hand trusts it.
	listed = 1.0
)

// Refusal is a line that did not go in.
type Refusal struct {
	Line int
	Why  string
}

func (r Refusal) String() string { return fmt.Sprintf("line %d: %s", r.Line, r.Why) }

// maxRefusals is how many refusals are kept; all are counted.
const maxRefusals = 1000

// Import reads one list. After Entries has been read to its end, Added, Refused and Refusals tell what was in it.
type Import struct {
	Region   string // of national numbers
	Added    int
	Refused  int
	Refusals []Refusal // the first thousand
	broken   error
}

// Broken is why the file as a whole is no list; nil where it is one, or where something else than the file ended its reading.
func (i *Import) Broken() error { return i.broken }

// ErrUnfit says that a file has nothing good in it, or more that is wrong than right: it is no list, or not one for this
// region, and must not replace a list that was good.
var ErrUnfit = errors.New("more lines are wrong than right, so the list was left as it was")

func (i *Import) refuse(line int, why error) {
	i.Refused++
	if len(i.Refusals) < maxRefusals {
		i.Refusals = append(i.Refusals, Refusal{line, why.Error()})
	}
}

// Entries reads a list in one of these forms, told by its first lines: a CSV with a header that has a column "number" or
// "PhoneNo" (as callattendant writes it), separated by commas, semicolons or tabs; or one number a line, with "#" before
// remarks. A number that ends in "*" stands for all that begin so. Further columns of a CSV: confidence (0 to 1, or in per
// cent), category, note, reason, name.
//
// The sequence ends with an error where the file as a whole cannot be read, or is unfit.
func (i *Import) Entries(file io.Reader) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		if err := i.read(file, yield); err != nil {
			yield(store.Entry{}, err)
		}
	}
}

func (i *Import) read(file io.Reader, yield func(store.Entry, error) bool) error {
	lines := newLines(file)
	form := plain
	for lines.next() {
		text := strings.TrimSpace(lines.text)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if lines.first {
			lines.first = false
			if header, ok := headerOf(text); ok {
				form = header
				continue
			}
		}
		entry, err := form.entry(text, i.Region)
		if err != nil {
			i.refuse(lines.number, err)
			continue
		}
		i.Added++
		if !yield(entry, nil) {
			return nil
		}
	}
	if lines.err != nil {
		i.broken = lines.err
		return lines.err
	}
	if i.Added == 0 || i.Refused > i.Added {
		why := ErrUnfit
		if len(i.Refusals) > 0 {
			return fmt.Errorf("%w (the first: %s)", why, i.Refusals[0])
		}
		return fmt.Errorf("%w: there is no number in it", why)
	}
	return nil
}

// lines reads a file line by line, within its limits.
type lines struct {
	scan   *bufio.Scanner
	number int
	text   string
	first  bool // no line with content has been seen yet
	err    error
}

func newLines(file io.Reader) *lines {
	l := &lines{first: true}
	l.scan = bufio.NewScanner(&limited{from: file, left: maxFile})
	l.scan.Buffer(nil, maxLine)
	return l
}

var errTooLarge = fmt.Errorf("the file is larger than %d MB, which no list is", maxFile>>20)

// limited ends with an error where io.LimitReader would end as if the file did.
type limited struct {
	from io.Reader
	left int64
}

func (l *limited) Read(b []byte) (int, error) {
	n, err := l.from.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

func (l *lines) next() bool {
	if l.err != nil || !l.scan.Scan() {
		if err := l.scan.Err(); errors.Is(err, bufio.ErrTooLong) {
			l.err = fmt.Errorf("line %d is longer than %d kB: this is no list of numbers", l.number+1, maxLine>>10)
		} else if l.err == nil {
			l.err = err
		}
		return false
	}
	l.number++
	line := l.scan.Bytes()
	if l.number == 1 {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	switch {
	case bytes.IndexByte(line, 0) >= 0:
		l.err = fmt.Errorf("line %d holds a zero byte: save the list as plain text (UTF-8)", l.number)
	case bytes.HasPrefix(line, []byte("\xff\xfe")), bytes.HasPrefix(line, []byte("\xfe\xff")):
		l.err = errors.New("the list is in UTF-16: save it as plain text (UTF-8)")
	}
	l.text = string(line)
	return l.err == nil
}

// form is where in a line the parts are; -1 where they are not. separator 0 is a line that is a number.
type form struct {
	separator                          rune
	number, confidence, category, note int
}

var plain = form{number: 0, confidence: -1, category: -1, note: -1}

// headerOf tells whether a line names columns.
func headerOf(line string) (form, bool) {
	for _, separator := range []rune{',', ';', '\t'} {
		cells, err := split(line, separator)
		if err != nil {
			continue
		}
		f := form{separator, -1, -1, -1, -1}
		for at, cell := range cells {
			switch strings.ToLower(strings.TrimSpace(cell)) {
			case "number", "phoneno":
				f.number = at
			case "confidence":
				f.confidence = at
			case "category":
				f.category = at
			case "note", "reason":
				f.note = at
			case "name":
				if f.note < 0 {
					f.note = at
				}
			}
		}
		if f.number >= 0 {
			return f, true
		}
	}
	return form{}, false
}

func split(line string, separator rune) ([]string, error) {
	r := csv.NewReader(strings.NewReader(line))
	r.Comma, r.FieldsPerRecord = separator, -1
	return r.Read()
}

func (f form) entry(line, region string) (store.Entry, error) {
	cells := []string{line}
	if f.separator != 0 {
		var err error
		if cells, err = split(line, f.separator); err != nil {
			return store.Entry{}, errors.New("its quotes do not match")
		}
	} else if before, _, remark := strings.Cut(line, "#"); remark {
		cells[0] = before
	}
	if f.number >= len(cells) {
		return store.Entry{}, errors.New("it has no number")
	}
	e := store.Entry{Confidence: listed, Category: text(cells, f.category), Note: text(cells, f.note)}
	if share := text(cells, f.confidence); share != "" {
		var err error
		if e.Confidence, err = confidence(share); err != nil {
			return e, err
		}
	}
	written := strings.TrimSpace(cells[f.number])
	if strings.HasSuffix(written, "*") {
		digits, err := screening.ParsePrefix(written, region)
		if err != nil {
			return e, err
		}
		e.Digits, e.Prefix = digits, true
		return e, nil
	}
	n, err := screening.ParseNumber(written, region)
	if err != nil {
		return e, err
	}
	if whose, never := screening.NeverBlocked(n, region); never {
		return e, fmt.Errorf("%s must never be turned away: it is %s", n.National(region), whose)
	}
	e.Digits = strings.TrimPrefix(string(n), "+")
	return e, nil
}

// text is a cell as valid text, cut to what is kept.
func text(cells []string, at int) string {
	if at < 0 || at >= len(cells) {
		return ""
	}
	cell := strings.Join(strings.Fields(strings.ToValidUTF8(cells[at], "\uFFFD")), " ")
	for len(cell) > maxNote {
		_, size := utf8.DecodeLastRuneInString(cell)
		cell = cell[:len(cell)-size]
	}
	return cell
}

func confidence(share string) (float64, error) {
	cut, percent := strings.CutSuffix(share, "%")
	c, err := strconv.ParseFloat(strings.TrimSpace(cut), 64)
	if percent {
		c /= 100
	}
	if err != nil || !(c >= 0 && c <= 1) {
		return 0, fmt.Errorf("its confidence %q is not between 0 and 1", share)
	}
	return c, nil
}
