package addressbook

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"ringfence/screening"
)

// columns are the positions of a contact's parts in a table; -1 for those that it does not have.
type columns struct {
	name, first, middle, last, prefix, suffix, nickname, fileAs, firm, email, notes, language int
	numbers                                                                                   []int
}

// columnsOf finds a table's columns from its first line. If that is no header (it has a number in it), found is nil. The error is for a header without a column of
// numbers.
func columnsOf(cells []string) (found *columns, isHeader bool, err error) {
	if slices.ContainsFunc(cells, looksLikeNumber) {
		return nil, false, nil
	}
	c := &columns{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, nil}
	named := false
	for at, cell := range cells {
		words := wordsOf(cell)
		if column := c.textColumn(strings.Join(words, " ")); column != nil {
			named = true
			if *column < 0 {
				*column = at
			}
		} else if isNumberHeading(words) {
			c.numbers = append(c.numbers, at)
		}
	}
	switch {
	case len(c.numbers) > 0:
		return c, true, nil
	case named || len(cells) > 1:
		var columns []string
		for _, cell := range cells[:min(len(cells), 12)] {
			columns = append(columns, screening.CleanLine(cell, 30))
		}
		return nil, false, fmt.Errorf("no column is called phone, mobile or number; there are %s: give the one with the numbers such a heading",
			strings.Join(columns, ", "))
	default:
		return nil, false, nil
	}
}

// textColumn is the column with a heading, or nil. These are the columns' names in address books, in lower case with one space between words: Google Contacts'
// (before 2024 and since), Outlook's, and those of people who write English, French, German, Spanish, Italian or Dutch.
func (c *columns) textColumn(heading string) *int {
	switch heading {
	case "name", "full name", "fullname", "display name", "contact", "contact name", "who", "person", "nom complet", "nom et prénom",
		"anzeigename", "nombre completo", "nome completo", "naam":
		return &c.name
	case "first name", "firstname", "given name", "forename", "christian name", "prénom", "prenom", "vorname", "nombre", "nome", "voornaam":
		return &c.first
	case "middle name", "additional name", "second name", "weitere vornamen", "deuxième prénom", "tussenvoegsel":
		return &c.middle
	case "last name", "lastname", "family name", "surname", "nom", "nom de famille", "nachname", "familienname", "apellido", "apellidos", "cognome", "achternaam":
		return &c.last
	case "name prefix", "title", "titre", "anrede", "titel":
		return &c.prefix
	case "name suffix", "suffix", "suffixe":
		return &c.suffix
	case "nickname", "surnom", "spitzname":
		return &c.nickname
	case "file as":
		return &c.fileAs
	case "organization name", "organization 1 name", "organization", "organisation", "company", "firm", "business", "société", "entreprise", "firma", "empresa", "azienda", "bedrijf":
		return &c.firm
	case "e mail", "email", "e mail address", "email address", "e mail 1 value":
		return &c.email
	case "notes", "note", "remark", "remarks", "comment", "comments", "notizen", "bemerkung", "bemerkungen", "remarque", "remarques", "notas", "nota", "opmerkingen":
		return &c.notes
	case "language", "langue", "sprache", "idioma", "lingua", "taal":
		return &c.language
	default:
		return nil
	}
}

// isNumberHeading says whether a heading has a word for a telephone or a number, and no word that says it is about something else: "Phone 1 - Value" is one,
// "Phone 1 - Type" is not.
func isNumberHeading(words []string) bool {
	telephone := false
	for _, word := range words {
		switch word {
		case "type", "label", "ext", "extension", "account", "id", "customer", "house", "street", "postal", "code", "provider", "model":
			return false
		case "phone", "phones", "telephone", "telephones", "tel", "mobile", "mobiles", "cell", "cellphone", "cellular", "landline", "fax", "pager",
			"callback", "isdn", "phoneno", "phonenumber", "number", "numbers", "téléphone", "portable", "mobil", "numéro", "numero", "telefon",
			"telefonnummer", "mobiltelefon", "mobilnummer", "handy", "handynummer", "rufnummer", "festnetz", "nummer", "teléfono", "móvil", "telefono",
			"cellulare", "telefoon", "telefoonnummer", "mobiel":
			telephone = true
		}
	}
	return telephone
}

// NumberHeading says whether a heading of a table is one of telephone numbers.
func NumberHeading(heading string) bool { return isNumberHeading(wordsOf(heading)) }

// wordsOf are the words of a heading in lower case, without anything between them.
func wordsOf(heading string) []string {
	return strings.FieldsFunc(strings.ToLower(screening.CleanLine(heading, 100)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// fill fills a row from the cells of a line.
func (c *columns) fill(row *Row, cells []string) {
	at := func(column int) string {
		if column < 0 || column >= len(cells) {
			return ""
		}
		return cells[column]
	}
	name, last := at(c.name), at(c.last)
	if c.last < 0 && c.first >= 0 && !strings.Contains(name, at(c.first)) { // as in German tables: Name, Vorname
		name, last = "", name
	}
	firm := at(c.firm)
	parts := join(" ", at(c.prefix), at(c.first), at(c.middle), last, at(c.suffix))
	if at(c.first) == "" && last == "" {
		parts = "" // a title alone is not a name
	}
	for _, name := range []string{name, parts, at(c.nickname), at(c.fileAs), firm, at(c.email)} {
		if row.Name == "" {
			row.Name = name
		}
	}
	row.Notes, row.Language = at(c.notes), at(c.language)
	if firm != row.Name {
		row.Notes = join("\n", firm, row.Notes)
	}
	for _, column := range c.numbers {
		row.numbers(at(column))
	}
}
