package screening_test

import (
	"strings"
	"testing"

	"ringfence/screening"
)

// What the network said of a number is read from a call's reasons: that it is forged, and how far it vouches for it.
func TestWhatTheReasonsSayOfANumber(t *testing.T) {
	for code, want := range map[screening.Code]screening.Identity{
		screening.CodeForged:       {Forged: true},
		screening.CodeAttestedA:    {Attestation: screening.AttestedA},
		screening.CodeAttestedB:    {Attestation: screening.AttestedB},
		screening.CodeAttestedC:    {Attestation: screening.AttestedC},
		screening.CodeAttestedNone: {Attestation: screening.AttestedNone},
		screening.CodeWithheld:     {}, screening.CodeUnknown: {},
	} {
		if got := (screening.Identity{}).Checked([]screening.Reason{{Code: screening.CodeUnknown}, {Code: code}}); got != want {
			t.Errorf("%s: %+v, not %+v", code, got, want)
		}
	}
	if got := (screening.Identity{Forged: true}).Checked(nil); got.Forged {
		t.Error("forged without a reason")
	}
}

// A router's own phone can be typed, and what is no number is refused.
func TestTypedCallers(t *testing.T) {
	for _, typed := range []string{"**610", "**91", "52"} {
		if id, err := screening.Typed(typed); err != nil || id.Number != typed {
			t.Errorf("%s: %+v %v", typed, id, err)
		}
	}
	if id, err := screening.Typed("hello"); err == nil {
		t.Errorf("hello: %+v", id)
	}
}

// Digits with 000 before them do not show that they are a telephone number, even where zeros can begin one, as in Italy.
func TestMarkedNumbers(t *testing.T) {
	italian, err := screening.NewNumberReader("IT")
	if err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]bool{"00020794601": false, "0039020794601": true, "+39020794601": true, "020794601": true} {
		if _, err := italian.Parse(raw); err != nil || italian.Marked(raw) != want {
			t.Errorf("%s: %v, which is not %v (%v)", raw, italian.Marked(raw), want, err)
		}
	}
}

// Of several numbers in a field, digits that could be the end of one are none by themselves.
func TestNumbersThatDoNotStandAlone(t *testing.T) {
	const end = "23125101" // of 030 23125101, or the beginning of a number in Lünen
	if _, err := screening.ParseNumber(end, "DE"); err != nil {
		t.Fatal(err)
	}
	if all, err := screening.ParseNumbers("030 23125100; "+end, "DE"); err == nil {
		t.Errorf("read as %v", all)
	}
	if all, err := screening.ParseNumbers("030 23125100; 030 "+end, "DE"); err != nil || len(all) != 2 {
		t.Errorf("both in full: %v %v", all, err)
	}
}

// All countries at once can be typed, and not more than that.
func TestCountriesThatAreTooManyToRead(t *testing.T) {
	if codes, err := screening.ParseCountries(strings.Repeat("France, ", 1000), "GB"); err != nil || len(codes) != 1 {
		t.Errorf("8,000 characters: %v %v", codes, err)
	}
	if codes, err := screening.ParseCountries(strings.Repeat("France, ", 1000)+" ", "GB"); err == nil {
		t.Errorf("8,001 characters: %v", codes)
	}
}
