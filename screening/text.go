package screening

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is the longest name or note that gets into a Caller or a reason, in runes.
const maxText = 64

// CleanLine makes one printable line of at most limit runes from text that a stranger wrote. It removes control characters, broken UTF-8 and the
// invisible characters that reverse the direction of writing, which can make a name read as another; every run of white space becomes one space.
// It does not escape anything: that is up to the page that shows it.
func CleanLine(text string, limit int) string {
	if isCleanASCII(text, limit) { // true for most; a list may have millions
		return text
	}
	return cleaned(text, limit)
}

// isCleanASCII says that text is ASCII and needs no cleaning.
func isCleanASCII(text string, limit int) bool {
	if len(text) > limit {
		return false
	}
	space := true // no space may come next
	for i := range len(text) {
		c := text[i]
		if c < ' ' || c > '~' || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return !space || text == ""
}

func cleaned(text string, limit int) string {
	var line strings.Builder
	runes, space := 0, false
	for _, r := range strings.ToValidUTF8(text, "") {
		if unicode.IsSpace(r) {
			space = runes > 0
			continue
		}
		if !unicode.IsPrint(r) {
			continue
		}
		if space {
			line.WriteByte(' ')
			runes++
			space = false
		}
		if runes >= limit {
			break
		}
		line.WriteRune(r)
		runes++
	}
	return strings.TrimSpace(line.String())
}

// quoted is text for a sentence: clean, short, and between quotation marks.
func quoted(text string) string {
	return `"` + CleanLine(text, 40) + `"`
}

// Thousands writes a number with a comma between thousands.
func Thousands[N int | int64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// Counted is a number of things: "1 call", "1,200 calls".
func Counted[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(n) + " " + many
}

// Listed lists words as a sentence does, with "and" or "or" before the last: "a, b and c".
func Listed(words []string, before string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " " + before + " " + words[last]
}

// Capital begins words with a capital letter.
func Capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// Sentence makes a sentence of an error that was written for people.
func Sentence(err error) string { return Capital(strings.TrimSuffix(err.Error(), ".")) + "." }
