package forms

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"ringfence/store/lists"
)

// read imports a text and returns the digits that went in, with "*" behind a prefix.
func read(text string) (digits []string, all []lists.Entry, i *Import, err error) {
	i = &Import{Region: "GB"}
	for e, fault := range i.Entries(strings.NewReader(text)) {
		if fault != nil {
			return digits, all, i, fault
		}
		d := e.Digits
		if e.Prefix {
			d += "*"
		}
		digits, all = append(digits, d), append(all, e)
	}
	return digits, all, i, nil
}

func TestForms(t *testing.T) {
	const want = "442079460666 441614960666"
	for name, text := range map[string]string{
		"plain":            "020 7946 0666\n+44 161 496 0666\n",
		"remarks":          "# the parish's list\n\n02079460666 # Steve\n01614960666",
		"CSV":              "number\n02079460666\n01614960666\n",
		"more columns":     "name,Number,note\nSteve,02079460666,\"says, Microsoft\"\nx,00441614960666,\n",
		"semicolons":       "number;note\r\n02079460666;x\r\n01614960666;y\r\n",
		"tabs":             "note\tNUMBER\nx\t02079460666\ny\t01614960666\n",
		"byte order mark":  "\ufeffnumber\n02079460666\n01614960666\n",
		"callattendant":    "PhoneNo,Name,Reason\n02079460666,Steve,scam\n01614960666,,\n",
		"quoted":           "\"number\"\n\"020 7946 0666\"\n\"0161 496 0666\"\n",
		"no end of a line": "02079460666\n01614960666",
	} {
		if got, _, i, err := read(text); err != nil || strings.Join(got, " ") != want || i.Added != 2 || i.Refused != 0 {
			t.Errorf("%s: %v %v %v", name, got, i.Refusals, err)
		}
	}
}

func TestColumns(t *testing.T) {
	_, got, _, err := read("number,confidence,category,note\n02079460666,0.25,tech-support,a note\n01614960666,80 %,,\n0909879*,,,\n")
	if err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	if got[0] != (lists.Entry{Digits: "442079460666", Confidence: 0.25, Category: "tech-support", Note: "a note"}) ||
		got[1].Confidence != 0.8 || got[2] != (lists.Entry{Digits: "44909879", Prefix: true, Confidence: 1}) {
		t.Errorf("%+v", got)
	}
}

func TestRefusalsHaveTheirLine(t *testing.T) {
	text := "number,confidence\n" + // 1
		"02079460666,\n" + // 2
		"0,\n" + // 3
		"00,\n" + // 4
		"+44*,\n" + // 5
		"999,\n" + // 6
		"01614960666,2\n" + // 7
		"01614960666,NaN\n" + // 8
		"rub\"bish,\n" + // 9
		strings.Repeat("020 7946 0001,\n", 10)
	_, all, i, err := read(text)
	if err != nil || len(all) != 11 || i.Refused != 7 {
		t.Fatal(len(all), i.Refusals, err)
	}
	for n, r := range i.Refusals {
		if r.Line != n+3 || r.Why == "" {
			t.Errorf("%d: %s", n, r)
		}
	}
	if !strings.Contains(i.Refusals[3].Why, "must never be turned away") {
		t.Errorf("999: %s", i.Refusals[3])
	}
}

// Numbers that must ring get onto no list in any spelling, and no beginning that covers one or a whole town does.
func TestNoSpellingGetsThrough(t *testing.T) {
	spellings := []string{
		"９９９", "٩٩٩", "9-9-9", "+44 999", "0044999", "+44(0)999", "+44111", "tel:999", "tel:+44999", "sip:999@host", "999;ext=1", "999#", "999,,1", "\u202e999", "999\u200f",
		"0800 1111", "０８００１１１１", "٠٨٠٠١١١١", "tel:+44-800-1111", "tel:08001111;phone-context=+44", "0800-1111 x5", "0800 1111 ext 12", "+44(0)8001111", "+44 0800 1111",
		"0044 0800 1111", "+4408001111", "0800\u200b1111", "0800\u00ad1111", "08001111\u00a0", "+44116123", "116123#", "0800 111 999", "+44800111999",
		"0800111*", "080011*", "08001111*", "０８００１１１*", "+44 (0)800 1111*", "0207*", "+44207*", "+44800*", "+4420*", "+44*", "44*", "0*", "00*", "*", "+*", "01*", "07*",
	}
	_, all, i, err := read("number\n" + strings.Join(spellings, "\n") + "\n" + strings.Repeat("02079460666\n", len(spellings)))
	if err != nil || i.Refused != len(spellings) {
		t.Errorf("%d of %d are refused: %v", i.Refused, len(spellings), err)
	}
	for _, e := range all {
		if e.Digits != "442079460666" || e.Prefix {
			t.Errorf("on the list is %+v", e)
		}
	}
}

func TestFilesThatAreNoList(t *testing.T) {
	for name, text := range map[string]string{
		"empty":        "",
		"mostly wrong": "02079460666\nx\ny\n",
		"header only":  "number,note\n",
	} {
		if _, _, _, err := read(text); !errors.Is(err, ErrUnfit) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for words, text := range map[string]string{
		"zero byte":           "02079460666\n\x00\n",
		"UTF-16":              "\xff\xfen\x00",
		"this is a ZIP file":  "PK\x03\x04\x14\x00",
		"Excel’s (.xlsx)":     "PK\x03\x04\x14\x00[Content_Types].xml",
		"web page (HTML)":     "<html>\n<body>404</body>\n</html>\n",
		"a FRITZ!Box config":  "**** FRITZ!Box 7590 CONFIGURATION EXPORT\nPassword=x\n",
		"Git LFS":             "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
		"a kind that":         `{"error":"not found"}`,
		"compressed":          "\x1f\x8b\x08",
		"this is a PDF":       "%PDF-1.4",
		"longer than 64 kB":   "02079460666\n" + strings.Repeat("9", maxLine+1),
		"line 2 holds a zero": "02079460666\n0207946\x000667\n",
	} {
		if _, _, _, err := read(text); err == nil || (!strings.Contains(err.Error(), words) && words != "UTF-16") {
			t.Errorf("%s: %v", words, err)
		}
	}
}

func TestTooLargeAFile(t *testing.T) {
	_, err := io.ReadAll(&limited{from: strings.NewReader(strings.Repeat("x", 100)), left: 99, much: errTooLarge})
	if !errors.Is(err, errTooLarge) {
		t.Error(err)
	}
	if _, err := io.ReadAll(&limited{from: strings.NewReader(strings.Repeat("x", 100)), left: 100}); err != nil {
		t.Error(err)
	}
}

func TestWhoStopsReadingIsLeftAlone(t *testing.T) {
	i := &Import{Region: "GB"}
	for _, err := range i.Entries(strings.NewReader("02079460666\n01614960666\n")) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if i.Added != 1 {
		t.Error(i.Added)
	}
}

func FuzzEntries(f *testing.F) {
	for _, text := range []string{"number,note\n02079460666,x\n", "02079460666 # x\n0909879*\n", "PhoneNo,Name,Reason\n\"", "\ufeffnumber;confidence\n1;5%\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, all, i, _ := read(text)
		if len(all) != i.Added {
			t.Errorf("%d entries, %d counted", len(all), i.Added)
		}
		for _, e := range all {
			if e.Digits == "" || strings.Trim(e.Digits, "0123456789") != "" || !(e.Confidence >= 0 && e.Confidence <= 1) || len(e.Note) > maxNote {
				t.Errorf("%+v", e)
			}
		}
	})
}

// All lines share a reader: none may leave anything behind for the next.
func TestALineLeavesNothingToTheNext(t *testing.T) {
	var shared splitter
	for _, line := range []string{`a,"b"`, `"a`, `b"c,d`, `"a""b",c`, `"`, `""`, `x"`, `"a"b,c`, "\"a\rb\",c", `a,"` + strings.Repeat("b", 5000) + `"`, `"c",d`} {
		got, err := shared.split(line, ',')
		want, refused := split(line, ',')
		if !slices.Equal(got, want) || (err == nil) != (refused == nil) {
			t.Errorf("%.20q: %.40q and %v, want %.40q and %v", line, got, err, want, refused)
		}
	}
}
