package programs

import (
	"bufio"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"ringfence/sharing/filekind"
)

// eachLine reads a text line by line.
func eachLine(from io.Reader, do func(line int, text string) error) error {
	in, err := inUTF8(from)
	if err != nil {
		return err
	}
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, maxLine)
	line := 0
	for scan.Scan() {
		line++
		if err := do(line, strings.TrimRight(scan.Text(), "\r")); err != nil {
			return err
		}
	}
	if errors.Is(scan.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line %d is longer than %d kB: this is not an export of such a program", line+1, maxLine>>10)
	}
	return scan.Err()
}

// noPhoneSpam reads NoPhoneSpam's export, one "number: name" on each line.
func (r *Reader) noPhoneSpam(from io.Reader) error {
	return eachLine(from, func(line int, written string) error {
		number, name, found := strings.Cut(written, ":")
		if !found {
			if strings.TrimSpace(written) != "" {
				r.Refuse(line, "it is not a number, a colon and a name")
			}
			return nil
		}
		return r.Take(Person{Line: line, Name: text(name), Numbers: []Number{{Line: line, Text: strings.TrimSpace(number)}}, Standing: Blocked})
	})
}

// fossify reads the one line of numbers that Fossify exports. It may be long, so it is read number by number.
func (r *Reader) fossify(from io.Reader) error {
	in, err := inUTF8(from)
	if err != nil {
		return err
	}
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, maxLine)
	scan.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		at := slices.IndexFunc(data, func(b byte) bool { return b == ',' || b == '\n' || b == '\r' })
		switch {
		case at >= 0:
			return at + 1, data[:at], nil
		case atEOF && len(data) > 0:
			return len(data), data, nil
		}
		return 0, nil, nil
	})
	for at := 1; scan.Scan(); {
		number := strings.TrimSpace(scan.Text())
		if number == "" {
			continue
		}
		if err := r.Take(Person{Line: at, Numbers: []Number{{Line: at, Text: number}}, Standing: Blocked}); err != nil {
			return err
		}
		at++
	}
	if errors.Is(scan.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("a number in the file is longer than %d kB: this is not an export of Fossify’s", maxLine>>10)
	}
	return scan.Err()
}

// tableOf reads the tables of Yet Another Call Blocker, whose patterns are numbers in which * stands for any digits and # for one, and SpamBlocker's rules. Both
// have a heading "pattern".
func (r *Reader) tableOf(from io.Reader) error {
	var headings []string
	return eachLine(from, func(line int, written string) error {
		if strings.TrimSpace(written) == "" {
			return nil
		}
		in := csv.NewReader(strings.NewReader(written))
		cells, err := in.Read()
		if err != nil {
			r.Refuse(line, "its quotes do not match")
			return nil
		}
		if headings == nil {
			for _, cell := range cells {
				headings = append(headings, strings.ToLower(strings.TrimSpace(cell)))
			}
			return nil
		}
		at := func(heading string) string {
			if column := slices.Index(headings, heading); column >= 0 && column < len(cells) {
				return strings.TrimSpace(cells[column])
			}
			return ""
		}
		if r.Kind == filekind.YetAnother {
			return r.Take(Person{Line: line, Name: text(at("name")), Numbers: []Number{{Line: line, Text: at("pattern")}}, Standing: Blocked})
		}
		flags := at("flags")
		return r.rule(line, rule{
			Pattern: at("pattern"), Description: at("description"), Allows: strings.EqualFold(at("isblacklist"), "false") || at("isblacklist") == "0",
			Calls: flags == "" || flags == "1" || flags == "3",
		})
	})
}

// ldif reads an address book in LDIF (RFC 2849), such as Thunderbird's. What stands elsewhere (attribute:< URL) is not fetched.
func (r *Reader) ldif(from io.Reader) error {
	d := &directoryEntries{Reader: r}
	err := eachLine(from, func(line int, written string) error {
		switch {
		case strings.HasPrefix(written, " "), strings.HasPrefix(written, "\t"): // the line before goes on
			if len(d.written) < maxText*2 {
				d.written += written[1:]
			}
			return nil
		case written == "":
			d.attribute()
			return d.entry()
		}
		d.attribute()
		d.written, d.line = written, line
		return nil
	})
	if err != nil {
		return err
	}
	d.attribute()
	if err := d.entry(); err != nil {
		return err
	}
	if d.found == 0 {
		return errors.New("this is an address book (LDIF), and there is nobody in it")
	}
	return nil
}

// directoryEntries puts the attributes of LDIF together.
type directoryEntries struct {
	*Reader
	line    int
	written string // the attribute that may go on
	first   int    // line of the entry; 0 outside
	values  map[string][]string
	numbers []Number
	found   int
}

// numbersOf are the attributes with telephone numbers: RFC 4519, RFC 4524, Thunderbird's and Outlook's.
func numbersOf(name string) bool {
	switch name {
	case "telephonenumber", "mobile", "mobiletelephonenumber", "homephone", "hometelephonenumber", "cellphone", "pager", "pagertelephonenumber", "facsimiletelephonenumber", "fax",
		"otherphone", "otherhomephone", "othertelephone", "othermobile", "companyphone", "carphone", "workphone", "internationalisdnnumber":
		return true
	}
	return false
}

// attribute takes the attribute that has come to its end.
func (d *directoryEntries) attribute() {
	name, value, found := strings.Cut(d.written, ":")
	written := d.written
	d.written = ""
	if !found || strings.HasPrefix(written, "#") || strings.HasPrefix(value, "<") {
		return
	}
	if coded, is := strings.CutPrefix(value, ":"); is {
		plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(coded))
		if err != nil {
			d.Refuse(d.line, "its base64 is damaged")
			return
		}
		value = string(plain)
	}
	name, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(name)), ";") // options, such as lang-de
	value = strings.TrimSpace(value)
	if name == "dn" {
		d.first, d.values = d.line, map[string][]string{}
	}
	switch {
	case d.values == nil || value == "" || len(d.values[name]) >= 20 || len(d.values) >= 500:
	case numbersOf(name):
		if len(d.numbers) < maxParts {
			d.numbers = append(d.numbers, Number{Line: d.line, Text: value[:min(len(value), maxText)]})
		}
	default:
		d.values[name] = append(d.values[name], text(value[:min(len(value), maxText)]))
	}
}

// entry takes the entry that has come to its end.
func (d *directoryEntries) entry() error {
	values, numbers := d.values, d.numbers
	d.values, d.numbers = nil, nil
	if values == nil {
		return nil
	}
	if d.found++; d.found > maxEntries {
		return errTooMany
	}
	at := func(names ...string) string {
		for _, name := range names {
			if all := values[name]; len(all) > 0 {
				return all[0]
			}
		}
		return ""
	}
	if change := at("changetype"); change != "" && change != "add" {
		d.Refuse(d.first, "it is a change, and nobody’s entry")
		return nil
	}
	name := at("cn", "commonname", "displayname")
	if name == "" {
		name = strings.TrimSpace(at("givenname", "gn") + " " + at("sn", "surname"))
	}
	if name == "" {
		name = at("o", "company", "mozillanickname", "mail")
	}
	return d.Take(Person{Line: d.first, Name: name, Note: at("description", "notes"), Numbers: numbers})
}
