package screening_test

import (
	"strings"
	"testing"

	"ringfence/screening"
)

// Digits that only stand in a number's place, in any form: the caller is withheld or unavailable, and nobody can have them.
func TestDigitsThatAreNoNumber(t *testing.T) {
	for _, region := range screening.Regions() {
		for _, digits := range []string{
			"0", "00", "0000000", "0000000000", "+0000000000", "+10000000000", "00000000000000",
			"+1111111111", "11111111", "+1234567890", "1234567890", "0123456789", "123456789", "+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253",
		} {
			caller := screening.Identify(shown(digits), region)
			want := screening.Unavailable
			switch digits {
			case "+266696687", "+7378742833", "+2562533":
				want = screening.Withheld
			}
			if caller != (screening.Caller{Presentation: want}) {
				t.Errorf("%s on a line in %s is %+v", digits, region, caller)
			}
			if n, err := screening.ParseNumber(digits, region); err == nil || !strings.Contains(err.Error(), "in place of a number") {
				t.Errorf("%s in %s can be somebody's: %q, %v", digits, region, n, err)
			}
			r, err := screening.NewNumberReader(region)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := r.Parse(digits); err == nil {
				t.Errorf("%s in %s can be on a list: %q", digits, region, n)
			}
		}
	}
}

func TestFormsOfDigitsThatAreNoNumber(t *testing.T) {
	for _, c := range []struct{ region, forms string }{
		{"GB", "1111 1111111 1111111111 0111111111 01111111111 +441111111111 00441111111111 441111111111 +44(0)1111111111 2222222222 3333333333 " +
			"9999999999 09999999999 12345 123456789 1234567890 0123456789 +44123456789 9876543210 266696687 0266696687 00266696687 +44266696687 " +
			"000266696687 sip:0@x sip:%30000@x sip:266696687@x tel:+266696687"},
		{"US", "0000000000 +10000000000 10000000000 0110000000000 1111111111 11111111111 2222222222 +12222222222 5555555555 9999999999 1234567890 " +
			"0123456789 266696687 011266696687 +17266696687 2562533 8656696 86282452253 33333333333"}, // no number of France either, without its plus sign
		{"DE", "0000 1111 +491111111 4444444444 1234567890 01234567890 266696687"},
		{"FR", "000000000 0000000000 3333333333333 123456789 +33000000000"},
		{"BR", "0151111111111"}, // behind a carrier's prefix
		// Nobody is reached there, though these plans have room for them.
		{"GB", "01234567890 +441234567890 00441234567890 +33123456789 0033123456789"},
		{"FR", "0123456789 +33123456789 0033123456789 +441234567890"},
		{"PL", "123456789 +48123456789"},
		{"IT", "0123456789 +390123456789"},
		{"BJ", "0123456789 +2290123456789"},
		{"CI", "0123456789 +2250123456789"},
		{"DE", "0123456789 +491234567890"},
		{"ES", "123456789 +33123456789"},
	} {
		for form := range strings.FieldsSeq(c.forms) {
			if form == "+17266696687" { // a number of the United States that only ends like the word
				continue
			}
			if caller := screening.Identify(shown(form), c.region); caller.Presentation == screening.Allowed {
				t.Errorf("%s on a line in %s is %+v", form, c.region, caller)
			}
			if n, err := screening.ParseNumber(form, c.region); err == nil {
				t.Errorf("%s in %s can be somebody's: %q", form, c.region, n)
			}
		}
	}
}

// What a numbering plan has is a number, even if it looks like none.
func TestNumbersThatOnlyLookLikeNone(t *testing.T) {
	for _, c := range []struct {
		region, written string
		want            screening.Number
	}{
		{"GB", "111", "111"}, // the NHS
		{"GB", "999", "999"},
		{"AU", "000", "000"},
		{"ES", "2222", "2222"},
		{"FR", "3333", "3333"},
		{"GB", "03333 333333", "+443333333333"},
		{"GB", "+443333333333", "+443333333333"},
		{"GB", "07777 777777", "+447777777777"},
		{"GB", "7777777777", "+447777777777"}, // mobiles are written without 0, too
		{"GB", "07378 742833", "+447378742833"},
		{"IN", "9999999999", "+919999999999"},
		{"IN", "98765 43210", "+919876543210"},
		{"US", "(888) 888-8888", "+18888888888"},
		{"US", "(737) 874-2833", "+17378742833"},
		{"IS", "865 6696", "+3548656696"},
		{"FR", "01 23 45 67 90", "+33123456790"},
		{"PL", "12 345 67 80", "+48123456780"},
		{"GB", "01234 567891", "+441234567891"},
		{"NO", "21 23 45 67", "+4721234567"},
		{"GB", "+33333333333", "+33333333333"},
		{"GB", "01632 960000", "+441632960000"},
		{"GB", "020 7946 0000", "+442079460000"},
	} {
		if n, err := screening.ParseNumber(c.written, c.region); err != nil || n != c.want {
			t.Errorf("%s in %s is %q, error %v", c.written, c.region, n, err)
		}
		if err := screening.NobodysNumber(c.want, c.region); err != nil {
			t.Errorf("%s in %s is nobody's: %v", c.want, c.region, err)
		}
		if caller := screening.Identify(shown(c.written), c.region); caller.Number != c.want {
			t.Errorf("%s on a line in %s is %+v", c.written, c.region, caller)
		}
	}
}

// What stands there for no number, or else the name, says why there is none.
func TestWhyThereIsNoNumber(t *testing.T) {
	const withheld, unavailable = screening.Withheld, screening.Unavailable
	for _, c := range []struct {
		number, name string
		want         screening.Presentation
	}{
		{"0", "Private", withheld},
		{"0", "Unavailable", unavailable},
		{"0", "", unavailable},
		{"0", "Ann Price", unavailable},
		{"0000000000", "Anonymous", withheld},
		{"0000000000", "Blocked", withheld},
		{"1111111111", "Withheld", withheld},
		{"+266696687", "", withheld},
		{"+266696687", "Unknown", withheld},
		{"+8656696", "Anonymous", unavailable},
		{"+86282452253", "", unavailable},
		{"1234567890", "Numéro masqué", withheld},
		{"0", "Appel masqué", withheld},
		{"0", "Anonym", withheld},
		{"0", "Rufnummer unterdrückt", withheld},
		{"0", "Número oculto", withheld},
		{"0", "Numero privato", withheld},
		{"0", "Anoniem", withheld},
		{"0", "Numer zastrzeżony", withheld},
		{"0", "Skjult nummer", withheld},
		{"0", "Unbekannt", unavailable},
		{"0", "Numéro inconnu", unavailable},
		{"anonymous", "", withheld},
		{"-", "", unavailable},
		{"-", "Privé", withheld},
		{"", "BLOCKED", withheld},
		{"Unavailable", "Private", unavailable},
	} {
		id := shown(c.number)
		id.Name = c.name
		got := screening.Identify(id, "GB")
		if got.Presentation != c.want || got.Number != "" || got.Impossible {
			t.Errorf("%q %q is %+v, want it %s", c.name, c.number, got, c.want)
		}
		if _, isWord := map[string]bool{"": true, "Ann Price": true}[c.name]; !isWord && got.Name != "" {
			t.Errorf("%q is taken for a name", c.name)
		}
	}
	id := shown("0")
	id.Presentation = "prohib_passed_screen"
	if got := screening.Identify(id, "GB").Presentation; got != withheld {
		t.Errorf("a zero that the network hides is %s", got)
	}
}
