package screening_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"ringfence/screening"
)

func TestEmergencyNumbers(t *testing.T) {
	tests := []struct {
		region string
		want   []string
	}{
		{"GB", []string{"112", "18000", "999"}},
		{"IM", []string{"112", "999"}},
		{"IE", []string{"112", "999"}},
		{"US", []string{"112", "911"}},
		{"DE", []string{"110", "112"}},
		{"FR", []string{"112", "15", "17", "18"}},
		{"AU", []string{"000", "106", "112"}},
		{"ZA", []string{"10111", "10177", "112"}},
		{"GN", []string{"112"}}, // the library knows none for Guinea
		{"XX", []string{"000", "112", "911", "999"}},
		{"", []string{"000", "112", "911", "999"}},
	}
	for _, test := range tests {
		if got := screening.EmergencyNumbers(test.region); !slices.Equal(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.region, got, test.want)
		}
	}
}

// EmergencyNumbers expands the library's patterns itself. This compares it with the library's own matching, for every region and in both directions, so that
// new data with a new kind of pattern is noticed.
func TestEmergencyNumbersAreTheLibrarys(t *testing.T) {
	computes(t)
	for region := range phonenumbers.GetSupportedRegions() {
		numbers := screening.EmergencyNumbers(region)
		for _, number := range numbers {
			ours := number == "112" || region == "GB" && number == "18000"
			if !ours && !phonenumbers.IsEmergencyNumber(number, region) {
				t.Errorf("%s: %q is no emergency number", region, number)
			}
		}
		for number := 0; number < 1000; number++ {
			digits := fmt.Sprintf("%03d", number)
			if phonenumbers.IsEmergencyNumber(digits, region) && !slices.Contains(numbers, digits) {
				t.Errorf("%s: the emergency number %q is missing in %q", region, digits, numbers)
			}
		}
	}
}

func TestNeverBlocked(t *testing.T) {
	protected := []struct {
		dialled, region, whose string
	}{
		{"999", "GB", "the emergency services"},
		{"112", "GB", "the emergency services"},
		{"18000", "GB", "the emergency services"},
		{"101", "GB", "the police"},
		{"111", "GB", "the NHS"},
		{"105", "GB", "the electricity network"},
		{"116 000", "GB", "the missing children helpline"},
		{"116 111", "GB", "Childline"},
		{"116 123", "GB", "the Samaritans"},
		{"0800 1111", "GB", "Childline"},
		{"0800 111 999", "GB", "the gas emergency service"},
		{"0800 002 001", "GB", "the gas emergency service"},
		{"0345 988 1188", "GB", "Floodline, the flood warnings"},
		{"0808 2000 247", "GB", "the domestic abuse helpline"},
		{"0800 027 1234", "GB", "the domestic abuse helpline"},
		{"0808 80 10 800", "GB", "the domestic abuse helpline"},
		{"0808 802 1414", "GB", "the domestic abuse helpline"},
		{"999", "IM", "the emergency services"},
		{"911", "US", "the emergency services"},
		{"988", "US", "the suicide crisis helpline"},
		{"988", "CA", "the suicide crisis helpline"},
		{"112", "FR", "the emergency services"},
		{"15", "FR", "the emergency services"},
		{"116 000", "FR", "the missing children hotline"},
		{"116 006", "DE", "the helpline for victims of crime"},
		{"116 111", "ES", "the child helpline"},
		{"116 117", "NO", "the doctor on call"},
		{"116 123", "IE", "the emotional support helpline"},
		{"000", "AU", "the emergency services"},
	}
	for _, test := range protected {
		// As it would be when it rings: read by Identify first.
		caller := screening.Identify(shown(test.dialled), test.region)
		whose, ok := screening.NeverBlocked(caller.Number, test.region)
		if !ok || whose != test.whose {
			t.Errorf("%s in %s, which is %q: %q, %t, want %q", test.dialled, test.region, caller.Number, whose, ok, test.whose)
		}
		if caller.Doubtful || caller.Impossible || caller.International || caller.PremiumRate {
			t.Errorf("%s in %s: %+v", test.dialled, test.region, caller)
		}
	}
}

func TestNotProtected(t *testing.T) {
	for _, test := range []struct {
		number screening.Number
		region string
	}{
		{"", "GB"}, {"", "XX"}, {london, "GB"}, {"1571", "GB"}, {"911", "GB"}, {"999", "FR"}, {"101", "US"},
		{"+44999", "GB"}, {"9999", "GB"}, {"0", "GB"},
		{"159", "GB"}, // the way to one's bank, which rings nobody
		{"119", "GB"}, // vaccination bookings, likewise
		{"+448001111", "US"},
	} {
		if whose, ok := screening.NeverBlocked(test.number, test.region); ok {
			t.Errorf("%q in %s is %s", test.number, test.region, whose)
		}
	}
}
