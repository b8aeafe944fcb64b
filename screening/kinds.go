package screening

import (
	"regexp"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// To find out what kind of number it has, and to which of the regions that share a country code the number belongs, the phone-number library
// matches regular expressions: the patterns of ten kinds, each twice, for each region, after building the text of every pattern and looking
// it up in a map. That took half of the time of a verdict. Here the same patterns are kept ready in the same order, and most of them need
// not be matched, because none of their numbers has that length or begins with that digit. The tests compare the answers with the library's.

// kinds knows the regions and the kinds of one country code's numbers.
type kinds []regionKinds // the main region first

type regionKinds struct {
	region  string
	leading *regexp.Regexp // what the region's numbers begin with; nil if they are recognised by their kinds
	general pattern
	special []kindPattern // the kinds that are tried first
	fixed   pattern
	mobile  pattern
	same    bool // fixed lines and mobiles cannot be told apart
}

type kindPattern struct {
	pattern
	kind phonenumbers.PhoneNumberType
}

// pattern is what the numbers of a kind look like.
type pattern struct {
	lengths uint32 // a bit for each length; 0 if they may have any
	first   [10]bool
	whole   *regexp.Regexp
}

// madeKinds caches the kinds of country codes that were asked for. There are some two hundred codes, and compiling their patterns takes a while.
var madeKinds sync.Map

// kindsOf returns the kinds of a country code's numbers, or nil for a code that does not exist.
func kindsOf(code int) kinds {
	if k, made := madeKinds.Load(code); made {
		return k.(kinds)
	}
	data, err := phonenumbers.MetadataCollection()
	if err != nil {
		return nil
	}
	var all kinds
	for _, region := range phonenumbers.GetRegionCodesForCountryCode(code) {
		for _, country := range data.GetMetadata() {
			// Codes that belong to no region, such as +800, have the region 001.
			if country.GetId() == region && int(country.GetCountryCode()) == code {
				all = append(all, kindsIn(country))
			}
		}
	}
	if all == nil {
		return nil
	}
	k, _ := madeKinds.LoadOrStore(code, all)
	return k.(kinds)
}

func kindsIn(country *phonenumbers.PhoneMetadata) regionKinds {
	r := regionKinds{
		region:  country.GetId(),
		general: patternOf(country.GetGeneralDesc()),
		fixed:   patternOf(country.GetFixedLine()),
		mobile:  patternOf(country.GetMobile()),
		same:    country.GetSameMobileAndFixedLinePattern(),
	}
	if leading := country.GetLeadingDigits(); leading != "" {
		r.leading = regexp.MustCompile("^(?:" + leading + ")")
	}
	for _, one := range []struct {
		kind phonenumbers.PhoneNumberType
		desc *phonenumbers.PhoneNumberDesc
	}{
		{phonenumbers.PREMIUM_RATE, country.GetPremiumRate()},
		{phonenumbers.TOLL_FREE, country.GetTollFree()},
		{phonenumbers.SHARED_COST, country.GetSharedCost()},
		{phonenumbers.VOIP, country.GetVoip()},
		{phonenumbers.PERSONAL_NUMBER, country.GetPersonalNumber()},
		{phonenumbers.PAGER, country.GetPager()},
		{phonenumbers.UAN, country.GetUan()},
		{phonenumbers.VOICEMAIL, country.GetVoicemail()},
	} {
		// If a region has no numbers of a kind, the pattern is missing, or is the word NA.
		if p := patternOf(one.desc); p.first != [10]bool{} {
			r.special = append(r.special, kindPattern{p, one.kind})
		}
	}
	return r
}

func patternOf(desc *phonenumbers.PhoneNumberDesc) pattern {
	text := desc.GetNationalNumberPattern()
	p := pattern{whole: regexp.MustCompile("^(?:" + text + ")$")}
	for _, length := range desc.GetPossibleLength() {
		if length < 0 { // -1 is that there are none
			length = 0
		}
		p.lengths |= 1 << length
	}
	if text != "" {
		p.first = firstDigits(text)
	}
	return p
}

// matches says whether a number, which has at least one digit, fits the pattern.
func (p *pattern) matches(area string) bool {
	return (p.lengths == 0 || p.lengths>>len(area)&1 == 1) && p.first[area[0]-'0'] && p.whole.MatchString(area)
}

// of returns what the library's GetRegionCodeForNumber and GetNumberType do, for a number without its country code.
func (k kinds) of(area string) (region string, kind phonenumbers.PhoneNumberType) {
	if area == "" {
		return "", phonenumbers.UNKNOWN
	}
	if len(k) == 1 {
		return k[0].region, k[0].kindOf(area)
	}
	for i := range k {
		r := &k[i]
		if r.leading != nil {
			if r.leading.MatchString(area) {
				return r.region, r.kindOf(area)
			}
		} else if kind := r.kindOf(area); kind != phonenumbers.UNKNOWN {
			return r.region, kind
		}
	}
	return "", phonenumbers.UNKNOWN
}

func (r *regionKinds) kindOf(area string) phonenumbers.PhoneNumberType {
	if !r.general.matches(area) {
		return phonenumbers.UNKNOWN
	}
	for i := range r.special {
		if r.special[i].matches(area) {
			return r.special[i].kind
		}
	}
	switch {
	case r.fixed.matches(area):
		if r.same || r.mobile.matches(area) {
			return phonenumbers.FIXED_LINE_OR_MOBILE
		}
		return phonenumbers.FIXED_LINE
	case !r.same && r.mobile.matches(area):
		return phonenumbers.MOBILE
	default:
		return phonenumbers.UNKNOWN
	}
}
