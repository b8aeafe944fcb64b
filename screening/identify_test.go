package screening_test

import (
	"strings"
	"testing"

	"ringfence/screening"
)

// The numbers in this package's tests are those that Ofcom reserves for drama, and, for abroad, the North American 555-0100 to 555-0199, which are
// reserved for fiction. Only the tests of numbers that are never blocked have real numbers.
const (
	london     = "+442079460123" // valid
	bristol    = "+441174960123" // valid
	mobile     = "+447700900123" // possible, not valid
	nowhere    = "+441632960961" // possible, not valid
	freephone  = "+448081570123"
	premium    = "+449098790123"
	newJersey  = "+12015550123"
	ontario    = "+14165550123"
	puertoRico = "+17875550123"
)

// shown is what Asterisk says of a caller whose number the network shows.
func shown(number string) screening.Identity {
	return screening.Identity{Number: number, Presentation: "allowed_not_screened"}
}

// Long: one table.
func TestIdentifyNumbers(t *testing.T) {
	tests := []struct {
		raw, region string
		want        screening.Caller // Presentation is Allowed
	}{
		// National, international, and as trunks write it.
		{"020 7946 0123", "GB", screening.Caller{Number: london}},
		{"02079460123", "GB", screening.Caller{Number: london}},
		{"+442079460123", "GB", screening.Caller{Number: london}},
		{"00442079460123", "GB", screening.Caller{Number: london}},
		{"442079460123", "GB", screening.Caller{Number: london}},
		{"2079460123", "GB", screening.Caller{Number: london}},
		{"+44 (0)20 7946 0123", "GB", screening.Caller{Number: london}},
		{"+4402079460123", "GB", screening.Caller{Number: london}},
		{"+00442079460123", "GB", screening.Caller{Number: london}},
		{"+00442079460123", "US", screening.Caller{Number: london, International: true}},
		{"+02079460123", "GB", screening.Caller{Number: london}},
		{"(020) 7946-0123", "GB", screening.Caller{Number: london}},
		{"020.7946.0123", "GB", screening.Caller{Number: london}},
		{"020/79460123", "GB", screening.Caller{Number: london}},
		{"  02079460123\t\r\n", "GB", screening.Caller{Number: london}},
		{"\u202a020\u00a07946\u20110123\u202c", "GB", screening.Caller{Number: london}}, // as copied from a contacts app
		{"\ufeff02079460123", "GB", screening.Caller{Number: london}},
		{"０２０７９４６０１２３", "GB", screening.Caller{Number: london}},
		{"＋４４２０７９４６０１２３", "GB", screening.Caller{Number: london}},
		{"٠٢٠٧٩٤٦٠١٢٣", "GB", screening.Caller{Number: london}},

		// Addresses.
		{"sip:+442079460123@127.0.0.1", "GB", screening.Caller{Number: london}},
		{"SIP:02079460123@127.0.0.1:5060;user=phone", "GB", screening.Caller{Number: london}},
		{"sips:+442079460123;npdi;ext=7@127.0.0.1", "GB", screening.Caller{Number: london}},
		{"sip:%2B442079460123@127.0.0.1", "GB", screening.Caller{Number: london}},
		{"%2B442079460123", "GB", screening.Caller{Number: london}},
		{"%30207946%30123@127.0.0.1", "GB", screening.Caller{Number: london}},
		{"02079460123@127.0.0.1", "GB", screening.Caller{Number: london}},
		{"tel:+44-20-7946-0123", "GB", screening.Caller{Number: london}},
		{"tel:+442079460123;isub=12", "GB", screening.Caller{Number: london}},
		{"+442079460123;ext=5", "GB", screening.Caller{Number: london}},
		{"020 7946 0123 ext. 5", "GB", screening.Caller{Number: london}},
		{"020 7946 0123#5", "GB", screening.Caller{Number: london}},
		{"tel:020 7946 0123;phone-context=+44", "US", screening.Caller{Number: london, International: true}},
		{"tel:+442079460123;phone-context=+1", "GB", screening.Caller{Number: london}},

		// Kinds.
		{"07700 900123", "GB", screening.Caller{Number: mobile, Doubtful: true}},
		{"441632960961", "GB", screening.Caller{Number: nowhere, Doubtful: true}},
		{"00441632960961", "GB", screening.Caller{Number: nowhere, Doubtful: true}},
		{"+44 (0)1632 960961", "GB", screening.Caller{Number: nowhere, Doubtful: true}},
		{"0808 157 0123", "GB", screening.Caller{Number: freephone}},
		{"0909 879 0123", "GB", screening.Caller{Number: premium, PremiumRate: true}},
		{newJersey, "GB", screening.Caller{Number: newJersey, International: true}},
		{"001 201 555 0123", "GB", screening.Caller{Number: newJersey, International: true}},
		{"12015550123", "GB", screening.Caller{Number: newJersey, International: true}}, // no British number has these digits

		// Lines elsewhere.
		{"442079460123", "US", screening.Caller{Number: london, International: true}},
		{"011442079460123", "US", screening.Caller{Number: london, International: true}},
		{"00442079460123", "US", screening.Caller{Number: london, International: true}},
		{"201-555-0123", "US", screening.Caller{Number: newJersey}},
		{"12015550123", "US", screening.Caller{Number: newJersey}},
		{ontario, "US", screening.Caller{Number: ontario, International: true}},
		{newJersey, "CA", screening.Caller{Number: newJersey, International: true}},
		{puertoRico, "US", screening.Caller{Number: puertoRico}},
		{"+18005550123", "CA", screening.Caller{Number: "+18005550123"}}, // freephone belongs to all of North America
		{london, "GG", screening.Caller{Number: london}},
		{premium, "IE", screening.Caller{Number: premium, International: true, PremiumRate: true}},

		// Short numbers.
		{"999", "GB", screening.Caller{Number: "999"}},
		{"112", "GB", screening.Caller{Number: "112"}},
		{"18000", "GB", screening.Caller{Number: "18000"}},
		{"101", "GB", screening.Caller{Number: "101"}},
		{"111", "GB", screening.Caller{Number: "111"}},
		{"105", "GB", screening.Caller{Number: "105"}},
		{"119", "GB", screening.Caller{Number: "119"}},
		{"1571", "GB", screening.Caller{Number: "1571"}},
		{"116123", "GB", screening.Caller{Number: "116123"}},
		{"116 123", "GB", screening.Caller{Number: "116123"}},
		{"sip:999@127.0.0.1", "GB", screening.Caller{Number: "999"}},
		{"+44999", "GB", screening.Caller{Number: "999"}},
		{"0044999", "GB", screening.Caller{Number: "999"}},
		{"+4418000", "GB", screening.Caller{Number: "18000"}},
		{"+44116123", "GB", screening.Caller{Number: "116123"}},
		{"000", "AU", screening.Caller{Number: "000"}},
		{"116006", "FR", screening.Caller{Number: "116006"}}, // not in the library's data
		{"016", "ES", screening.Caller{Number: "016"}},
		{"999", "FR", screening.Caller{Impossible: true}},
		{"911", "GB", screening.Caller{Impossible: true}},
		{"+1999", "GB", screening.Caller{Impossible: true}},

		// Digits that are no number.
		{"+44", "GB", screening.Caller{Impossible: true}},
		{"7946 0123", "GB", screening.Caller{Impossible: true}}, // without its area code
		{"0123459", "GB", screening.Caller{Impossible: true}},
		{"020794601234567890", "GB", screening.Caller{Impossible: true}},
		{"+999123456789", "GB", screening.Caller{Impossible: true}},
		{"02079460123 02079460124", "GB", screening.Caller{Impossible: true}},
		{"02079460123;02079460124", "GB", screening.Caller{Impossible: true}},
		{"02079460123abc", "GB", screening.Caller{Impossible: true}},
		{"O2O79460123", "GB", screening.Caller{Impossible: true}},
		{"0207946\x000123", "GB", screening.Caller{Impossible: true}},
		{"0207946\n0123", "GB", screening.Caller{Impossible: true}},
		{"02079460123\xff", "GB", screening.Caller{Impossible: true}},
		{"0" + strings.Repeat(".", 250) + "2079460123", "GB", screening.Caller{Impossible: true}},
		{"+49123456789012345", "GB", screening.Caller{Impossible: true}}, // more than E.164 allows, though not than the library
		{"441632960961", "US", screening.Caller{Impossible: true}},       // without its plus only a valid number is believed
		{"\"><script>alert(1)</script>", "GB", screening.Caller{Impossible: true}},
		{"${SHELL(rm -rf 1)}", "GB", screening.Caller{Impossible: true}},
		{"020\U0001f4de79460123", "GB", screening.Caller{Impossible: true}},
		{strings.Repeat("12", 2000), "GB", screening.Caller{Impossible: true}},
		{"02079460123", "XX", screening.Caller{Impossible: true}}, // no region, so no national numbers
		{london, "XX", screening.Caller{Number: london}},
	}
	for _, test := range tests {
		test.want.Presentation = screening.Allowed
		if got := screening.Identify(shown(test.raw), test.region); got != test.want {
			t.Errorf("%.60q on a line in %s:\n got %+v\nwant %+v", test.raw, test.region, got, test.want)
		}
	}
}

// Long: one table.
func TestIdentifyWithoutNumber(t *testing.T) {
	withheld := screening.Caller{Presentation: screening.Withheld}
	unavailable := screening.Caller{Presentation: screening.Unavailable}
	overseas := screening.Caller{Presentation: screening.Unavailable, International: true}
	tests := []struct {
		number, name, presentation string
		want                       screening.Caller
	}{
		{"anonymous", "", "allowed", withheld},
		{"Anonymous", "Anonymous", "allowed_not_screened", withheld},
		{"sip:anonymous@anonymous.invalid", "", "allowed", withheld},
		{"anonymous@127.0.0.1", "", "allowed", withheld},
		{"Restricted", "", "allowed", withheld},
		{"PRIVATE", "", "allowed", withheld},
		{"Private Number", "", "allowed", withheld},
		{"Withheld", "", "allowed", withheld},
		{"P", "", "allowed_not_screened", withheld},
		{"p", "", "", withheld},
		{"", "P", "allowed_not_screened", withheld},
		{"", "Anonymous", "unavailable", withheld},
		{"P", "O", "allowed", withheld},
		{london, "", "prohib", withheld},
		{london, "", "prohib_not_screened", withheld},
		{london, "", "prohib_passed_screen", withheld},
		{london, "", "prohib_failed_screen", withheld},
		{london, "", " PROHIB ", withheld},
		{"O", "", "prohib", withheld},

		{"", "", "", unavailable},
		{"", "", "allowed_not_screened", unavailable},
		{"   ", "", "allowed_not_screened", unavailable},
		{"unavailable", "", "allowed_not_screened", unavailable},
		{"Out of Area", "", "allowed_not_screened", unavailable},
		{"OUT-OF-AREA", "", "allowed_not_screened", unavailable},
		{"O", "", "allowed_not_screened", unavailable},
		{"", "O", "allowed_not_screened", unavailable},
		{"unknown", "Unknown", "allowed_not_screened", unavailable},
		{london, "", "unavailable", unavailable},
		{"asterisk", "", "allowed_not_screened", unavailable},
		{"\x00\x01", "", "allowed_not_screened", unavailable},
		{"\xff\xfe", "", "allowed_not_screened", unavailable},
		{"\U0001f4de", "", "allowed_not_screened", unavailable},
		{strings.Repeat("a", 4000), "", "allowed_not_screened", unavailable},
		{"\"><script>", "", "allowed_not_screened", unavailable},
		{"sip:@", "", "allowed_not_screened", unavailable},
		{"%00", "", "allowed_not_screened", unavailable},
		{"%23", "", "allowed_not_screened", unavailable},

		{"INTERNATIONAL", "", "allowed_not_screened", overseas}, // BT Caller Display
		{"", "INT'NATIONAL", "allowed_not_screened", overseas},
		{"", "Operator", "allowed", screening.Caller{Presentation: screening.Unavailable, Name: "Operator"}},
		{"", "Ann Price", "allowed", screening.Caller{Presentation: screening.Unavailable, Name: "Ann Price"}},
		{london, "Ann Price", "prohib", screening.Caller{Presentation: screening.Withheld, Name: "Ann Price"}},
	}
	for _, test := range tests {
		id := screening.Identity{Number: test.number, Name: test.name, Presentation: test.presentation}
		if got := screening.Identify(id, "GB"); got != test.want {
			t.Errorf("%.60q, %q, %q:\n got %+v\nwant %+v", test.number, test.name, test.presentation, got, test.want)
		}
	}
}

func TestIdentifyNames(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"Ann Price", "Ann Price"},
		{"  Ann \t\r\n Price  ", "Ann Price"},
		{"José Müller", "José Müller"},
		{"Ann\u2028Price", "Ann Price"},
		{"Ann\x00\x1b[31m Price", "Ann[31m Price"},
		{"Ann\xff Price", "Ann Price"},
		{"Bank\u202etxt", "Banktxt"}, // U+202E turns the direction of writing around
		{"A\u200bn\u200dn", "Ann"},
		{`"><script>alert(1)</script>`, `"><script>alert(1)</script>`}, // escaping is the page's
		{"${SHELL(x)}", "${SHELL(x)}"},
		{"Ann \U0001f4de", "Ann \U0001f4de"},
		{"Anonymous", ""},
		{"Out Of Area", ""},
		{"P", ""},
		{"", ""},
		{"02079460456", ""}, // another number in the name would pass for the caller's
		{"+44 20 7946 0456", ""},
		{"\U0001f4de\U0001f4de", ""},
		{strings.Repeat("a", 4000), strings.Repeat("a", 64)},
		{strings.Repeat("é ", 4000), strings.TrimSpace(strings.Repeat("é ", 32))},
	}
	for _, test := range tests {
		id := shown(london)
		id.Name = test.raw
		if got := screening.Identify(id, "GB").Name; got != test.want {
			t.Errorf("%.60q: got %q, want %q", test.raw, got, test.want)
		}
	}
}

func TestIdentifyForged(t *testing.T) {
	for _, number := range []string{london, "999", "", "anonymous", "0"} {
		id := shown(number)
		id.Forged = true
		if !screening.Identify(id, "GB").Forged {
			t.Errorf("%q: the network says forged, the caller does not", number)
		}
	}
}

// The exchange has checked the number and found that it is not the caller's.
func TestIdentifyFailedScreening(t *testing.T) {
	id := shown(london)
	id.Presentation = "allowed_failed_screen"
	want := screening.Caller{Number: london, Presentation: screening.Allowed, Doubtful: true}
	if got := screening.Identify(id, "GB"); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
