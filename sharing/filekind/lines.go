package filekind

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// numberAndName is a line of NoPhoneSpam's, which Yet Another Call Blocker reads too: "0900*: Premium rate".
	numberAndName = regexp.MustCompile(`^\+?[\d#*][\d #*()/.-]*:(?: |$)`)
	// onlyNumbers are numbers with commas between them.
	onlyNumbers = regexp.MustCompile(`^\+?[\d*#][\d ()/.*#-]{2,}(?:, ?\+?[\d*#][\d ()/.*#-]{2,})+$`)
)

// ofLines knows the texts of call blockers by their lines. The last one may be cut.
func ofLines(text string) Kind {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return Text
	}
	headings := strings.Split(strings.ToLower(strings.ReplaceAll(lines[0], `"`, "")), ",")
	has := func(heading string) bool { return slices.Contains(headings, heading) }
	switch {
	case len(headings) > 2 && headings[0] == "id" && headings[1] == "name" && headings[2] == "pattern":
		return YetAnother
	case has("pattern") && (has("isblacklist") || has("description") && has("priority")):
		return SpamBlockerTable
	case len(lines) == 1 && onlyNumbers.MatchString(withoutCut(lines[0])):
		return Fossify
	}
	if !slices.ContainsFunc(lines[:max(len(lines)-1, 1)], func(line string) bool { return !numberAndName.MatchString(line) }) {
		return NoPhoneSpam
	}
	return Text
}

// withoutCut is a line of numbers without the last, if the line is so long that it may be cut there.
func withoutCut(line string) string {
	if at := strings.LastIndexByte(line, ','); len(line) > Beginning/2 && at > 0 {
		return line[:at]
	}
	return line
}
