package addressbook

import (
	"slices"
	"strings"
	"unicode"

	"ringfence/screening"
)

// parts are the positions of a contact's parts in a table; -1 for those that it does not have.
type parts struct {
	name, first, middle, last, prefix, suffix, nickname, fileAs, firm, email, notes, language int
	numbers                                                                                   []int
}

// partsOf finds a contact's parts by the headings, beside the columns with the numbers.
func partsOf(headings []string, numbers []int) *parts {
	c := &parts{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, numbers}
	for at, heading := range headings {
		if slices.Contains(numbers, at) {
			continue
		}
		if column := c.textColumn(strings.Join(wordsOf(heading), " ")); column != nil && *column < 0 {
			*column = at
		}
	}
	return c
}

// textColumn is the column with a heading, or nil. These are the columns' names in address books, in lower case with one space between words: Google Contacts'
// (before 2024 and since), Outlook's, and those of people who write English, French, German, Spanish, Italian or Dutch.
func (c *parts) textColumn(heading string) *int {
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

// wordsOf are the words of a heading in lower case, without anything between them.
func wordsOf(heading string) []string {
	return strings.FieldsFunc(strings.ToLower(screening.CleanLine(heading, 100)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// fill fills a row from the cells of a line.
func (c *parts) fill(row *Row, cells []string) {
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
