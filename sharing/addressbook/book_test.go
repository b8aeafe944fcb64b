package addressbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"ringfence/screening"
	"ringfence/sharing/filekind"
	"ringfence/store"
)

func read(t *testing.T, text string) Book {
	t.Helper()
	book, err := Read(strings.NewReader(text), british)
	if err != nil {
		t.Fatalf("%v of %q", err, text)
	}
	return book
}

// brief writes rows in one line each: line, name, numbers with their lines, notes.
func brief(rows []Row) string {
	var all []string
	for _, r := range rows {
		text := fmt.Sprintf("%d %s", r.Line, r.Name)
		for _, n := range r.Numbers {
			text += fmt.Sprintf(" [%d %s]", n.Line, n.Text)
		}
		if r.Notes != "" {
			text += fmt.Sprintf(" {%s}", strings.ReplaceAll(r.Notes, "\n", "|"))
		}
		all = append(all, text)
	}
	return strings.Join(all, "\n")
}

func card(lines ...string) string {
	return "BEGIN:VCARD\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCARD\r\n"
}

var photograph = "PHOTO;ENCODING=b;TYPE=JPEG:" + strings.ReplaceAll(strings.Repeat("x", 30_000), strings.Repeat("x", 75), strings.Repeat("A", 74)+"\r\n ") + "\r\n"

// british is how the tests' tables are read.
var british = Options{Region: "GB"}

func TestReadingCards(t *testing.T) {
	for what, test := range map[string][2]string{
		"an iPhone's": {
			card("VERSION:3.0", "PRODID:-//Apple Inc.//iPhone OS 18.1//EN", "N:Smith;Joan;;Dr;", "FN:Dr Joan Smith", "ORG:Elm Surgery;",
				"item1.TEL;type=pref:020 7946 0001", "item1.X-ABLabel:_$!<HomePage>!$_", "TEL;type=CELL;type=VOICE:07700 900123",
				"NOTE:Rings on Sundays\\,\\nmostly\\; not always", photograph+"CATEGORIES:friends"),
			"1 Dr Joan Smith [7 020 7946 0001] [9 07700 900123] {Elm Surgery|Rings on Sundays,|mostly; not always}",
		},
		"an old Android's (2.1)": {
			card("VERSION:2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg=20=", "Peter;;;", "TEL;CELL:+447700900123", "TEL;HOME;VOICE:020-7946-0001",
				"NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0Atwo=3B three", "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJ", " RgABAQ", ""),
			"1 Jörg Peter Müller [5 +447700900123] [6 020-7946-0001] {one|two; three}",
		},
		"version 4.0": {
			card("VERSION:4.0", "FN:Arthur", `TEL;VALUE=uri;PREF=1;TYPE="voice,home":tel:+44-20-7946-0001;ext=12`, "TEL:07700 900123"),
			"1 Arthur [4 tel:+44-20-7946-0001;ext=12] [5 07700 900123]",
		},
		"Latin-1 that says so": {
			card("VERSION:2.1", "FN;CHARSET=ISO-8859-1:Ren\xe9e", "TEL:020 7946 0001"), "1 Renée [4 020 7946 0001]",
		},
		"Latin-1 that does not": {card("VERSION:3.0", "FN:Ren\xe9e \x96 Fa\xe7ade", "TEL:020 7946 0001"), "1 Renée – Façade [4 020 7946 0001]"},
		"quoted-printable Cyrillic": {
			card("VERSION:2.1", "FN;CHARSET=windows-1251;ENCODING=QUOTED-PRINTABLE:=CE=EB=FF", "TEL:020 7946 0001"), "1 Оля [4 020 7946 0001]",
		},
		"without FN, without N": {
			card("VERSION:3.0", "ORG:Elm Surgery;Reception", "TEL:1") + card("VERSION:3.0", "FN:", "NICKNAME:Bob", "TEL:2") + card("VERSION:3.0", "EMAIL:a@example.org", "TEL:3") + card("TEL:4"),
			"1 Elm Surgery, Reception [4 1]\n6 Bob [10 2]\n12 a@example.org [15 3]\n17  [18 4]",
		},
		"escaped semicolons in a name":    {card("VERSION:3.0", `N:Smith\; Sons;Joan;;;`, "TEL:1"), "1 Joan Smith; Sons [4 1]"},
		"lower case, and folded by a tab": {"begin:vcard\nversion:3.0\nfn:Jo\n\tan\ntel;type=home:020\n  7946 0001\nend:vcard\n", "1 Joan [5 020 7946 0001]"},
		"CR alone":                        {strings.ReplaceAll(card("FN:Joan", "TEL:1"), "\r\n", "\r"), "1 Joan [3 1]"},
		"CRCRLF":                          {strings.ReplaceAll(card("FN:Joan", "TEL:1"), "\r\n", "\r\r\n"), "1 Joan [3 1]"},
		"a card within a card":            {card("FN:Joan", "AGENT:", "BEGIN:VCARD", "FN:Secretary", "TEL:2", "END:VCARD", "TEL:1"), "1 Joan [8 1]\n4 Secretary [6 2]"},
		"no end":                          {"BEGIN:VCARD\nFN:Joan\nTEL:1\nBEGIN:VCARD\nFN:Arthur\nTEL:2\nEND:VCARD", "1 Joan [3 1]\n4 Arthur [6 2]"},
		"rubbish between":                 {"\ufeff\n" + card("FN:Joan", "rubbish", "::", ";;;:x", "TEL;", "TEL", "TEL;X=\"a:1", "TEL:1") + "rubbish\n" + card("FN:Arthur", "TEL:2"), "2 Joan [10 1]\n13 Arthur [15 2]"},
		"a group":                         {card("FN:Family", "X-ADDRESSBOOKSERVER-KIND:group"), "1 Family"},
	} {
		if got := brief(read(t, test[0]).Rows); got != test[1] {
			t.Errorf("%s:\n%s\nnot\n%s", what, got, test[1])
		}
	}
	whole := card("FN:Renée", "TEL:1")
	for _, order := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
		for _, mark := range []unicode.BOMPolicy{unicode.UseBOM, unicode.IgnoreBOM} {
			text, err := unicode.UTF16(order, mark).NewEncoder().String(whole)
			if got := brief(read(t, text).Rows); err != nil || got != "1 Renée [3 1]" {
				t.Errorf("UTF-16, %v, %v: %q %v", order, mark, got, err)
			}
		}
	}
}

// A file that was cut off keeps what is in it, and says so with the line.
func TestCutOffCards(t *testing.T) {
	book := read(t, card("FN:Joan", "TEL:1")+"BEGIN:VCARD\r\nFN:Arthur\r\nTEL:2\r\nNOTE:x")
	if brief(book.Rows) != "1 Joan [3 1]\n5 Arthur [7 2] {x}" || len(book.Refused) != 1 || book.Refused[0].Line != 5 {
		t.Errorf("%s\n%v", brief(book.Rows), book.Refused)
	}
}

func TestReadingTables(t *testing.T) {
	for what, test := range map[string][2]string{
		"Google since 2024": {
			"First Name,Middle Name,Last Name,Phonetic First Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\r\n" +
				"Joan,,Smith,,Dr,,,,Elm Surgery,,,\"two\r\nlines, \"\"quoted\"\"\",,* myContacts,* Home,joan@example.org,Mobile,+44 7700 900123,Home,020 7946 0001 ::: 020 7946 0002\r\n" +
				",,,,,,,,Vet,,,,,,,,Work,020 7946 0003,,\r\n",
			"2 Dr Joan Smith [2 +44 7700 900123] [2 020 7946 0001] [2 020 7946 0002] {Elm Surgery|two|lines, \"quoted\"}\n4 Vet [4 020 7946 0003]",
		},
		"Google before": {
			"Name,Given Name,Additional Name,Family Name,Notes,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value\nJoan Smith,Joan,,Smith,,,Mobile,07700 900123\n",
			"2 Joan Smith [2 07700 900123]",
		},
		"Outlook": {
			`"Title","First Name","Middle Name","Last Name","Suffix","Company","Business Fax","Business Phone","Home Phone","Home Phone 2","Mobile Phone","Account","E-mail Address","Government ID Number","Notes"` + "\r\n" +
				`"Dr","Joan","","Smith","","Elm Surgery","","0116 496 0123","020 7946 0001","","07700 900123","4711","joan@example.org","12345","x"` + "\r\n",
			"2 Dr Joan Smith [2 0116 496 0123] [2 020 7946 0001] [2 07700 900123] {Elm Surgery|x}",
		},
		"German, with semicolons": {"\ufeffName;Vorname;Telefon privat;Mobiltelefon\nMüller;Jörg;030 123456;0171 1234567\n", "2 Jörg Müller [2 030 123456] [2 0171 1234567]"},
		"French":                  {"Nom;Prénom;Téléphone;Portable\nDupont;Renée;01 99 00 12 34;\n", "2 Renée Dupont [2 01 99 00 12 34]"},
		"Latin-1":                 {"Name;Phone\nRen\xe9e;020 7946 0001\n", "2 Renée [2 020 7946 0001]"},
		"name,number":             {"name,number\nJoan,020 7946 0001\n\n,07700 900123\n", "2 Joan [2 020 7946 0001]\n4  [4 07700 900123]"},
		"tabs":                    {"Contact\tTel.\tComments\nJoan\t020 7946 0001\tsister\n", "2 Joan [2 020 7946 0001] {sister}"},
		"no header":               {"Joan,020 7946 0001,07700 900123,sister\nArthur;x,07700 900124", "1 Joan [1 020 7946 0001] [1 07700 900123] {sister}\n2 Arthur;x [2 07700 900124]"},
		"a name like a heading":   {"Mobile hairdresser,07700 900123\nJoan,020 7946 0001\n", "1 Mobile hairdresser [1 07700 900123]\n2 Joan [2 020 7946 0001]"},
		"Excel's way to say it":   {"sep=;\nName;Phone\nJoan;=\"02079460001\"\n", "3 Joan [3 02079460001]"},
		"one number a line":       {"020 7946 0001\n07700 900123", "1  [1 020 7946 0001]\n2  [2 07700 900123]"},
	} {
		if got := brief(read(t, test[0]).Rows); got != test[1] {
			t.Errorf("%s:\n%s\nnot\n%s", what, got, test[1])
		}
	}
}

// One wrong quotation mark costs one line, not the rest of the file.
func TestQuotationMarksThatDoNotMatch(t *testing.T) {
	book := read(t, "name,number\nPeter \"Pit\" Smith,020 7946 0001\n\"Joan,07700 900123\nArthur,07700 900124\nVet,07700 900125\n")
	got := brief(book.Rows)
	for _, want := range []string{"2 Peter \"Pit\" Smith [2 020 7946 0001]", "4 Arthur [4 07700 900124]", "5 Vet [5 07700 900125]"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nhas no %s", got, want)
		}
	}
}

func TestWhatIsNoAddressBook(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "there is nobody in this file",
		"\n\n":                                 "there is nobody in this file",
		"PK\x03\x04rest":                       "this is a ZIP file: unpack it first",
		"%PDF-1.7":                             "PDF",
		"\xff\xd8\xff\xe0":                     "photograph",
		"<!DOCTYPE html><html>404":             "web page",
		"name,town,birthday\nJoan,Leeds,1 May": "No column is certain to have phone numbers. These are there: “name” (column 1, no phone numbers, such as Joan); “town”",
		"hello\nworld\n":                       "(the first reason: line 1: it has no phone number)",
		"Joan," + strings.Repeat("x,", 5000):   "not a line of a table",
	} {
		if _, err := Read(strings.NewReader(text), british); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: %v", text, err)
		}
	}
	broken := errors.New("the line is down")
	if _, err := Read(io.MultiReader(strings.NewReader(card("FN:x", "TEL:1")), failing{broken}), british); !errors.Is(err, broken) {
		t.Errorf("a file that cannot be read to its end: %v", err)
	}
}

// Nor is what is larger than anybody's.
func TestWhatIsTooLargeForAnAddressBook(t *testing.T) {
	if testing.Short() {
		t.Skip("it only computes, and takes long: it runs without -short")
	}
	if _, err := Read(io.MultiReader(strings.NewReader("BEGIN:VCARD\nPHOTO:"), io.LimitReader(endless{}, MaxFile)), british); err == nil || !strings.Contains(err.Error(), "larger than 50 MB") {
		t.Error(err)
	}
	if _, err := Read(strings.NewReader(strings.Repeat(card("FN:x", "TEL:1"), MaxRows+1)), british); err == nil || !strings.Contains(err.Error(), "more than 20000 people") {
		t.Error(err)
	}
	if _, err := Read(strings.NewReader("BEGIN:VCARD\n"+strings.Repeat("\n", maxLines)), british); err == nil || !strings.Contains(err.Error(), "more than 2000000 lines") {
		t.Error(err)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return copy(b, bytes.Repeat([]byte("A"), len(b))), nil }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// A telephone's whole address book, photographs and all, is read in a moment: also one photograph of many megabytes.
func TestReadingAWholeTelephone(t *testing.T) {
	if testing.Short() {
		t.Skip("it only computes, and takes long: it runs without -short")
	}
	folded := func(bytes int) string { return strings.Repeat("\r\n "+strings.Repeat("A", 74), bytes/75) }
	var file strings.Builder
	for i := range 5000 {
		size := 2000
		if i == 0 {
			size = 20 << 20
		}
		file.WriteString(card("VERSION:3.0", fmt.Sprintf("FN:Somebody %d", i), fmt.Sprintf("TEL;type=CELL:07701 9%05d", i), "PHOTO;ENCODING=b;TYPE=JPEG:"+folded(size)))
	}
	began := busy(t)
	book := read(t, file.String())
	plan := Make(book, house())
	took := busy(t) - began
	t.Logf("%d MB took %v of processor time", file.Len()>>20, took)
	if plan.Count(New) != 5000 || took > 20*time.Second { // one or two, and some more with the race detector
		t.Errorf("%d new contacts in %v", plan.Count(New), took)
	}
}

// busy is how long the processor has worked for this program, which other programs do not make longer.
func busy(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano())
}

// What is exported comes back as it was, whatever is in it, and no spreadsheet takes it for a formula.
func TestExportAndImport(t *testing.T) {
	contacts := []store.Contact{
		{Name: "Joan Smith", Numbers: []screening.Number{"+442079460001", "+447700900123", "+12015550123"}, Notes: "Sister.\n\nRings; on Sundays, mostly \\n"},
		{Name: `=HYPERLINK("http://x";"y")`, Numbers: []screening.Number{"+33199001234"}, Notes: "@SUM(1)\n-2"},
		{Name: "'=already", Numbers: []screening.Number{"+442079460003"}, Notes: "'quoted'"},
		{Name: `"><script>alert(1)</script>`, Numbers: []screening.Number{"+442079460004"}, Notes: "+44"},
		{Name: "Ü; Söhne, Müller\\", Numbers: []screening.Number{"+442079460005"}, Notes: strings.Repeat("é日", 300)},
		{Name: "\"", Numbers: []screening.Number{"+442079460006"}, Notes: "=\"x\""},
		{Name: "＝1+1", Numbers: []screening.Number{"+442079460008"}, Notes: "｜x"},
		{Name: "|cmd /c calc", Numbers: []screening.Number{"+442079460009"}, Notes: "＋1"},
		{Name: "1571 service", Numbers: []screening.Number{"1571"}},
		{Name: "Marie", Numbers: []screening.Number{"+442079460007"}, Language: "fr-FR"},
	}
	for form, write := range map[string]func(io.Writer) error{
		"vCard": func(w io.Writer) error { return WriteVCard(w, contacts) },
		"CSV":   func(w io.Writer) error { return WriteCSV(w, contacts, "GB") },
	} {
		var file bytes.Buffer
		if err := write(&file); err != nil {
			t.Fatal(err)
		}
		book := read(t, file.String())
		if book.Form != form {
			t.Errorf("%s was read as %s", form, book.Form)
		}
		plan := Make(book, Household{Region: "GB", Language: "en-GB", Languages: []string{"en-GB", "en-US", "fr-FR"}})
		if back := plan.Contacts(); !reflect.DeepEqual(back, contacts) || len(plan.Refusals()) > 0 {
			t.Errorf("%s:\n%+v\nnot\n%+v\n%v", form, back, contacts, plan.Refusals())
		}
		for _, line := range strings.Split(file.String(), "\r\n") {
			if form == "vCard" && len(line) > maxFolded {
				t.Errorf("a line of %d bytes: %s", len(line), line)
			}
			if form == "CSV" {
				for _, cell := range strings.Split(line, ",") {
					if cell = strings.TrimLeft(cell, "\"\ufeff"); cell != "" && strings.IndexAny(cell, "=+-@|\t＝＋－＠｜") == 0 && !strings.HasPrefix(line, "-2") {
						t.Errorf("%q begins like a formula in %q", cell, line)
					}
				}
			}
		}
	}
}

func FuzzVCard(f *testing.F) {
	f.Add([]byte(card("VERSION:2.1", "N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=C3=BC=", ";x", "TEL;CELL:1", "PHOTO;ENCODING=b:AAAA", " AAAA", "")))
	f.Add([]byte(card("FN:x", "AGENT:", "BEGIN:VCARD", "END:VCARD", `TEL;TYPE="a:b",c:1`)))
	f.Add([]byte("END:VCARDBEGIN:VCARD\nAGENT:BEGIN:VCARD\\nFN:x\n\x1aEND:VCARD\n\ufeffBEGIN:VCARD\n x\n  END:VCARD\nBEGIN:VCARD\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		text = append([]byte("BEGIN:VCARD\r\n"), text...)
		fuzz(t, text)
		// Every card is read, or named.
		cards := 0
		for _, line := range bytes.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
			if string(line) == beginCard {
				cards++
			}
		}
		if book, err := Read(bytes.NewReader(text), british); err == nil && len(book.Rows)+len(book.Refused) < cards && !bytes.Contains(text[:min(len(text), filekind.Beginning)], []byte{0}) {
			t.Errorf("%d of %d cards: %s %v", len(book.Rows), cards, brief(book.Rows), book.Refused)
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("Name;Phone 1 - Value\n\"Joan \"\"x\"\"\nSmith\";020 7946 0001 ::: 2\n\"\n"))
	f.Add([]byte("sep=\t\n\"=x\",'=1\n"))
	f.Add([]byte("\xff\xfea\x00,\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if !bytes.Contains(bytes.ToUpper(text), []byte(beginCard)) {
			fuzz(t, text)
		}
	})
}

// fuzz: whatever is in a file, rows and refusals have lines of it, and what is planned can be kept.
func fuzz(t *testing.T, text []byte) {
	book, err := Read(bytes.NewReader(text), british)
	if err != nil {
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("no plain sentence: %v", err)
		}
		return
	}
	ends := 1 + bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r"))
	last := 0
	for _, row := range book.Rows {
		if row.Line <= last || row.Line > ends {
			t.Fatalf("a row on line %d, after %d of %d", row.Line, last, ends)
		}
		last = row.Line
		for _, n := range row.Numbers {
			if n.Line < row.Line || n.Line > ends {
				t.Fatalf("a number on line %d of a row on %d", n.Line, row.Line)
			}
		}
	}
	plan := Make(book, house())
	if len(plan.Steps) != len(book.Rows) {
		t.Fatalf("%d steps of %d rows", len(plan.Steps), len(book.Rows))
	}
	checkPlan(t, plan)
	var file bytes.Buffer
	if err := errors.Join(WriteVCard(&file, plan.Contacts()), WriteCSV(&file, plan.Contacts(), "GB")); err != nil {
		t.Fatal(err)
	}
}

func TestCharsets(t *testing.T) {
	text, err := charmap.ISO8859_2.NewEncoder().String("BEGIN:VCARD\nFN;CHARSET=ISO-8859-2:Łukasz\nTEL:1\nEND:VCARD\n")
	if got := brief(read(t, text).Rows); err != nil || got != "1 Łukasz [3 1]" {
		t.Errorf("%q %v", got, err)
	}
}

// Notes that fill a whole file are refused before they fill the memory.
func TestTooMuchText(t *testing.T) {
	one := card("FN:x", "TEL:1", "NOTE:"+strings.Repeat("x", 7000))
	if _, err := Read(strings.NewReader(strings.Repeat(one, 1300)), british); err == nil || !strings.Contains(err.Error(), "more than 8 MB of names and notes") {
		t.Error(err)
	}
}
