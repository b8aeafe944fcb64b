package addressbook

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-vcard"

	"ringfence/sharing"
	"ringfence/sharing/filekind"
)

const (
	beginCard = "BEGIN:VCARD"
	endCard   = "END:VCARD"
	// lineParam carries the line of a property through the vCard library.
	lineParam = "X-LINE"
	// semicolon stands for a semicolon that does not separate, until the parts of a value have been split. No text contains this character.
	semicolon = "\x01"
	// maxNested is how many cards may be within one another. A secretary's is within somebody's (AGENT); deeper ones are nobody's.
	maxNested = 8
)

// isVCard says whether a file begins with a card.
func isVCard(text *bufio.Reader) bool {
	head, _ := text.Peek(filekind.Beginning) // an error will come up again when the file is read
	return filekind.Of(head) == filekind.VCard
}

// cards assembles a file's lines into properties, and these into cards.
type cards struct {
	in      *lines
	book    *Book
	open    []*openCard // the innermost is the last one
	at      int         // line of the property that was read last
	last    string      // the property before
	indent  []byte      // before each line of the card
	agent   bool        // the property that is being read is a card within a card
	outside bool        // the line before was outside of a card, and was named
	begun   map[int]bool
}

// openCard is a card whose end has not been read.
type openCard struct {
	first   int  // its line
	implied bool // its BEGIN is missing
	full    bool // nothing more is written into it
	named   bool // it was refused
	text    strings.Builder
}

// readVCard reads cards: each becomes a row, or is named as refused. A card without an end is taken as it is, but a file that ends within a card is
// reported, because others may be missing.
func readVCard(in *lines) (Book, error) {
	c := &cards{in: in, book: &Book{Form: "vCard", zeros: true}, begun: map[int]bool{}}
	for c.next() {
		p := c.property()
		if p.name == "TEL" && in.ragged && len(in.ahead) == 0 { // what is left of it may be somebody else's number
			c.book.refuse(c.at, "the file ends within this number, so digits may be missing: export it once more")
			continue
		}
		if err := c.take(p); err != nil {
			return *c.book, err
		}
	}
	for len(c.open) > 0 {
		card := c.open[len(c.open)-1]
		if !card.implied && len(c.open) == 1 {
			c.book.refuse(card.first, "the file ends in the middle of this card, so more may be missing: export it once more")
		}
		if err := c.close(); err != nil {
			return *c.book, err
		}
	}
	slices.SortStableFunc(c.book.Refused, func(a, b sharing.Refusal) int { return a.Line - b.Line })
	slices.SortStableFunc(c.book.Rows, func(a, b Row) int { return a.Line - b.Line }) // cards within others were closed before them
	return *c.book, nil
}

// take takes a property.
func (c *cards) take(p property) error {
	marks := strings.EqualFold(strings.TrimSpace(string(p.text)), "VCARD")
	before := c.last
	c.last = p.name
	switch {
	case p.name == "BEGIN" && marks:
		return c.begin(before == "AGENT")
	case p.name == "END" && marks && len(c.open) > 0:
		return c.close()
	case p.name == "END" && marks:
		c.book.refuse(c.at, "this ends a card whose beginning is missing, so somebody may be missing: export the address book once more")
	case len(c.open) == 0 && slices.Contains([]string{"VERSION", "PRODID", "UID", "FN", "N"}, p.name):
		c.push(true)
		c.write(p)
	case len(c.open) == 0:
		c.stray(p)
	case p.found:
		c.outside = false
		c.write(p)
	case p.name == "TEL":
		c.book.refuse(c.at, "this line has no number that can be read: correct it, or add the number by hand")
	}
	return nil
}

// begin begins a card: within another one if that has an agent, and otherwise in place of those whose ends are missing.
func (c *cards) begin(agent bool) error {
	for !agent && len(c.open) > 0 {
		if err := c.close(); err != nil {
			return err
		}
	}
	c.push(false)
	if card := c.open[len(c.open)-1]; len(c.open) > maxNested {
		card.full, card.named = true, true
		c.book.refuse(c.at, "this card is within too many others, so it was left out: add this person by hand")
	}
	return nil
}

func (c *cards) push(implied bool) {
	c.outside = false
	c.open = append(c.open, &openCard{first: c.at, implied: implied})
}

// stray names text that is outside of a card, once for lines that follow one another.
func (c *cards) stray(p property) {
	if !c.outside && len(bytes.TrimSpace(p.whole)) > 0 {
		c.book.refuse(c.at, "this text is outside of a card, so it was not read")
		c.outside = true
	}
}

// write writes a property into the innermost card, as the vCard library understands it: the library knows neither vCard 2.1's parameters without a
// name, nor its encodings, nor \; in a name.
func (c *cards) write(p property) {
	card := c.open[len(c.open)-1]
	if !p.wanted || card.full {
		return
	}
	value, err := p.value()
	if err != nil {
		c.book.refuse(c.at, fmt.Sprintf("what is called %s here can't be read: add it by hand", p.name))
		return
	}
	if card.full = card.text.Len()+len(value) > maxCard; card.full {
		c.book.refuse(c.at, fmt.Sprintf("this card is longer than %d kB, so its end was left out: add what is missing by hand", maxCard>>10))
		return
	}
	fmt.Fprintf(&card.text, "%s;%s=%d:%s\r\n", p.name, lineParam, c.at, value)
}

// close ends the innermost card, which becomes a row.
func (c *cards) close() error {
	open := c.open[len(c.open)-1]
	c.open, c.outside = c.open[:len(c.open)-1], false
	if open.named {
		return nil
	}
	decoded, err := vcard.NewDecoder(strings.NewReader(beginCard + "\r\n" + open.text.String() + endCard + "\r\n")).Decode()
	if err != nil {
		c.book.refuse(open.first, "this card can't be read: add this person by hand")
		return nil
	}
	row := c.book.rowOf(decoded, open.first)
	if open.implied && (row.Name == "" || len(row.Numbers) == 0) {
		c.book.refuse(open.first, "this text is outside of a card, so it was not read")
		return nil
	}
	if c.begun[row.Line] { // a row is known by its line
		c.book.refuse(open.first, "several cards begin on this line, so only one was read: put each on lines of its own")
		return nil
	}
	c.begun[row.Line] = true
	return c.book.add(row)
}

// rowOf takes from a card what a contact needs. Without a full name the parts of the name are joined; without any name, a firm's or an e-mail address
// is used.
func (b *Book) rowOf(card vcard.Card, line int) Row {
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
		text := strings.TrimSpace(whole(tel.Value))
		if text == "" || err != nil {
			continue
		}
		if len(row.Numbers) == maxWritten {
			b.refuse(at, fmt.Sprintf("this card has more than %d numbers, so the rest were left out: add them by hand", maxWritten))
			break
		}
		row.Numbers = append(row.Numbers, Number{at, text})
	}
	return row
}

// whole puts the semicolons back.
func whole(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, semicolon, ";"))
}
