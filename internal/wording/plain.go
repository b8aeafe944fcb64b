package wording

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

var (
	codeSpan = regexp.MustCompile("(?s)``.+?``|`[^`]+`")
	link     = regexp.MustCompile(`(?s)!?\[([^\]]*)\](\([^)\s]*\)|\[[^\]]*\])`)
	comment  = regexp.MustCompile(`(?s)<!--.*?-->`)
	listItem = regexp.MustCompile(`^\s*([-*+]|\d+\.)\s+`)
	heading  = regexp.MustCompile(`^#{1,6}\s+`)
	ruler    = regexp.MustCompile(`^[\s|:-]+$`)
)

// readMarkdown returns the paragraphs, headings, points of lists and cells of tables of a document, without code.
func readMarkdown(content string) ([]Text, error) {
	p := &paragraphs{}
	fenced, before := false, true // before says that the line above is empty, or an example
	for i, line := range strings.Split(keepLines(comment, content), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			fenced = !fenced
			p.end()
		case fenced:
		case trimmed == "":
			p.end()
		case before && strings.HasPrefix(line, "    ") && !listItem.MatchString(line) && !p.inList || strings.HasPrefix(line, "       "):
			p.end()
			before = true
			continue
		case strings.HasPrefix(trimmed, "|"):
			p.end()
			if !ruler.MatchString(trimmed) {
				for cell := range strings.SplitSeq(strings.Trim(codeSpan.ReplaceAllString(trimmed, something), "|"), "|") {
					p.add(i+1, cell)
					p.end()
				}
			}
		case heading.MatchString(line):
			p.end()
			p.add(i+1, heading.ReplaceAllString(line, ""))
			p.end()
		case listItem.MatchString(line):
			p.end()
			p.inList = true
			p.add(i+1, listItem.ReplaceAllString(line, ""))
		default:
			if before && !strings.HasPrefix(line, " ") {
				p.inList = false
			}
			p.add(i+1, line)
		}
		before = trimmed == ""
	}
	p.end()
	return p.texts, nil
}

// readChangelog reads the newest part, which the next release shows; what was said of others stays said.
func readChangelog(content string) ([]Text, error) {
	parts := strings.SplitAfterN(content, "\n## ", 3)
	if len(parts) < 2 {
		return nil, nil
	}
	return readMarkdown(parts[0] + parts[1])
}

// paragraphs puts lines together.
type paragraphs struct {
	texts  []Text
	words  []string
	start  int
	inList bool
}

func (p *paragraphs) add(line int, words string) {
	if len(p.words) == 0 {
		p.start = line
	}
	p.words = append(p.words, strings.TrimSpace(words))
}

func (p *paragraphs) end() {
	if words := strings.Join(p.words, "\n"); strings.TrimSpace(words) != "" {
		words = keepLines(codeSpan, words)
		words = link.ReplaceAllString(words, "$1")
		p.texts = append(p.texts, Text{Line: p.start, Words: strings.NewReplacer("**", "", "__", "").Replace(words)})
	}
	p.words = nil
}

// keepLines puts something in the place of what matches, and keeps its line breaks.
func keepLines(pattern *regexp.Regexp, content string) string {
	return pattern.ReplaceAllStringFunc(content, func(found string) string { return something + strings.Repeat("\n", strings.Count(found, "\n")) })
}

// readTable returns the texts of a table of phrases.
func readTable(content string) (texts []Text, err error) {
	var p unstable.Parser
	p.Reset([]byte(content))
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind != unstable.KeyValue {
			continue
		}
		if v := e.Value(); v.Kind == unstable.String {
			texts = append(texts, Text{Line: p.Shape(v.Raw).Start.Line, Words: string(v.Data)})
		}
	}
	return texts, p.Error()
}

// readExample returns the comments of an example of settings, paragraph by paragraph, without the settings that are commented out.
func readExample(content string) ([]Text, error) {
	setting := regexp.MustCompile(`^# ?([\w-]+ *= |\[|  )`)
	p := &paragraphs{}
	for i, line := range strings.Split(content, "\n") {
		words, is := strings.CutPrefix(line, "#")
		if !is || strings.TrimSpace(words) == "" || setting.MatchString(line) {
			p.end()
			continue
		}
		p.add(i+1, words)
	}
	p.end()
	return p.texts, nil
}

// readDescription returns the descriptions and summaries of the interface for programs.
func readDescription(content string) ([]Text, error) {
	one := regexp.MustCompile(`\b(?:description|summary): (?:"((?:[^"\\]|\\.)*)"|([^"|>\n{][^\n]*))`)
	begins := regexp.MustCompile(`^( *)(- )?(description|summary): [|>]`)
	p := &paragraphs{}
	indent := -1 // of a description that goes over lines
	for i, line := range strings.Split(content, "\n") {
		own := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case strings.TrimSpace(line) == "":
			p.end()
			continue
		case indent >= 0 && own > indent:
			p.add(i+1, line)
			continue
		}
		p.end()
		indent = -1
		if begins.MatchString(line) {
			indent = own
		} else if found := one.FindStringSubmatch(line); found != nil {
			p.add(i+1, found[1]+found[2])
			p.end()
		}
	}
	p.end()
	return p.texts, nil
}

// readScript returns the texts of a script for browsers.
func readScript(content string) (texts []Text, err error) {
	lit := regexp.MustCompile("\"((?:[^\"\\\\\n]|\\\\.)*)\"|`([^`]*)`")
	put := regexp.MustCompile(`\$\{[^}]*\}`)
	for i, line := range strings.Split(content, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "//") {
			continue
		}
		for _, found := range lit.FindAllStringSubmatch(line, -1) {
			if words := put.ReplaceAllString(found[1]+found[2], something); twoWords.MatchString(words) && !strings.ContainsAny(words, "<>{}[]=") {
				texts = append(texts, Text{Line: i + 1, Words: words})
			}
		}
	}
	return texts, nil
}

// readPackage returns what the scripts of a Debian package print, and the descriptions in its other files.
func readPackage(content string) (texts []Text, err error) {
	if !strings.HasPrefix(content, "#!") {
		p := &paragraphs{}
		for i, line := range strings.Split(content, "\n") {
			words, describes := strings.CutPrefix(line, "Description:")
			switch {
			case describes:
				p.end()
				p.add(i+1, words)
				p.end()
			case strings.HasPrefix(line, " ") && strings.TrimSpace(line) != ".":
				p.add(i+1, line)
			default:
				p.end()
			}
		}
		p.end()
		return p.texts, nil
	}
	printed := regexp.MustCompile(`\b(?:echo|printf) (?:"((?:[^"\\]|\\.)*)"|'([^']*)')`)
	for i, line := range strings.Split(content, "\n") {
		for _, found := range printed.FindAllStringSubmatch(line, -1) {
			words := regexp.MustCompile(`\$\{?\w+\}?`).ReplaceAllString(found[1]+found[2], something)
			if unquoted, err := strconv.Unquote(`"` + strings.ReplaceAll(words, `"`, `\"`) + `"`); err == nil {
				words = unquoted
			}
			texts = append(texts, Text{Line: i + 1, Words: words})
		}
	}
	return texts, nil
}
