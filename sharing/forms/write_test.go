package forms

import (
	"bytes"
	"encoding/csv"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-vcard"

	"ringfence/sharing/list"
	"ringfence/store/lists"
)

func each(entries ...lists.Entry) iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

var hostile = []lists.Entry{
	{Digits: "442079460666", Confidence: 0.51, Category: "tech-support", Note: "says Microsoft, \"Windows\"", Reporters: 5, First: int32(list.DayOf(now)) - 9, Last: int32(list.DayOf(now))},
	{Digits: "12015550123", Confidence: 1, Category: "bank", Note: "=HYPERLINK(\"http://evil.example\")"},
	{Digits: "441614960666", Confidence: 0.9, Category: "@SUM(1)", Note: "x\r\ndatabase del blacklist 1\r\nEND:VCARD\r\nBEGIN:VCARD"},
	{Digits: "441614960667", Confidence: 0.9, Category: "other", Note: "a; core stop now `reboot` $(reboot) \\\" \\n, b"},
	{Digits: "44909879", Prefix: true, Confidence: 1},
	{Digits: "331234", Prefix: true, Confidence: 1},
	{Digits: "441614960668", Confidence: 0.1},
	{Digits: "441614960669", Confidence: 0.9, Expires: int32(list.DayOf(now))},
}

func written(t *testing.T, form Output, o Options) (string, Written) {
	t.Helper()
	var to bytes.Buffer
	o.Region, o.Now = "GB", now
	done, err := Write(&to, form, each(hostile...), o)
	if err != nil {
		t.Fatal(err)
	}
	return to.String(), done
}

// What is written as CSV comes back as it was; and no cell of it is a formula.
func TestCSVComesBack(t *testing.T) {
	text, done := written(t, ToCSV, Options{})
	if done != (Written{Numbers: 7, Expired: 1}) {
		t.Errorf("%+v", done)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("%q is a formula", cell)
			}
		}
	}
	i, all, err := readAs("", "GB", text)
	if err != nil || i.Refused != 0 || i.Form != CSV {
		t.Fatal(i.Refusals, err)
	}
	want := slices.Clone(hostile[:7])
	want[2].Note = "x database del blacklist 1 END:VCARD BEGIN:VCARD"
	for n := range want {
		if all[n] != want[n] {
			t.Errorf("%+v\nand not\n%+v", all[n], want[n])
		}
	}
}

func TestVCardIsOneCardANumber(t *testing.T) {
	text, done := written(t, ToVCard, Options{Sure: 0.5, Without: func(digits string) bool { return digits == "12015550123" }})
	if done != (Written{Numbers: 3, Prefixes: 2, Unsure: 1, Without: 1, Expired: 1}) {
		t.Errorf("%+v", done)
	}
	cards := vcard.NewDecoder(strings.NewReader(text))
	for _, want := range []struct{ name, number string }{
		{"Scam: tech support, 020 7946 0666", "+442079460666"}, {"Scam: @SUM(1), 0161 496 0666", "+441614960666"}, {"Scam, 0161 496 0667", "+441614960667"}} {
		card, err := cards.Decode()
		if err != nil {
			t.Fatal(err)
		}
		if card.Value(vcard.FieldFormattedName) != want.name || len(card[vcard.FieldTelephone]) != 1 || card.Value(vcard.FieldTelephone) != want.number {
			t.Errorf("%+v", card)
		}
	}
	if card, err := cards.Decode(); err == nil {
		t.Errorf("there is another card: %+v", card)
	}
	if i, all, err := readAs("", "GB", text); err != nil || len(all) != 3 || i.Form != VCard {
		t.Error(all, err)
	}
}

// Each line is one command, of one kind, whatever stands in the notes.
func TestAstDBIsOnlyWhatItShouldBe(t *testing.T) {
	text, done := written(t, ToAstDB, Options{Sure: 0.5})
	if done.Numbers != 4 || done.Prefixes != 2 {
		t.Errorf("%+v", done)
	}
	want := `database put blacklist 02079460666 "tech-support says Microsoft, Windows"
database put blacklist +12015550123 "bank HYPERLINK( http://evil.example )"
database put blacklist 01614960666 "SUM(1) x database del blacklist 1 END:VCARD BEGIN:VCARD"
database put blacklist 01614960667 "other a core stop now reboot (reboot) n, b"
`
	if text != want {
		t.Errorf("%s", text)
	}
	text, _ = written(t, ToAstDB, Options{Sure: 0.5, International: true})
	if !strings.HasPrefix(text, "database put blacklist +442079460666 ") {
		t.Error(text)
	}
	if i, all, err := readAs("", "GB", text); err != nil || len(all) != 4 || i.Form != AstDB {
		t.Error(all, err)
	}
}

func TestWritingThatFails(t *testing.T) {
	boom := errors.New("boom")
	if _, err := Write(&bytes.Buffer{}, ToCSV, func(yield func(lists.Entry, error) bool) { yield(lists.Entry{}, boom) }, Options{}); !errors.Is(err, boom) {
		t.Error(err)
	}
	if _, err := Write(&bytes.Buffer{}, "rubbish", each(), Options{}); err == nil {
		t.Error("a form that there is not is written")
	}
}

func FuzzWrite(f *testing.F) {
	for _, e := range hostile {
		f.Add(e.Category, e.Note)
	}
	f.Fuzz(func(t *testing.T, category, note string) {
		e := lists.Entry{Digits: "442079460666", Confidence: 0.5, Category: category, Note: note}
		o := Options{Region: "GB", Now: now}
		for _, form := range []Output{ToCSV, ToVCard, ToAstDB} {
			var to bytes.Buffer
			if _, err := Write(&to, form, each(e, e), o); err != nil {
				t.Fatal(err)
			}
			if form == ToAstDB {
				for line := range strings.Lines(to.String()) {
					if !strings.HasPrefix(line, `database put blacklist 02079460666 "`) || strings.Count(line, `"`) != 2 || strings.ContainsAny(line, "\\;$`|&<>\r\x00") {
						t.Errorf("%q", line)
					}
				}
			}
			i, all, err := readAs("", "GB", to.String())
			if err != nil || len(all) != 2 || i.Refused != 0 || all[0].Digits != e.Digits || all[1].Digits != e.Digits {
				t.Errorf("%s comes back as %+v %v %v:\n%q", form, all, i.Refusals, err, to.String())
			}
		}
	})
}
