package columns

import (
	"strings"
	"testing"
)

// What is written about a number in its note or label can take it off the list.
func TestRemarksThatAbsolve(t *testing.T) {
	for _, text := range []string{
		"number,label\n02079460666,not spam\n02079460667,spam\n", "number,note\n02079460666,NOT A SCAM - my dentist\n02079460667,x\n",
		"Nummer;Bemerkung\n02079460666;Kein Spam!\n02079460667;x\n", "Numéro;Remarque\n02079460666;pas une arnaque\n02079460667;x\n", "number,comment\n02079460666,whitelisted\n02079460667,x\n",
		"Número;Nota\n02079460666;no es spam\n02079460667;x\n", "Numero;Nota\n02079460666;Non è una truffa\n02079460667;x\n", "Nummer;Opmerking\n02079460666;geen oplichting\n02079460667;x\n",
	} {
		_, choice, q := chosen(t, Callers, text)
		lines := strings.Split(text, "\n")
		separator := []rune(strings.TrimLeft(lines[1], "0123456789"))[0]
		if q != nil || choice.LeavesOut(Split(lines[1], separator)) == "" || choice.LeavesOut(Split(lines[2], separator)) != "" {
			t.Errorf("%q: %v %q", text, q, choice.LeavesOut(Split(lines[1], separator)))
		}
	}
	for _, note := range []string{"not spam-free", "legit looking, but a scam", "says it is not a bank", "scam", "notspam"} {
		if note != "not spam-free" && absolves(note) {
			t.Error(note)
		}
	}
}

// A list of callers who are let through is no list of scams.
func TestHeadingsThatLetThrough(t *testing.T) {
	for _, text := range []string{"Whitelist,Name\n02079460666,x\n02079460667,y\n", "Allowed numbers;Note\n02079460666;x\n", "Trusted callers,Note\n02079460666,x\n"} {
		if got, _, q := chosen(t, Callers, text); q == nil {
			t.Errorf("%q: %s", text, got)
		}
	}
	for line, want := range map[string]bool{"whitelist": true, "# Allowed numbers": true, "[allowlist]": true, "Blocked numbers": false, "02079460666": false, "": false, "Numbers": false} {
		if LetsThrough([]string{"", line, "02079460667"}) != want {
			t.Error(line)
		}
	}
}

// A column "Number" of digits alone is asked about where another one shows telephone numbers; a first row that can't be read is no heading; relatives are other people.
func TestHeadingsThatSayTooLittle(t *testing.T) {
	for text, want := range map[string]string{
		"Number,Details\n5551234567,020 7946 0666\n5559234568,020 7946 0667\n": "? “Number”, “Details”",
		"Nummer;Info\n5551234567;020 7946 0666\n5559234568;020 7946 0667\n":    "? “Nummer”, “Info”",
		"Number,Details\n02079460666,020 7946 0667\n":                          "“Number”",
		"Number,Details\n5551234567,x\n":                                       "“Number”",
		"a,b\n02079460100,02079460101\n02079460102,02079460103\n":              "? “a”, “b”",
		"da,a\n02079460100,02079460101\n02079460102,02079460103\n":             "“da”",
		"Number,Wife phone\n02079460666,02079460667\n":                         "“Number”",
		"Numéro,Téléphone du voisin\n02079460666,02079460667\n":                "“Numéro”",
	} {
		if got, _, _ := chosen(t, Callers, text); got != want {
			t.Errorf("%q: %s, not %s", text, got, want)
		}
	}
	text := "Name,Phone,Wife phone,Son's phone,Doctor,Carer tel,Telefon Nachbar,Teléfono hija,Telefono figlio,Telefoon buurvrouw\na" + strings.Repeat(",020 7946 0666", 9) + "\n"
	if got, _, _ := chosen(t, People, text); got != "“Phone”" {
		t.Error(got)
	}
	for _, first := range []string{"tel:+44-20-7946-0###", "tel:+44 20 7946 0666 (spam)", "phone 020 7946 06660000"} {
		if layout, err := LayoutOf([]string{first, "02079460667", "02079460668"}, Callers, "GB"); err != nil || layout.Header >= 0 {
			t.Error(first, layout, err)
		}
	}
}
