package render

import (
	"bytes"
	"regexp"
)

var (
	// textAfterTag is a tag and the text that follows it. The escaper leaves no < or > in attributes and texts.
	textAfterTag = regexp.MustCompile(`<(/?[a-zA-Z0-9-]+)[^>]*>[^<]*`)
	command      = regexp.MustCompile("`([^`\n]+)`")
)

// plainText are the elements whose texts can't have elements in them, or are somebody's own.
var plainText = map[string]bool{"textarea": true, "title": true, "option": true, "script": true, "style": true, "code": true, "pre": true}

// markCommands shows what sentences have in backticks, such as `ringfence check`, as code. Sentences are the same ones that commands print and programs
// read, so they can't have elements of HTML, and no template needs to know which of them name a command.
func markCommands(page []byte) []byte {
	if bytes.IndexByte(page, '`') < 0 {
		return page
	}
	return textAfterTag.ReplaceAllFunc(page, func(part []byte) []byte {
		text := bytes.IndexByte(part, '>') + 1
		name := bytes.ToLower(textAfterTag.FindSubmatch(part)[1])
		if plainText[string(name)] || bytes.IndexByte(part[text:], '`') < 0 {
			return part
		}
		return append(bytes.Clone(part[:text]), command.ReplaceAll(part[text:], []byte("<code>$1</code>"))...)
	})
}
