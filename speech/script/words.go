package script

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	mostText  = 1 << 15 // bytes of a text that are read: a message of ten minutes, so that a text of any length takes no longer
	mostWords = 1500
	number    = "#" // what every number becomes: recognisers write "one" or "1", and which number it is never matters
)

// dictionary is what the tables of a language say about single words, and about what recognisers make of them.
type dictionary struct {
	numbers map[string]bool       // "seven"
	within  map[string]bool       // "and", which may join two numbers
	skipped map[string]bool       // "um"
	names   map[string]bool       // "brian", "essex"
	symbols map[string]string     // "£" is "pounds"
	heard   map[string][]spelling // by the first word of what is heard
}

// spelling is a run of words that may be heard, and what was meant.
type spelling struct{ heard, meant []string }

// words are the words of a text as the phrases of the tables know them: lower case, without marks and hesitations, spelled letters put together,
// misheard names set right, and every number as "#".
func (d *dictionary) words(text string) []string {
	words := slices.DeleteFunc(d.split(text), func(w string) bool { return d.skipped[w] })
	return d.count(d.respell(joinLetters(words)))
}

// split divides a text into words of letters, numbers and symbols that are known. Accents and case are gone, and so is what cannot be seen. An
// apostrophe is no end of a word: "don't" is "dont".
func (d *dictionary) split(text string) (words []string) {
	text = norm.NFKD.String(strings.ToValidUTF8(text[:min(len(text), mostText)], ""))
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
		}
		word.Reset()
	}
	digits := false
	for _, c := range text {
		switch {
		case c == '\'' || c == '’' || c == '‘' || c == 'ʼ' || unicode.In(c, unicode.Mn, unicode.Cf):
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			if unicode.IsDigit(c) != digits {
				end()
			}
			digits = unicode.IsDigit(c)
			word.WriteRune(unicode.ToLower(c))
		default:
			end()
			if d.symbols[string(c)] != "" {
				words = append(words, string(c))
			}
		}
		if len(words) >= mostWords {
			return words
		}
	}
	end()
	return words
}

// joinLetters makes "hmrc" of "h m r c". An "a" or "i" before two letters or more is a word of its own.
func joinLetters(words []string) (joined []string) {
	for at := 0; at < len(words); {
		end := at
		for end < len(words) && isLetter(words[end]) {
			end++
		}
		if start := words[at]; end-at > 2 && (start == "a" || start == "i") {
			joined = append(joined, start)
			at++
		}
		switch run := strings.Join(words[at:max(end, at)], ""); {
		case end-at < 2 || strings.Trim(run, "ai") == "":
			end = max(end, at+1)
			joined = append(joined, words[at:end]...)
		default:
			joined = append(joined, run)
		}
		at = end
	}
	return joined
}

func isLetter(word string) bool {
	runes := []rune(word)
	return len(runes) == 1 && unicode.IsLetter(runes[0])
}

// respell replaces what is known to be misheard, the longest run first.
func (d *dictionary) respell(words []string) (meant []string) {
	for at := 0; at < len(words); {
		taken := 1
		replaced := words[at : at+1]
		for _, s := range d.heard[words[at]] {
			if len(s.heard) <= len(words)-at && slices.Equal(s.heard, words[at:at+len(s.heard)]) {
				taken, replaced = len(s.heard), s.meant
				break
			}
		}
		meant = append(meant, replaced...)
		at += taken
	}
	return meant
}

// count makes one "#" of each number, however it is written: "£399.99" and "three hundred and ninety nine pounds" both begin with "# pounds".
func (d *dictionary) count(words []string) (counted []string) {
	unit := "" // of a symbol that stands before its number
	for at, w := range words {
		again := len(counted) > 0 && counted[len(counted)-1] == number
		switch {
		case d.isNumber(w) && again && unit == "":
		case d.isNumber(w):
			if counted = append(counted, number); unit != "" {
				counted = append(counted, unit)
			}
		case d.within[w] && again && at+1 < len(words) && d.isNumber(words[at+1]):
		case d.symbols[w] != "" && at+1 < len(words) && d.isNumber(words[at+1]):
			unit = d.symbols[w]
			continue
		case d.symbols[w] != "":
			counted = append(counted, d.symbols[w])
		default:
			counted = append(counted, w)
		}
		unit = ""
	}
	return counted
}

func (d *dictionary) isNumber(word string) bool {
	return d.numbers[word] || word != "" && !strings.ContainsFunc(word, func(c rune) bool { return !unicode.IsDigit(c) })
}
