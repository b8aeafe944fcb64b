package screening_test

import (
	"strings"
	"testing"

	"ringfence/screening"
)

func TestReach(t *testing.T) {
	computes(t)
	for _, test := range []struct {
		typed, region, want string
		wide                bool
	}{
		{"020 7946", "GB", "This blocks all 10,000 numbers in London that begin 020 7946 xxxx.", false},
		{"0207", "GB", "This blocks all 10,000,000 numbers in London that begin 020 7xxx xxxx.", true},
		{"0121", "GB", "This would block every number in Birmingham: all 10,000,000 that begin 0121 xxx xxxx.", true},
		{"01206", "GB", "This would block every number in Colchester: all 1,000,000 that begin 01206 xxxxxx.", true},
		{"01206 298", "GB", "This blocks all 1,000 numbers in Colchester that begin 01206 298xxx.", false},
		{"0120", "GB", "This blocks about 10,000,000 numbers that begin 0120x xxxxxx.", true}, // of several towns
		{"0770", "GB", "This blocks all 10,000,000 mobile numbers that begin 0770x xxxxxx.", true},
		{"07700 900", "GB", "This blocks all 1,000 numbers that begin 07700 900xxx.", false}, // no range that anybody has
		{"0909 879", "GB", "This blocks all 10,000 premium-rate numbers that begin 0909 879 xxxx.", false},
		{"0800 11", "GB", "This blocks about 100,000 freephone numbers that begin 0800 11x xxxx. " +
			"It includes the numbers of Childline and the gas emergency service, which are never turned away.", true},
		{"0345 988", "GB", "This blocks all 10,000 numbers that begin 0345 988 xxxx. " +
			"It includes the number of Floodline, the flood warnings, which is never turned away.", false},
		{"+1 212", "GB", "This would block every number in New York, NY: all 10,000,000 that begin +1 212-xxx-xxxx.", true},
		{"212 555", "US", "This blocks all 10,000 numbers in New York, NY that begin (212) 555-xxxx.", false},
		{"01 40", "FR", "This blocks all 1,000,000 numbers that begin 01 40 xx xx xx.", true},
		{"030 901820", "DE", "This blocks every number in Berlin that begins 030 901820…, however long. There can be millions.", true},
		{"020 7946 0123", "GB", "This blocks one number, 020 7946 0123.", false},
		{"020 7946 01234", "GB", "No number begins with +4420794601234: there are too many digits.", false},
	} {
		digits, err := screening.ParsePrefix(test.typed, test.region)
		if err != nil {
			t.Fatal(err)
		}
		r := screening.ReachOf(digits, screening.Household{Region: test.region})
		if got := r.Warning(); got != test.want || r.Wide() != test.wide {
			t.Errorf("%s in %s: wide %v\ngot  %s\nwant %s", test.typed, test.region, r.Wide(), got, test.want)
		}
	}
}

func TestReachNamesTheAlarmCentre(t *testing.T) {
	house := screening.Household{Region: "GB", Telecare: []screening.Number{"+442079460123", "+442079470123"}}
	if got := screening.ReachOf("44207946", house).Never; len(got) != 1 || got[0] != "the alarm centre" {
		t.Errorf("%q", got)
	}
}

// What a prefix reaches is worked out once, for all households: each has its own alarm centres nevertheless.
func TestReachIsWorkedOutOnce(t *testing.T) {
	with := screening.Household{Region: "GB", Telecare: []screening.Number{"+442079460123"}}
	screening.ReachOf("44207946", with)
	var r screening.Reach
	if n := testing.AllocsPerRun(10, func() { r = screening.ReachOf("44207946", screening.Household{Region: "GB"}) }); n > 100 {
		t.Errorf("once more it takes %.0f allocations", n)
	}
	if len(r.Never) != 0 || r.Place != "London" || r.Numbers != 10_000 {
		t.Errorf("%+v", r)
	}
	if abroad := screening.ReachOf("44207946", screening.Household{Region: "FR"}); abroad.Written != "+44 20 7946 xxxx" {
		t.Errorf("in France it is written %s", abroad.Written)
	}
}

// Whatever the digits, there is an answer, and no sentence that promises numbers that do not exist.
func FuzzReach(f *testing.F) {
	computes(f)
	for _, digits := range []string{"", "44", "999", "44207946", "1", "00000", "883", "8835100", strings.Repeat("4", 15), strings.Repeat("9", 40), "x"} {
		f.Add(digits, "GB")
	}
	f.Fuzz(func(t *testing.T, digits, region string) {
		r := screening.ReachOf(digits, screening.Household{Region: region})
		if r.Numbers < 0 || r.Warning() == "" || r.Nothing && r.Numbers > 0 {
			t.Errorf("%q in %q: %+v", digits, region, r)
		}
	})
}

// computes skips a test with -short, as "make quick" runs: it only computes, and takes long.
func computes(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long: it runs without -short")
	}
}
