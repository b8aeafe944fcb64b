package screening

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// sameKind fails if kinds and the library disagree about a number, and returns its kind.
func sameKind(t *testing.T, code int, area string) phonenumbers.PhoneNumberType {
	t.Helper()
	value, err := strconv.ParseUint(area, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	country := int32(code)
	number := &phonenumbers.PhoneNumber{CountryCode: &country, NationalNumber: &value}
	if zeros := int32(len(area) - len(strconv.FormatUint(value, 10))); zeros > 0 {
		leading := true
		number.ItalianLeadingZero, number.NumberOfLeadingZeros = &leading, &zeros
	}
	region, kind := kindsOf(code).of(area)
	if want := phonenumbers.GetRegionCodeForNumber(number); region != want {
		t.Errorf("+%d %s is of region %q, by the library %q", code, area, region, want)
	}
	if want := phonenumbers.GetNumberType(number); kind != want {
		t.Errorf("+%d %s is of kind %d, by the library %d", code, area, kind, want)
	}
	return kind
}

// For every country code: the examples of all kinds in all of its regions, with each of their digits changed, and with too many and too few digits; and digits
// that begin like numbers of the code.
func TestKindsAreThoseOfTheLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long: it runs without -short")
	}
	random := rand.New(rand.NewPCG(10, 8)) //nolint:gosec // the same numbers every time
	seen := map[phonenumbers.PhoneNumberType]int{}
	for _, code := range slices.Sorted(maps.Keys(phonenumbers.GetSupportedCallingCodes())) {
		for _, example := range examplesOf(code) {
			seen[sameKind(t, code, example)]++
			for at := range example {
				changed := []byte(example)
				changed[at] = byte('0' + random.IntN(10))
				seen[sameKind(t, code, string(changed))]++
			}
			for length := 1; length <= 17; length++ {
				digits := []byte(example[:min(len(example), length)])
				for len(digits) < length {
					digits = append(digits, byte('0'+random.IntN(10)))
				}
				seen[sameKind(t, code, string(digits))]++
			}
		}
		for first := range 1000 { // all of three digits
			digits := fmt.Sprintf("%03d%09d", first, random.IntN(1_000_000_000))
			seen[sameKind(t, code, digits[:6+random.IntN(7)])]++
		}
	}
	for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
		if seen[kind] == 0 {
			t.Errorf("no number was of kind %d", kind)
		}
	}
	t.Log(seen)
}

// examplesOf are the library's examples of all kinds of a country code's numbers.
func examplesOf(code int) (all []string) {
	add := func(number *phonenumbers.PhoneNumber) {
		if number != nil {
			all = append(all, phonenumbers.GetNationalSignificantNumber(number))
		}
	}
	add(phonenumbers.GetExampleNumberForNonGeoEntity(code))
	for _, region := range phonenumbers.GetRegionCodesForCountryCode(code) {
		for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
			add(phonenumbers.GetExampleNumberForType(region, kind))
		}
	}
	return all
}

func TestACodeThatDoesNotExistHasNoKinds(t *testing.T) {
	if region, kind := kindsOf(999).of("123456789"); region != "" || kind != phonenumbers.UNKNOWN {
		t.Errorf("+999 123456789 is of region %q and kind %d", region, kind)
	}
	if _, kind := kindsOf(44).of(""); kind != phonenumbers.UNKNOWN {
		t.Errorf("no digits at all are of kind %d", kind)
	}
}

func FuzzKinds(f *testing.F) {
	codes := slices.Sorted(maps.Keys(phonenumbers.GetSupportedCallingCodes()))
	for i, code := range codes {
		for _, example := range examplesOf(code) {
			n, err := strconv.ParseUint(example, 10, 64)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(i, n)
		}
	}
	f.Fuzz(func(t *testing.T, i int, number uint64) {
		area := strconv.FormatUint(number%100_000_000_000_000_000, 10)
		sameKind(t, codes[int(uint(i)%uint(len(codes)))], area) //nolint:gosec // any of them
	})
}
