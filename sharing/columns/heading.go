package columns

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ringfence/screening"
)

// kinds are what words say.
var kinds = sync.OnceValue(func() map[string]kind {
	all := map[string]kind{}
	for k, list := range words {
		for _, word := range list {
			all[word] |= k
		}
	}
	return all
})

// endings are what compounds end in, in German and Dutch and where people leave out the space: "Kundennummer", "callernumber". The longest come first.
var endings = []string{
	"telefonnummer", "telefoonnummer", "mobilnummer", "handynummer", "phonenumber", "rufnummern", "rufnummer", "telephone", "telefono", "telefon", "telefoon", "nummers",
	"nummern", "nummer", "number", "mobile", "phone", "handy", "nr", "tel",
}

// wordsOf are the words of a heading in lower case and without accents. Compounds are taken apart.
func wordsOf(heading string) []string {
	var text strings.Builder
	before := rune(' ')
	for _, r := range norm.NFD.String(screening.CleanLine(heading, 100)) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case r == 'ß':
			text.WriteString("ss")
			continue
		case unicode.IsUpper(r) && unicode.IsLower(before), unicode.IsDigit(r) && unicode.IsLetter(before), unicode.IsLetter(r) && unicode.IsDigit(before):
			text.WriteRune(' ')
		}
		before = r
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			r = ' '
		}
		text.WriteRune(unicode.ToLower(r))
	}
	var all []string
	for _, word := range strings.Fields(text.String()) {
		all = append(all, apart(word)...)
	}
	return all
}

// apart takes a compound apart, unless it is a word of its own.
func apart(word string) []string {
	if kinds()[word] != 0 {
		return []string{word}
	}
	for _, end := range endings {
		stem, found := strings.CutSuffix(word, end)
		if !found || len(stem) < 2 || len(end) == 2 && len(stem) < 4 {
			continue
		}
		for _, link := range []string{"", "s", "n", "en", "er"} {
			if bare, linked := strings.CutSuffix(stem, link); linked && kinds()[bare] != 0 {
				return []string{bare, end}
			}
		}
		return []string{stem, end}
	}
	return []string{word}
}

// minNumber is how many digits are rather a number that can't be read than a heading: "tel:+44-20-7946-0###".
const minNumber = 7

func digitsIn(text string) (amount int) {
	for _, r := range text {
		if unicode.IsDigit(r) {
			amount++
		}
	}
	return amount
}

// ownerOf says whose number a column has, by its heading.
func ownerOf(heading string, use Use) Owner {
	all := wordsOf(heading)
	joined := strings.Join(all, " ")
	if joined == "" || digitsIn(heading) >= minNumber {
		return Unsaid
	}
	if said, known := phrases[joined]; known {
		return decide(said, 0, use)
	}
	if slices.ContainsFunc(counting, func(start string) bool { return strings.HasPrefix(joined, start) }) && !strings.Contains(joined, " of the ") {
		return NoPhone
	}
	var said kind
	unknown := 0
	for at, word := range all {
		is := kinds()[word]
		if at > 0 && slices.Contains(byOthers, [2]string{all[at-1], word}) {
			is = other
		}
		if is == 0 && strings.Trim(word, "0123456789") != "" {
			unknown++
		}
		said |= is
	}
	return decide(said, unknown, use)
}

// decide says whose number it is by what the words of a heading say, of which so many are not known.
func decide(said kind, unknown int, use Use) Owner {
	has := func(k kind) bool { return said&k != 0 }
	elses := has(other) || has(another) || has(mine) && !has(caller) || use == Callers && has(client)
	switch {
	case has(descriptor):
		return NoPhone
	case has(telephone) && has(text):
		return Attribute
	case has(telephone) && elses:
		return Else
	case has(telephone) && has(caller):
		return Caller
	case has(telephone):
		return Phone
	case has(never), has(number) && has(client):
		return NoPhone
	case has(text):
		return Attribute
	case elses:
		return Else
	case has(caller):
		return Caller
	case has(number) && unknown > 0:
		return Unsaid // the "Foo number" may be any
	case has(number) && has(place):
		return Phone
	case has(number):
		return Number
	case has(place) && unknown == 0:
		return Place
	default:
		return Unsaid
	}
}

// isNumber says whether a heading is about a telephone number, whoever's it is.
func (o Owner) isNumber() bool { return o == Caller || o == Phone || o == Number || o == Else }
