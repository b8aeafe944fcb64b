package wording

import (
	"regexp"
	"strings"
	"unicode"
)

// A sentence of a text, its line breaks taken out.
type sentence struct {
	Line  int
	Words string
}

// stop ends a sentence: a full stop before a capital, a blank line, the place where a template says something else, a point of a list, an example.
var stop = regexp.MustCompile(`[.!?][)”"’']*\s+[("“‘]*[\p{Lu}¤\d]|\n[ \t]*\n|¶|\n\s*[-*] |\n {4,}|:\s*\n`)

// notStop are abbreviations.
var notStop = regexp.MustCompile(`\b(e\.g|i\.e|etc|Mr|Mrs|Ms|Dr|St|No|vs)\.$`)

func sentences(text Text) (all []sentence) {
	start := 0
	add := func(end int) {
		words := strings.Join(strings.Fields(text.Words[start:end]), " ")
		if strings.ContainsFunc(words, unicode.IsLetter) {
			lead := len(text.Words[start:end]) - len(strings.TrimLeftFunc(text.Words[start:end], unicode.IsSpace))
			all = append(all, sentence{Line: text.Line + strings.Count(text.Words[:start+lead], "\n"), Words: words})
		}
		start = end
	}
	for _, found := range stop.FindAllStringIndex(text.Words, -1) {
		end := found[0]
		switch text.Words[end] {
		case '.', '!', '?':
			end++
			if notStop.MatchString(text.Words[start:end]) {
				continue
			}
		case ':':
			end++
		}
		if end > start {
			add(end)
		}
	}
	add(len(text.Words))
	for i := range all {
		all[i].Words = strings.Trim(strings.ReplaceAll(all[i].Words, sentenceEnd, " "), " ")
	}
	return all
}

// countWords counts what is read as a word: a dash is none.
func countWords(words string) (n int) {
	for _, word := range strings.Fields(words) {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) || strings.Contains(word, something) {
			n++
		}
	}
	return n
}
