// Package filekind says by the beginning of a file what it is: a phone's address book, another program's list, a web page, a picture. Contacts, lists and
// subscriptions ask it, so that a file that can't be read is named by what it is, and not by the number of its wrong lines.
package filekind

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// Beginning is how many bytes of a file are enough to know it by.
const Beginning = 16 << 10

// Kind is what a file is.
type Kind string

// Text is text without a mark, such as a table, or one number a line.
const Text Kind = ""

// Kinds that are read: address books, and what other programs export.
const (
	VCard       Kind = "vcard"
	LDIF        Kind = "ldif"
	FritzBox    Kind = "fritzbox" // an XML, as all phone books from here to MicroSIP
	JFritz      Kind = "jfritz"
	Yealink     Kind = "yealink"
	Snom        Kind = "snom"
	Gigaset     Kind = "gigaset"
	Panasonic   Kind = "panasonic"
	Grandstream Kind = "grandstream"
	Cisco       Kind = "cisco"
	Poly        Kind = "poly"
	Fanvil      Kind = "fanvil"
	Directory   Kind = "directory" // another maker's, of the same shape as Cisco's
	MicroSIP    Kind = "microsip"
	PhoneBlock  Kind = "phoneblock"
	CallBlocker Kind = "callblocker" // github.com/pamapa/callblocker
	SpamBlocker Kind = "spamblocker" // github.com/aj3423/SpamBlocker
	// SpamBlockerTable are SpamBlocker's rules as a CSV.
	SpamBlockerTable Kind = "spamblocker-table"
	YetAnother       Kind = "yetanothercallblocker" // gitlab.com/xynngh/YetAnotherCallBlocker
	NoPhoneSpam      Kind = "nophonespam"           // gitlab.com/bitfireAT/NoPhoneSpam
	Fossify          Kind = "fossify"               // Fossify's Phone and Messages: github.com/FossifyOrg/commons
	Database         Kind = "database"              // SQLite; of these, callattendant's is read
	Gzip             Kind = "gzip"                  // what is in it is read, if that can be
)

// Kinds that only have a name.
const (
	RingfenceList  Kind = "ringfence-list"
	FritzBoxBackup Kind = "fritzbox-backup"
	FritzBoxCalls  Kind = "fritzbox-calls"
	PhoneMenu      Kind = "phone-menu"
	WebPage        Kind = "web-page"
	GitLFS         Kind = "git-lfs"
	Excel          Kind = "excel"
	OldExcel       Kind = "old-excel"
	ExcelXML       Kind = "excel-xml"
	OpenDocument   Kind = "opendocument"
	Word           Kind = "word"
	RichText       Kind = "rich-text"
	Zip            Kind = "zip"
	Packed         Kind = "packed"
	PDF            Kind = "pdf"
	Picture        Kind = "picture"
	Sound          Kind = "sound"
	Encrypted      Kind = "encrypted"
	Signature      Kind = "signature"
	AndroidBackup  Kind = "android-backup"
	PropertyList   Kind = "property-list"
	Feed           Kind = "feed"
	Calendar       Kind = "calendar"
	Mail           Kind = "mail"
	Shortcut       Kind = "shortcut"
	SQL            Kind = "sql"
	Executable     Kind = "executable"
	OtherJSON      Kind = "json"
	OtherXML       Kind = "xml"
)

// Words are what people are told of a kind: what it is, and what to do if it can't be read. Where Advice is "", whoever asks knows which files it takes.
type Words struct{ Title, Advice string }

const unpack = "unpack it first, and choose the file in it"

// Words are those of a kind.
func (k Kind) Words() Words {
	words := map[Kind]Words{
		Text:  {Title: "a text file"},
		VCard: {Title: "an address book (vCard)"}, LDIF: {Title: "an address book (LDIF)"},
		FritzBox: {Title: "a FRITZ!Box phone book"}, JFritz: {Title: "JFritz’s phone book"}, Yealink: {Title: "a Yealink phone book"}, Snom: {Title: "a Snom phone book"},
		Gigaset: {Title: "a Gigaset phone book"}, Panasonic: {Title: "a Panasonic phone book"}, Grandstream: {Title: "a Grandstream phone book"},
		Cisco: {Title: "a Cisco phone book"}, Poly: {Title: "a Poly (Polycom) phone book"}, Fanvil: {Title: "a Fanvil phone book"},
		Directory: {Title: "a desk phone’s phone book (XML)"}, MicroSIP: {Title: "MicroSIP’s contacts"},
		PhoneBlock: {Title: "PhoneBlock’s blocklist"}, CallBlocker: {Title: "callblocker’s list"}, SpamBlocker: {Title: "SpamBlocker’s backup"},
		SpamBlockerTable: {Title: "SpamBlocker’s rules"}, YetAnother: {Title: "Yet Another Call Blocker’s blacklist"}, NoPhoneSpam: {Title: "NoPhoneSpam’s blacklist"},
		Fossify:  {Title: "numbers with commas between them, as Fossify exports blocked ones"},
		Database: {Title: "a database (SQLite)"}, Gzip: {"a compressed file (gzip)", unpack},
		RingfenceList:  {"the manifest of a list that Ringfence signs", "subscribe to the list by its address: `ringfence list subscribe`"},
		FritzBoxBackup: {"a FRITZ!Box configuration backup", "in the FRITZ!Box, open Telephony, Phonebook, and export the phone book"},
		FritzBoxCalls:  {"a FRITZ!Box call list", "in the FRITZ!Box, open Telephony, Phonebook, and export the phone book"},
		PhoneMenu:      {"a desk phone’s menu", "the phone books that it leads to have the numbers: choose one of those"},
		WebPage:        {"a web page (HTML)", "download the file itself; a network that asks for a login first sends such a page too"},
		GitLFS:         {"only a pointer to a file (Git LFS)", "download the file itself, for example with “Download” or “View raw” on its page"},
		Excel:          {"a spreadsheet of Excel’s (.xlsx)", "save the sheet as CSV, and choose that file"},
		OldExcel:       {"an old Excel workbook or another old Office file", "save the sheet as CSV, and choose that file"},
		ExcelXML:       {"a spreadsheet of Excel’s (XML)", "save the sheet as CSV, and choose that file"},
		OpenDocument:   {"a spreadsheet or document of LibreOffice’s", "save the sheet as CSV, and choose that file"},
		Word:           {"a Word document (.docx)", "save it as plain text, with one number on each line"},
		RichText:       {"a rich text document (RTF)", "save it as plain text, with one number on each line"},
		Zip:            {"a ZIP file", unpack}, Packed: {"a packed file", unpack}, PDF: {Title: "a PDF"}, Picture: {Title: "a photograph or another picture"}, Sound: {Title: "a sound or a film"},
		Encrypted: {"encrypted", "decrypt it first"}, Signature: {"only a signature", "choose the file that it signs"},
		AndroidBackup: {Title: "a backup of an Android phone"}, PropertyList: {Title: "a property list of Apple’s"}, Feed: {Title: "a news feed"},
		Calendar: {Title: "a calendar"}, Mail: {"an e-mail", "save the file that came with it"}, Shortcut: {"only a link to a page", "open it, and download the file itself"},
		SQL: {"a database’s contents as commands (SQL)", "choose the database itself, or export its table as CSV"}, Executable: {Title: "a program"},
		OtherJSON: {Title: "a JSON file of a kind that Ringfence doesn’t know"}, OtherXML: {Title: "an XML file of a kind that Ringfence doesn’t know"},
	}
	return words[k]
}

// Title is what people call such a file, with its article.
func (k Kind) Title() string { return k.Words().Title }

// Program is what people call the program or phone that writes such files.
func (k Kind) Program() string {
	switch k {
	case FritzBox:
		return "the FRITZ!Box"
	case CallBlocker:
		return "callblocker"
	case SpamBlocker, SpamBlockerTable:
		return "SpamBlocker"
	case Database:
		return "callattendant"
	case YetAnother:
		return "Yet Another Call Blocker"
	case NoPhoneSpam:
		return "NoPhoneSpam"
	case Fossify:
		return "Fossify"
	case JFritz, MicroSIP, PhoneBlock:
		return string(k)
	}
	return "the phone"
}

// IsText says whether a file is a text. People may know better than its first words what it is.
func (k Kind) IsText() bool {
	return !slices.Contains([]Kind{Database, Gzip, Excel, OldExcel, OpenDocument, Word, RichText, Zip, Packed, PDF, Picture, Sound, Encrypted, Executable, AndroidBackup}, k)
}

// Refusal is a sentence that says what a file is and what to do; otherwise is what to do where the kind has no advice of its own.
func (k Kind) Refusal(otherwise string) string {
	words := k.Words()
	if words.Advice != "" {
		otherwise = words.Advice
	}
	return "this is " + words.Title + ": " + otherwise
}

// PhoneBooks are the kinds that are phone books in XML.
func PhoneBooks() []Kind {
	return []Kind{FritzBox, JFritz, Yealink, Snom, Gigaset, Panasonic, Grandstream, Cisco, Poly, Fanvil, Directory, MicroSIP}
}

// IsPhoneBook says whether a file is a phone book in XML.
func (k Kind) IsPhoneBook() bool { return slices.Contains(PhoneBooks(), k) }

// Of says what a file is, by its beginning. It may be cut anywhere.
func Of(head []byte) Kind {
	head = head[:min(len(head), Beginning)]
	if k := byMagic(head); k != Text {
		return k
	}
	text := strings.TrimLeft(asText(head), "\ufeff \t\r\n")
	switch {
	case strings.HasPrefix(text, "<"):
		return ofMarkup(text)
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		return ofJSON(text)
	}
	return byWords(text)
}

// byMagic knows files by their first bytes.
func byMagic(head []byte) Kind {
	for _, of := range []struct {
		magic string
		kind  Kind
	}{
		{"SQLite format 3\x00", Database}, {"\x1f\x8b", Gzip}, {"%PDF", PDF}, {"\xd0\xcf\x11\xe0", OldExcel}, {"{\\rtf", RichText},
		{"BZh", Packed}, {"\xfd7zXZ\x00", Packed}, {"\x28\xb5\x2f\xfd", Packed}, {"7z\xbc\xaf\x27\x1c", Packed}, {"Rar!\x1a\x07", Packed},
		{"\xff\xd8\xff", Picture}, {"\x89PNG", Picture}, {"GIF8", Picture}, {"II*\x00", Picture}, {"MM\x00*", Picture},
		{"ID3\x02", Sound}, {"ID3\x03", Sound}, {"ID3\x04", Sound}, {"OggS", Sound}, {"fLaC", Sound}, {"bplist00", PropertyList}, {"ANDROID BACKUP\n", AndroidBackup},
		{"\x7fELF", Executable}, {"MZ\x90\x00", Executable}, {"Salted__", Encrypted},
	} {
		if bytes.HasPrefix(head, []byte(of.magic)) {
			return of.kind
		}
	}
	at := func(offset int, word string) bool {
		return len(head) > offset && bytes.HasPrefix(head[offset:], []byte(word))
	}
	switch {
	case at(0, "PK\x03\x04"), at(0, "PK\x05\x06"):
		return ofZip(head)
	case at(0, "RIFF") && at(8, "WEBP"), at(4, "ftyphei"), at(4, "ftypmif1"), at(4, "ftypavif"):
		return Picture
	case at(0, "RIFF"), at(4, "ftyp"):
		return Sound
	case at(257, "ustar"):
		return Packed
	}
	return Text
}

// ofZip tells the documents that are ZIP files by the names of the files in them.
func ofZip(head []byte) Kind {
	for _, of := range []struct {
		part string
		kind Kind
	}{
		{"application/vnd.oasis.opendocument", OpenDocument}, {"xl/", Excel}, {"word/", Word}, {"[Content_Types].xml", Excel},
	} {
		if bytes.Contains(head, []byte(of.part)) {
			return of.kind
		}
	}
	return Zip
}

var (
	// addressLine is a line of LDIF that begins an entry (RFC 2849).
	addressLine = regexp.MustCompile(`(?im)^dn::? `)
	// cardLine is a line that only cards have: the first one without its beginning, too. Something that is no text may come before it, such as a byte order
	// mark or the Ctrl-Z of an old system; a quotation mark may not, because a table's cell can have a card in it.
	cardLine = regexp.MustCompile(`(?im)^[^\pL\pN"\r\n]{0,20}(?:BEGIN|END)[ \t]*:[ \t]*VCARD|\A[^\pL\pN"]{0,20}VERSION[ \t]*:[ \t]*(?:2\.1|3\.0|4\.0)[ \t]*\r?$`)
	// header is the first line of an e-mail as it is sent.
	header = regexp.MustCompile(`^(?:(?:Return-Path|Received|Delivered-To|From|To|Subject|Date|Message-ID|MIME-Version|X-[\w-]+): [^\n]*\n(?:[ \t][^\n]*\n)*){3}`)
	// statement is a line of a database's dump.
	statement = regexp.MustCompile(`(?im)^(?:PRAGMA foreign_keys|BEGIN TRANSACTION;|CREATE TABLE |INSERT INTO ["` + "`" + `\w]+ )`)
)

// byWords knows texts by their first words.
func byWords(text string) Kind {
	for _, of := range []struct {
		word string
		kind Kind
	}{
		{"BEGIN:VCARD", VCard}, {"BEGIN:VCALENDAR", Calendar}, {"version https://git-lfs.github.com/", GitLFS}, {"-----BEGIN PGP SIGNATURE", Signature},
		{"untrusted comment: ", Signature}, {"-----BEGIN PGP ", Encrypted}, {"-----BEGIN AGE ", Encrypted}, {"age-encryption.org/", Encrypted}, {"[InternetShortcut]", Shortcut},
	} {
		if len(text) >= len(of.word) && strings.EqualFold(text[:len(of.word)], of.word) {
			return of.kind
		}
	}
	first, _, _ := strings.Cut(text, "\n")
	switch {
	case strings.HasPrefix(first, "**** ") && strings.Contains(first, "CONFIGURATION EXPORT"):
		return FritzBoxBackup
	case strings.HasPrefix(first, "dn:"), strings.HasPrefix(first, "version: 1"), strings.HasPrefix(first, "#") && addressLine.MatchString(text):
		if addressLine.MatchString(text) {
			return LDIF
		}
	case statement.MatchString(first) || strings.HasPrefix(first, "--") && statement.MatchString(text):
		return SQL
	case header.MatchString(text):
		return Mail
	case cardLine.MatchString(strings.ReplaceAll(text, "\r", "\n")):
		return VCard
	}
	return ofLines(text)
}
