package addressbook

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"
)

// maxMark is longer than a line with a card's beginning or end, and shorter than those of photographs.
const maxMark = 40

// cardMark matches the beginning or the end of a card, wherever it stands in a line.
var cardMark = regexp.MustCompile(`(?i)(?:BEGIN|END):VCARD`)

// next reads a line of a file of cards. What programs leave before a line when they put files together is dropped: a byte order mark, Ctrl-Z and other
// control characters, and the indentation of a card. Where the end of a card and the beginning of the next one share a line, as WhatsApp and Nextcloud have
// written them (github.com/nextcloud/server, issue 18092), each becomes a line of its own with the same number.
func (c *cards) next() bool {
	if !c.in.next() {
		return false
	}
	text := withoutMarks(c.in.text)
	if len(c.open) > 0 {
		text = bytes.TrimPrefix(text, c.indent)
	} else {
		plain := withoutMarks(bytes.TrimLeft(text, " \t"))
		c.indent, text = text[:len(text)-len(plain)], plain
	}
	c.in.text = c.split(text)
	return true
}

// withoutMarks is text without what is no text at its beginning.
func withoutMarks(text []byte) []byte {
	for len(text) > 0 {
		switch {
		case text[0] < ' ' && text[0] != '\t':
			text = text[1:]
		case bytes.HasPrefix(text, []byte("\ufeff")):
			text = text[len("\ufeff"):]
		case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")): // of a UTF-16 file behind others
			text = text[2:]
		default:
			return text
		}
	}
	return text
}

// split cuts a line after a card's beginning or end, and before it where nobody can have meant it as text, and has the rest of it read next. Within
// somebody's agent, these are text.
func (c *cards) split(text []byte) []byte {
	colon := bytes.IndexByte(text, ':')
	if c.agent || colon < 0 {
		return text
	}
	at := findMark(text)
	if at == nil {
		return text
	}
	before, rest := text[:at[0]], withoutMarks(text[at[1]:])
	if len(bytes.TrimSpace(before)) == 0 {
		if rest = bytes.TrimSpace(rest); len(rest) > 0 {
			c.in.back(line{c.in.number, rest})
		}
		return text[:at[1]]
	}
	name := parse(text[:colon]).name
	ends := strings.EqualFold(string(text[at[0]:at[1]]), endCard) && name != "AGENT"
	if glued := strings.EqualFold(string(rest), beginCard); ends && (glued || len(rest) == 0 && name == "TEL") {
		c.in.back(line{c.in.number, text[at[0]:]})
		return before
	}
	return text
}

// findMark finds the first beginning or end of a card in a line. It looks only about each colon: over a whole line, an expression that takes both cases needs
// seven times as long as all else that is done with a card (9 MB of notes: 0.9 s, and 0.1 s so).
func findMark(text []byte) []int {
	for from := 0; ; from++ {
		next := bytes.IndexByte(text[from:], ':')
		if next < 0 {
			return nil
		}
		from += next
		begin := max(0, from-len("BEGIN"))
		if at := cardMark.FindIndex(text[begin:min(len(text), from+len(":VCARD"))]); at != nil {
			return []int{begin + at[0], begin + at[1]}
		}
	}
}

// property is one property of a card.
type property struct {
	head
	found bool   // there is a value
	text  []byte // the value, as it is written
	whole []byte // the first line
}

// property reads one property: its first line, and those that continue it (RFC 2426 section 2.6; with quoted-printable also vCard 2.1, section
// 2.1.3). The text of one that no contact needs is left out.
func (c *cards) property() property {
	c.at = c.in.number
	first := c.in.text
	written, value, found := cutValue(first)
	p := property{head: parse(written), found: found, whole: first}
	if !found {
		word, _, _ := bytes.Cut(bytes.TrimSpace(first), []byte(" "))
		p.head = parse(word)
		return p
	}
	p.text = bytes.Clone(value)
	if p.name != "BEGIN" && p.name != "END" { // which nothing continues, however the next line is indented
		c.agent = p.name == "AGENT"
		c.continued(&p)
		c.agent = false
	}
	if p.name == "AGENT" {
		c.withinAgent(&p)
	}
	return p
}

// continued reads the lines that continue a property.
func (c *cards) continued(p *property) {
	soft := p.quoted && bytes.HasSuffix(p.text, []byte("="))
	for c.next() {
		more := c.in.text
		if len(more) == 0 && !soft {
			continue // some write empty lines between
		}
		folded := len(more) > 0 && (more[0] == ' ' || more[0] == '\t')
		ends := p.name != "AGENT" && len(more) < maxMark && cardMark.Match(more) && len(cardMark.ReplaceAll(bytes.TrimSpace(more), nil)) == 0
		if ends || !folded && !soft && !(p.base64 && isBase64(more)) {
			c.in.back(line{c.in.number, c.in.text})
			break
		}
		if soft {
			p.text = p.text[:len(p.text)-1]
		}
		if folded {
			more = more[1:]
		}
		if (p.wanted || p.name == "AGENT") && len(p.text) < maxLine {
			p.text = append(p.text, more...)
		}
		soft = p.quoted && bytes.HasSuffix(more, []byte("=")) && bytes.HasSuffix(p.text, []byte("="))
	}
	if soft { // and nothing came
		p.text = p.text[:len(p.text)-1]
	}
}

// withinAgent has a card read that is the value of a property: in vCard 2.1 it begins there, in 3.0 all of it is there, with escapes.
func (c *cards) withinAgent(p *property) {
	value, err := p.decoded()
	if err != nil || !cardMark.Match(value) {
		return
	}
	var inner []line
	for text := range bytes.Lines([]byte(unescaped.Replace(string(value)))) {
		inner = append(inner, line{c.at, bytes.TrimRight(text, "\r\n")})
	}
	c.in.back(inner...)
	p.text = nil
}

// unescaped takes one level of vCard 3.0's escapes off.
var unescaped = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";")

// isBase64 says whether a line can be of nothing but base64. Some programs do not indent the lines that continue a photograph.
func isBase64(text []byte) bool {
	return len(text) > 0 && len(bytes.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")) == 0
}

// cutValue cuts a line at the colon after its parameters, which may have other colons between quotation marks.
func cutValue(line []byte) (head, value []byte, found bool) {
	quoted := false
	for i, b := range line {
		switch {
		case b == '"':
			quoted = !quoted
		case b == ':' && !quoted:
			return line[:i], line[i+1:], true
		}
	}
	return nil, nil, false
}

// head is what comes before a property's value.
type head struct {
	name    string
	wanted  bool // not a photograph, nor a sound or a key
	quoted  bool // quoted-printable
	base64  bool
	charset string
}

func parse(text []byte) head {
	parts := strings.Split(string(text), ";")
	name := strings.TrimSpace(parts[0])
	if _, behind, grouped := strings.Cut(name, "."); grouped { // item1.TEL
		name = behind
	}
	p := head{name: strings.ToUpper(name)}
	switch p.name {
	case "FN", "N", "NICKNAME", "ORG", "TEL", "NOTE", "EMAIL", "LANG":
		p.wanted = true
	}
	for _, part := range parts[1:] {
		key, value, named := strings.Cut(part, "=")
		if !named {
			value = key
		}
		switch value = strings.Trim(strings.TrimSpace(value), `"`); {
		case strings.EqualFold(value, "QUOTED-PRINTABLE"):
			p.quoted = true
		case strings.EqualFold(value, "BASE64"), strings.EqualFold(value, "B") && strings.EqualFold(key, "ENCODING"):
			p.base64 = true
		case strings.EqualFold(key, "CHARSET"):
			p.charset = value
		}
	}
	return p
}

var escapes = strings.NewReplacer(`\\`, `\\`, `\;`, semicolon, `\N`, `\n`, `\:`, ":", "\r\n", `\n`, "\n", `\n`, "\r", `\n`, "\x01", "")

// value is the property's value in UTF-8, on one line, with the escapes of vCard 3.0.
func (p property) value() (string, error) {
	text, err := p.decoded()
	return escapes.Replace(utf8Text(text, p.charset)), err
}

func (p property) decoded() ([]byte, error) {
	switch {
	case p.quoted:
		if plain, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(p.text))); err == nil {
			return plain, nil
		}
	case p.base64:
		packed := strings.TrimRight(strings.Join(strings.Fields(string(p.text)), ""), "=")
		plain, err := base64.RawStdEncoding.DecodeString(packed)
		return bytes.ReplaceAll(plain, []byte{0}, nil), err
	}
	return p.text, nil
}
