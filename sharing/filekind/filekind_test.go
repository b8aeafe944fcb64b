package filekind

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// samples are the beginnings of files as programs write them.
var samples = map[Kind][]string{
	Text: {"", "020 7946 0123\n", "Name,Phone\nAnna,020 7946 0123\n", "[1] 020 7946 0123 is a scam\n", "{x} 020 7946 0123", "From: 1 to 9\n020 7946 0123\n",
		"Date,Name,Number\n1,Anna,020 7946 0123", "dn,number\nx,020 7946 0123", "Number: 020 7946 0123\n", "12:30: x\nAnna, 020\n", "020 7946 0123,Anna", "1,2\n020 7946 0123,2", "# insert into your telephone\n020 7946 0123\n"},
	VCard: {"BEGIN:VCARD\r\nVERSION:3.0\r\n", "\ufeff\r\nbegin:vcard\n", wide("BEGIN:VCARD\r\nVERSION:2.1\r\n"), "\x1a\ufeffBEGIN : VCARD\r", "My friends\r\tBEGIN:VCARD\r",
		"\ufeffVERSION:3.0\r\nFN:x\r\n", "FN:x\nEND:VCARD\n"},
	LDIF:             {"dn: cn=Anna Taylor\nobjectclass: top\n", "dn:: Y249QW5uYQ==\ncn: Anna\n", "version: 1\n\ndn: cn=Anna\n", "# extended LDIF\n#\n# LDAPv3\n\ndn: cn=Anna\n"},
	FritzBox:         {`<?xml version="1.0" encoding="utf-8"?><phonebooks><phonebook owner="1" name="Telefonbuch">`, "<phonebook><contact><category/>", "<?xml version='1.0'?>\n<!-- exported -->\n<phonebooks>", wide("<phonebooks>\n<phonebook>")},
	JFritz:           {"<?xml version=\"1.0\"?><phonebook><comment>Phonebook for JFritz</comment><entry private=\"false\">"},
	Yealink:          {`<YealinkIPPhoneDirectory clearlight="true">`, "<YealinkIPPhoneBook>\n<Title>", "<?xml version=\"1.0\"?>\n<vp_contact>", "<root_group>\n<group display_name=\"All Contacts\"/>", "<root><root_group/><root_contact>"},
	Snom:             {`<tbook e="2" complete="true">`, "<SnomIPPhoneDirectory>", "<settings><phone-settings></phone-settings><tbook>"},
	Gigaset:          {"<!DOCTYPE LocalDirectory>\n<list>\n<entry surname=\"Taylor\"", `<list response="get_list" type="pb" total="1">`, "<GigasetIPPhoneDirectory>"},
	Panasonic:        {"<?xml version=\"1.0\" encoding=\"utf-8\"?> <ppxml xmlns=\"http://panasonic/sip_phone\"\n"},
	Grandstream:      {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AddressBook>\n<pbgroup>"},
	Cisco:            {"<CiscoIPPhoneDirectory><Title>"},
	Poly:             {"<?xml version=\"1.0\" standalone=\"yes\"?>\n<directory>\n  <!-- home -->\n<item_list>"},
	Fanvil:           {"<FanvilIPPhoneDirectory clearlight=\"true\">", "<PhoneDirectory>\n<DirectoryEntry>"},
	Directory:        {"<EltexIPPhoneDirectory>", "<CompanyIPPhoneDirectory clearlight=\"true\">", "<IPPhoneDirectory>"},
	MicroSIP:         {"<?xml version=\"1.0\"?>\n<contacts>\n<contact name=\"Anna\" number=\"02079460123\""},
	PhoneBlock:       {`{"numbers":[{"phone":"+442079460123","votes":4}`, `{"version":42,"numbers":[]}`},
	CallBlocker:      {`{"name": "main", "entries": [ {"name": "Company X", "number": "+442079460123"`, `{"num_entries":1,"entries":[{"number":""}]}`},
	SpamBlocker:      {`{"global":{"enabled":true},"historyOptions":{}`, `{"spamNumbers":{"numbers":[{"id":1,"peer":"02079460123"}]}}`},
	SpamBlockerTable: {"pattern,description,priority,isBlacklist\n442079460123,x,1,true\n", "description,pattern,priority\nx,442079460123,1\n"},
	YetAnother:       {"ID,name,pattern,creationTimestamp,numberOfCalls,lastCallTimestamp\n1,Spammer,+442079460123,1600000000000,3,\n"},
	NoPhoneSpam:      {"+442079460123: Windows\n0909*: \n", "020 7946 0123: x"},
	Fossify:          {"02079460123,01614960123", "+442079460123, +441614960123\n", strings.Repeat("+442079460123,", 3000)},
	Database:         {"SQLite format 3\x00\x10\x00"},
	Gzip:             {"\x1f\x8b\x08\x00"},

	RingfenceList:  {`{"format": "ringfence-list/1", "name": "Great Dunmow"`},
	FritzBoxBackup: {"**** FRITZ!Box 7590 CONFIGURATION EXPORT\nPassword=$$$$X\n", "**** FRITZ!Box Fon WLAN 7390 CONFIGURATION EXPORT\r\n"},
	FritzBoxCalls:  {"<?xml version=\"1.0\"?>\n<root>\n<timestamp>1</timestamp><Call><Id>1</Id>"},
	PhoneMenu:      {"<YealinkIPPhoneMenu>", "<CiscoIPPhoneMenu>"},
	WebPage: {"<!DOCTYPE html>\n<html>", "<!doctype HTML PUBLIC \"-//W3C//DTD\">", "  <HTML><body>", "<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"x\"><html xmlns=\"x\">",
		"<!-- login -->\n<head>", "<script>location='/login'</script>", "<title>Log in</title>", "\ufeff<html>", wide("<!DOCTYPE html>\n<html>"), "<h1>502 Bad Gateway</h1>"},
	GitLFS:       {"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"},
	Excel:        {"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", "PK\x03\x04\x14\x00\x00\x00xl/workbook.xml"},
	OldExcel:     {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
	ExcelXML:     {"<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook"},
	OpenDocument: {"PK\x03\x04\x14\x00mimetypeapplication/vnd.oasis.opendocument.spreadsheet"},
	Word:         {"PK\x03\x04\x14\x00[Content_Types].xml...word/document.xml"},
	RichText:     {"{\\rtf1\\ansi"},
	Zip:          {"PK\x03\x04\x14\x00contacts.vcf", "PK\x05\x06\x00\x00"},
	Packed:       {"BZh91AY", "\xfd7zXZ\x00", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07\x01", "list.csv" + strings.Repeat("\x00", 249) + "ustar"},
	PDF:          {"%PDF-1.4"},
	Picture:      {"\xff\xd8\xff\xe0", "\x89PNG\r\n", "GIF89a", "RIFF\x00\x00\x00\x00WEBPVP8", "\x00\x00\x00\x18ftypheic"},
	Sound:        {"RIFF\x00\x00\x00\x00WAVEfmt ", "ID3\x03", "\x00\x00\x00\x18ftypM4A "},
	Encrypted:    {"-----BEGIN PGP MESSAGE-----\n", "age-encryption.org/v1\n", "Salted__abc"},
	Signature:    {"untrusted comment: signature from minisign\n", "-----BEGIN PGP SIGNATURE-----"},

	AndroidBackup: {"ANDROID BACKUP\n5\n"}, PropertyList: {"bplist00\xd4", "<?xml version=\"1.0\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"x\">\n<plist version=\"1.0\">"},
	Feed: {"<?xml version=\"1.0\"?><rss version=\"2.0\">"}, Calendar: {"BEGIN:VCALENDAR\r\n"},
	Mail:     {"Return-Path: <a@example.org>\nReceived: from x\n\tby y\nSubject: list\n"},
	Shortcut: {"[InternetShortcut]\r\nURL=https://example.org/list.csv\r\n"},
	SQL:      {"BEGIN TRANSACTION;\nDROP TABLE IF EXISTS `Whitelist`;\n", "-- dump\n\nCREATE TABLE x (y);\n", "PRAGMA foreign_keys=OFF;\n"},

	Executable: {"\x7fELF\x02"},
	OtherJSON:  {`{"error":"not found"}`, `[]`, `{}`, `[{"number":1}]`, `{"message":"API rate limit exceeded`, `{"a":[{"entries":[{"number":1}]}]}`},
	OtherXML:   {"<?xml version=\"1.0\"?><calls count=\"2\">", "<x", "<list><book/></list>", "<svg:svg>"},
}

// wide is a text in UTF-16 with a byte order mark.
func wide(text string) string {
	all := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		all = append(all, byte(unit), byte(unit>>8))
	}
	return string(all)
}

func TestWhatAFileIs(t *testing.T) {
	for kind, all := range samples {
		for _, text := range all {
			if got := Of([]byte(text)); got != kind {
				t.Errorf("%q is %q, and not %q", text, got, kind)
			}
		}
	}
}

// Every kind has words, and a sample.
func TestEveryKindHasWords(t *testing.T) {
	source, err := os.ReadFile("filekind.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), " Kind = \""); n != len(samples) {
		t.Errorf("there are %d kinds, and samples of %d", n, len(samples))
	}
	for kind := range samples {
		sentence := kind.Refusal("choose another file")
		if title := kind.Title(); title == "" || !strings.HasPrefix(sentence, "this is "+title+": ") || strings.HasSuffix(sentence, ": ") {
			t.Errorf("%s: %s", kind, sentence)
		}
	}
	if got := PDF.Refusal("choose a CSV"); got != "this is a PDF: choose a CSV" {
		t.Error(got)
	}
	for _, kind := range PhoneBooks() {
		if !kind.IsPhoneBook() || slices.Contains([]Kind{Text, VCard, WebPage}, kind) {
			t.Error(kind)
		}
	}
}

// Whatever a file begins with, it is something, wherever it is cut; a document type with much in it costs no time.
func FuzzOf(f *testing.F) {
	for _, all := range samples {
		for _, text := range all {
			f.Add([]byte(text))
		}
	}
	f.Add([]byte("<!DOCTYPE x [" + strings.Repeat("<!ENTITY a \"&b;\">", 800)))
	f.Fuzz(func(t *testing.T, head []byte) {
		if kind := Of(head); kind.Title() == "" {
			t.Errorf("%q has no title", kind)
		}
	})
}
