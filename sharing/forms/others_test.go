package forms

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/unicode"

	"ringfence/sharing/addressbook"
	"ringfence/sharing/phoneblock"
	"ringfence/store/lists"
)

// now is when the complaints of the tests are read.
var now = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// samples are a list of each form, with the two numbers of want in it.
var samples = []struct {
	name, region string
	form         Form
	text         string
	refused      int
	want         string // digits and notes
}{
	{"callattendant", "GB", CSV, "PhoneNo,Name,Reason\n02079460666,Steve,says Microsoft\n01614960666,,\n", 0,
		"442079460666 says Microsoft; 441614960666"},
	{"FreePBX's blacklist", "GB", CSV, "number,description\n02079460666,\"Steve, again\"\n01614960666,\n", 0, "442079460666 Steve, again; 441614960666"},
	{"a heading of its own", "GB", CSV, "Caller ID;Comment\n020 7946 0666;x\n0161 496 0666;y\n", 0, "442079460666 x; 441614960666 y"},
	{"two numbers a row", "GB", CSV, "Name,Home Phone,Mobile\nSteve,02079460666,0161 496 0666\n", 0, "442079460666 Steve; 441614960666 Steve"},
	{"how many there were", "GB", CSV, "Phone,Number of complaints\n02079460666,12345678901\n01614960666,3\n", 0, "442079460666; 441614960666"},
	{"a table without a header", "GB", CSV, "02079460666,phone scam\n01614960666,bank\n", 0, "442079460666 phone scam; 441614960666 bank"},
	{"Excel's quotes", "GB", CSV, "Phone Number,Note\n\"=\"\"02079460666\"\"\",x\n'01614960666,y\n", 0, "442079460666 x; 441614960666 y"},
	{"a German table in Latin-1", "GB", CSV, "Rufnummer;Bezeichnung;Grund\r\n02079460666;M\xfcller;Gewinnspiel M\xfcller\r\n01614960666;;\r\n", 0,
		"442079460666 Gewinnspiel Müller; 441614960666"},
	{"a French table", "GB", CSV, "Numéro de téléphone;Nom;Motif\n02079460666;Arnaque;démarchage\n01614960666;;\n", 0, "442079460666 démarchage; 441614960666"},
	{"an American table", "GB", CSV, "\"Phone Number\",\"Caller Name\",\"Date\"\n\"020-7946-0666\",\"SCAM LIKELY\",\"11/02/2026\"\n01614960666,,\n", 0,
		"442079460666 SCAM LIKELY; 441614960666"},
	{"headings that nobody knows", "GB", CSV, "Numer;Od kogo\n02079460666;x\n01614960666;y\n", 0, "442079460666 x; 441614960666 y"},
	{"a title above the headings", "GB", CSV, "Our list of scam callers\n\nNumber,Note\n02079460666,x\n01614960666,y\n", 1, "442079460666 x; 441614960666 y"},
	{"a line under a title", "GB", Plain, "Our list\n02079460666\n01614960666\n", 1, "442079460666; 441614960666"},
	{"a note of several lines", "GB", CSV, "Number,Note\n02079460666,\"says\n\nMicrosoft, \"\"Windows\"\"\n\"\n01614960666,y\n", 0,
		"442079460666 says Microsoft, \"Windows\"; 441614960666 y"},
	{"quotes without an end", "GB", CSV, "Number,Note\n02079460666,x\n01614960777,\"y\n01614960666,y\n0161496\"0667,y\n", 2, "442079460666 x; 441614960666 y"},
	{"lines that end with CR", "GB", CSV, "Number,Note\r02079460666,x\r01614960666,y\r", 0, "442079460666 x; 441614960666 y"},
	{"one a line", "GB", Plain, "02079460666\n01614960666 # bank\n", 0, "442079460666; 441614960666"},
	{"vCard", "GB", VCard, "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Scam\r\nTEL;TYPE=VOICE:+442079460666\r\nTEL:0161 496 0666\r\nTEL:999\r\nEND:VCARD\r\n" +
		"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Nobody\r\nEND:VCARD\r\n", 2, "442079460666 Scam; 441614960666 Scam"},
	{"NCID's aliases", "US", NCIDAlias, "# set aliases\nalias NAME * = \"TELEMARKETER\" if 2015550123\nalias NMBR \"2015550124\" = \"SPAM CALLER\"\n" +
		"alias NAME * = \"John on CELL\" if 4075551212\nalias LINE - = POTS\nalias OUT-OF-AREA = UNAVAILABLE\n", 3,
		"12015550123 TELEMARKETER; 12015550124 SPAM CALLER"},
	{"NCID's blacklist", "US", NCIDBlacklist, "# Last modified by NCID\n2015550123 2015550124 #= Card services\n\"CREDIT CARD\"\n", 1,
		"12015550123 Card services; 12015550124 Card services"},
	{"NCID's beginnings", "US", NCIDBlacklist, "^1201555\n\"^19005550\" # dear\n^2015550123$ ^[29]00\n", 1, "1201555*; 19005550*; 12015550123"},
	{"NCID's beginnings in Britain", "GB", NCIDBlacklist, "^01632960 ^08005551\n^01632960123\n^01632960$\n", 0, "441632960*; 448005551*; 441632960123; 441632960"},
	{"Asterisk's database", "GB", AstDB, "/SIP/Registry/x                                   : y\n" +
		"/blacklist/02079460666                            : says Microsoft\n/blacklist/+441614960666                          : 1\n" +
		"/blacklist/blocked                                : 1\n4 results found.\n", 2, "442079460666 says Microsoft; 441614960666"},
	{"commands for it", "GB", AstDB, "database put blacklist 02079460666 \"says Microsoft\"\ndatabase put blacklist 01614960666 1\ndatabase put cidname 1 x\n", 1,
		"442079460666 says Microsoft; 441614960666"},
	{"the FTC's complaints", "GB", FTC, "Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,Consumer_Area_Code,Subject,Recorded_Message_Or_Robocall\n" +
		"2015550124,2026-11-24 09:00:00,2026-11-23 17:20:00,Newark,New Jersey,201,Computer & technical support,N\n" +
		"2015550123,2026-11-24 09:00:00,2026-11-24 08:00:00,\"Reno, NV\",Nevada,775,\"Reducing your debt (credit cards, mortgage, student loans)\",Y\n" +
		",2026-11-24,,,,,Other,N\n", 1,
		"12015550123 1 complaint to the FTC, the last of 2026-11-24, 1 about a recording; 12015550124 1 complaint to the FTC, the last of 2026-11-23"},
	{"the FCC's complaints", "US", FCC, "Ticket ID,Ticket Created,Date of Issue,Time of Issue,Form,Method,Issue,Caller ID Number,Type of Call or Messge,Advertiser Business Number,City,State,Zip,Location (Center point of the Zip Code)\n" +
		"7000001,11/24/2026 09:15:00 AM +0000,11/23/2026,8:30 AM,Phone,Wired,Unwanted Calls,201-555-0124,Live Voice,201-555-0199,Newark,NJ,07101,\"NJ 07101\n(40.7, -74.1)\"\n" +
		"7000002,11/24/2026 09:15:00 AM +0000,11/24/2026,,Phone,Wireless (cell phone/other mobile device),Robocalls,201-555-0123,Prerecorded Voice,,Reno,NV,89501,\n" +
		"7000003,11/24/2026 09:15:00 AM +0000,11/24/2026,,Internet,,Billing,,,201-555-0198,,,,\n", 1,
		"12015550123 1 complaint to the FCC, the last of 2026-11-24, 1 about a recording; 12015550124 1 complaint to the FCC, the last of 2026-11-23"},
	{"the FCC's complaints, by its interface", "US", FCC, "\"id\",\"issue_date\",\"issue_time\",\"issue_type\",\"method\",\"issue\",\"caller_id_number\",\"type_of_call_or_messge\",\"advertiser_business_phone_number\",\"state\"\n" +
		"\"1\",\"2026-11-23T00:00:00.000\",\"8:30 AM\",\"Phone\",\"Wired\",\"Unwanted Calls\",\"201-555-0124\",\"Live Voice\",\"201-555-0199\",\"NJ\"\n" +
		"\"2\",\"2026-11-24T00:00:00.000\",\"\",\"Phone\",\"Wired\",\"Unwanted Calls\",\"201-555-0123\",\"Robocall\",\"\",\"NV\"\n", 0,
		"12015550123 1 complaint to the FCC, the last of 2026-11-24, 1 about a recording; 12015550124 1 complaint to the FCC, the last of 2026-11-23"},
	{"PhoneBlock's blocklist", "GB", PhoneBlock, `{"numbers":[{"phone":"+442079460666","rating":"G_FRAUD","votes":4},{"phone":"+441614960666","rating":"C_PING","votes":1,"more":[1]},` +
		`{"phone":"+442079460667","rating":"A_LEGITIMATE","votes":9},{"phone":"+442079460668","rating":"G_FRAUD","votes":0}],"version":42}`, 2,
		"442079460666 PhoneBlock: 4 votes; 441614960666 PhoneBlock: 1 vote"},
}

func readAs(form Form, region, text string) (*Import, []lists.Entry, error) {
	i := &Import{Region: region, Form: form, Now: now}
	var all []lists.Entry
	for e, err := range i.Entries(strings.NewReader(text)) {
		if err != nil {
			return i, all, err
		}
		all = append(all, e)
	}
	return i, all, nil
}

func inWords(entries []lists.Entry) string {
	var all []string
	for _, e := range entries {
		digits := e.Digits
		if e.Prefix {
			digits += "*"
		}
		all = append(all, strings.TrimSpace(digits+" "+e.Note))
	}
	return strings.Join(all, "; ")
}

// Each form is told by its contents, and read.
func TestEveryFormIsTold(t *testing.T) {
	seen := map[Form]bool{}
	for _, s := range samples {
		i, all, err := readAs("", s.region, s.text)
		if got := inWords(all); err != nil || got != s.want || i.Refused != s.refused || i.Form != s.form {
			t.Errorf("%s is %s, not %s, with %d refused, not %d:\n%s\nand not\n%s\n%v %v", s.name, i.Form, s.form, i.Refused, s.refused, got, s.want, i.Refusals, err)
		}
		if _, again, err := readAs(s.form, s.region, s.text); err != nil || inWords(again) != s.want {
			t.Errorf("%s, when said: %s %v", s.name, inWords(again), err)
		}
		seen[s.form] = true
	}
	for _, form := range Forms() {
		if !seen[form] || form.Title() == string(form) {
			t.Errorf("%s has no sample or no title", form)
		}
	}
}

// A quotation mark without an end costs its own line and no other, and each line is refused under its own number.
func TestLinesBehindAQuotationMark(t *testing.T) {
	i, all, err := readAs(CSV, "GB", "Number,Note\n02079460666,\"x\n"+strings.Repeat("01614960666,y\n", maxRecord+5)+"0,y\n\"020\n7946\",y\n01614960667,\"y")
	var at []int
	for _, r := range i.Refusals {
		at = append(at, r.Line)
	}
	if err != nil || len(all) != maxRecord+5 || !slices.Equal(at, []int{2, maxRecord + 8, maxRecord + 9, maxRecord + 11}) {
		t.Error(len(all), i.Refusals, err)
	}
}

func TestSaidToBeAnotherForm(t *testing.T) {
	if _, _, err := readAs(PhoneBlock, "GB", "02079460666\n"); !errors.Is(err, phoneblock.ErrNotBlocklist) {
		t.Error(err)
	}
	if _, _, err := readAs(FTC, "GB", "02079460666\n01614960666\n"); !errors.Is(err, ErrUnfit) {
		t.Error(err)
	}
	if _, _, err := readAs("rubbish", "GB", "02079460666\n"); err == nil {
		t.Error("a form that there is not is taken")
	}
	if i, all, err := readAs(Plain, "GB", "02079460666,x\n02079460667\n02079460668\n"); err != nil || len(all) != 2 || i.Refused != 1 {
		t.Error(all, err)
	}
}

// What is quite right in such a file but no number for a list does not make the file an unfit one.
func TestAliasesOfTheFamily(t *testing.T) {
	text := strings.Repeat("alias NAME * = \"MUM\" if 4075551212\n", 50) + "alias NAME * = \"Robocall\" if 2015550123\n"
	i, all, err := readAs("", "US", text)
	if err != nil || len(all) != 1 || i.Refused != 50 || !strings.Contains(i.Refusals[0].Why, "does not say that the caller is not wanted") {
		t.Error(all, i.Refusals, err)
	}
}

// Several complaints about one number make it surer, and old ones fade.
func TestComplaintsAddUp(t *testing.T) {
	line := func(number, date, subject string) string {
		return number + "," + date + "," + date + ",,,," + subject + ",Y\n"
	}
	text := "Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,Consumer_Area_Code,Subject,Recorded_Message_Or_Robocall\n" +
		strings.Repeat(line("2015550101", "2026-11-24 08:00:00", "Warranties & protection plans"), 4) + line("2015550101", "2026-11-24 08:00:00", "Other") +
		line("2015550102", "2026-11-24 08:00:00", "Dropped call or no message") +
		strings.Repeat(line("2015550103", "2025-11-24 08:00:00", "Lotteries, prizes & sweepstakes"), 1) +
		strings.Repeat(line("2015550104", "2026-11-24", "No Subject Provided"), 300) +
		line("2015550105", "2036-01-01", "Other") + line("2015550106", "yesterday", "Other") + line("911", "2026-11-24", "Other")
	text = strings.ReplaceAll(text, "Lotteries, prizes & sweepstakes", "\"Lotteries, prizes & sweepstakes\"")
	i, all, err := readAs("", "US", text)
	if err != nil || len(all) != 5 || i.Refused != 2 {
		t.Fatal(all, i.Refusals, err)
	}
	for n, want := range []struct {
		confidence float64
		category   string
	}{{0.56, "sales"}, {0.20, "silent"}, {0.03, "prize"}, {0.98, "other"}, {0.20, "other"}} {
		if got := all[n]; got.Confidence != want.confidence || got.Category != want.category {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if !strings.HasPrefix(all[3].Note, "300 complaints to the FTC") {
		t.Error(all[3].Note)
	}
}

// Whoever complains of Childline to the FTC keeps it from nobody in Britain.
func TestComplaintsAboutWhoMustRing(t *testing.T) {
	text := "Company_Phone_Number,Created_Date\n+448001111,2026-11-24\n011448001111,2026-11-24\n2015550101,2026-11-24\n2015550102,2026-11-24\n"
	i, all, err := readAs("", "GB", text)
	if err != nil || inWords(all) != "12015550101 1 complaint to the FTC, the last of 2026-11-24; 12015550102 1 complaint to the FTC, the last of 2026-11-24" || i.Refused != 2 {
		t.Error(inWords(all), i.Refusals, err)
	}
}

// endless is a file that never ends; its reader is told how much was taken.
type endless struct {
	beginning string
	fill      byte
	taken     int64
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.beginning)
	e.beginning = e.beginning[n:]
	for at := n; at < len(b); at++ {
		b[at] = e.fill
	}
	e.taken += int64(len(b))
	if e.taken > 2<<30 {
		return 0, io.ErrUnexpectedEOF
	}
	return len(b), nil
}

// A line of a gigabyte is refused by every form long before its end, and zero bytes wherever they are.
func TestHostileFiles(t *testing.T) {
	most := map[Form]int64{VCard: 51 << 20, PhoneBlock: phoneblock.MaxSize + 1<<20}
	for _, s := range samples {
		limit := most[s.form]
		if limit == 0 {
			limit = 1 << 20
		}
		beginning := s.text
		if s.form == PhoneBlock {
			beginning = `{"numbers":[{"phone":"`
		}
		long := &endless{beginning: beginning, fill: '9'}
		for _, err := range (&Import{Region: s.region, Now: now}).Entries(long) {
			if err == nil {
				continue
			}
			if long.taken > limit || errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s: after %d bytes %v", s.name, long.taken, err)
			}
		}
		at := len(s.text) * 2 / 3
		if s.form == VCard { // which is read as a contacts app's is: without zero bytes
			if _, all, err := readAs("", s.region, s.text[:at]+"\x00"+s.text[at:]); err != nil || inWords(all) != s.want {
				t.Errorf("%s: %v %v", s.name, all, err)
			}
			continue
		}
		if _, _, err := readAs("", s.region, s.text[:at]+"\x00"+s.text[at:]); err == nil || !strings.Contains(err.Error(), "zero byte") {
			t.Errorf("%s with a zero byte: %v", s.name, err)
		}
	}
}

// What Excel calls "Unicode text" is read as the same list in UTF-8, with a byte order mark or without, from either end.
func TestListsInUTF16(t *testing.T) {
	for _, s := range samples {
		for _, order := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
			for _, mark := range []unicode.BOMPolicy{unicode.UseBOM, unicode.IgnoreBOM} {
				text, err := unicode.UTF16(order, mark).NewEncoder().String(addressbook.UTF8([]byte(s.text)))
				if err != nil {
					t.Fatal(err)
				}
				if i, all, err := readAs("", s.region, text); err != nil || inWords(all) != s.want || i.Refused != s.refused {
					t.Errorf("%s, %v, %v: %s %v %v", s.name, order, mark, inWords(all), i.Refusals, err)
				}
			}
		}
	}
}

func FuzzEveryForm(f *testing.F) {
	for n, s := range samples {
		f.Add(s.text, n%len(Forms()), s.region == "US")
		f.Add(s.text, -1, s.region == "US")
	}
	f.Fuzz(func(t *testing.T, text string, form int, us bool) {
		i := &Import{Region: "GB", Now: now}
		if us {
			i.Region = "US"
		}
		if form >= 0 {
			i.Form = Forms()[form%len(Forms())]
		}
		count := 0
		for e, err := range i.Entries(strings.NewReader(text)) {
			if err != nil {
				continue
			}
			count++
			if e.Digits == "" || len(e.Digits) > 15 || strings.Trim(e.Digits, "0123456789") != "" || !(e.Confidence >= 0 && e.Confidence <= 1) ||
				len(e.Note) > maxNote || strings.ContainsAny(e.Note+e.Category, "\r\n\x00") {
				t.Errorf("%+v", e)
			}
		}
		if count != i.Added {
			t.Errorf("%d entries, %d counted", count, i.Added)
		}
	})
}
