package screening

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// errNoCountry is for text in which no country stands.
var errNoCountry = errors.New("write a country's name in English, its two letters, or its calling code, such as Nigeria, NG or +234")

// otherNames are what people call countries too, folded. Only the names that mean one country, or a group of them, are here.
var otherNames = map[string][]string{
	"uk": {"GB"}, "britain": {"GB"}, "great britain": {"GB"}, "england": {"GB"}, "scotland": {"GB"}, "wales": {"GB"}, "northern ireland": {"GB"},
	"channel islands": {"GG", "JE"}, "republic of ireland": {"IE"}, "eire": {"IE"}, "usa": {"US"}, "america": {"US"},
	"united states of america": {"US"}, "holland": {"NL"}, "czech republic": {"CZ"}, "turkiye": {"TR"}, "burma": {"MM"}, "swaziland": {"SZ"},
	"macedonia": {"MK"}, "cabo verde": {"CV"}, "uae": {"AE"}, "emirates": {"AE"}, "russian federation": {"RU"}, "korea": {"KR"}, "viet nam": {"VN"},
	"palestine": {"PS"}, "vatican": {"VA"}, "east timor": {"TL"}, "macao": {"MO"}, "cote d ivoire": {"CI"}, "dr congo": {"CD"}, "drc": {"CD"},
	"congo": {"CD", "CG"}, "bosnia": {"BA"}, "trinidad": {"TT"}, "satellite": {"+870", "+881", "+882", "+883"},
	"satellites": {"+870", "+881", "+882", "+883"}, "satellite phones": {"+870", "+881", "+882", "+883"},
}

// AllCountries lists the codes of all countries, and of the calling codes without one, by name.
func AllCountries() []string { return slices.Clone(allCountries()) }

// allCountries is made once: sorting by names takes milliseconds.
var allCountries = sync.OnceValue(func() []string {
	all := slices.AppendSeq(Regions(), maps.Keys(networkNames))
	names := map[string]string{}
	for _, code := range all {
		names[code] = folded(CountryName(code))
	}
	slices.SortFunc(all, func(a, b string) int { return strings.Compare(names[a], names[b]) })
	return all
})

// countriesByName finds codes by folded names and by two letters in lower case.
var countriesByName = sync.OnceValue(func() map[string][]string {
	byName := map[string][]string{}
	for _, code := range allCountries() {
		byName[folded(CountryName(code))] = []string{code}
	}
	for name, codes := range otherNames {
		byName[name] = codes
	}
	for _, code := range Regions() {
		byName[strings.ToLower(code)] = []string{code}
	}
	return byName
})

// folded is a name without accents, capitals, punctuation and "the".
func folded(name string) string {
	words := strings.FieldsFunc(strings.ToLower(norm.NFD.String(strings.ReplaceAll(name, "&", " and "))), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
	})
	for i, word := range words {
		words[i] = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, word)
		if words[i] == "saint" {
			words[i] = "st"
		}
	}
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// CallingCode is a calling code as it is typed, such as "+43", "0043" or "+1*"; false if it is something else. Who shares it are its countries, the
// main one first.
func CallingCode(typed, region string) (countries []string, ok bool) {
	digits, err := dialled(strings.TrimRight(strings.TrimSpace(typed), "*"))
	if err != nil {
		return nil, false
	}
	international, plus := strings.CutPrefix(digits, "+")
	if !plus {
		if international, plus = cutInternationalPrefix(digits, region); !plus {
			return nil, false
		}
	}
	code, area, err := cutCountryCode(international)
	if err != nil || area != "" {
		return nil, false
	}
	if regions := phonenumbers.GetRegionCodesForCountryCode(code); !slices.Contains(regions, phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY) {
		return regions, len(regions) > 0
	}
	return []string{"+" + strconv.Itoa(code)}, true
}

// ParseCountries reads the countries that somebody has typed: names in English, two letters or calling codes, with commas, "and" or only spaces
// between them. Each is returned once, in the order typed. region is the line's.
func ParseCountries(typed, region string) (codes []string, err error) {
	if len(typed) > longestCountries {
		return nil, errNoCountry
	}
	for part := range strings.SplitSeq(strings.NewReplacer(";", ",", "\n", ",").Replace(typed), ",") {
		words := strings.Fields(part)
		for len(words) > 0 {
			found, taken := countriesAt(words, region)
			switch {
			case taken > 0:
				codes, words = append(codes, found...), words[taken:]
			case strings.EqualFold(words[0], "and") && len(words) > 1:
				words = words[1:]
			default:
				return nil, fmt.Errorf("%s isn't a country; %w", quoted(CleanLine(strings.Join(words, " "), maxText)), errNoCountry)
			}
		}
	}
	if len(codes) == 0 {
		return nil, errNoCountry
	}
	return unique(codes), nil
}

// longestCountries has room for the names of all countries.
const longestCountries = 8000

// mostWords is how many words a country's name has, with some to spare.
const mostWords = 10

// countriesAt finds the longest name with which words begin.
func countriesAt(words []string, region string) (codes []string, taken int) {
	if codes, is := CallingCode(words[0], region); is {
		return codes, 1
	}
	for n := min(len(words), mostWords); n > 0; n-- {
		if codes, is := countriesByName()[folded(strings.Join(words[:n], " "))]; is {
			return codes, n
		}
	}
	return nil, 0
}

// unique keeps the first of those that are equal.
func unique(codes []string) (once []string) {
	for _, code := range codes {
		if !slices.Contains(once, code) {
			once = append(once, code)
		}
	}
	return once
}
