package forms

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"ringfence/sharing/addressbook"
	"ringfence/sharing/filekind"
	"ringfence/sharing/programs"
)

var errTooLarge = fmt.Errorf("the file is larger than %d MB, which no list is", maxFile>>20)

// errZero is for a zero byte. No text has one, and some programs would take it for the end.
var errZero = errors.New("it holds a zero byte: save the list as plain text (UTF-8)")

// limited reads a file up to a limit. There it ends with an error, where io.LimitReader would end as if the file did.
type limited struct {
	from   io.Reader
	left   int64
	much   error // the error at the limit
	noZero bool  // a zero byte is an error too; in a file with lines, these say it with their number
}

func (l *limited) Read(b []byte) (int, error) {
	n, err := l.from.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, l.much
	}
	if l.noZero && bytes.IndexByte(b[:n], 0) >= 0 {
		return 0, errZero
	}
	return n, err
}

// wrongKind says what a file is that can't be a list in form, and what to do; form is "" if nobody said which.
func wrongKind(kind filekind.Kind, form Form) string {
	readable := kind == filekind.Text || kind == filekind.VCard || kind == filekind.PhoneBlock || programs.Reads(kind)
	if readable || form != "" && kind.IsText() {
		return ""
	}
	return kind.Refusal("a list is a CSV, a vCard or a text file")
}

var (
	// databaseLine is a line of Asterisk's "database show": a key, padded with spaces, a colon, and the value.
	databaseLine = regexp.MustCompile(`^/[^\s/]+/[^:]*\S\s*: `)
	// anchored is a word that only NCID blacklists have.
	anchored = regexp.MustCompile(`^"?\^\+?[0-9]`)
)

// recognise finds a file's form by its kind and its first lines.
func recognise(kind filekind.Kind, head []byte) Form {
	whole := strings.TrimPrefix(string(head), "\ufeff")
	if kind == filekind.PhoneBlock {
		return PhoneBlock
	}
	first := true
	for line := range strings.Lines(whole) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
			continue
		case line[0] == '#':
			if words := strings.ToLower(line); strings.Contains(words, "ncid") {
				return ncid(whole)
			}
			continue
		case databaseLine.MatchString(line), strings.HasPrefix(line, "database put "):
			return AstDB
		case strings.HasPrefix(line, "alias "), strings.HasPrefix(line, "alias\t"):
			return NCIDAlias
		case anchored.MatchString(line):
			return NCIDBlacklist
		case first && complaintsForm(line) != "":
			return complaintsForm(line)
		}
		first = false
	}
	return CSV // also for one number a line
}

// ncid says which of NCID's files a file is that mentions NCID in a comment.
func ncid(whole string) Form {
	for line := range strings.Lines(whole) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "alias" {
			return NCIDAlias
		}
	}
	return NCIDBlacklist
}

// lines reads a file line by line, within its limits.
type lines struct {
	scan   *bufio.Scanner
	number int
	text   string
	ahead  []string // to be read again
	err    error
}

func newLines(file io.Reader) *lines {
	l := &lines{scan: bufio.NewScanner(file)}
	l.scan.Buffer(nil, maxLine)
	l.scan.Split(splitLine)
	return l
}

// splitLine is bufio.ScanLines, except that a lone CR ends a line too, as in Excel's "CSV (Macintosh)".
func splitLine(data []byte, atEOF bool) (advance int, line []byte, err error) {
	at := bytes.IndexAny(data, "\r\n")
	switch {
	case at < 0 && atEOF && len(data) > 0:
		return len(data), data, nil
	case at < 0, data[at] == '\r' && at+1 == len(data) && !atEOF: // an LF may follow that belongs to it
		return 0, nil, nil
	case data[at] == '\r' && at+1 < len(data) && data[at+1] == '\n':
		return at + 2, data[:at], nil
	}
	return at + 1, data[:at], nil
}

// maxRecord is how many lines a row of a table may have.
const maxRecord = 20

// record is a row that continues on the next lines, because text between quotation marks has line ends in it (RFC 4180, 2.6). more are those lines. If the row does not
// end, it is "".
func (l *lines) record(first string) (row string, more []string) {
	if strings.Count(first, `"`)%2 == 0 {
		return "", nil
	}
	row = first
	for len(more) < maxRecord && len(row) < maxLine && l.next() {
		more = append(more, l.text)
		row += " " + l.text
		if strings.Count(l.text, `"`)%2 == 1 {
			return row, more
		}
	}
	return "", more
}

// back puts lines back to be read again.
func (l *lines) back(again []string) {
	l.ahead = append(again, l.ahead...)
	l.number -= len(again)
}

func (l *lines) next() bool {
	if len(l.ahead) > 0 && l.err == nil {
		l.text, l.ahead = l.ahead[0], l.ahead[1:]
		l.number++
		return true
	}
	if l.err != nil || !l.scan.Scan() {
		if err := l.scan.Err(); errors.Is(err, bufio.ErrTooLong) {
			l.err = fmt.Errorf("line %d is longer than %d kB: this is not a list of numbers", l.number+1, maxLine>>10)
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
	if bytes.IndexByte(line, 0) >= 0 {
		l.err = fmt.Errorf("line %d holds a zero byte: save the list as plain text (UTF-8)", l.number)
	}
	l.text = addressbook.UTF8(line)
	return l.err == nil
}

// words splits a line at white space. Text between quotation marks is one word. A comment ends the line.
func words(line string) (all []string, remark string) {
	for {
		line = strings.TrimLeft(line, " \t")
		switch {
		case line == "":
			return all, ""
		case line[0] == '#':
			return all, line
		case line[0] == '"':
			word, rest, closed := strings.Cut(line[1:], `"`)
			if !closed {
				return append(all, word), ""
			}
			all, line = append(all, word), rest
		default:
			end := strings.IndexAny(line, " \t")
			if end < 0 {
				end = len(line)
			}
			all, line = append(all, line[:end]), line[end:]
		}
	}
}

// unwanted says whether a name shows that somebody does not want to hear from whoever has it.
func unwanted(name string) bool {
	if addressbook.Unwanted(name) {
		return true
	}
	name = strings.ToLower(name)
	for _, word := range []string{"telemarket", "robocall", "robo call", "fraud", "junk", "blacklist", "blocked"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// isNumber says whether a text is a telephone number.
func (i *Import) isNumber(written string) bool {
	_, err := i.reader.Parse(written)
	return err == nil
}
