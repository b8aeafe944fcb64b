package addressbook

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

// A file that ends within a number has only a part of it, which may be somebody else's.
func TestAFileThatEndsWithinANumber(t *testing.T) {
	whole := personCard("A", "030 23125666")
	for _, end := range []string{"TEL:030 2312", "TEL;TYPE=home:0", "item1.TEL:030 2312", "TEL:030 23\r\n 12"} {
		book := read(t, whole+"BEGIN:VCARD\r\nFN:B\r\n"+end)
		if got := brief(book.Rows); strings.Contains(got, "2312]") || len(book.Refused) != 2 || !strings.Contains(book.Refused[0].Why+book.Refused[1].Why, "ends within this number") {
			t.Errorf("%q: %s %v", end, got, book.Refused)
		}
	}
	for _, end := range []string{"TEL:2\r\n", "TEL:2\r\nEND:VC", "TEL:2END:VCARD", "TEL:2\r\nEND:VCARD"} {
		if got := brief(read(t, whole+"BEGIN:VCARD\r\nFN:B\r\n"+end).Rows); !strings.Contains(got, "2]") {
			t.Errorf("%q: %s", end, got)
		}
	}
}

// A phone book keeps numbers as they are dialled in the town, and as a contact's such digits would be another town's.
func TestNumbersWithoutAnAreaCode(t *testing.T) {
	german := Household{Region: "DE"}
	for text, want := range map[string]int{
		card("FN:A", "TEL:23125666") + card("FN:B", "TEL:030 23125667"): 1,
		"<phonebooks><phonebook><contact><person><realName>A</realName></person><telephony><number>2346</number><number>030 23125666</number></telephony></contact></phonebook></phonebooks>": 1,
		"Name;Telefon\nA;23125666\nB;030 23125667\n":    1,
		"Name;Telefon\nA;3023125666\nB;3023125667\n":    2, // their zeros were lost
		"Name;Telefon\nA;4915123456789\nB;3023125667\n": 1,
	} {
		book, err := Read(strings.NewReader(text), Options{Region: "DE"})
		if err != nil {
			t.Fatal(err)
		}
		plan := Make(book, german)
		got := 0
		for _, c := range plan.Contacts() {
			got += len(c.Numbers)
		}
		if got != want {
			t.Errorf("%q: %d %v", text, got, plan.Contacts())
		}
	}
}

func TestACutGzip(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(strings.Repeat(personCard("A", "1"), 500)))
	_ = w.Close()
	if _, err := Read(strings.NewReader(b.String()[:b.Len()-12]), british); err == nil || !strings.Contains(err.Error(), "ends too early or is damaged") {
		t.Error(err)
	}
}
