package screening_test

import (
	"strings"
	"testing"

	"ringfence/screening"
)

// seeds are the kinds of text that networks, adapters and people write, for all three fuzz tests.
var seeds = []string{
	"", " ", "0", "00", "000000", "+", "+44", "P", "O", "anonymous", "Anonymous", "unavailable", "Restricted", "Private",
	"Out of Area", "INTERNATIONAL", "02079460123", "020 7946 0123", "+442079460123", "00442079460123", "441632960961",
	"+44 (0)1632 960961", "07700 900123", "0909*", "+44 909", "44909", "999", "112", "101", "116123", "+44999", "0044999",
	"18000", "1571", "+12015550123", "0012015550123", "12015550123", "sip:+442079460123@127.0.0.1", "tel:+442079460123;isub=1",
	"tel:020;phone-context=+44", "02079460123;ext=5", "02079460123 x5", "sip:%2B44%00@", "\x00", "0207946\x000123", "\xff\xfe",
	"\U0001f4de", "%2B44", "\"><script>", "${SHELL(x)}", "\u202a02079460123\u202c", "０２０７９４６０１２３", "٠٢٠٧٩٤٦٠١٢٣",
	";", ";;=", "@", "sip:", "tel:;phone-context=+", "+0", "+00", "++44", strings.Repeat("1", 4000), strings.Repeat("a", 4000),
}

var fuzzRegions = []string{"GB", "US", "IT", "AU", "RU", "XX"}

func FuzzIdentify(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed, "", "allowed_not_screened")
		f.Add("", seed, "unavailable")
		f.Add(seed, seed, "prohib")
		f.Add(london, "Ann Price", seed)
	}
	f.Fuzz(func(t *testing.T, number, name, presentation string) {
		id := screening.Identity{Number: number, Name: name, Presentation: presentation}
		for _, region := range fuzzRegions {
			caller := screening.Identify(id, region)
			checkCaller(t, caller)
			checkVerdict(t, screening.Decide(screening.Call{At: morning, Caller: caller},
				screening.Household{Region: region, Number: london}, screening.Knowledge{}))
			if caller.Number == "" {
				continue
			}
			// The result, shown by the network, gives the same caller again: so a blocked number is recognised when it calls.
			again := screening.Identify(shown(string(caller.Number)), region)
			if again.Number != caller.Number || again.International != caller.International || again.PremiumRate != caller.PremiumRate {
				t.Errorf("%q in %s is %+v, and that is %+v", number, region, caller, again)
			}
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, region := range fuzzRegions {
			number, err := screening.ParseNumber(raw, region)
			if err != nil {
				isPlainSentence(t, err.Error())
				if number != "" {
					t.Errorf("%q in %s: %q beside error %q", raw, region, number, err)
				}
				continue
			}
			checkNumber(t, number)
			if got := screening.NumberFromKey(number.Key()); got != number {
				t.Errorf("%q has the key %d, and that is %q", number, number.Key(), got)
			}
			for _, written := range []string{string(number), number.National(region)} {
				if got, err := screening.ParseNumber(written, region); err != nil || got != number {
					t.Errorf("%q in %s is %q, written %q it is %q, error %v", raw, region, number, written, got, err)
				}
			}
			// Numbers on lists and callers' numbers are read alike.
			if caller := screening.Identify(shown(raw), region); caller.Number != number {
				t.Errorf("%q in %s is %q on a list and %+v as a caller", raw, region, number, caller)
			}
		}
	})
}

func FuzzParsePrefix(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, region := range fuzzRegions {
			digits, err := screening.ParsePrefix(raw, region)
			if err != nil {
				isPlainSentence(t, err.Error())
				if digits != "" {
					t.Errorf("%q in %s: %q beside error %q", raw, region, digits, err)
				}
				continue
			}
			if len(digits) < 4 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" || digits[0] == '0' {
				t.Errorf("%q in %s: %q", raw, region, digits)
			}
			if again, err := screening.ParsePrefix("+"+digits+"*", region); err != nil || again != digits {
				t.Errorf("%q in %s is %q, and that is %q, error %v", raw, region, digits, again, err)
			}
		}
	})
}
