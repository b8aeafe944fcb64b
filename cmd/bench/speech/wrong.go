package main

import (
	"strings"
	"unicode"
)

// wrongWords is how many words have to be changed, added or removed to make of what was read what was said, and how many were said.
func wrongWords(said, read string) (wrong, of int) {
	a, b := plain(said), plain(read)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before := row[0]
		row[0] = i + 1
		for j := range b {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)], len(a)
}

// sameWords are written in several ways, which are not wrong.
var sameWords = strings.NewReplacer("£400", "four hundred pounds", "400 pounds", "four hundred pounds", "it's", "it is", "i'm", "i am", "'ve", " have", "next-door", "next door", "okay", "ok")

func plain(text string) []string {
	text = sameWords.Replace(strings.ReplaceAll(strings.ToLower(text), "’", "'"))
	return strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '\'' })
}
