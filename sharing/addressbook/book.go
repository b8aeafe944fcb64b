// Package addressbook reads the address books of telephones and computers (vCard 2.1, 3.0 and 4.0; CSV as Google, Outlook and people write
// it), says what each row would become among a household's contacts, and writes contacts as such files. A file is hostile input: it is
// read within limits, and errors are reported by line while the good lines go in.
//
// Read reads a file without knowing the household, and Make, which is pure, compares it with what the household has. Nothing is changed
// here: store.ImportContacts imports a Plan's Contacts, all or none of them.
package addressbook

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"ringfence/sharing"
	"ringfence/sharing/columns"
	"ringfence/sharing/programs"
	"ringfence/store"
)

// Limits of a file.
const (
	MaxFile = 50 << 20 // bytes; a telephone's address book has some MB, mostly photographs
	// MaxRows is how many people a file may have. An office telephone has several thousand.
	MaxRows    = 20_000
	maxLines   = 2_000_000 // 50 MB of photographs, in lines of 75 bytes, are 700,000
	maxText    = 8 << 20   // bytes of names, numbers and notes in all, because a book is kept in memory until somebody has looked at it
	maxLine    = 64 << 10  // bytes that are looked at; only photographs have longer lines
	maxCard    = 256 << 10
	maxWritten = 100 // numbers of one row
)

// Number is a telephone number as a file has it.
type Number struct {
	Line int
	Text string
}

// Row is one person of a file: a card, or a line of a CSV.
type Row struct {
	Line    int // its first line, counting from 1
	Name    string
	Numbers []Number
	Notes   string
	// Language is the language to speak to them in, as the file has it, such as "fr"; "" if it does not say.
	Language string
}

// Book is what was read from a file.
type Book struct {
	Form string // "vCard" or "CSV", or what the file is, such as "FRITZ!Box phone book"
	Rows []Row
	// Refused are lines that could not be read at all. Make finds numbers that are not valid.
	Refused []sharing.Refusal
	// Choice says which columns of a table have the numbers.
	Choice columns.Choice
	zeros  bool // the file has kept the zeros that numbers begin with
	text   int  // bytes
}

// Without is the book without the rows that begin on the given lines.
func (b Book) Without(lines map[int]bool) Book {
	kept := Book{Form: b.Form, Refused: b.Refused, Choice: b.Choice, zeros: b.zeros}
	for _, row := range b.Rows {
		if !lines[row.Line] {
			kept.Rows = append(kept.Rows, row)
		}
	}
	return kept
}

// Options are how a table is read.
type Options struct {
	Region string // of national numbers
	// Columns are those with the numbers, by their headings or counting from 1, if somebody has named them; otherwise the table's own headings and rows show which.
	Columns []string
}

// Read reads an address book, and recognises the kind of file by its contents. The error, a plain sentence, says that the file as a whole is not one or is too
// large. It is a [columns.Question] if somebody has to say which columns of a table have the numbers.
func Read(file io.Reader, o Options) (Book, error) {
	var text *bufio.Reader
	var book Book
	raw, kind, limited, err := unpacked(file)
	switch {
	case err != nil:
	case programs.Reads(kind):
		book, err = readProgram(kind, raw, o)
	default:
		text, err = decode(raw)
	}
	if text != nil {
		in := &lines{from: text}
		switch {
		case !isVCard(text):
			book, err = readCSV(in, o)
		case len(o.Columns) > 0:
			err = errors.New("this is a vCard file, which has no columns to choose from: leave out the column")
		default:
			book, err = readVCard(in)
		}
		err = errors.Join(in.err, err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) {
		err = errDamaged
	}
	if limited.N <= 0 { // any earlier error is only because it was cut off
		err = fmt.Errorf("the file is larger than %d MB: export the address book without photographs, or in parts", MaxFile>>20)
	}
	if err == nil && len(book.Rows) == 0 {
		err = errors.New("there is nobody in this file: export the address book once more, as a vCard (.vcf) or CSV file")
		if len(book.Refused) > 0 {
			err = fmt.Errorf("%w (the first reason: %s)", err, book.Refused[0])
		}
	}
	return book, err
}

func (b *Book) add(row Row) error {
	if len(b.Rows) == MaxRows {
		return fmt.Errorf("there are more than %d people in the file: export a part of the address book, such as a group", MaxRows)
	}
	// Of far too long a name or note, enough is kept to see that it is too long.
	row.Name, row.Notes = cut(row.Name, 4*store.MaxContactName), cut(row.Notes, 4*store.MaxContactNotes)
	row.Language = cut(row.Language, 4*store.MaxContactLanguage)
	b.text += len(row.Name) + len(row.Notes) + len(row.Language)
	for _, n := range row.Numbers {
		b.text += len(n.Text)
	}
	if b.text > maxText {
		return fmt.Errorf("there are more than %d MB of names and notes in the file: export a part of the address book, or without notes", maxText>>20)
	}
	b.Rows = append(b.Rows, row)
	return nil
}

// refuse notes what is wrong with a line, for as many lines as a file may have people.
func (b *Book) refuse(line int, why string) {
	if len(b.Refused) < MaxRows {
		b.Refused = append(b.Refused, sharing.Refusal{Line: line, Why: why})
	}
}

// join joins the parts of a text that are not empty.
func join(with string, parts ...string) string {
	var there []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, with)
}
