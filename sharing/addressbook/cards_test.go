package addressbook

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
)

// personCard is a card of somebody with one number.
func personCard(name, number string) string {
	return card("VERSION:3.0", "FN:"+name, "TEL:"+number)
}

// Every card of a file is read, whatever programs have left between cards, and whatever is missing.
//
// Long: it is one table.
func TestEveryCardIsRead(t *testing.T) {
	a, b, c := personCard("A", "1"), personCard("B", "2"), personCard("C", "3")
	three := strings.TrimSuffix(a, "\r\n") + strings.TrimSuffix(b, "\r\n") + c
	utf16 := func(text string) string {
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for what, test := range map[string][2]string{
		"WhatsApp's": {
			"BEGIN:VCARD\nVERSION:3.0\nN:;Ada Example;;;\nFN:Ada Example\nTEL;type=Mobile;waid=447700900001:+44 7700 900001\nEND:VCARDBEGIN:VCARD\nVERSION:3.0\n" +
				"N:;Bruno Example;;;\nFN:Bruno Example\nTEL;type=Mobile;waid=447700900002:+44 7700 900002\nEND:VCARDBEGIN:VCARD\nVERSION:3.0\nFN:Chidi Example\n" +
				"TEL;type=Mobile;waid=447700900003:+44 7700 900003\nEND:VCARD\n",
			"1 Ada Example [5 +44 7700 900001]\n6 Bruno Example [10 +44 7700 900002]\n11 Chidi Example [14 +44 7700 900003]",
		},
		"glued":                           {three, "1 A [4 1]\n5 B [8 2]\n9 C [12 3]"},
		"glued, CR alone":                 {strings.ReplaceAll(three, "\r\n", "\r"), "1 A [4 1]\n5 B [8 2]\n9 C [12 3]"},
		"glued in lower case":             {strings.ToLower(three), "1 a [4 1]\n5 b [8 2]\n9 c [12 3]"},
		"glued, and indented":             {strings.ReplaceAll(three, "END:VCARDBEGIN", "END:VCARD \t BEGIN"), "1 A [4 1]\n5 B [8 2]\n9 C [12 3]"},
		"glued to what comes first":       {strings.ReplaceAll(three, "BEGIN:VCARD\r\n", "BEGIN:VCARD"), "1 A [3 1]\n4 B [6 2]\n7 C [9 3]"},
		"glued to the last number":        {strings.ReplaceAll(a+b, "\r\nEND", "END"), "1 A [4 1]\n5 B [8 2]"},
		"all glued":                       {strings.ReplaceAll(three, "\r\nEND", "END"), "1 A [4 1]\n4 B [7 2]\n7 C [10 3]"},
		"a mark between":                  {a + "\ufeff" + b, "1 A [4 1]\n6 B [9 2]"},
		"marks everywhere":                {"\ufeff" + strings.ReplaceAll(a+b, "\r\n", "\r\n\ufeff"), "1 A [4 1]\n6 B [9 2]"},
		"a mark between glued cards":      {strings.TrimSuffix(a, "\r\n") + "\ufeff" + b, "1 A [4 1]\n5 B [8 2]"},
		"Ctrl-Z between":                  {a + "\x1a" + b + "\x1a", "1 A [4 1]\n6 B [9 2]"},
		"Ctrl-Z between glued cards":      {strings.TrimSuffix(a, "\r\n") + "\x1a" + b, "1 A [4 1]\n5 B [8 2]"},
		"zero bytes between":              {a + "\x00\x00" + b + "\x00", "1 A [4 1]\n6 B [9 2]"},
		"a form feed between":             {a + "\f\r\n\f" + b, "1 A [4 1]\n7 B [10 2]"},
		"spaces before":                   {"  " + a + "\t" + b + "   " + c, "1 A [4 1]\n6 B [9 2]\n11 C [14 3]"},
		"empty lines":                     {"\r\n\r\n" + a + "\r\n \r\n" + b, "3 A [6 1]\n10 B [13 2]"},
		"indented":                        {"    " + strings.ReplaceAll(a+b, "\r\n", "\r\n    "), "1 A [4 1]\n6 B [9 2]"},
		"indented, and folded":            {"  BEGIN:VCARD\n  FN:Jo\n   an\n  TEL:1\n  END:VCARD\n", "1 Joan [4 1]"},
		"no first beginning":              {"VERSION:3.0\nFN:First\nTEL:1\nEND:VCARD\n" + b, "1 First [3 1]\n5 B [8 2]"},
		"no first beginning, but a mark":  {"\ufeffVERSION:2.1\nN:Smith;Joan\nTEL:1\nEND:VCARD\n", "1 Joan Smith [3 1]"},
		"a beginning lost between":        {a + strings.TrimPrefix(b, "BEGIN:VCARD\r\n") + c, "1 A [4 1]\n6 B [8 2]\n10 C [13 3]"},
		"an end lost":                     {strings.TrimSuffix(a, "END:VCARD\r\n") + b, "1 A [4 1]\n5 B [8 2]"},
		"an end after a soft line break":  {card("FN:A", "TEL:1", "NOTE;ENCODING=QUOTED-PRINTABLE:x=") + b, "1 A [3 1] {x}\n6 B [9 2]"},
		"spaces in a mark":                {"BEGIN: VCARD \nFN:A\nTEL:1\nEND : VCARD\n" + b, "1 A [3 1]\n5 B [8 2]"},
		"a UTF-16 file put behind":        {a + utf16(b), "1 A [4 1]\n6 B [12 2]"},
		"UTF-16 files together":           {utf16(a) + utf16(b), "1 A [4 1]\n6 B [9 2]"},
		"base64":                          {card("FN;ENCODING=BASE64;CHARSET=UTF-8:UmVuw6ll", "TEL;CELL;ENCODING=b:KzQ0IDc3MDAgOTAw", " MTIz", "") + card("N;B;ENCODING=B:U21pdGg7Sm9hbg==", "TEL:2"), "1 Renée [3 +44 7700 900123]\n7 Joan Smith [9 2]"},
		"base64 that is not indented":     {card("FN:A", "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJ", "RgABAQEAYABg", "TEL+tel=", "", "TEL:1"), "1 A [7 1]"},
		"a photograph with anything":      {card("FN:A", "PHOTO;ENCODING=b:END", " VCARD", " TEL", "TEL:1"), "1 A [6 1]"},
		"quoted-printable, soft":          {card("FN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Ren=C3=", "=A9e", "TEL;ENCODING=QUOTED-PRINTABLE:020 79=", "46 0001"), "1 Renée [4 020 7946 0001]"},
		"groups":                          {card("item1.FN:A", "item1.TEL;type=CELL:1", "item1.X-ABLabel:x", "WORK.TEL:2"), "1 A [3 1] [5 2]"},
		"an agent (2.1)":                  {card("FN:A", "AGENT:BEGIN:VCARD", "FN:Secretary", "TEL:2", "END:VCARD", "TEL:1"), "1 A [7 1]\n3 Secretary [5 2]"},
		"an agent in one line (3.0)":      {card("FN:A", `AGENT:BEGIN:VCARD\nFN:Sec`, ` retary\nTEL:2\nNOTE:x\\, y\nEND:VCARD\n`, "TEL:1") + b, "1 A [5 1]\n3 Secretary [3 2] {x, y}\n7 B [10 2]"},
		"an agent within an agent":        {card("FN:A", "AGENT:", "BEGIN:VCARD", "FN:S", "TEL:2", "AGENT:", "BEGIN:VCARD", "FN:T", "TEL:3", "END:VCARD", "END:VCARD", "TEL:1"), "1 A [13 1]\n4 S [6 2]\n8 T [10 3]"},
		"an agent that is an address":     {card("FN:A", "AGENT;VALUE=uri:http://example.org/secretary", "TEL:1"), "1 A [4 1]"},
		"notes about cards":               {card("FN:A", "NOTE:END:VCARD BEGIN:VCARD, says she", `NOTE:\nEND:VCARD`, "TEL:1") + b, "1 A [5 1] {END:VCARD BEGIN:VCARD, says she}\n7 B [10 2]"},
		"nobody, and somebody":            {card() + b, "1 \n4 B [7 2]"},
		"a number without a kind (4.0)":   {card("VERSION:4.0", "FN:A", "TEL;VALUE=uri:tel:+44-20-7946-0001;ext=12"), "1 A [4 tel:+44-20-7946-0001;ext=12]"},
		"a card within a table is a cell": {"Name,Phone,Notes\nA,1,\"BEGIN:VCARD\"\n", "2 A [2 1] {BEGIN:VCARD}"},
	} {
		book := read(t, test[0])
		if got := brief(book.Rows); got != test[1] || len(book.Refused) > 0 {
			t.Errorf("%s:\n%s\nnot\n%s\n%v", what, got, test[1], book.Refused)
		}
	}
}

// What belongs to no card, and what cannot be read of one, is named with its line.
func TestWhatIsNotReadOfCardsIsNamed(t *testing.T) {
	a, b := personCard("A", "1"), personCard("B", "2")
	var many, deep []string
	for n := range maxWritten + 2 {
		many = append(many, fmt.Sprintf("TEL:%d", n))
		deep = append(deep, "BEGIN:VCARD", "FN:S", "AGENT:")
	}
	for what, test := range map[string]struct {
		text, want string
		rows       int
	}{
		"text before":          {"My friends\n" + a, "1 this text is outside of a card", 1},
		"text between":         {a + "B, 07700 900102\nC, 07700 900103\n\n" + b, "6 this text is outside of a card", 2},
		"text twice":           {a + "x\r\n" + b + "y\r\n", "6 this text is outside of a card|12 this text is outside of a card", 2},
		"text behind":          {a + "TEL:07700900102\r\n", "6 this text is outside of a card", 1},
		"text glued to an end": {strings.TrimSuffix(a, "\r\n") + ";\r\n" + b, "5 this text is outside of a card", 2},
		"properties of nobody": {"VERSION:3.0\r\n" + a, "1 this text is outside of a card", 1},
		"an end of nobody":     {a + "END:VCARD\r\n" + b, "6 this ends a card whose beginning is missing", 2},
		"a calendar":           {a + "BEGIN:VCALENDAR\r\n" + b, "6 this text is outside of a card", 2},
		"no colon":             {card("FN:A", "TEL 07700900101") + b, "3 this line has no number that can be read", 2},
		"no base64":            {card("FN:A", "TEL;ENCODING=b:?!") + b, "3 what is called TEL here can't be read", 2},
		"two on one line":      {"BEGIN:VCARDEND:VCARDBEGIN:VCARD\r\nFN:A\r\nTEL:1\r\nEND:VCARD\r\n", "1 several cards begin on this line", 1},
		"too many numbers":     {card(append([]string{"FN:A"}, many...)...), "103 this card has more than 100 numbers", 1},
		"a card that is too long": {card(append([]string{"FN:A"}, strings.Repeat("NOTE:"+strings.Repeat("x", 60_000)+"\r\n", 5)+"TEL:1")...),
			"7 this card is longer than 256 kB", 1},
		"too deep": {strings.Join(deep[:3*(maxNested+1)], "\r\n") + "\r\n" + strings.Repeat("END:VCARD\r\n", maxNested+1), "25 this card is within too many others", maxNested},
	} {
		book := read(t, test.text)
		var got []string
		for _, r := range book.Refused {
			got = append(got, fmt.Sprintf("%d %s", r.Line, r.Why))
		}
		want := strings.Split(test.want, "|")
		ok := len(got) == len(want) && len(book.Rows) == test.rows
		for n := range got {
			ok = ok && n < len(want) && strings.HasPrefix(got[n], want[n])
		}
		if !ok {
			t.Errorf("%s: %q, and %d rows:\n%s", what, got, len(book.Rows), brief(book.Rows))
		}
	}
}
