package programs

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"ringfence/sharing/filekind"
)

// part is an element's text, or an attribute, within a person: "person/realname", "@display_name", "telephony/number@type".
type part struct {
	line       int
	path, text string
	attributes map[string]string
}

// element is one that is open.
type element struct {
	name       string
	attributes map[string]string
	text       strings.Builder
	at         int // its place in the parts, or -1
}

// book reads a phone book in XML. Go's reader expands no entities but XML's own and HTML's, and is asked for raw tokens, because phones write "&" where "&amp;"
// belongs (Snom's don't understand it otherwise) and files of several roots (Yealink's); that elements match is checked here.
type book struct {
	*Reader
	shape  shape
	source *budget
	d      *xml.Decoder
	open   []*element
	start  int // where the person begins in open; -1 outside
	line   int
	parts  []part
	found  int
	groups map[string]string // Grandstream's, by number
}

// budget is a file of which each token takes so many bytes at most.
type budget struct {
	*bufio.Reader
	left int
}

var errLongToken = fmt.Errorf("there is an element of more than %d kB in the file: this is not a phone book", maxTokens>>10)

// ReadByte is how the decoder reads.
func (b *budget) ReadByte() (byte, error) {
	if b.left--; b.left < 0 {
		return 0, errLongToken
	}
	return b.Reader.ReadByte()
}

var declared = regexp.MustCompile(`(?i)^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']`)

// inUTF8 converts a file from what its first line says it is in, unless that is wrong, and takes what is not UTF-8 then for Windows-1252.
func inUTF8(from io.Reader) (io.Reader, error) {
	raw := bufio.NewReaderSize(from, filekind.Beginning)
	head, err := raw.Peek(filekind.Beginning)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if order, wide := filekind.UTF16(head); wide {
		return transform.NewReader(raw, transform.Chain(unicode.UTF16(order, unicode.UseBOM).NewDecoder(), windows{})), nil
	}
	if len(head) >= 3 && string(head[:3]) == "\ufeff" {
		_, _ = raw.Discard(3) // it is there
		return transform.NewReader(raw, windows{}), nil
	}
	// Old address books say ISO-8859-1 of what is UTF-8.
	plain := head
	for cut := 0; cut < utf8.UTFMax && !utf8.Valid(plain) && len(plain) > 0; cut++ {
		plain = plain[:len(plain)-1]
	}
	said := declared.FindSubmatch(head)
	if said == nil || utf8.Valid(plain) && !isASCII(head) {
		return transform.NewReader(raw, windows{}), nil
	}
	if set, err := htmlindex.Get(string(said[1])); err == nil && !strings.EqualFold(string(said[1]), "utf-8") && !strings.HasPrefix(strings.ToLower(string(said[1])), "utf-16") {
		return transform.NewReader(raw, transform.Chain(set.NewDecoder(), windows{})), nil
	}
	return transform.NewReader(raw, windows{}), nil
}

func isASCII(text []byte) bool {
	for _, b := range text {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// windows passes UTF-8 on, takes other bytes for Windows-1252, and makes spaces of control characters, which XML has none of.
type windows struct{ transform.NopResetter }

// Transform is that of transform.Transformer.
func (windows) Transform(to, from []byte, atEOF bool) (written, read int, err error) {
	for read < len(from) {
		r, size := utf8.DecodeRune(from[read:])
		switch {
		case r == utf8.RuneError && size == 1 && !atEOF && !utf8.FullRune(from[read:]):
			return written, read, transform.ErrShortSrc
		case r == utf8.RuneError && size == 1:
			r = charmap.Windows1252.DecodeByte(from[read])
		case r < ' ' && r != '\n' && r != '\r' && r != '\t', r == 0xfffe, r == 0xffff:
			r = ' '
		}
		if written+utf8.RuneLen(r) > len(to) {
			return written, read, transform.ErrShortDst
		}
		written += utf8.EncodeRune(to[written:], r)
		read += size
	}
	return written, read, nil
}

func (r *Reader) phoneBook(from io.Reader) error {
	text, err := inUTF8(from)
	if err != nil {
		return err
	}
	b := &book{Reader: r, shape: shapeOf(r.Kind), source: &budget{Reader: bufio.NewReader(text)}, start: -1, groups: map[string]string{}}
	b.d = xml.NewDecoder(b.source)
	b.d.Strict, b.d.Entity = false, xml.HTMLEntity
	b.d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		b.source.left = maxTokens
		token, err := b.d.RawToken()
		if errors.Is(err, io.EOF) {
			return b.end()
		}
		if err == nil {
			err = b.token(token)
		}
		if err != nil {
			return b.wrong(err)
		}
	}
}

// wrong makes a sentence of what is wrong with an XML.
func (b *book) wrong(err error) error {
	var syntax *xml.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	if strings.Contains(syntax.Msg, "EOF") {
		return errCutOff
	}
	return fmt.Errorf("line %d of %s is damaged: export or download it once more", syntax.Line, strings.TrimPrefix(b.Kind.Title(), "a "))
}

func (b *book) end() error {
	if len(b.open) > 0 {
		return errCutOff
	}
	if b.found == 0 {
		return fmt.Errorf("this is %s, and there is nobody in it", b.Kind.Title())
	}
	return nil
}

func (b *book) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return b.begin(t)
	case xml.CharData:
		if at := len(b.open) - 1; at >= 0 && b.open[at].text.Len() < maxText {
			b.open[at].text.Write(t[:min(len(t), maxText)])
		}
	case xml.EndElement:
		return b.close(strings.ToLower(t.Name.Local))
	}
	return nil
}

func (b *book) begin(t xml.StartElement) error {
	if len(b.open) == maxDepth {
		return fmt.Errorf("there are more than %d elements within one another in the file: this is not a phone book", maxDepth)
	}
	name := strings.ToLower(t.Name.Local)
	line, _ := b.d.InputPos()
	attributes := map[string]string{}
	for _, a := range t.Attr {
		attributes[strings.ToLower(a.Name.Local)] = a.Value[:min(len(a.Value), maxText)]
	}
	b.open = append(b.open, &element{name: name, attributes: attributes, at: -1})
	if b.start < 0 {
		if !b.shape.isPerson(name) {
			return nil
		}
		if b.found++; b.found > maxEntries {
			return errTooMany
		}
		b.start, b.line, b.parts = len(b.open)-1, line, nil
	}
	path := b.path()
	if len(b.parts)+len(attributes) >= maxParts {
		return fmt.Errorf("line %d: there are more than %d numbers and names in one entry: this is not a phone book", line, maxParts)
	}
	for _, a := range t.Attr {
		name := strings.ToLower(a.Name.Local)
		b.parts = append(b.parts, part{line: line, path: path + "@" + name, text: attributes[name], attributes: attributes})
	}
	b.open[len(b.open)-1].at = len(b.parts)
	b.parts = append(b.parts, part{line: line, path: path, attributes: attributes})
	return nil
}

// path is that of the innermost element, below the person.
func (b *book) path() string {
	var names []string
	for _, e := range b.open[b.start+1:] {
		names = append(names, e.name)
	}
	return strings.Join(names, "/")
}

func (b *book) close(name string) error {
	at := len(b.open) - 1
	if at < 0 || b.open[at].name != name {
		return b.mismatch(name)
	}
	e := b.open[at]
	if e.at >= 0 && e.at < len(b.parts) {
		b.parts[e.at].text = e.text.String()
	}
	b.open = b.open[:at]
	b.group(e)
	if at != b.start {
		return nil
	}
	b.start = -1
	person, why := b.shape.person(b)
	if why != "" {
		b.Refuse(b.line, why)
		return nil
	}
	return b.Take(person)
}

func (b *book) mismatch(name string) error {
	line, _ := b.d.InputPos()
	return fmt.Errorf("line %d: </%s> closes nothing that is open, so the file is damaged: export or download it once more", line, text(name[:min(len(name), 40)]))
}

// group notes Grandstream's groups, which stand before the people in them: <pbgroup><id>1</id><name>Blacklist</name></pbgroup>.
func (b *book) group(e *element) {
	depth := len(b.open)
	if depth == 0 || b.open[depth-1].name != "pbgroup" || len(b.groups) > 1000 {
		return
	}
	around := b.open[depth-1].attributes
	if e.name == "id" || e.name == "name" {
		around[e.name] = strings.TrimSpace(e.text.String())
		b.groups[around["id"]] = around["name"]
	}
}
