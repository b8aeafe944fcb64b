package ivr

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"ringfence/speech"
)

// mostDisplayed is how many characters of a name a telephone shows. Cordless ones have 16 to 24, desk telephones more.
const mostDisplayed = 24

// What stands before and between the parts of an introduction that are worth a telephone's display. It is English: of another language the beginning
// is shown.
var (
	introduction = regexp.MustCompile(`(?i)\b(?:my name is|my name's|the name is|the name's|this is|here is|it is|it's|it’s|i am|i'm|i’m|you're speaking to|you are speaking to|` +
		`calling from|ringing from|phoning from|on behalf of)\s+(?:(?:called|calling you|calling|ringing|phoning|just)\s+)*(?:from\s+)?`)
	greeting = regexp.MustCompile(`(?i)^(?:(?:(?:hello|hi|hey|hiya)(?: there)?|good (?:morning|afternoon|evening|day)|yes|yeah|um+|uh+|er+m?|ah+|oh|well|right|okay|ok|sir|madam)\b[\s,.!?-]*)+`)
	belongs  = regexp.MustCompile(`(?i),?\s+(?:(?:and\s+)?(?:i am|i'm|i’m)\s+)?(?:(?:calling|ringing|phoning|speaking|here)\s+)*(?:from|on behalf of)\s+`)
	ofName   = regexp.MustCompile(`, [Tt]he ([A-Z])`) // "the" before a firm's name takes room from it
	title    = regexp.MustCompile(`\b(Dr|Mr|Mrs|Ms|St|Prof)\.`)
	sentence = regexp.MustCompile(`[.!?;]+(?:\s|$)`)
)

// saidOf comes before what could pass for somebody's name alone, so that a stranger who says a contact's name is not taken for them.
const saidOf = "Says "

// displayed is what a telephone's display shows of what a caller has said: "Steve, Microsoft Windows" of "Hello, this is Steve calling from Microsoft
// Windows. I'm…"; "" if there is nothing.
func displayed(words speech.Words) string {
	text := title.ReplaceAllString(strings.TrimSpace(words.Text), "$1") // its full stop ends no sentence
	text = strings.TrimSpace(greeting.ReplaceAllString(text, ""))
	if at := introduction.FindStringIndex(text); at != nil && strings.TrimSpace(text[at[1]:]) != "" {
		text = text[at[1]:]
	}
	if end := sentence.FindStringIndex(text); end != nil && end[0] > 0 {
		text = text[:end[0]]
	}
	text = ofName.ReplaceAllString(belongs.ReplaceAllString(text, ", "), ", $1")
	most, before, after := mostDisplayed, "", ""
	if len(strings.Fields(text)) < 3 {
		before = saidOf
	}
	if words.Unsure {
		after = "?"
	}
	if text = cutToWords(text, most-len(before)-len(after)); text == "" {
		return ""
	}
	return before + text + after
}

// cutToWords is as many whole words of a text as fit; of one long word as much as fits.
func cutToWords(text string, most int) string {
	if text = strings.Join(strings.Fields(text), " "); utf8.RuneCountInString(text) > most {
		runes := []rune(text)
		text = string(runes[:most])
		if space := strings.LastIndexByte(text, ' '); space > 0 && runes[most] != ' ' {
			text = text[:space]
		}
	}
	return strings.Trim(text, " ,.:;-")
}
