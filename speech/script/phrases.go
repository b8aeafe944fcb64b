package script

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A phrase of the tables is a run of words as dictionary.words makes them, with a few marks:
//
//	cancel*     a word that begins like that
//	#           a number
//	^           the beginning of the text
//	..          up to four words, or none
//	(a|b c)     one of these
//	{money}     one of the words of that name in [words]
//	now?        may be missing; so may a group or a name: (a|b)?
//
// It becomes a regular expression, since Go's take a time that is linear in the text, whatever the text is.
var marks = regexp.MustCompile(`\.\.|[(|)]|\{[a-z_]+\}|#|\p{L}+\*?|\?|\s+|.`)

// gap is what ".." stands for. Every word of a text has a blank before it.
const gap = `(?: [^ ]+){0,4}?`

// expression translates a phrase. names are the names of [words], translated.
func (d *dictionary) expression(phrase string, names map[string]string) (string, error) {
	var b strings.Builder
	open, before := 0, " "
	for _, mark := range marks.FindAllString(phrase, -1) {
		switch {
		case strings.TrimSpace(mark) == "":
		case mark == "^":
			b.WriteString("^")
		case mark == number:
			b.WriteString("(?: #)")
		case mark == "..":
			b.WriteString(gap)
		case mark == "(":
			open++
			b.WriteString("(?:")
		case mark == ")":
			open--
			b.WriteString(")")
		case mark == "|":
			if open == 0 {
				return "", fmt.Errorf("%q: a choice stands in brackets", phrase)
			}
			b.WriteString("|")
		case mark == "?":
			if before == ".." || before == "|" || before == "(" || before == "?" || strings.TrimSpace(before) == "" {
				return "", fmt.Errorf("%q: a question mark follows a word, a group or a name", phrase)
			}
			b.WriteString("?")
		case mark[0] == '{':
			words, found := names[strings.Trim(mark, "{}")]
			if !found {
				return "", fmt.Errorf("%q: [words] has no %s", phrase, mark)
			}
			b.WriteString(words)
		default:
			stem, cut := strings.CutSuffix(mark, "*")
			if as := d.words(stem); !cut && !slices.Equal(as, []string{stem}) {
				return "", fmt.Errorf("%q: write %q instead of %q, as texts are read", phrase, strings.Join(as, " "), stem)
			}
			b.WriteString("(?: " + regexp.QuoteMeta(stem))
			if cut {
				b.WriteString("[^ ]*")
			}
			b.WriteString(")")
		}
		if open < 0 {
			return "", fmt.Errorf("%q: a bracket too many", phrase)
		}
		before = mark
	}
	if open != 0 {
		return "", fmt.Errorf("%q: a bracket is missing", phrase)
	}
	return b.String(), nil
}

// compile makes one expression of phrases; nil of none.
func (d *dictionary) compile(phrases []string, names map[string]string) (*regexp.Regexp, error) {
	if len(phrases) == 0 {
		return nil, nil
	}
	var all []string
	var faults []error
	for _, phrase := range phrases {
		one, err := d.expression(phrase, names)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		switch whole, err := regexp.Compile("^(?:" + one + ")(?: |$)"); {
		case err != nil:
			faults = append(faults, fmt.Errorf("%q: %w", phrase, err))
		case whole.MatchString(" "):
			faults = append(faults, fmt.Errorf("%q: fits everything", phrase))
		}
		all = append(all, one)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return regexp.Compile("(?:" + strings.Join(all, "|") + ")(?: |$)")
}
