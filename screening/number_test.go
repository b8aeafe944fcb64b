package screening_test

import (
	"math"
	"strings"
	"testing"

	"ringfence/screening"
)

// Identify and ParseNumber read numbers with the same function, which TestIdentifyNumbers tests. Here is what only ParseNumber does: it refuses, with a
// reason.
func TestParseNumber(t *testing.T) {
	accepted := []struct {
		raw  string
		want screening.Number
	}{
		{"020 7946 0123", london},
		{"07700 900123", mobile}, // possible is enough
		{"01632 960961", nowhere},
		{"+1 (201) 555-0123", newJersey},
		{"999", "999"},
		{"1571", "1571"},
	}
	for _, test := range accepted {
		got, err := screening.ParseNumber(test.raw, "GB")
		if err != nil || got != test.want {
			t.Errorf("%q: got %q and error %v, want %q", test.raw, got, err, test.want)
		}
	}
}

func TestParseNumberRefuses(t *testing.T) {
	refused := []struct{ raw, because string }{
		{"", "there is no phone number here"},
		{"   ", "there is no phone number here"},
		{"-", "there is no phone number here"},
		{"0", `"0" is what phones and networks show in place of a number`},
		{"80000000000", `"80000000000" is what phones and networks show in place of a number`}, // an international number without its plus sign
		{"00", "so it is nobody's"},
		{"+", `"+" is too short`},
		{"+44", `"+44" is too short`},
		{"12", `"12" is too short`},
		{"7946 0123", "with its area code"},
		{"000000", "so it is nobody's"},
		{"0000000", "write the number itself"},
		{"02079460123456", "is too long"},
		{"02079460123 / 02079460124", "write one number"},
		{"02079460123;02079460124", "digits only"},
		{"+999 123456789", "country code that doesn't exist"},
		{"+0", "so it is nobody's"},
		{"anonymous", "digits only"},
		{"0800 FLOWERS", "digits only"},
		{"O2O 7946 0123", "digits only"},
		{"0207946\x000123", `"02079460123" contains something`},
		{"<script>", `"<script>" contains something`},
		{"++442079460123", "digits only"},
		{"߀2079460123", "digits only"}, // a digit of N'Ko, which the library does not read
		{"44+2079460123", "digits only"},
		{strings.Repeat("1", 4000), "is too long"},
	}
	for _, test := range refused {
		got, err := screening.ParseNumber(test.raw, "GB")
		if err == nil {
			t.Errorf("%.40q: read as %q, want an error that says %q", test.raw, got, test.because)
			continue
		}
		if got != "" {
			t.Errorf("%.40q: a number %q beside the error", test.raw, got)
		}
		if !strings.Contains(err.Error(), test.because) {
			t.Errorf("%.40q: error %q, want one that says %q", test.raw, err, test.because)
		}
		isPlainSentence(t, err.Error())
		hasNoJargon(t, err.Error())
	}
}

func TestUnknownRegionIsRefused(t *testing.T) {
	for _, region := range []string{"", "XX", "gb", "UK", "GBR", "001", "G\x00"} {
		if screening.ValidRegion(region) == nil {
			t.Errorf("region %q is accepted", region)
		}
		_, err := screening.ParseNumber(london, region)
		if err == nil || !strings.Contains(err.Error(), "two capital letters") {
			t.Errorf("ParseNumber in region %q: error %v", region, err)
		}
		_, err = screening.ParsePrefix("+44909", region)
		if err == nil || !strings.Contains(err.Error(), "two capital letters") {
			t.Errorf("ParsePrefix in region %q: error %v", region, err)
		}
	}
	for _, region := range []string{"GB", "IM", "US", "FR", "AU"} {
		if err := screening.ValidRegion(region); err != nil {
			t.Errorf("region %q: %v", region, err)
		}
	}
}

func TestParsePrefix(t *testing.T) {
	tests := []struct{ raw, region, want string }{
		{"0909*", "GB", "44909"},
		{"0909", "GB", "44909"},
		{" 0909 * ", "GB", "44909"},
		{"+44 909", "GB", "44909"},
		{"0044909*", "GB", "44909"},
		{"44909", "GB", "44909"}, // as this very function gives it
		{"+44 (0)909", "GB", "44909"},
		{"0161 496", "GB", "44161496"},
		{"020 7946 0123", "GB", "442079460123"},
		{"+1 201", "GB", "1201"},
		{"00 1 201*", "GB", "1201"},
		{"201*", "US", "1201"},
		{"1201*", "US", "1201"},
		{"011 44 909*", "US", "44909"},
		{"909", "ES", "34909"}, // no trunk prefix in Spain
		{"+39 012", "GB", "39012"},
		{"012", "IT", "39012"}, // in Italy the 0 belongs to the number
		{"+0909", "GB", "44909"},
	}
	for _, test := range tests {
		got, err := screening.ParsePrefix(test.raw, test.region)
		if err != nil || got != test.want {
			t.Errorf("%q in %s: got %q and error %v, want %q", test.raw, test.region, got, err, test.want)
		}
	}
}

func TestParsePrefixRefuses(t *testing.T) {
	refused := []struct{ raw, because string }{
		{"", "there is no phone number here"},
		{"*", "there is no phone number here"},
		{"+", "country code that doesn't exist"},
		{"0", "far too many numbers"},
		{"00", "country code that doesn't exist"},
		{"+4", "country code that doesn't exist"},
		{"+44", "far too many numbers"},
		{"+44*", "at least 3 digits"},
		{"44", "far too many numbers"},
		{"07", "far too many numbers"},
		{"020", "far too many numbers"},
		{"+44 20", "far too many numbers"},
		{"+44 (0)20", "far too many numbers"},
		{"+1", "far too many numbers"},
		{"00044909", "country code that doesn't exist"},
		{"+999 123", "country code that doesn't exist"},
		{"909", "could be the start of many numbers"},
		{"118*", "could be the start of many numbers"},
		{"0909x", "digits only"},
		{"09*09", "digits only"},
		{"+44 909 123456789012", "too long"},
		{strings.Repeat("4", 4000), "too long"},
	}
	for _, test := range refused {
		got, err := screening.ParsePrefix(test.raw, "GB")
		if err == nil {
			t.Errorf("%.40q: read as %q, want an error that says %q", test.raw, got, test.because)
			continue
		}
		if got != "" {
			t.Errorf("%.40q: digits %q beside the error", test.raw, got)
		}
		if !strings.Contains(err.Error(), test.because) {
			t.Errorf("%.40q: error %q, want one that says %q", test.raw, err, test.because)
		}
		isPlainSentence(t, err.Error())
		hasNoJargon(t, err.Error())
	}
}

func TestKey(t *testing.T) {
	tests := []struct {
		number screening.Number
		key    int64
	}{
		{london, 442079460123},
		{newJersey, 12015550123},
		{"999", -1999},
		{"000", -1000}, // Australia's emergency number
		{"01", -101},
		{"116123", -1116123},
		{"**610", -2610}, // a router's phone
		{"**1", -21},
		{"", 0},
	}
	for _, test := range tests {
		if got := test.number.Key(); got != test.key {
			t.Errorf("%q: key %d, want %d", test.number, got, test.key)
		}
		if got := screening.NumberFromKey(test.key); got != test.number {
			t.Errorf("key %d: number %q, want %q", test.key, got, test.number)
		}
	}
	for _, junk := range []screening.Number{"+", "x", "+44x", "++44", "-1", "+-44", "+99999999999999999999", "٠", "**", "+**1", "**+1", "***"} {
		if got := junk.Key(); got != 0 {
			t.Errorf("%q: key %d, want 0", junk, got)
		}
	}
	for _, key := range []int64{-1, -2, -29999, -3999, math.MinInt64} {
		if got := screening.NumberFromKey(key); got != "" {
			t.Errorf("key %d: number %q, want none", key, got)
		}
	}
}

func TestNational(t *testing.T) {
	tests := []struct {
		number screening.Number
		region string
		want   string
	}{
		{london, "GB", "020 7946 0123"},
		{bristol, "GB", "0117 496 0123"},
		{nowhere, "GB", "01632 960961"},
		{mobile, "GB", "07700 900123"},
		{premium, "GB", "0909 879 0123"},
		{freephone, "GB", "0808 157 0123"},
		{london, "GG", "020 7946 0123"},
		{london, "US", "+44 20 7946 0123"},
		{newJersey, "US", "(201) 555-0123"},
		{newJersey, "GB", "+1 201-555-0123"},
		{"+441234576", "GB", "+44 1234576"},      // no format known, and 1234576 could not be dialled
		{"+2412000000", "GA", "+241 2 00 00 00"}, // nationally, its format is that of +241 02 00 00 00
		{"+10111111000", "US", "+1 0111111000"},  // nationally, 011 would begin an international number
		{"999", "GB", "999"},
		{"", "GB", ""},
		{london, "XX", "+44 20 7946 0123"},
		{"+junk", "GB", "+junk"},
	}
	for _, test := range tests {
		if got := test.number.National(test.region); got != test.want {
			t.Errorf("%q in %s: got %q, want %q", test.number, test.region, got, test.want)
		}
	}
}

func TestWritten(t *testing.T) {
	for digits, want := range map[string][2]string{"442079460123": {"020 7946 0123", "02079460123…"}, "101": {"101", "+101…"}, "12015550123": {"+1 201-555-0123", "+12015550123…"}} {
		if got := [2]string{screening.Written(digits, false, "GB"), screening.Written(digits, true, "GB")}; got != want {
			t.Errorf("%s is %q, want %q", digits, got, want)
		}
	}
}
