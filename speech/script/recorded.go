package script

import "strings"

// sameAgain is how many words in a row nobody says twice: people repeat a name, or where they are from, but not whole sentences.
const sameAgain = 8

// Recorded says whether these are the words of a recording, in any language that there is a table of: it says which key to press, that it is a recording,
// or the same again word for word. It says nothing about what the recording is for.
func Recorded(text string) bool {
	for _, t := range tables() {
		if t.isRecorded(text) {
			return true
		}
	}
	return false
}

func (t *Tables) isRecorded(text string) bool {
	words := t.dictionary.words(text)
	if t.recorded != nil && t.recorded.MatchString(" "+strings.Join(words, " ")+" ") {
		return true
	}
	said := map[string]int{} // by the words, where they begin
	for at := 0; at+sameAgain <= len(words); at++ {
		run := strings.Join(words[at:at+sameAgain], " ")
		if before, is := said[run]; !is {
			said[run] = at
		} else if at >= before+sameAgain {
			return true
		}
	}
	return false
}
