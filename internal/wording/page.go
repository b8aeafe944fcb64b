package wording

import (
	"regexp"
	"slices"
	"strings"
)

// something stands in a text for what is put in when the page is drawn, and for code.
const something = "¤"

// sentenceEnd divides a text where the template says something else instead.
const sentenceEnd = "¶"

var (
	piece     = regexp.MustCompile(`(?s)\{\{.*?\}\}|<!--.*?-->|<[a-zA-Z/!](?:"[^"]*"|'[^']*'|\{\{.*?\}\}|[^>"'])*>`)
	tagName   = regexp.MustCompile(`^</?([a-zA-Z0-9]+)`)
	attribute = regexp.MustCompile(`(?s)\b(title|alt|aria-label|placeholder)="([^"]*)"`)
	quoted    = regexp.MustCompile("\"((?:[^\"\\\\]|\\\\.)*)\"")
	indented  = regexp.MustCompile(`\n[ \t]+`)
	control   = regexp.MustCompile(`^(if|with|range|end|break|continue|define|block|\$\w+ *:?=|/\*)`)
)

// inline are the elements that a sentence goes through.
var inline = []string{"a", "abbr", "b", "em", "i", "mark", "small", "span", "strong", "time", "sup", "sub", "q", "cite", "wbr"}

// skipped are the elements whose content is not for reading.
var skipped = []string{"script", "style", "code", "pre", "svg", "kbd"}

// A page is a template as it is read.
type page struct {
	texts []Text
	block strings.Builder
	start int    // the line at which the block begins
	line  int    // the line that is read
	skip  string // the element that is left out until its end
}

// readPage returns what a template shows: its text, its attributes that are read out or shown, and texts in its actions.
func readPage(content string) ([]Text, error) {
	p := &page{line: 1, start: 1}
	at := 0
	for _, found := range piece.FindAllStringIndex(content, -1) {
		p.text(content[at:found[0]])
		part := content[found[0]:found[1]]
		if strings.HasPrefix(part, "{{") {
			p.action(part)
		} else if !strings.HasPrefix(part, "<!") {
			p.tag(part)
		}
		p.line += strings.Count(part, "\n")
		at = found[1]
	}
	p.text(content[at:])
	p.end()
	return p.texts, nil
}

func (p *page) text(words string) {
	if p.skip == "" {
		if strings.TrimSpace(p.block.String()) == "" {
			p.block.Reset()
			p.start = p.line
		}
		p.block.WriteString(indented.ReplaceAllString(unescape(words), "\n"))
	}
	p.line += strings.Count(words, "\n")
}

// end closes a paragraph, a label or whatever it is.
func (p *page) end() {
	if strings.TrimSpace(p.block.String()) != "" {
		p.texts = append(p.texts, Text{Line: p.start, Words: p.block.String()})
	}
	p.block.Reset()
}

func (p *page) action(action string) {
	inner := strings.Trim(action, "{}- \n\t")
	for _, text := range quoted.FindAllStringSubmatch(inner, -1) {
		if strings.Contains(strings.TrimSpace(text[1]), " ") && p.skip == "" && !strings.HasPrefix(inner, "/*") {
			p.texts = append(p.texts, Text{Line: p.line, Words: text[1]})
		}
	}
	switch {
	case p.skip != "":
	case strings.HasPrefix(inner, "else"):
		p.block.WriteString(sentenceEnd)
	case strings.HasPrefix(inner, "define") || strings.HasPrefix(inner, "range"):
		p.end()
	case !control.MatchString(inner):
		p.block.WriteString(something)
	}
}

func (p *page) tag(tag string) {
	matched := tagName.FindStringSubmatch(tag)
	if matched == nil {
		return
	}
	name, closes := strings.ToLower(matched[1]), strings.HasPrefix(tag, "</")
	if p.skip != "" {
		if closes && name == p.skip {
			p.skip = ""
		}
		return
	}
	for _, a := range attribute.FindAllStringSubmatchIndex(tag, -1) {
		line := p.line + strings.Count(tag[:a[4]], "\n")
		inside, _ := readPage(tag[a[4]:a[5]])
		for _, t := range inside {
			p.texts = append(p.texts, Text{Line: line + t.Line - 1, Words: t.Words})
		}
	}
	switch {
	case slices.Contains(skipped, name) && !closes && !strings.HasSuffix(tag, "/>"):
		p.skip = name
		p.block.WriteString(something)
	case !slices.Contains(inline, name):
		p.end()
	}
}

func unescape(words string) string {
	return strings.NewReplacer("&nbsp;", " ", "&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#39;", "'", "&rsquo;", "’", "&hellip;", "…").Replace(words)
}
