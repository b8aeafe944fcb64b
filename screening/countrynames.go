package screening

import (
	"cmp"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// countryNames finds the names of countries in English, as the Unicode CLDR has them.
var countryNames = sync.OnceValue(func() display.Namer { return display.Regions(language.BritishEnglish) })

// spokenNames are countries that people call something else than the CLDR's tables in golang.org/x/text, or that have changed their names since those
// were made.
var spokenNames = map[string]string{
	"CD": "Democratic Republic of the Congo", "CG": "Republic of the Congo", "CI": "Ivory Coast", "HK": "Hong Kong", "MK": "North Macedonia",
	"MM": "Myanmar", "MO": "Macau", "SZ": "Eswatini", "VC": "St Vincent and the Grenadines",
}

// withArticle are countries whose names have "the" before them within a sentence, beside those that withArticleEnds names.
var withArticle = map[string]bool{
	"AE": true, "BS": true, "CD": true, "CG": true, "GB": true, "GM": true, "IM": true, "MV": true, "NL": true, "PH": true, "US": true,
	"BQ": true, "KM": true,
}

// withArticleEnds are endings of such names: the Cayman Islands, the Dominican Republic.
var withArticleEnds = []string{"Islands", "Republic", "Territory", "Territories"}

// networkNames are calling codes that belong to no country, such as those of satellites (ITU-T E.164, annex to Operational Bulletin 1114).
var networkNames = map[string]string{
	"+800": "international freephone numbers (+800)", "+808": "international shared-cost numbers (+808)", "+870": "Inmarsat satellite phones (+870)",
	"+878": "personal numbers without a country (+878)", "+881": "satellite phones (+881)", "+882": "international networks (+882)",
	"+883": "international networks (+883)", "+888": "disaster relief (+888)", "+979": "international premium-rate numbers (+979)",
}

// CountryName is a country's name for its two letters, as it stands in a list. For calling codes without a country, such as "+881", it is what they
// are for.
func CountryName(code string) string {
	if name, is := networkNames[code]; is {
		return Capital(name)
	}
	if name, is := spokenNames[code]; is {
		return name
	}
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return cmp.Or(strings.ReplaceAll(countryNames().Name(region), " & ", " and "), code)
}

// InCountry is a country's name as it stands in a sentence: "the United Kingdom".
func InCountry(code string) string {
	if name, is := networkNames[code]; is {
		return name
	}
	name := CountryName(code)
	the := withArticle[code]
	for _, end := range withArticleEnds {
		the = the || strings.HasSuffix(name, end)
	}
	if the {
		return "the " + name
	}
	return name
}
