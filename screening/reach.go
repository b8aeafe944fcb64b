package screening

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Reach is how far a block on a prefix reaches. It is an estimate from the numbering plan, for people who are about to make such a block; no verdict
// depends on it.
type Reach struct {
	Written string   // the numbers as people of the region write them, with x for the open digits: "020 7946 xxxx"
	Numbers int64    // how many there are; 0 if nobody can say because they may have many lengths, as in Germany
	Exact   bool     // they all have the same length, so Numbers is exact
	Place   string   // where all of them are, such as "London"; "" if that is not known
	Whole   bool     // they are all numbers of the place
	Kind    string   // "mobile", "freephone" or "premium-rate" if all of them are; else ""
	Never   []string // whose numbers among them are never turned away, such as "Childline"
	Nothing bool     // no number starts with these digits, because there are too many
}

// fewLengths is how many lengths the numbers of a range may have for us to count them by the longest, which are by far the most. Britain's freephone
// numbers have three; where telephones have extensions of any length, as in Germany, there are ten.
const fewLengths = 3

// wide is from how many numbers on a block probably includes somebody whom the household wants to talk with: more than a small town's exchange has.
const wide = 100_000

// Wide says whether a block reaches so far that it needs a second thought.
func (r Reach) Wide() bool { return !r.Nothing && (r.Numbers == 0 || r.Numbers >= wide || r.Whole) }

// ReachOf says how far a block on digits, as ParsePrefix returns them, reaches.
func ReachOf(digits string, house Household) Reach {
	code, area, err := cutCountryCode(digits)
	if err != nil {
		return Reach{Written: Written(digits, true, house.Region)}
	}
	r := estimates.of(prefix{digits, area, code}, house.Region)
	if !r.Nothing {
		r.Never = NeverBlockedAmong(digits, house)
	}
	return r
}

// prefix is the first digits of numbers, and its two parts.
type prefix struct {
	digits, area string
	country      int
}

// estimated keeps what was worked out. Some hundred numbers are looked at for each prefix: 20 ms on a PC, and a page shows all of a household's.
type estimated struct {
	mu    sync.Mutex
	known map[[2]string]Reach // by digits, and the region that they are written for
}

var estimates estimated

// mostEstimates are more prefixes than the households of one machine block.
const mostEstimates = 1000

func (e *estimated) of(p prefix, home string) Reach {
	key := [2]string{p.digits, home}
	e.mu.Lock()
	r, known := e.known[key]
	e.mu.Unlock()
	if known {
		return r
	}
	r = estimate(p, home)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.known == nil || len(e.known) >= mostEstimates {
		e.known = map[[2]string]Reach{}
	}
	e.known[key] = r
	return r
}

// estimate is the reach without whose numbers are never turned away, which differs between households.
func estimate(p prefix, home string) Reach {
	region := phonenumbers.GetRegionCodeForCountryCode(p.country)
	r := Reach{}
	var all []sample
	var lengths []int
	for _, length := range nationalLengths(region) {
		found := samples(p.digits, length-len(p.area))
		if len(found) > 0 {
			lengths = append(lengths, length)
		}
		all = append(all, found...)
	}
	open := 0
	if len(lengths) > 0 {
		open = slices.Max(lengths) - len(p.area)
		if len(lengths) <= fewLengths {
			r.Numbers, r.Exact = power10(open), len(lengths) == 1
		}
		r.locate(p.area, all)
	} else { // the range has not been opened
		if open = usualLength(region) - len(p.area); open < 0 {
			return Reach{Written: "+" + p.digits, Nothing: true}
		}
		r.Numbers, r.Exact = power10(open), true
	}
	r.Written = written(p.digits, open, all, r.Numbers > 0, home)
	return r
}

// sample is a number that exists according to the numbering plan.
type sample struct {
	parsed *phonenumbers.PhoneNumber
	kind   phonenumbers.PhoneNumberType
}

// tries is how many numbers are tried for each length. A range in which fewer than one number in a hundred or so has been opened may be missed, which
// only makes the estimate worse.
const tries = 300

// samples are existing numbers that begin with digits and have open more, spread evenly over all that could.
func samples(digits string, open int) (found []sample) {
	if open < 0 || len(digits)+open > maxDigits {
		return nil
	}
	all := power10(open)
	for i := range min(all, tries) {
		rest := ""
		if open > 0 {
			// Steps of the golden section, 0.6180… of all numbers, reach every corner.
			at := i
			if all > tries {
				at = int64(float64(all) * math.Mod(float64(i)*0.6180339887498949, 1))
			}
			rest = fmt.Sprintf("%0*d", open, at)
		}
		parsed, err := phonenumbers.Parse("+"+digits+rest, "")
		if err != nil {
			continue
		}
		if kind := phonenumbers.GetNumberType(parsed); kind != phonenumbers.UNKNOWN {
			found = append(found, sample{parsed, kind})
		}
	}
	return found
}

func power10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// locate finds out what all of the numbers have in common.
func (r *Reach) locate(area string, all []sample) {
	places, kinds := map[string]bool{}, map[string]bool{}
	shortest := len(area) // of their area codes
	for _, s := range all {
		kinds[kindNames[s.kind]] = true
		code := phonenumbers.GetLengthOfGeographicalAreaCode(s.parsed)
		place, err := phonenumbers.GetGeocodingForNumber(s.parsed, "en")
		if err != nil || code == 0 || code > len(area) || place == countryOf(s.parsed) {
			place = ""
		}
		places[place] = true
		shortest = min(shortest, code)
	}
	if len(places) == 1 {
		for r.Place = range places {
			r.Whole = r.Place != "" && shortest == len(area)
		}
	}
	if len(kinds) == 1 {
		for r.Kind = range kinds {
		}
	}
}

// countryOf is what the library gives as a place if it knows no better.
func countryOf(n *phonenumbers.PhoneNumber) string {
	region, err := language.ParseRegion(phonenumbers.GetRegionCodeForNumber(n))
	if err != nil {
		return ""
	}
	return display.English.Regions().Name(region)
}

var kindNames = map[phonenumbers.PhoneNumberType]string{
	phonenumbers.MOBILE: "mobile", phonenumbers.TOLL_FREE: "freephone", phonenumbers.PREMIUM_RATE: "premium-rate",
}

// written is how the numbers are written in the region, with x for the open digits.
func written(digits string, open int, all []sample, counted bool, region string) string {
	example := digits + strings.Repeat("0", open)
	for _, s := range all { // the library only formats numbers that exist
		if e164 := phonenumbers.Format(s.parsed, phonenumbers.E164); len(e164) == len(example)+1 {
			example = e164[1:]
			break
		}
	}
	shown := Number("+" + example).National(region)
	end := len(shown)
	for left := open; left > 0 && end > 0; {
		end--
		if '0' <= shown[end] && shown[end] <= '9' {
			left--
		}
	}
	if !counted {
		return strings.TrimRight(shown[:end], " -") + "…"
	}
	return shown[:end] + strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return 'x'
		}
		return r
	}, shown[end:])
}

// nationalLengths are the lengths that numbers of a region have, without the country code.
func nationalLengths(region string) []int {
	data, err := phonenumbers.MetadataCollection()
	if err != nil {
		return nil
	}
	var lengths []int
	for _, country := range data.GetMetadata() {
		if country.GetId() == region {
			for _, length := range country.GetGeneralDesc().GetPossibleLength() {
				lengths = append(lengths, int(length))
			}
		}
	}
	return lengths
}

// usualLength is how long a fixed line's number of the region is.
func usualLength(region string) int {
	example := phonenumbers.GetExampleNumber(region)
	if example == nil {
		return 0
	}
	return len(phonenumbers.GetNationalSignificantNumber(example))
}

// NeverBlockedAmong says whose numbers that are never turned away on the household's line start with digits, as ParsePrefix returns them: those of its
// region that are never blocked, and its alarm centres'.
func NeverBlockedAmong(digits string, house Household) (whose []string) {
	for _, one := range protectedIn(house.Region) {
		if strings.HasPrefix(string(one.number), "+"+digits) {
			whose = append(whose, one.whose)
		}
	}
	for _, n := range house.Telecare {
		if strings.HasPrefix(string(n), "+"+digits) {
			whose = append(whose, "the alarm centre")
		}
	}
	slices.Sort(whose)
	return slices.Compact(whose)
}

// Warning says in plain sentences what the block would do.
func (r Reach) Warning() string {
	return r.blocks() + r.rings()
}

func (r Reach) blocks() string {
	in, kind, count := "", "", "about "
	if r.Place != "" {
		in = " in " + r.Place
	}
	if r.Kind != "" {
		kind = r.Kind + " "
	}
	if r.Exact {
		count = "all "
	}
	count += Thousands(r.Numbers)
	switch {
	case r.Nothing:
		return "No number begins with " + r.Written + ": there are too many digits."
	case r.Numbers == 1:
		return "This blocks one number, " + r.Written + "."
	case r.Numbers == 0:
		return "This blocks every " + kind + "number" + in + " that begins " + r.Written + ", however long. There can be millions."
	case r.Whole:
		return "This would block every number" + in + ": " + count + " that begin " + r.Written + "."
	default:
		return "This blocks " + count + " " + kind + "numbers" + in + " that begin " + r.Written + "."
	}
}

func (r Reach) rings() string {
	switch len(r.Never) {
	case 0:
		return ""
	case 1:
		return " It includes the number of " + r.Never[0] + ", which is never turned away."
	default:
		return " It includes the numbers of " + Listed(r.Never, "and") + ", which are never turned away."
	}
}
