package addressbook

import (
	"bufio"
	"bytes"
	"io"
	"mime/quotedprintable"
	"strconv"
	"strings"

	"github.com/emersion/go-vcard"

	"ringfence/sharing/filekind"
)

const (
	beginCard = "BEGIN:VCARD"
	endCard   = "END:VCARD"
	// lineParam carries the line of a property through the vCard library.
	lineParam = "X-LINE"
	// semicolon stands for a semicolon that does not separate, until the parts of a value have been split. No text contains this character.
	semicolon = "\x01"
)

// isVCard says whether a file begins with a card.
func isVCard(text *bufio.Reader) bool {
	head, _ := text.Peek(filekind.Beginning) // an error will come up again when the file is read
	return bytes.Contains(bytes.ToUpper(head), []byte(beginCard))
}

// cards assembles a file's lines into properties, and these into cards.
type cards struct {
	in     *lines
	open   bool
	at     int // line of the property that was read last
	first  int // line of the card that is open
	card   strings.Builder
	nested int    // cards within it, such as a secretary's (AGENT)
	last   string // the property before
}

// readVCard reads cards. A card without an end is taken as it is, but a file that ends within a card is reported, because others may be missing.
func readVCard(in *lines) (Book, error) {
	book := Book{Form: "vCard"}
	c := &cards{in: in}
	for in.next() {
		name, property, ok := c.property()
		if !ok {
			continue
		}
		done, err := c.take(name, property)
		if done == nil && err == nil {
			continue
		}
		if err != nil {
			return book, err
		}
		if err := book.add(*done); err != nil {
			return book, err
		}
	}
	if c.open {
		row, err := c.close()
		if err != nil {
			return book, err
		}
		book.refuse(c.first, "the file ends in the middle of this card, so more may be missing: export it once more")
		if err := book.add(*row); err != nil {
			return book, err
		}
	}
	return book, nil
}

// take takes a property, and returns the card that it ends.
func (c *cards) take(name, property string) (*Row, error) {
	switch {
	case name == "BEGIN" && c.open && c.last == "AGENT", name == "BEGIN" && c.nested > 0:
		c.nested++
	case name == "END" && c.nested > 0:
		c.nested--
	case c.nested > 0:
	case name == "BEGIN" && c.open:
		row, err := c.close()
		c.begin()
		return row, err
	case name == "BEGIN":
		c.begin()
	case name == "END" && c.open:
		return c.close()
	case c.open && property != "" && c.card.Len() < maxCard:
		c.card.WriteString(property + "\r\n")
	}
	c.last = name
	return nil, nil
}

func (c *cards) begin() {
	c.open, c.first, c.last = true, c.at, ""
	c.card.Reset()
	c.card.WriteString(beginCard + "\r\n")
}

func (c *cards) close() (*Row, error) {
	c.open = false
	c.card.WriteString(endCard + "\r\n")
	card, err := vcard.NewDecoder(strings.NewReader(c.card.String())).Decode()
	if err != nil {
		return nil, err
	}
	row := rowOf(card, c.first)
	return &row, nil
}

// property reads one property: its first line, and those that continue it (RFC 2426 section 2.6; with quoted-printable also vCard 2.1, section
// 2.1.3). One that no contact needs is "". It is returned as the vCard library understands it: the library knows neither vCard 2.1's parameters
// without a name, nor its encodings, nor \; in a name.
func (c *cards) property() (name, property string, ok bool) {
	c.at = c.in.number
	head, value, found := cutValue(c.in.text)
	if !found {
		return "", "", false
	}
	p := parse(head)
	text := append([]byte(nil), value...)
	soft := p.quoted && bytes.HasSuffix(text, []byte("="))
	for c.in.next() {
		more := c.in.text
		if len(more) == 0 && !soft {
			continue // some write empty lines between
		}
		folded := len(more) > 0 && (more[0] == ' ' || more[0] == '\t')
		if !folded && !soft {
			c.in.back(line{c.in.number, c.in.text})
			break
		}
		if soft {
			text = text[:len(text)-1]
		}
		if folded {
			more = more[1:]
		}
		if p.wanted && len(text) < maxLine {
			text = append(text, more...)
		}
		soft = p.quoted && bytes.HasSuffix(more, []byte("=")) && bytes.HasSuffix(text, []byte("="))
	}
	if !p.wanted {
		return p.name, "", true
	}
	return p.name, p.name + ";" + lineParam + "=" + strconv.Itoa(c.at) + ":" + p.value(text), true
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
	case "BEGIN", "END", "FN", "N", "NICKNAME", "ORG", "TEL", "NOTE", "EMAIL", "LANG":
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
			p.wanted = false
		case strings.EqualFold(key, "CHARSET"):
			p.charset = value
		}
	}
	return p
}

var escapes = strings.NewReplacer(`\\`, `\\`, `\;`, semicolon, `\N`, `\n`, `\:`, ":", "\r\n", `\n`, "\n", `\n`, "\r", `\n`, "\x01", "")

// value is a property's value in UTF-8, on one line, with the escapes of vCard 3.0.
func (p head) value(text []byte) string {
	if p.quoted {
		if plain, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(text))); err == nil {
			text = plain
		}
	}
	return escapes.Replace(utf8Text(text, p.charset))
}

// rowOf takes from a card what a contact needs. Without a full name the parts of the name are joined; without any name, a firm's or an e-mail address
// is used.
func rowOf(card vcard.Card, line int) Row {
	row := Row{Line: line, Name: whole(card.Value(vcard.FieldFormattedName))}
	if n := card.Get(vcard.FieldName); row.Name == "" && n != nil {
		part := strings.Split(n.Value, ";") // family, given, additional, prefix, suffix
		part = append(part, make([]string, 5)...)
		row.Name = whole(join(" ", part[3], part[1], part[2], part[0], part[4]))
	}
	firm := whole(join(", ", strings.Split(card.Value(vcard.FieldOrganization), ";")...))
	for _, name := range []string{whole(card.Value(vcard.FieldNickname)), firm, whole(card.Value(vcard.FieldEmail))} {
		if row.Name == "" {
			row.Name = name
		}
	}
	notes := whole(card.Value(vcard.FieldNote))
	if firm != row.Name {
		notes = join("\n", firm, notes)
	}
	row.Notes, row.Language = notes, whole(card.PreferredValue(vcard.FieldLanguage))
	for _, tel := range card[vcard.FieldTelephone] {
		at, err := strconv.Atoi(tel.Params.Get(lineParam))
		if text := strings.TrimSpace(whole(tel.Value)); text != "" && err == nil && len(row.Numbers) < maxWritten {
			row.Numbers = append(row.Numbers, Number{at, text})
		}
	}
	return row
}

// whole puts the semicolons back.
func whole(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, semicolon, ";"))
}
