// Package render makes pages of templates, for the carers' pages and a hub's: a layout, parts that pages share, and a file for each page.
package render

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"ringfence/web/account"
	"ringfence/web/field"
)

// Pages are templates by the name of their page, such as "today".
type Pages map[string]*template.Template

// Read reads all templates of the folder "templates": each page has the layout, the parts (part-….html) and those for fields and accounts.
func Read(files fs.FS, functions template.FuncMap) (Pages, error) {
	base, err := template.New("").Funcs(functions).ParseFS(files, "templates/layout.html", "templates/part-*.html")
	for _, part := range []string{field.Part, account.Part} {
		if err == nil {
			base, err = base.Parse(part)
		}
	}
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	pages := Pages{}
	for _, name := range names {
		bare := strings.TrimSuffix(path.Base(name), ".html")
		if bare == "layout" || strings.HasPrefix(bare, "part-") {
			continue
		}
		own, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if pages[bare], err = own.ParseFS(files, name); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

// Part makes one part of a page: "layout" is all of it.
func (p Pages) Part(name, part string, data any) ([]byte, error) {
	parsed, ok := p[name]
	if !ok {
		return nil, fmt.Errorf("there is no template %q", name)
	}
	var text bytes.Buffer
	if err := parsed.ExecuteTemplate(&text, part, data); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// Write makes the whole page before the first byte of it goes out, so that a fault in a template is no half a page.
func (p Pages) Write(w http.ResponseWriter, status int, name string, data any) error {
	text, err := p.Part(name, "layout", data)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the browser may have left: that is no fault of ours
	return nil
}

// FaultTitle is the heading of a page that says what went wrong.
func FaultTitle(status int) string {
	switch status {
	case http.StatusNotFound:
		return "Not found"
	case http.StatusForbidden:
		return "Not allowed"
	case http.StatusInternalServerError:
		return "Something went wrong"
	case http.StatusTooManyRequests:
		return "Please wait a little"
	default:
		return "That could not be done"
	}
}
