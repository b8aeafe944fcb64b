// Package tomledit changes single values of a TOML file and leaves every other byte as it is: comments, order, spaces, and what a person has changed
// by hand. The parser of go-toml says where everything is; a change replaces text there and nothing else.
package tomledit

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// Document is the text of a TOML file.
type Document struct {
	text   []byte
	tables []table // in the file's order; the first is the root, which has no head
}

// table is a [table] or one [[element]] of an array of tables.
type table struct {
	name string // such as "household.phone"; "" is the root
	keys []key
	// head is where the line of its head begins, and end is where the line of its last key, or else its head, ends.
	head, end int
}

type key struct {
	name                  string
	line, start, end, eol int // of the line; of the value; of the line with its line break
}

// Element says which table is meant: the one of this name and place among those of its name, counted from 0.
type Element struct {
	Name  string
	Place int
}

// Root is the table of the keys before the first head.
var Root = Element{}

// Table is a table that a file has at most once.
func Table(name string) Element { return Element{Name: name} }

// Value is a key with its value: a string, a number, true or false, or strings.
type Value struct {
	Key string
	Is  any
}

// Parse reads the text of a TOML file. An error is the parser's.
func Parse(text []byte) (*Document, error) {
	d := &Document{text: bytes.Clone(text)}
	if len(d.text) > 0 && d.text[len(d.text)-1] != '\n' {
		d.text = append(d.text, '\n')
	}
	return d, d.read()
}

// Bytes is the text as it is now.
func (d *Document) Bytes() []byte { return bytes.Clone(d.text) }

// read finds out where everything is.
func (d *Document) read() error {
	d.tables = []table{{}}
	p := unstable.Parser{}
	p.Reset(d.text)
	for p.NextExpression() {
		node := p.Expression()
		now := &d.tables[len(d.tables)-1]
		name, last := joined(node.Key())
		switch node.Kind {
		case unstable.KeyValue:
			k := key{name: name, line: d.lineOf(int(node.Raw.Offset)), end: int(node.Raw.Offset + node.Raw.Length)}
			after := int(last.Offset + last.Length)
			equals := after + bytes.IndexByte(d.text[after:], '=') + 1
			k.start = equals + len(d.text[equals:]) - len(bytes.TrimLeft(d.text[equals:], " \t"))
			k.eol = d.eolOf(k.end)
			now.keys, now.end = append(now.keys, k), k.eol
		case unstable.Table, unstable.ArrayTable:
			at := int(last.Offset)
			d.tables = append(d.tables, table{name: name, head: d.lineOf(at), end: d.eolOf(at)})
		default: // comments are not kept by this parser
		}
	}
	return p.Error()
}

// joined is a dotted key as text, and where its last part is.
func joined(parts unstable.Iterator) (name string, last unstable.Range) {
	var all []string
	for parts.Next() {
		all = append(all, string(parts.Node().Data))
		last = parts.Node().Raw
	}
	return strings.Join(all, "."), last
}

func (d *Document) lineOf(at int) int { return bytes.LastIndexByte(d.text[:at], '\n') + 1 }

func (d *Document) eolOf(at int) int {
	if i := bytes.IndexByte(d.text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(d.text)
}

// Within are the places of the tables of a name that belong to an element of an array: those between it and the next of its kind.
func (d *Document) Within(of Element, name string) (places []int) {
	place, parent := 0, -1
	for _, t := range d.tables[1:] {
		if t.name == of.Name {
			parent++
		}
		if t.name == name {
			if parent == of.Place {
				places = append(places, place)
			}
			place++
		}
	}
	return places
}

func (d *Document) find(e Element) (index int, found bool) {
	if e == Root {
		return 0, true
	}
	place := 0
	for i, t := range d.tables {
		if i > 0 && t.name == e.Name {
			if place == e.Place {
				return i, true
			}
			place++
		}
	}
	return 0, false
}

// Set gives a key a value. A table that is not there is added at the end of the file. A key that is not there gets a line of its own: below the one
// that shows it as a comment ("# sip = …"), where there is such a line, else after the table's last key.
func (d *Document) Set(in Element, name string, value any) error {
	text, err := written(value)
	if err != nil {
		return err
	}
	i, found := d.find(in)
	if !found {
		return d.Append(in.Name, Value{name, value})
	}
	t := d.tables[i]
	if at := slices.IndexFunc(t.keys, func(k key) bool { return k.name == name }); at >= 0 {
		k := t.keys[at]
		return d.replace(k.start, k.end, text)
	}
	at := t.end
	if shown, is := d.shown(i, name); is {
		at = shown
	} else if i == 0 && len(t.keys) == 0 {
		at = d.firstParagraph()
	}
	return d.replace(at, at, name+" = "+text+d.lineBreak())
}

// shown is the end of the line, or of the comment that begins with it, in which a table shows a key as a comment.
func (d *Document) shown(table int, name string) (at int, is bool) {
	t, to := d.tables[table], len(d.text)
	if table+1 < len(d.tables) {
		to = d.tables[table+1].head
	}
	found := regexp.MustCompile(`(?m)^#[ \t]*` + regexp.QuoteMeta(name) + `[ \t]*=.*\n`).FindIndex(d.text[t.head:to])
	if found == nil {
		return 0, false
	}
	return t.head + found[1], true
}

// firstParagraph is the end of the comment with which a file begins.
func (d *Document) firstParagraph() int {
	at := 0
	for at < len(d.text) && d.text[at] == '#' {
		at = d.eolOf(at)
	}
	return at
}

// Delete takes the line of a key away, if there is one.
func (d *Document) Delete(in Element, name string) error {
	i, found := d.find(in)
	if !found {
		return nil
	}
	for _, k := range d.tables[i].keys {
		if k.name == name {
			return d.replace(k.line, k.eol, "")
		}
	}
	return nil
}

// Append adds a table with values at the end of the file.
func (d *Document) Append(name string, values ...Value) error {
	return d.add(len(d.text), "["+name+"]", values)
}

// AppendElement adds an element to an array of tables, at the end of the file.
func (d *Document) AppendElement(name string, values ...Value) error {
	return d.add(len(d.text), "[["+name+"]]", values)
}

// AppendWithin adds an element to an array of tables that belongs to an element of another: after all that belongs to it already.
func (d *Document) AppendWithin(of Element, name string, values ...Value) error {
	i, found := d.find(of)
	if !found {
		return fmt.Errorf("there is no %s", of.Name)
	}
	for i+1 < len(d.tables) && strings.HasPrefix(d.tables[i+1].name, of.Name+".") {
		i++
	}
	return d.add(d.tables[i].end, "[["+name+"]]", values)
}

// Remove takes an element of an array of tables away: its head and its keys. Comments outside of them stay.
func (d *Document) Remove(e Element) error {
	i, found := d.find(e)
	if !found || i == 0 {
		return fmt.Errorf("there is no %s", e.Name)
	}
	return d.replace(d.tables[i].head, d.tables[i].end, "")
}

func (d *Document) add(at int, head string, values []Value) error {
	nl := d.lineBreak()
	var b strings.Builder
	if at > 0 && !bytes.HasSuffix(d.text[:at], []byte("\n\n")) && !bytes.HasSuffix(d.text[:at], []byte("\n\r\n")) {
		b.WriteString(nl)
	}
	b.WriteString(head + nl)
	for _, v := range values {
		text, err := written(v.Is)
		if err != nil {
			return err
		}
		b.WriteString(v.Key + " = " + text + nl)
	}
	return d.replace(at, at, b.String())
}

func (d *Document) lineBreak() string {
	if bytes.Contains(d.text, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// replace puts text in the place of a range. A change that would leave no TOML is not made.
func (d *Document) replace(from, to int, text string) error {
	before := d.text
	d.text = slices.Concat(before[:from], []byte(text), before[to:])
	if err := d.read(); err != nil {
		d.text = before
		return errors.Join(err, d.read())
	}
	return nil
}

// written is a value as TOML.
func written(value any) (string, error) {
	text, err := toml.Marshal(map[string]any{"v": value})
	if err != nil {
		return "", err
	}
	_, after, found := strings.Cut(strings.TrimSpace(string(text)), "=")
	after = strings.TrimSpace(after)
	if s, is := value.(string); is && strings.HasPrefix(after, "'") && !strings.ContainsAny(s, `"\`) {
		after = `"` + s + `"` // as the rest of the file has it
	}
	if !found || strings.ContainsAny(after, "\r\n") {
		return "", fmt.Errorf("%v cannot be written on one line", value)
	}
	return after, nil
}
