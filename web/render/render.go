// Package render makes pages from templates, for the carers' pages and a hub's: a layout, parts that pages share, and a file for each page.
package render

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"sync"

	"ringfence/web/account"
	"ringfence/web/field"
)

// Pages are templates by the name of their page, such as "today". A page is parsed when it is first shown: its own copy of the layout and of all
// parts would take more time and memory than anything else at start-up on a small computer, and most pages are seldom looked at.
type Pages struct {
	files fs.FS
	base  *template.Template // the layout and the parts; never executed, because a template that has been cannot be cloned

	mu   sync.Mutex
	read map[string]*template.Template
}

// Read reads the folder "templates": each page has the layout, the parts (part-….html) and those for fields and accounts.
func Read(files fs.FS, functions template.FuncMap) (*Pages, error) {
	base, err := template.New("").Funcs(functions).ParseFS(files, "templates/layout.html", "templates/part-*.html")
	for _, part := range []string{field.Part, account.Part} {
		if err == nil {
			base, err = base.Parse(part)
		}
	}
	return &Pages{files: files, base: base, read: map[string]*template.Template{}}, err
}

func (p *Pages) page(name string) (*template.Template, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if read, there := p.read[name]; there {
		return read, nil
	}
	own, err := p.base.Clone()
	if err == nil {
		own, err = own.ParseFS(p.files, "templates/"+name+".html")
	}
	if err != nil {
		return nil, fmt.Errorf("the page %q: %w", name, err)
	}
	p.read[name] = own
	return own, nil
}

// Part makes one part of a page: "layout" is all of it.
func (p *Pages) Part(name, part string, data any) ([]byte, error) {
	page, err := p.page(name)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := page.ExecuteTemplate(&text, part, data); err != nil {
		return nil, err
	}
	return markCommands(text.Bytes()), nil
}

// Write makes the whole page before the first byte of it goes out, so that a fault in a template never sends half a page.
func (p *Pages) Write(w http.ResponseWriter, status int, name string, data any) error {
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
	return cmp.Or(map[int]string{
		http.StatusNotFound: "Not found", http.StatusForbidden: "Not allowed", http.StatusInternalServerError: "Something went wrong",
		http.StatusTooManyRequests: "Please wait a little",
	}[status], "That could not be done")
}
