package speech

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	mostText = 1000 // characters; ten seconds of the fastest speech have 300
	// Nobody speaks faster than auctioneers, at four words a second; what has many more was not heard.
	hurriedWords  = 5.5 // a second of speech: unsure
	inventedWords = 9.0 // a second of speech: nobody said that
	shortText     = 4   // words: too few to tell their speed
)

// described are sounds that recognisers name instead of words, such as "[MUSIC]", "(coughs)" and "*sighs*".
var described = regexp.MustCompile(`\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|♪[^♪]*♪?`)

// plausible is what remains of a recogniser's answer for that much speech.
func plausible(words Words, spoken time.Duration) Words {
	text := clean(words.Text)
	kept, loops := cutLoops(strings.Fields(text))
	if !strings.ContainsFunc(text, unicode.IsLetter) || kept == nil {
		return Words{}
	}
	speed := float64(len(kept)) / spoken.Seconds()
	if len(kept) > shortText && speed > inventedWords {
		return Words{}
	}
	hurried := len(kept) > shortText && speed > hurriedWords
	return Words{Text: strings.Join(kept, " "), Unsure: words.Unsure || loops || hurried}
}

// clean makes one line of the text, without what is no words.
func clean(text string) string {
	return OneLine(described.ReplaceAllString(strings.ToValidUTF8(text, ""), " "), mostText)
}

// OneLine makes one line of a text, cut after a word where it has more than most characters. A machine's answer is as hostile as any: what controls a
// screen, or turns the direction of writing, goes.
func OneLine(text string, most int) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case !unicode.IsPrint(c):
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, ""))
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most])
		if end := strings.LastIndexByte(text, ' '); end > 0 {
			text = text[:end]
		}
		text += " …"
	}
	return text
}

const (
	longestLoop = 12 // words
	mostWord    = 3  // times that people say one word: "hello, hello, hello"
	mostPhrase  = 2  // times that people, and recorded calls, say the same sentence
)

// cutLoops keeps one of what is repeated more often than anybody says it, and says whether it found such. It returns nil for a text that was little
// else than a repeated phrase, as recognisers make of noise. A repeated word alone may be a caller's "hello?".
func cutLoops(words []string) (kept []string, found bool) {
	lost := 0
	for at := 0; at < len(words); {
		length, times := loopAt(words, at)
		kept = append(kept, words[at:at+length]...)
		if times > 1 {
			found = true
			if length > 1 {
				lost += length * (times - 1)
			}
		}
		at += length * times
	}
	if 3*lost >= 2*len(words) {
		return nil, found
	}
	return kept, found
}

// loopAt is how many words are repeated from there on, and how often; one word, once, if none are.
func loopAt(words []string, at int) (length, times int) {
	for length = 1; length <= min(longestLoop, (len(words)-at)/2); length++ {
		times = 1
		for next := at + length; next+length <= len(words) && same(words[at:at+length], words[next:next+length]); next += length {
			times++
		}
		if times > mostWord || length > 1 && times > mostPhrase {
			return length, times
		}
	}
	return 1, 1
}

// same compares words without case and punctuation.
func same(a, b []string) bool {
	for i := range a {
		if bare(a[i]) != bare(b[i]) {
			return false
		}
	}
	return true
}

func bare(word string) string {
	return strings.ToLower(strings.TrimFunc(word, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }))
}
