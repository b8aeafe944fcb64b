package screening_test

import (
	"strings"
	"testing"
	"testing/quick"

	"ringfence/screening"
)

func TestBeginningsOfContacts(t *testing.T) {
	for _, test := range []struct{ typed, region, want string }{
		{"01753 63*", "GB", "+44175363*"}, {"01628 7", "GB", "+4416287*"}, {"020 7946 *", "GB", "+44207946*"}, {"+44 1753 63", "GB", "+44175363*"},
		{"0044175363*", "IE", "+44175363*"}, {"030 450 *", "DE", "+4930450*"}, {"01 42 34*", "FR", "+3314234*"}, {"617-724*", "US", "+1617724*"},
	} {
		n, err := screening.ParseBeginning(test.typed, test.region)
		if err != nil || string(n) != test.want {
			t.Errorf("%q in %s: %q %v", test.typed, test.region, n, err)
		}
		if again, err := screening.ParseBeginning(n.National(test.region), test.region); err != nil || again != n {
			t.Errorf("%q is shown as %q, which is read as %q: %v", n, n.National(test.region), again, err)
		}
	}
	for typed, short := range map[string]bool{"030 12*": true, "030 123*": false} { // in Germany nobody can say how many numbers that is
		if n, err := screening.ParseBeginning(typed, "DE"); (err != nil) != short || short && !strings.Contains(err.Error(), "too many") {
			t.Errorf("%q: %q %v", typed, n, err)
		}
	}
	for typed, why := range map[string]string{
		"+44*": "too many", "*": "", "": "", "0*": "", "07*": "too many", "077*": "too many", "07700*": "too many", "0161*": "too many", "020*": "too many",
		"0175*": "too many", "0909 87*": "premium-rate", "020 7946 01234*": "no number begins", "01753*63*": "isn't the beginning", "hospital*": "",
		"999*": "", "+*": "", "01753 6#*": "",
	} {
		if n, err := screening.ParseBeginning(typed, "GB"); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %q %v", typed, n, err)
		}
	}
}

func TestKeysOfBeginnings(t *testing.T) {
	if err := quick.Check(func(digits uint64) bool {
		n := screening.NumberFromKey(screening.BeginningKeys + int64(digits%1_000_000_000_000_000) + 1)
		_, is := n.Beginning()
		return is && screening.NumberFromKey(n.Key()) == n
	}, nil); err != nil {
		t.Error(err)
	}
	for _, bad := range []screening.Number{"*", "+*", "44*", "+4a*", "+0*", "+1234567890123456*", "+44**"} {
		if bad.Key() != 0 {
			t.Errorf("%q has the key %d", bad, bad.Key())
		}
	}
	if n := screening.Number("+44175363*"); n.National("GB") != "0175363*" || n.National("FR") != "+44175363*" || n.Digits() != "44175363" {
		t.Errorf("%q %q %q", n.National("GB"), n.National("FR"), n.Digits())
	}
}

// A contact by the beginning of numbers rings like another, but for a block that is more exact and for the line's own number.
func TestContactByTheBeginningOfItsNumbers(t *testing.T) {
	ward := func() situation {
		s := stranger()
		s.known.Contact = &screening.Contact{ID: 1, Name: "Wexham Park hospital", Beginning: "442079"}
		return s
	}
	for name, test := range map[string]struct {
		change func(*situation)
		want   screening.Action
		code   screening.Code
	}{
		"alone":           {func(*situation) {}, screening.Ring, screening.CodeContact},
		"a list":          {func(s *situation) { s.known.Entries = []screening.Entry{entry(1)} }, screening.Ring, screening.CodeContact},
		"a shorter block": {func(s *situation) { s.known.Block = &screening.Block{Digits: "4420", Prefix: true} }, screening.Ring, screening.CodeContact},
		"the same block":  {func(s *situation) { s.known.Block = &screening.Block{Digits: "442079", Prefix: true} }, screening.Ring, screening.CodeContact},
		"a longer block":  {func(s *situation) { s.known.Block = &screening.Block{Digits: "4420794", Prefix: true} }, screening.TurnAway, screening.CodeBlock},
		"an exact block":  {func(s *situation) { s.known.Block = &screening.Block{Digits: "442079460123"} }, screening.TurnAway, screening.CodeBlock},
		"forged":          {func(s *situation) { s.call.Caller.Forged = true }, screening.Screen, screening.CodeForged},
		"own number":      {func(s *situation) { s.house.Number = s.call.Caller.Number }, screening.Screen, screening.CodeOwnNumber},
		"known-only":      {func(s *situation) { s.house.Mode = screening.KnownOnly }, screening.Ring, screening.CodeContact},
	} {
		s := ward()
		test.change(&s)
		verdict := s.decide()
		checkVerdict(t, verdict)
		if verdict.Action != test.want || verdict.Reasons[0].Code != test.code {
			t.Errorf("%s: %+v", name, verdict)
		}
		if test.code == screening.CodeContact && !strings.Contains(verdict.Reasons[0].Text, "one of the numbers of Wexham Park hospital") {
			t.Errorf("%q", verdict.Reasons[0].Text)
		}
	}
	s := ward()
	s.known.Contact.Beginning, s.known.Block = "", &screening.Block{Digits: "442079460123"}
	if verdict := s.decide(); verdict.Action != screening.Ring { // a whole number
		t.Errorf("%+v", verdict)
	}
}

func FuzzBeginning(f *testing.F) {
	for _, text := range []string{"01753 63*", "+44*", "0*0*", "tel:+44175363*", "**", "030450*"} {
		f.Add(text, "GB")
	}
	f.Fuzz(func(t *testing.T, text, region string) {
		n, err := screening.ParseBeginning(text, region)
		if err != nil {
			return
		}
		if n.Key() <= screening.BeginningKeys || screening.NumberFromKey(n.Key()) != n {
			t.Errorf("%q: %q has the key %d", text, n, n.Key())
		}
		if again, err := screening.ParseBeginning(n.National(region), region); err != nil || again != n {
			t.Errorf("%q: %q is shown as %q: %q %v", text, n, n.National(region), again, err)
		}
	})
}
