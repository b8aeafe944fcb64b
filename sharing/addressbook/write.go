package addressbook

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"ringfence/sharing/filekind"
	"ringfence/sharing/programs"
	"ringfence/store"
)

// WriteVCard writes contacts as a vCard file: names, numbers in international form, notes, and the language of those who have one of their own (LANG of
// RFC 6350, section 6.4.4; in version 3.0 a reader that does not know it ignores it). It is vCard 3.0, because Android's contacts refuse version 4.0
// (github.com/GrapheneOS/os-issue-tracker, issue 977; mozilla-b2g/gaia, pull request 17707), and every TEL has a type, because Outlook drops those without
// (microformats.org/wiki/vcard-implementations). Pass codes are not written.
//
// The vCard library's encoder neither escapes semicolons nor folds long lines (RFC 2426, sections 4 and 2.6).
func WriteVCard(to io.Writer, contacts []store.Contact) error {
	w := bufio.NewWriter(to)
	property := func(name, value string) {
		fold(w, name+":"+value)
	}
	for _, c := range contacts {
		property("BEGIN", "VCARD")
		property("VERSION", "3.0")
		name := escaped(c.Name)
		property("N", ";"+name+";;;")
		property("FN", name)
		for _, n := range c.Numbers {
			property("TEL;TYPE=VOICE", string(n))
		}
		if c.Notes != "" {
			property("NOTE", escaped(c.Notes))
		}
		if c.Language != "" {
			property("LANG", escaped(c.Language))
		}
		property("END", "VCARD")
	}
	return w.Flush()
}

// WritePhoneBook writes contacts as the phone book of a router or desk phone, in XML: names and numbers, in international form. Notes, languages and beginnings of numbers have no place there.
func WritePhoneBook(to io.Writer, kind filekind.Kind, contacts []store.Contact) error {
	w, err := programs.NewWriter(bufio.NewWriter(to), kind, "Ringfence")
	if err != nil {
		return err
	}
	for _, c := range contacts {
		var numbers []string
		for _, n := range c.Numbers {
			if !strings.HasSuffix(string(n), "*") { // a beginning, which no phone can ring
				numbers = append(numbers, string(n))
			}
		}
		w.Add(c.Name, numbers...)
	}
	return w.End()
}

func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(text)
}

// maxFolded is how many bytes a line may have, without its end.
const maxFolded = 75

// fold writes a line. A long one continues on the next line after a space, never within a character. Flush reports errors of writing.
func fold(w *bufio.Writer, line string) {
	for room := maxFolded; len(line) > room; room = maxFolded - 1 {
		cut := room
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		_, _ = fmt.Fprintf(w, "%s\r\n ", line[:cut])
		line = line[cut:]
	}
	_, _ = fmt.Fprintf(w, "%s\r\n", line)
}

// formulaStarts are the characters with which a spreadsheet may take a cell for a formula, or for the call of a program, in their wide forms too
// (owasp.org/www-community/attacks/CSV_Injection).
const formulaStarts = "=+-@|\t\r\n＝＋－＠｜"

// WriteCSV writes contacts as a table with a header: name, as many numbers as the contact with the most has, notes, language. It begins with a byte order mark,
// without which Excel takes it for Windows-1252. No cell is a formula to a spreadsheet: text that could be one gets an apostrophe, which Read removes; numbers
// are national, and foreign ones are written as (+1) 201-555-0123.
func WriteCSV(to io.Writer, contacts []store.Contact, region string) error {
	most := 1
	for _, c := range contacts {
		most = max(most, len(c.Numbers))
	}
	header := []string{"Name"}
	for i := range most {
		header = append(header, fmt.Sprintf("Phone %d", i+1))
	}
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	rows := [][]string{append(header, "Notes", "Language")}
	for _, c := range contacts {
		row := make([]string, most+3)
		row[0], row[most+1], row[most+2] = Guarded(c.Name), Guarded(c.Notes), Guarded(c.Language)
		for i, n := range c.Numbers {
			row[i+1] = GuardedNumber(n.National(region))
		}
		rows = append(rows, row)
	}
	return w.WriteAll(rows)
}

// Guarded is text as a cell that no spreadsheet takes for a formula. It also doubles an apostrophe that Read would remove.
func Guarded(text string) string {
	bare := strings.TrimLeft(text, "'")
	if strings.IndexAny(bare, formulaStarts) == 0 {
		return "'" + text
	}
	return text
}

// GuardedNumber is a number from Number.National, as a cell that no spreadsheet takes for a formula.
func GuardedNumber(shown string) string {
	country, rest, found := strings.Cut(shown, " ")
	switch {
	case !strings.HasPrefix(shown, "+"):
		return shown
	case !found:
		return "(+)" + shown[1:]
	default:
		return "(" + country + ") " + rest
	}
}
