package addressbook

import (
	"errors"
	"strings"
	"testing"

	"ringfence/sharing/columns"
)

// A contact's numbers are those by which somebody can be rung: not that of a policy, an order or the health service, and nobody else's.
func TestOnlyTelephonesOfContacts(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"a surgery":   {"Name,Phone,NHS Number,Member Number\nAnn,02079460166,943 476 5919,1764320\n", "2 Ann [2 02079460166]"},
		"an order":    {"Order Number;Phone Number\n1764320000;02079460666\n1764320001;02079460667\n", "2  [2 02079460666]\n3  [3 02079460667]"},
		"a policy":    {"Name,Phone,Policy number\nAnn,02079460166,1764320000\n", "2 Ann [2 02079460166]"},
		"next of kin": {"Name,Phone,Next of kin,Next of kin phone\nAnn,02079460166,Bob,07700900123\n", "2 Ann [2 02079460166]"},
		"no headings": {"Ann,1764320,02079460166\nBob,1764321,02079460167\n", "1 Ann [1 02079460166] {1764320}\n2 Bob [2 02079460167] {1764321}"},
		"a title":     {"Our clients 2026\nName,Phone\nAnn,02079460166\n", "3 Ann [3 02079460166]"},
		"apostrophes": {"Name,Phone\nAnn,'02079460166\n", "2 Ann [2 02079460166]"},
		"floats":      {"Name,Phone\nAnn,442079460166.0\n", "2 Ann [2 442079460166]"},
		"Polish":      {"Imię;Numer\nAnn;02079460166\n", "2  [2 02079460166]"},
	} {
		if got := brief(read(t, test.text).Rows); got != test.want {
			t.Errorf("%s:\n%s\nnot\n%s", name, got, test.want)
		}
	}
}

func TestNamingAContactsColumn(t *testing.T) {
	const text = "Name,Emergency contact phone,NHS number\nAnn,07700900123,943 476 5919\n"
	_, err := Read(strings.NewReader(text), british)
	if q := (*columns.Question)(nil); !errors.As(err, &q) || len(q.Candidates) != 1 || q.Candidates[0].Heading != "Emergency contact phone" {
		t.Fatal(err)
	}
	book, err := Read(strings.NewReader(text), Options{Region: "GB", Columns: []string{"emergency contact phone"}})
	if err != nil || brief(book.Rows) != "2 Ann [2 07700900123]" || book.Choice.From() != "from the column “Emergency contact phone”" {
		t.Error(brief(book.Rows), book.Choice.From(), err)
	}
	if _, err := Read(strings.NewReader(card("FN:x", "TEL:1")), Options{Region: "GB", Columns: []string{"1"}}); err == nil {
		t.Error("a vCard has columns")
	}
}
