package wording

import (
	"fmt"
	"strings"
	"testing"
)

// root is the top of the repository.
const root = "../.."

func TestSentencesAreWhatPeopleSay(t *testing.T) {
	found, texts, err := Check(root)
	if err != nil {
		t.Fatal(err)
	}
	if texts < 5000 {
		t.Errorf("only %d texts were found", texts)
	}
	for _, f := range found {
		t.Error(f)
	}
}

func TestRulesFindAndLeaveAlone(t *testing.T) {
	for _, r := range rules {
		if len(r.finds) == 0 || len(r.leaves) == 0 {
			t.Errorf("%s (%s) has no examples", r.name, r.say)
		}
		for _, s := range r.finds {
			if len(r.find(s)) == 0 {
				t.Errorf("%s (%s) does not find %q", r.name, r.say, s)
			}
		}
		for _, s := range r.leaves {
			if found := r.find(s); len(found) > 0 {
				t.Errorf("%s (%s) finds %q in %q", r.name, r.say, found, s)
			}
		}
	}
}

// Every kind of file gives its texts, with their lines, and nothing else.
//
// Long: one table.
func TestTextsOfEveryKindOfFile(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"web/templates/a.html": {
			`<h1>Your {{.Name}}'s <b>calls</b></h1>
<!-- not this --><script>not("this one")</script>
<p>No calls <a href="x" title="Call by call">yet</a>. <code>ringfence calls</code> lists
them{{if .Some}} at once{{else}} in time{{end}}.</p>
<button aria-label="Remove {{.It}} now">Remove</button>{{counted .N "one call" "many calls"}}`,
			`1:Your ¤'s calls|3:Call by call|3:No calls yet.|3:¤ lists them at once|4:in time.|5:Remove ¤ now|5:Remove|5:one call|5:many calls`,
		},
		"app/a.go": {
			`package app
import "not this one"
type cmd struct { Yes bool ` + "`help:\"Do not ask again.\" not:\"this one\"`" + ` }
func f() {
	slog.Warn("not this one")
	db.Exec("DELETE FROM calls")
	x = "SELECT one thing" + y
	regexp.MustCompile("not this one")
	t.Error("this one is read")
	_ = "short"
	return fmt.Errorf("%s has no calls "+
		"yet: %w", "the other one", err)
}`,
			`3:Do not ask again.|9:this one is read|11:¤ has no calls yet: ¤|12:the other one`,
		},
		"sharing/a.md": {
			"# For carers\n\nTwo lines\nof **text** with `code` and a [link](to.md). More.\n\n    not this\n    nor this\n\n| a head | b |\n| --- | --- |\n| one cell | two |\n\n1. first point\n   goes on\n2. second\n\n```\nnot this\n```\n",
			`1:For carers|3:Two lines of text with ¤ and a link.|4:More.|9:a head|9:b|11:one cell|11:two|13:first point goes on|15:second`,
		},
		"CHANGELOG.md":             {"# Changelog\n\n## 2\n\n- New words.\n\n## 1\n\n- Old words.\n", `1:Changelog|5:New words.`},
		"prompts/en-GB.toml":       {"# not this\n[to-the-caller]\nhello = \"Hello. Who is it?\"\n", `3:Hello.|3:Who is it?`},
		"ringfence.example.toml":   {"# The country of\n# the line.\n# region = \"GB\"\n\n[web]\n# Pages.\n", `1:The country of the line.|6:Pages.`},
		"web/api/openapi.yaml":     {"info:\n  description: |\n    First line\n    goes on.\n\n    Next.\n  x: 1\npaths:\n  summary: One call\n  a: { description: \"The list\" }\n", `3:First line goes on.|6:Next.|9:One call|10:The list`},
		"web/static/a.js":          {"// not this one\nsay(`${n} calls so far`, \"not\");\n", `2:¤ calls so far`},
		"packaging/debian/prerm":   {"#!/bin/sh\n# not this\necho \"Ringfence: $x is stopped.\" >&2\n", `3:Ringfence: ¤ is stopped.`},
		"packaging/debian/control": {"Package: ringfence\nDescription: a screener\n It asks who\n it is.\n", `2:a screener|3:It asks who it is.`},
	} {
		read := readerOf(name)
		if read == nil {
			t.Errorf("%s is not read", name)
			continue
		}
		texts, err := read(c.content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, text := range texts {
			for _, s := range sentences(text) {
				got = append(got, fmt.Sprintf("%d:%s", s.Line, s.Words))
			}
		}
		if all := strings.Join(got, "|"); all != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, all, c.want)
		}
	}
	for _, name := range []string{"app/a_test.go", "CONTRIBUTING.md", "prompts/fr-FR.toml", "store/migrations/1.sql", "calllog/words.go"} {
		if readerOf(name) != nil {
			t.Errorf("%s is read", name)
		}
	}
}

func TestOneSentenceTwiceOnAPage(t *testing.T) {
	page := []Text{{Line: 1, Words: "Contacts always get through. Save"}, {Line: 4, Words: "Nothing yet. Contacts always get through."}}
	found := judge("web/templates/a.html", page)
	if len(found) != 1 || found[0].Line != 4 || found[0].Rule != "twice" {
		t.Errorf("found: %v", found)
	}
	if found := judge("sharing/a.md", page); len(found) != 0 {
		t.Errorf("in a document: %v", found)
	}
}
