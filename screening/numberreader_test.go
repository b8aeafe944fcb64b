package screening

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// sameReading fails if a reader's fast path and the library read something differently. It says whether the fast path was taken.
func sameReading(t *testing.T, r *NumberReader, raw string) bool {
	t.Helper()
	quick, ok := r.fast(raw)
	if !ok {
		return false
	}
	want, err := asLibraryReads(raw, r.region)
	if err != nil || quick != want.number {
		t.Errorf("%q in %s: the reader has %q, the library %q and error %v", raw, r.region, quick, want.number, err)
	}
	got, err := read(raw, r.region)
	if err != nil || got != want {
		t.Errorf("%q in %s is read as %+v and error %v, by the library as %+v", raw, r.region, got, err, want)
	}
	return true
}

// asLibraryReads is read without our shortcuts: everything is left to the library.
func asLibraryReads(raw, region string) (reading, error) {
	digits, err := dialled(raw)
	if err != nil {
		return reading{}, err
	}
	if isShort(digits, region) {
		return reading{number: Number(digits), kind: phonenumbers.UNKNOWN}, nil
	}
	found, err := readWithLibrary(digits, region)
	if err != nil || found.country == 0 {
		return found, err
	}
	parsed, err := phonenumbers.Parse(string(found.number), "")
	if err != nil {
		return reading{}, err
	}
	return reading{
		number: Number(phonenumbers.Format(parsed, phonenumbers.E164)), country: int(parsed.GetCountryCode()),
		region: phonenumbers.GetRegionCodeForNumber(parsed), kind: phonenumbers.GetNumberType(parsed),
	}, nil
}

func reader(t testing.TB, region string) *NumberReader {
	t.Helper()
	r, err := NewNumberReader(region)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// In every region, and in every form that a list or a network may use: the library's examples for all kinds of numbers, numbers like them, digits of any
// length, and what is dialled from elsewhere.
func TestTheReaderReadsAsTheLibraryDoes(t *testing.T) {
	each := 24
	if testing.Short() {
		each = 4
	}
	random := rand.New(rand.NewPCG(6, 8)) //nolint:gosec // the same numbers every time
	regions := Regions()
	quick, all := 0, 0
	for _, region := range regions {
		r := reader(t, region)
		for range each {
			raw := someNumber(random, region, regions[random.IntN(len(regions))])
			if sameReading(t, r, raw) {
				quick++
			}
			all++
		}
	}
	// At least a fifth: most of the others are not numbers. If it were far fewer, this would test nothing.
	if quick < all/8 {
		t.Errorf("only %d of %d are read the quick way", quick, all)
	}
}

// someNumber makes up what a list of a region may hold, which may be a number of another one.
func someNumber(random *rand.Rand, region, other string) string {
	if random.IntN(3) > 0 {
		other = region
	}
	code := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(other))
	area := ""
	if random.IntN(4) > 0 {
		kind := phonenumbers.PhoneNumberType(random.IntN(int(phonenumbers.VOICEMAIL) + 1))
		if example := phonenumbers.GetExampleNumberForType(other, kind); example != nil {
			area = phonenumbers.GetNationalSignificantNumber(example)
		}
	}
	keep, length := 0, len(area)
	if area != "" {
		keep = random.IntN(len(area) + 1)
	}
	if area == "" || random.IntN(3) == 0 {
		length = random.IntN(18)
	}
	digits := []byte(area[:min(keep, length)])
	for len(digits) < length {
		digits = append(digits, byte('0'+random.IntN(10)))
	}
	begin := []string{"+" + code, "+" + code, "+" + code, "00" + code, code, code, "", trunkPrefix(other), trunkPrefix(other), trunkPrefix(other),
		"0", "011" + code, "+", "+0", "8", "1", "+" + code + "0"}
	separators := []string{"", "", "", " ", "-", ".", ") ", "/", "\u00a0"}
	raw := begin[random.IntN(len(begin))]
	separator := separators[random.IntN(len(separators))]
	for at := 0; at < len(digits); {
		end := len(digits)
		if separator != "" {
			end = min(at+2+random.IntN(3), len(digits))
		}
		raw += string(digits[at:end]) + separator
		at = end
	}
	if random.IntN(4) > 0 {
		raw = strings.TrimRight(raw, "-./") // what ends so may be only a beginning, which is not quick to find out
	}
	return raw
}

// Lists are made of these forms, so they have to be fast.
func TestPlainNumbersAreReadTheQuickWay(t *testing.T) {
	for region, forms := range map[string]string{
		"GB": "+442079460123 02079460123 442079460123 00442079460123 020-7946-0123 (020)79460123 07700900123 08081570123 " +
			"+12015550123 0012015550123 +390612345687 +4930123465 +33123456798 +61212345687",
		"US": "+12015550123 2015550123 12015550123 (201)555-0123 201.555.0123 01144207946012 +442079460123",
		"DE": "+4930123465 030123465 004930123465 +442079460123",
		"FR": "+33123456798 0123456798 33123456798 0033123456798",
		"IT": "+390612345687 0612345687 3123456798 00390612345687",
		"ES": "+34912345687 912345687 34912345687",
		"IE": "+35312345687 012345687",
		"PL": "+48123456798 123456798",
		"JE": "01534960123 +441534960123 02079460123",
		"CA": "4165550123 +14165550123 14165550123",
	} {
		r := reader(t, region)
		for _, raw := range strings.Fields(forms) {
			if !sameReading(t, r, raw) {
				t.Errorf("%s in %s goes the long way", raw, region)
			}
		}
	}
}

func TestTheReaderRefusesAsParseNumberDoes(t *testing.T) {
	r := reader(t, "GB")
	for _, raw := range []string{"", "x", "0", "999999", "+44", "+999123456789", "02079460123456", "7946 0123", "020 7946 0123 x5", "999", "sip:02079460123@a",
		"02079460" + strings.Repeat(" ", maxRaw) + "123"} {
		got, err := r.Parse(raw)
		want, refusal := ParseNumber(raw, "GB")
		if got != want || fmt.Sprint(err) != fmt.Sprint(refusal) {
			t.Errorf("%q: %q and %v, want %q and %v", raw, got, err, want, refusal)
		}
	}
	if _, err := NewNumberReader("XX"); err == nil {
		t.Error("there is a reader for region XX")
	}
}

// Some ranges look as plain as a number with a hyphen.
func TestTheReaderRefusesRanges(t *testing.T) {
	for _, c := range []struct{ region, raw string }{{"RS", "1100-110001"}, {"GB", "020 7946 012-3"}, {"US", "1-201-555-0123"}, {"GB", "01632-960123"}, {"RS", "33612345678-9"}, {"ES", "+34100000-120"}} {
		got, err := reader(t, c.region).Parse(c.raw)
		want, refusal := ParseNumber(c.raw, c.region)
		if got != want || fmt.Sprint(err) != fmt.Sprint(refusal) {
			t.Errorf("%q in %s: %q and %v, want %q and %v", c.raw, c.region, got, err, want, refusal)
		}
	}
	if n, err := reader(t, "RS").Parse("1100-110001"); err == nil {
		t.Errorf("two short numbers are read as %s", n)
	}
}

func FuzzNumberReader(f *testing.F) {
	regions := Regions()
	for i, region := range regions {
		f.Add("+"+strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region))+"2079460123", i)
		f.Add(trunkPrefix(region)+"2079460123", i)
	}
	readers := map[string]*NumberReader{}
	f.Fuzz(func(t *testing.T, raw string, i int) {
		region := regions[int(uint(i)%uint(len(regions)))] //nolint:gosec // any of them
		if readers[region] == nil {
			readers[region] = reader(t, region)
		}
		sameReading(t, readers[region], raw)
	})
}

func BenchmarkNumbers(b *testing.B) {
	r := reader(b, "GB")
	for _, way := range []struct {
		name string
		read func(string) (Number, error)
	}{
		{"NumberReader", r.Parse},
		{"ParseNumber", func(raw string) (Number, error) { return ParseNumber(raw, "GB") }},
	} {
		for _, raw := range []string{"+442079460123", "020 7946 0123"} {
			b.Run(way.name+"/"+raw, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := way.read(raw); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
