package screening

import "unicode/utf8"

// Decode reads text in an unknown encoding, such as a name in a SIP header: as UTF-8, which RFC 3261 (section 25.1) asks for; else as Latin-1,
// which some exchanges send instead; else not at all. If the other characters show that it is UTF-8 and the last one has been cut off, that
// is left out.
func Decode(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	if whole := withoutCutTail(text); utf8.ValidString(whole) && utf8.RuneCountInString(whole) < len(whole) {
		return whole
	}
	runes := make([]rune, 0, len(text))
	for i := range len(text) {
		if c := text[i]; c >= 0x80 && c < 0xa0 {
			return "" // Latin-1 has no letters there, so it is some other encoding
		}
		runes = append(runes, rune(text[i]))
	}
	return string(runes)
}

// withoutCutTail leaves out an incomplete character at the end of the text.
func withoutCutTail(text string) string {
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if start := len(text) - back; utf8.RuneStart(text[start]) {
			if !utf8.FullRuneInString(text[start:]) {
				return text[:start]
			}
			break
		}
	}
	return text
}
