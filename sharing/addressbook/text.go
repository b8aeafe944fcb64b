package addressbook

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"ringfence/sharing/filekind"
)

const buffer = 64 << 10 // bytes

// decode converts a file from UTF-16, which Outlook and Excel write, to UTF-8, and refuses what is not text.
func decode(file io.Reader) (*bufio.Reader, error) {
	raw := bufio.NewReaderSize(file, buffer)
	head, err := raw.Peek(filekind.Beginning)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if kind := filekind.Of(head); kind != filekind.Text && kind != filekind.VCard {
		return nil, errors.New(kind.Refusal("export the address book as a vCard (.vcf) or CSV file"))
	}
	if text, converted := FromUTF16(raw, head); converted {
		return bufio.NewReaderSize(text, buffer), nil
	}
	if bytes.HasPrefix(head, []byte("\ufeff")) {
		if _, err := raw.Discard(len("\ufeff")); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// FromUTF16 converts a file that is in UTF-16, by its first bytes.
func FromUTF16(file io.Reader, head []byte) (text io.Reader, converted bool) {
	order, marked := filekind.UTF16(head)
	if !marked {
		return file, false
	}
	return transform.NewReader(file, unicode.UTF16(order, unicode.UseBOM).NewDecoder()), true
}

// UTF8 returns text in UTF-8 as it is, and takes anything else for Windows-1252.
func UTF8(b []byte) string { return utf8Text(b, "") }

// utf8Text converts text to UTF-8 from its declared character set, if it declares one. What is not UTF-8 then is taken for Windows-1252, which is
// Latin-1 with the printable characters that Windows has added to it.
func utf8Text(b []byte, charset string) string {
	if charset != "" && !utf8.Valid(b) {
		if set, err := htmlindex.Get(charset); err == nil {
			if text, err := set.NewDecoder().Bytes(b); err == nil {
				return string(text)
			}
		}
	}
	if utf8.Valid(b) {
		return string(b)
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil { // which that decoder never returns
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(text)
}

// lines reads a file line by line, however lines end in it: with LF, CRLF, CR (old Macintoshes), or CRCRLF.
type lines struct {
	from   *bufio.Reader
	read   int    // lines so far
	number int    // of the line in text
	text   []byte // only the beginning of a line that is too long
	ahead  []line // to be read again
	ragged bool   // the file has ended within a line
	err    error  // of the file
}

type line struct {
	number int
	text   []byte
}

func (l *lines) next() bool {
	if len(l.ahead) > 0 {
		l.number, l.text = l.ahead[0].number, l.ahead[0].text
		l.ahead = l.ahead[1:]
		return true
	}
	l.text = nil
	l.read++
	l.number = l.read
	if l.read > maxLines {
		l.err = fmt.Errorf("there are more than %d lines in the file: this is not an address book", maxLines)
		return false
	}
	for {
		if _, err := l.from.Peek(1); err != nil { // which fills the buffer
			if !errors.Is(err, io.EOF) {
				l.err = err
				return false
			}
			l.ragged = l.ragged || len(l.text) > 0
			return len(l.text) > 0
		}
		chunk, _ := l.from.Peek(l.from.Buffered()) // all of it is there
		at := bytes.IndexByte(chunk, '\n')
		if at >= 0 {
			chunk = chunk[:at]
		}
		if cr := bytes.IndexByte(chunk, '\r'); cr >= 0 {
			at, chunk = cr, chunk[:cr]
		}
		l.take(chunk)
		if at < 0 {
			_, _ = l.from.Discard(len(chunk)) // it is there
			continue
		}
		_, _ = l.from.Discard(at) // as above
		b, _ := l.from.ReadByte() // as above
		if b == '\r' {
			l.endCR()
		}
		return true
	}
}

// take adds to the line. Zero bytes are dropped: no text has any.
func (l *lines) take(chunk []byte) {
	chunk = chunk[:min(len(chunk), maxLine-len(l.text))]
	if bytes.IndexByte(chunk, 0) >= 0 {
		chunk = bytes.ReplaceAll(chunk, []byte{0}, nil)
	}
	l.text = append(l.text, chunk...)
}

// endCR takes what belongs to the end of a line after its CR.
func (l *lines) endCR() {
	for _, end := range []string{"\n", "\r\n"} {
		if more, err := l.from.Peek(len(end)); err == nil && string(more) == end {
			_, _ = l.from.Discard(len(end)) // they were peeked at
			return
		}
	}
}

// back has lines read again.
func (l *lines) back(again ...line) { l.ahead = append(again, l.ahead...) }
