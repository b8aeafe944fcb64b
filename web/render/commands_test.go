package render

import (
	"html/template"
	"testing"
	"testing/fstest"

	"ringfence/web/field"
)

// Commands that sentences name are code on every page and part of one. What somebody has typed into a field stays as it is, and nothing becomes an element that was text.
func TestCommandsAreCode(t *testing.T) {
	pages, err := Read(fstest.MapFS{
		"templates/layout.html":      {Data: []byte(`{{define "layout"}}<title>{{.}}</title><p title="{{.}}">{{.}}</p><textarea>{{.}}</textarea><ul><li>{{.}}<li>{{.}} {{.}}</ul>{{template "content" .}}{{end}}`)},
		"templates/part-one.html":    {Data: []byte(`{{define "one"}}<p>{{.}}</p>{{end}}`)},
		"templates/page.html":        {Data: []byte(`{{define "content"}}<code>{{.}}</code>{{end}}`)},
		"templates/page-choice.html": {Data: []byte(`{{define "content"}}<select><option>{{.}}</option></select>{{end}}`)},
	}, template.FuncMap{"field": field.New})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ page, part, data, want string }{
		{"page", "one", "Run `ringfence check`.", "<p>Run <code>ringfence check</code>.</p>"},
		{"page", "one", "`sudo a` and `b c`", "<p><code>sudo a</code> and <code>b c</code></p>"},
		{"page", "one", "only one ` of them", "<p>only one ` of them</p>"},
		{"page", "one", "`over\nlines`", "<p>`over\nlines`</p>"},
		{"page", "one", "`<script>`", "<p><code>&lt;script&gt;</code></p>"},
		{"page", "content", "`a`", "<code>`a`</code>"},
		{"page-choice", "content", "`a`", "<select><option>`a`</option></select>"},
		{"page", "layout", "`a`", "<title>`a`</title><p title=\"`a`\"><code>a</code></p><textarea>`a`</textarea><ul><li><code>a</code><li><code>a</code> <code>a</code></ul><code>`a`</code>"},
	} {
		got, err := pages.Part(test.page, test.part, test.data)
		if err != nil || string(got) != test.want {
			t.Errorf("%s of %s with %q is\n%s\nnot\n%s (%v)", test.part, test.page, test.data, got, test.want, err)
		}
	}
}
