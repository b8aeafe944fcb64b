// Package addressbook reads the address books of telephones and computers (vCard 2.1, 3.0 and 4.0; CSV as Google, Outlook
// and people write it), says what each of its rows would become among a household's contacts, and writes contacts as such
// files. A file is read as hostile: within limits, and what is wrong with a line is said with its number while the good
// ones go in.
//
// What is written in a file is read here without knowing the household (Read), and judged by what the household has (Make,
// which is pure). Nothing is changed here: a Plan's Contacts are what store.ImportContacts brings in, whole or not at all.
package addressbook

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"ringfence/sharing"
	"ringfence/store"
)

// Limits of a file.
const (
	MaxFile = 50 << 20 // bytes; the address book of a telephone has some MB, most of it photographs
	// MaxRows is how many people a file has at most. Several thousand is what a telephone has that came from an office.
	MaxRows    = 20_000
	maxLines   = 2_000_000 // of 50 MB of photographs, in lines of 75 bytes, there are 700,000
	maxText    = 8 << 20   // bytes of names, numbers and notes in all, so that a book can be kept until somebody has looked at it
	maxLine    = 64 << 10  // bytes that are looked at; a photograph's line is longer, and nothing is lost with the rest of it
	maxCard    = 256 << 10
	maxWritten = 100 // numbers of one row
)

// Number is a telephone number as it is written in a file.
type Number struct {
	Line int
	Text string
}

// Row is one person of a file: a card, or a line of a CSV.
type Row struct {
	Line    int // the first of its lines, counted from 1
	Name    string
	Numbers []Number
	Notes   string
	// Language is what they are to be spoken to in, as it is written, such as "fr"; "" where the file says nothing.
	Language string
}

// Book is what was read of a file.
type Book struct {
	Form string // "vCard" or "CSV"
	Rows []Row
	// Refused are lines that could not be read at all. A number that is none is found only by Make.
	Refused []sharing.Refusal
	text    int // bytes
}

// Without is the book without the rows that begin on these lines.
func (b Book) Without(lines map[int]bool) Book {
	kept := Book{Form: b.Form, Refused: b.Refused}
	for _, row := range b.Rows {
		if !lines[row.Line] {
			kept.Rows = append(kept.Rows, row)
		}
	}
	return kept
}

// Read reads an address book, and finds out by its contents what kind of file it is. The error is a plain sentence where
// the file as a whole is none, or is too large.
func Read(file io.Reader) (Book, error) {
	limited := &io.LimitedReader{R: file, N: MaxFile + 1}
	text, err := decode(limited)
	var book Book
	if err == nil {
		in := newLines(text)
		if isVCard(text) {
			book, err = readVCard(in)
		} else {
			book, err = readCSV(in)
		}
		err = errors.Join(in.err, err)
	}
	if limited.N <= 0 { // and what was said of it before comes of its being cut
		err = fmt.Errorf("the file is larger than %d MB: export the address book without photographs, or in parts", MaxFile>>20)
	}
	if err == nil && len(book.Rows) == 0 {
		err = errors.New("there is nobody in this file: export the address book once more, as a vCard (.vcf) or CSV file")
		if len(book.Refused) > 0 {
			err = fmt.Errorf("%w (the first reason: %s)", err, book.Refused[0])
		}
	}
	if err != nil {
		return Book{}, err
	}
	return book, nil
}

func (b *Book) add(row Row) error {
	if len(b.Rows) == MaxRows {
		return fmt.Errorf("there are more than %d people in the file: export a part of the address book, such as a group", MaxRows)
	}
	// Of a name or notes that are far too long, enough is kept to see that.
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

// refuse notes what is wrong with a line. All are kept up to the number of people that a file may have.
func (b *Book) refuse(line int, why string) {
	if len(b.Refused) < MaxRows {
		b.Refused = append(b.Refused, sharing.Refusal{Line: line, Why: why})
	}
}

// join puts the parts of a text together that are there.
func join(with string, parts ...string) string {
	var there []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, with)
}
