package addressbook

import (
	"io"

	"ringfence/sharing/filekind"
	"ringfence/sharing/programs"
	"ringfence/store"
)

// Format is a form in which contacts are exported. Its name is what `ringfence contact export --format` takes: a contract.
type Format struct {
	Name   string
	For    string // the devices or programs that read it
	Ending string // of the file's name
	MIME   string
	write  func(to io.Writer, contacts []store.Contact, region string) error
}

// Formats are all of them. The first is for whoever has no choice to make.
func Formats() []Format {
	all := []Format{
		{"vcard", "Mobile phones and address books (vCard)", ".vcf", "text/vcard; charset=utf-8", func(to io.Writer, contacts []store.Contact, _ string) error { return WriteVCard(to, contacts) }},
		{"csv", "Spreadsheets (CSV)", ".csv", "text/csv; charset=utf-8", WriteCSV},
	}
	devices := map[filekind.Kind]string{
		filekind.FritzBox: "FRITZ!Box (XML)", filekind.Yealink: "Yealink desk phones (XML)", filekind.Snom: "Snom desk phones (XML)", filekind.Gigaset: "Gigaset bases N530 to N870 (XML)",
		filekind.Grandstream: "Grandstream desk phones (XML)", filekind.Cisco: "Cisco desk phones (XML)",
	}
	for _, kind := range programs.Written() {
		all = append(all, Format{string(kind), devices[kind], ".xml", "application/xml; charset=utf-8", func(to io.Writer, contacts []store.Contact, _ string) error {
			return WritePhoneBook(to, kind, contacts)
		}})
	}
	return all
}

// FormatNamed is the format of a name.
func FormatNamed(name string) (f Format, found bool) {
	for _, one := range Formats() {
		if one.Name == name {
			return one, true
		}
	}
	return f, false
}

// Write writes contacts. National numbers of a spreadsheet are those of the region.
func (f Format) Write(to io.Writer, contacts []store.Contact, region string) error {
	return f.write(to, contacts, region)
}
