package main

import (
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// width is that of the terminal, or 0 where what is written goes elsewhere: a program reads lines whole.
func (p *program) width() int {
	f, is := p.out.(*os.File)
	if !is {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0 // not a terminal
	}
	return columns
}

// wrap breaks each line of a text between words where it is wider than a terminal, and goes on below in the column indent.
func wrap(text string, width, indent int) string {
	if width < indent+20 {
		return text // in so narrow a terminal it is better left alone
	}
	var wrapped []string
	for line := range strings.SplitSeq(text, "\n") {
		for utf8.RuneCountInString(line) > width {
			first := string([]rune(line)[:width+1])
			at := strings.LastIndex(first, " ")
			if strings.TrimSpace(first[:max(at, 0)]) == "" || at <= indent {
				break // one long word
			}
			wrapped = append(wrapped, line[:at])
			line = strings.Repeat(" ", indent) + line[at+1:]
		}
		wrapped = append(wrapped, line)
	}
	return strings.Join(wrapped, "\n")
}
