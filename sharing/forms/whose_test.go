package forms

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"ringfence/sharing/columns"
)

// Only the callers' numbers get onto a list: not the times of their calls, not those of who was called, who reported them, or of an order.
func TestOnlyTheCallersNumbers(t *testing.T) {
	const both = "442079460666 442079460667"
	for name, test := range map[string]struct{ text, want, from string }{
		"times":               {"caller,time\nanonymous,1764320000\n+442079460666,1764320111\n02079460667,1764320222\n", both, "from the column “caller”"},
		"call data records":   {"Caller Number,Called Number,Duration\n02079460666,02079460100,12\n02079460667,02079460100,5\n", both, "from the column “Caller Number”"},
		"a FRITZ!Box":         {"sep=;\nType;Date;Name;Number;Extension;Local Number;Duration\n1;28.11.26 10:15;;020 7946 0666;Hall;020 7946 0100;0:01\n2;28.11.26 10:20;;020 7946 0667;;020 7946 0100;0:00\n", both, "from the column “Number”"},
		"a German FRITZ!Box":  {"sep=;\nTyp;Datum;Name;Rufnummer;Nebenstelle;Eigene Rufnummer;Dauer\n1;28.11.26 10:15;;02079460666;;03023125100;0:01\n10;28.11.26 10:20;Spam;02079460667;;03023125100;0:00\n", both, "from the column “Rufnummer”"},
		"from and to":         {"Date,From Number,To Number\n28 Nov,02079460666,02079460100\n28 Nov,02079460667,07700900123\n", both, "from the column “From Number”"},
		"orders":              {"Order Number;Phone Number\n1764320000;02079460666\n1764320001;02079460667\n", both, "from the column “Phone Number”"},
		"a reporter":          {"Number,Reported by phone\n02079460666,07700900123\n02079460667,07700900124\n", both, "from the column “Number”"},
		"a victim":            {"Scam number,Victim telephone,Notes\n02079460666,07700900123,x\n02079460667,07700900123,y\n", both, "from the column “Scam number”"},
		"cases":               {"case number,scam number\n20261128,02079460666\n2026112,02079460667\n", both, "from the column “scam number”"},
		"zeros kept by Excel": {"name,number\nx,=\"02079460666\"\n\"a, b\",=\"020 7946 0667\"\n", both, "from the column “number”"},
		"apostrophes":         {"name\tnumber\nx\t'02079460666\ny\t'020 7946 0667\n", both, "from the column “number”"},
		"floats":              {"number,count\n442079460666.0,3\n442079460667.0,4\n", both, "from the column “number”"},
		"cells of two lines":  {"Number;Note\n02079460666;\"a\nb\"\n\"02079460667\";x\n", both, "from the column “Number”"},
		"no headings":         {"x;02079460666\ny;02079460667\n", both, "from column 2"},
		"allowed":             {"number,allowed\n02079460666,no\n02079460667,no\n02079460668,yes\n", both, "from the column “number”"},
		"one a line":          {"02079460666\n02079460667\n", both, ""},
	} {
		got, _, i, err := read(test.text)
		if err != nil || strings.Join(got, " ") != test.want || i.Choice.From() != test.from {
			t.Errorf("%s: %v %q %v %v", name, got, i.Choice.From(), i.Refusals, err)
		}
	}
}

// Where the column is not certain, nothing is imported until somebody has named it.
func TestNamingTheColumn(t *testing.T) {
	const text = "Number,Phone\n02079460666,07700900123\n02079460667,07700900124\n"
	_, all, i, err := read(text)
	var q *columns.Question
	if !errors.As(err, &q) || len(q.Candidates) != 2 || len(all) != 0 || i.Broken() == nil {
		t.Fatal(all, err)
	}
	for wanted, want := range map[string]string{"number": "442079460666; 442079460667", "2": "447700900123; 447700900124"} {
		i := &Import{Region: "GB", Columns: []string{wanted}}
		var got []string
		for e, err := range i.Entries(strings.NewReader(text)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Digits)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %s", wanted, got)
		}
	}
	for _, text := range []string{text, "02079460666\n", "BEGIN:VCARD\nTEL:02079460666\nEND:VCARD\n"} {
		for _, err := range (&Import{Region: "GB", Columns: []string{"x"}}).Entries(strings.NewReader(text)) {
			if err == nil {
				t.Errorf("%.20q has a column x", text)
			}
		}
	}
}

// What is to be published needs headings that are understood, or somebody who names the column.
func TestCertainColumns(t *testing.T) {
	for text, want := range map[string]int{
		"Numer,Od\n02079460666,x\n02079460667,y\n": 0, "Scam number,x\n02079460666,x\n02079460667,y\n": 2, "02079460666,x\n02079460667,y\n": 2, "02079460666\n02079460667\n": 2,
	} {
		i := &Import{Region: "GB", Certain: true}
		var last error
		for _, err := range i.Entries(strings.NewReader(text)) {
			last = err
		}
		if i.Added != want || (last == nil) != (want > 0) {
			t.Errorf("%q: %d %v", text, i.Added, last)
		}
		i = &Import{Region: "GB"}
		for range i.Entries(strings.NewReader(text)) { //nolint:errcheck // a doubt is no error
		}
		if (i.Doubt == "") != (want > 0) || i.Added != 2 {
			t.Errorf("%q: %q", text, i.Doubt)
		}
	}
	i := &Import{Region: "GB", Columns: []string{"numer"}}
	for range i.Entries(strings.NewReader("Numer,Od\n02079460666,x\n02079460667,y\n")) { //nolint:errcheck // as above
	}
	if i.Doubt != "" || i.Choice.Name != "Numer" {
		t.Errorf("a column that somebody has named: %q, %q", i.Doubt, i.Choice.Name)
	}
}

// A score counts as confidence where the heading says whose it is and how far it goes.
func TestScoresOfAScale(t *testing.T) {
	for text, want := range map[string]float64{
		"number,spam score (0-100)\n02079460666,90\n": 0.9, "number,Risk score %\n02079460666,90%\n": 0.9, "number,fraud score (percent)\n02079460666,7\n": 0.07, "number,spam probability (0-1)\n02079460666,1\n": 1,
		"number,spam score\n02079460666,0.4\n": 0.4, "number,tellows score\n02079460666,9\n": 1,
	} {
		for e, err := range (&Import{Region: "GB"}).Entries(strings.NewReader(text)) {
			if err != nil || e.Confidence != want {
				t.Errorf("%q: %v %v", text, e.Confidence, err)
			}
		}
	}
}

// rowsOf is a long table whose rows change after so many.
func rowsOf(header string, first, after int, one, other func(n int) string) io.Reader {
	var text strings.Builder
	text.WriteString(header)
	for n := range first + after {
		if n < first {
			text.WriteString(one(n))
		} else {
			text.WriteString(other(n))
		}
	}
	return strings.NewReader(text.String())
}

// The first rows choose, and all rows have the last word: what changes further down is refused as a whole.
func TestRowsFurtherDown(t *testing.T) {
	if testing.Short() {
		t.Skip("it only computes, and takes long: it runs without -short")
	}
	const many = columns.SampleLines + 100
	plain := func(n int) string { return fmt.Sprintf("020794%05d,x,\n", n) }
	for name, test := range map[string]struct {
		header string
		other  func(n int) string
		want   string
	}{
		"the same":            {"Number,Note,Spam\n", plain, ""},
		"another column":      {"Numer,Uwagi,Spam\n", func(n int) string { return fmt.Sprintf("020794%05d,07700900%03d,\n", n, n%1000) }, "More than one column could have the phone numbers"},
		"no scams":            {"Number,Note,Spam\n", func(n int) string { return fmt.Sprintf("020794%05d,x,perhaps %d\n", n, n%2) }, ""},
		"scores":              {"Number,Note,Score\n", func(n int) string { return fmt.Sprintf("020794%05d,x,%d\n", n, n%5) }, "may say that some numbers are no scam"},
		"calls made":          {"Number,Local Number,Type\n", func(n int) string { return fmt.Sprintf("020794%05d,020 7946 0100,%d\n", n, 1+n%4) }, "may say that some numbers are no scam"},
		"victims under notes": {"Number,Phone,Spam\n", func(n int) string { return fmt.Sprintf("020794%05d,07700900%03d,\n", n, n%1000) }, "More than one column could have"},
	} {
		i := &Import{Region: "GB"}
		var last error
		for _, err := range i.Entries(rowsOf(test.header, many, 2*many, plain, test.other)) {
			last = err
		}
		if test.want == "" && last != nil || test.want != "" && (last == nil || !strings.Contains(last.Error(), test.want)) {
			t.Errorf("%s: %v", name, last)
		}
	}
}

// The first rows choose a column, all of them another: whose numbers the others are nobody can say.
func TestAnotherColumnFurtherDown(t *testing.T) {
	if testing.Short() {
		t.Skip("it only computes, and takes long: it runs without -short")
	}
	const many = columns.SampleLines + 100
	first := func(n int) string { return fmt.Sprintf("020794%05d,x\n", n) }
	other := func(n int) string { return fmt.Sprintf("x,020794%05d\n", n) }
	i := &Import{Region: "GB"}
	var last error
	for _, err := range i.Entries(rowsOf("Numer,Uwagi\n", many, 4*many, first, other)) {
		last = err
	}
	var q *columns.Question
	if !errors.As(last, &q) || !strings.Contains(q.Why, "point to different columns") || len(q.Candidates) != 2 {
		t.Error(last)
	}
}

// A number that a spreadsheet has shortened is lost, and people hear what to do.
func TestShortenedBySpreadsheets(t *testing.T) {
	for _, cell := range []string{"4.42079E+11", "4,42079E+11", "4.4E+11", "\"4,42079E+11\""} {
		_, _, i, err := read("Phone;Note\n" + cell + ";x\n02079460666;y\n02079460667;z\n")
		if err != nil || i.Added != 2 || len(i.Refusals) != 1 || i.Refusals[0].Line != 2 || !strings.Contains(i.Refusals[0].Why, "lost its digits in a spreadsheet") {
			t.Errorf("%s: %d %v %v", cell, i.Added, i.Refusals, err)
		}
	}
	if _, _, _, err := read("Phone,Note\n4.42079E+11,x\n4.41614E+11,y\n"); err == nil || !strings.Contains(err.Error(), "set its column to text") {
		t.Error(err)
	}
}
