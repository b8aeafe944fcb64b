package screening

import "testing"

// Digits that stand in a file without a plus sign and without their first zero may be somebody else's number.
func TestDigitsWithoutAMark(t *testing.T) {
	for _, test := range []struct {
		region, raw string
		zeros, good bool
	}{
		{"DE", "23125666", true, false},       // of Berlin, without its area code; it would be Dortmund's
		{"DE", "2346", true, false},           // as it is dialled in a village
		{"AT", "5123456", true, false},        // of Vienna
		{"DE", "3023125666", false, true},     // a spreadsheet has taken the zero away
		{"DE", "4915123456789", false, false}, // a mobile's without its plus sign, or one of Leer's
		{"DE", "442079460666", true, false},   // of London, or of Elsfleth
		{"DE", "030 23125666", true, true},
		{"DE", "+49 30 23125666", true, true},
		{"DE", "110", true, true},
		{"DE", "493023125666", false, true}, // can be read in one way
		{"GB", "2079460666", true, true},
		{"GB", "442079460666", true, true},
		{"GB", "207946066", true, false}, // a digit is missing
		{"US", "2025550100", true, true},
		{"IT", "391234567", false, true}, // nothing is dialled before area codes
		{"FR", "639980123", true, true},
	} {
		err := reader(t, test.region).Unmarked(test.raw, test.zeros)
		if (err == nil) != test.good {
			t.Errorf("%s %s: %v", test.region, test.raw, err)
		}
	}
}

// Two beginnings with a slash between them are no number.
func TestTwoBeginnings(t *testing.T) {
	for _, raw := range []string{"0845/0870", "0845 / 0870"} {
		if n, err := ParseNumber(raw, "GB"); err == nil {
			t.Error(raw, n)
		}
	}
	for raw, want := range map[string]Number{"030/23125666": "+493023125666", "0231/025666": "", "02079460666": ""} {
		if n, err := ParseNumber(raw, "DE"); want != "" && (err != nil || n != want) {
			t.Error(raw, n, err)
		}
	}
}
