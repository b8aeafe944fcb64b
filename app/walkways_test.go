package app

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	pathpkg "path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"ringfence/screening"
	"ringfence/store"
)

// way is how one front end does something.
type way struct {
	by    store.Way
	owner bool // only an owner may; otherwise a carer does it
	does  func(h *house, as *person)
	// refuses is the same by somebody who may only look; nil where nobody signs in.
	refuses func(h *house)
	// fails is the same while the database writes nothing; nil where nobody reads what comes of it, or where it cannot be done twice.
	fails func(h *house, as *person)
}

// failed says whether an answer is of somebody who reads that something went wrong, and not what.
func (h *house) failed(what string, answer *http.Response, body string) {
	h.Helper()
	if answer.StatusCode != http.StatusInternalServerError || strings.Contains(body, injected) {
		h.Errorf("%s answered %d while the database fails: %s", what, answer.StatusCode, faults.FindAllString(body, -1))
	}
}

func (w way) byOwner() way {
	w.owner = true
	return w
}

// byAnybody is a way for those too who may only look: their own alerts are theirs.
func (w way) byAnybody() way {
	w.refuses = nil
	return w
}

// duringCall is a way that needs a call for which the telephones ring.
func (w way) duringCall() way {
	does, refuses := w.does, w.refuses
	w.does = func(h *house, as *person) { h.during(scammer, func() { refuses(h); does(h, as) }) }
	w.refuses, w.fails = nil, nil
	return w
}

func command(args ...string) way {
	return way{by: store.WayCommand, does: func(h *house, _ *person) { h.runs(slices.Clone(args)...) }}
}

// commandThatFails is one whose deed is done, and which then fails at something else.
func commandThatFails(args ...string) way {
	return way{by: store.WayCommand, does: func(h *house, _ *person) {
		if err := h.run(slices.Clone(args)...); err == nil {
			h.Errorf("ringfence %s has not failed", strings.Join(args, " "))
		}
	}}
}

// commandWith is a command whose last word is a file with such a name and text.
func commandWith(file, text string, args ...string) way {
	return way{by: store.WayCommand, does: func(h *house, _ *person) {
		path := filepath.Join(h.TempDir(), file)
		h.must(os.WriteFile(path, []byte(text), 0o600))
		h.runs(append(slices.Clone(args), path)...)
	}}
}

func dials(code, keys string) way {
	return way{by: store.WayTelephone, does: func(h *house, _ *person) { h.dials(code, keys) }}
}

func answers(n screening.Number, name, key string) way {
	return way{by: store.WayTelephone, does: func(h *house, _ *person) { h.answers(n, name, key) }}
}

// program sends a request for the household, such as "PUT mode".
func program(request, body string) way {
	method, path, _ := strings.Cut(request, " ")
	send := func(h *house, as *person) *http.Response {
		h.Helper()
		h.use("program " + method + " " + shape(path))
		r, err := http.NewRequestWithContext(h.Context(), method, h.web+h.path("/api/v1/households/{household}/"+path), strings.NewReader(h.path(body)))
		h.must(err)
		r.Header.Set("Authorization", "Bearer "+as.token)
		r.Header.Set("Content-Type", "text/csv")
		if strings.HasPrefix(body, "{") {
			r.Header.Set("Content-Type", "application/json")
		}
		answer, err := http.DefaultClient.Do(r)
		h.must(err)
		return answer
	}
	return way{
		by: store.WayProgram,
		does: func(h *house, as *person) {
			answer := send(h, as) //nolint:bodyclose // it has been read
			if text := h.read(answer); answer.StatusCode >= http.StatusMultipleChoices {
				h.Fatalf("%s answered %d: %s", request, answer.StatusCode, text)
			}
		},
		refuses: func(h *house) {
			answer := send(h, h.viewer)
			if text := h.read(answer); answer.StatusCode != http.StatusForbidden {
				h.Errorf("%s of a viewer answered %d: %s", request, answer.StatusCode, text)
			}
		},
		fails: func(h *house, as *person) {
			answer := send(h, as) //nolint:bodyclose // it has been read
			h.failed(request, answer, h.read(answer))
		},
	}
}

func (h *house) read(answer *http.Response) string {
	h.Helper()
	text, err := io.ReadAll(answer.Body)
	h.must(err)
	h.must(answer.Body.Close())
	return string(text)
}

// step is a form that somebody fills in and sends: pairs of names and values. A value "book.csvFILE:text" is a file
// of that name with that text.
type step struct {
	action string // within the household
	fields []string
}

func form(action string, fields ...string) step { return step{action, fields} }

// open opens a page of the household.
func (h *house) open(as *person, page string) (at *url.URL, body string) {
	h.Helper()
	answer, err := as.browser.Get(h.web + h.path("/h/{household}/"+page))
	h.must(err)
	return answer.Request.URL, h.read(answer)
}

// page opens a page of the household and sends one form after another, each as the page gives it that has come of the one before.
func page(from string, steps ...step) way {
	walk := func(h *house, as *person) (last *http.Response, body string) {
		h.Helper()
		at, body := h.open(as, from)
		for i, s := range steps {
			last = h.send(as, at, body, s)
			at, body = last.Request.URL, h.read(last)
			for strings.Contains(body, `http-equiv="refresh"`) { // it reads a file, and shows itself anew until it has
				at, body = h.open(as, strings.TrimPrefix(at.Path, h.path("/h/{household}/")))
			}
			if i < len(steps)-1 && last.StatusCode != http.StatusOK {
				h.Fatalf("%s answered %d: %s", at, last.StatusCode, faults.FindAllString(body, -1))
			}
		}
		return last, body
	}
	return way{
		by: store.WayPage,
		does: func(h *house, as *person) {
			h.Helper()
			if last, body := walk(h, as); last.StatusCode != http.StatusOK { //nolint:bodyclose // it has been read
				h.Fatalf("%s answered %d: %s", last.Request.URL, last.StatusCode, faults.FindAllString(body, -1))
			}
		},
		fails: func(h *house, as *person) {
			h.Helper()
			last, body := walk(h, as) //nolint:bodyclose // it has been read
			h.failed(from, last, body)
		},
		refuses: func(h *house) {
			h.Helper()
			values := url.Values{}
			for i := 0; i+1 < len(steps[0].fields); i += 2 {
				values.Add(steps[0].fields[i], steps[0].fields[i+1])
			}
			answer, err := h.viewer.browser.PostForm(h.web+h.path("/h/{household}/"+steps[0].action), values)
			h.must(err)
			if h.read(answer); answer.StatusCode != http.StatusForbidden {
				h.Errorf("%s of a viewer answered %d", steps[0].action, answer.StatusCode)
			}
		},
	}
}

// faults are what a page says is wrong.
var faults = regexp.MustCompile(`(?s)<(p|li|h1)[^>]*(error|wrong|fault)[^>]*>.*?</`)

// send fills a form in and sends it.
func (h *house) send(as *person, at *url.URL, body string, s step) *http.Response {
	h.Helper()
	h.use("form " + shape(s.action))
	tree, err := html.Parse(strings.NewReader(body))
	h.must(err)
	want := h.path("/h/{household}/" + s.action)
	want = regexp.MustCompile(`{[a-z]+}`).ReplaceAllString(want, "*") // what the page before it has made
	for node := range tree.Descendants() {
		if node.Type != html.ElementNode || node.Data != "form" || attribute(node, "method") != "post" {
			continue
		}
		action, err := at.Parse(attribute(node, "action"))
		h.must(err)
		if fields := fieldsOf(node); matches(want, action.Path) && fits(h, fields, s.fields) {
			return h.sendFilled(as, at, action, node, fields, s.fields) //nolint:bodyclose // read closes it
		}
	}
	h.Fatalf("%s has no form for %s with %q: %s", at, want, s.fields, body)
	return nil
}

func matches(pattern, path string) bool {
	is, err := pathpkg.Match(pattern, path)
	return is && err == nil
}

// fieldsOf are the fields of a form with what they hold as the page comes. Buttons, and boxes that are not ticked, are there without a value.
func fieldsOf(form *html.Node) url.Values {
	fields := url.Values{}
	for node := range form.Descendants() {
		name := attribute(node, "name")
		if node.Type != html.ElementNode || name == "" {
			continue
		}
		if !fields.Has(name) {
			fields[name] = nil
		}
		kind := attribute(node, "type")
		switch {
		case node.Data == "textarea":
			text := ""
			if node.FirstChild != nil {
				text = node.FirstChild.Data
			}
			fields.Add(name, text)
		case node.Data == "select":
			fields.Set(name, selected(node))
		case node.Data != "input", (kind == "radio" || kind == "checkbox") && !has(node, "checked"), kind == "file":
		default:
			fields.Add(name, attribute(node, "value"))
		}
	}
	return fields
}

// selected is the value of a list: the option that is selected, or the first.
func selected(list *html.Node) string {
	value, first := "", true
	for node := range list.Descendants() {
		if node.Type == html.ElementNode && node.Data == "option" && (first || has(node, "selected")) {
			value, first = attribute(node, "value"), false
		}
	}
	return value
}

// fits says whether a form has all the fields that somebody wants to fill in. What a page does not show has to have the value already.
func fits(h *house, fields url.Values, wanted []string) bool {
	for i := 0; i+1 < len(wanted); i += 2 {
		if !fields.Has(wanted[i]) || wanted[i] == "span" && fields.Get("span") != h.path(wanted[i+1]) {
			return false
		}
	}
	return true
}

func (h *house) sendFilled(as *person, at, action *url.URL, node *html.Node, fields url.Values, wanted []string) *http.Response {
	h.Helper()
	for i := 0; i+1 < len(wanted); i += 2 {
		delete(fields, wanted[i])
	}
	for i := 0; i+1 < len(wanted); i += 2 {
		fields.Add(wanted[i], h.path(wanted[i+1]))
	}
	body, kind := io.Reader(strings.NewReader(fields.Encode())), "application/x-www-form-urlencoded"
	if attribute(node, "enctype") == "multipart/form-data" {
		body, kind = h.parts(fields)
	}
	r, err := http.NewRequestWithContext(h.Context(), http.MethodPost, action.String(), body)
	h.must(err)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Referer", at.String())
	answer, err := as.browser.Do(r)
	h.must(err)
	return answer
}

// parts are fields as a form sends them that has a file.
func (h *house) parts(fields url.Values) (body *bytes.Buffer, kind string) {
	h.Helper()
	body = &bytes.Buffer{}
	form := multipart.NewWriter(body)
	write := func(part io.Writer, err error, text string) {
		h.must(err)
		_, err = io.WriteString(part, text)
		h.must(err)
	}
	for name, values := range fields { // the file is the last: what stands before it says what it is
		for _, value := range values {
			if _, _, is := strings.Cut(value, "FILE:"); !is {
				part, err := form.CreateFormField(name)
				write(part, err, value)
			}
		}
	}
	for name, values := range fields {
		for _, value := range values {
			if file, text, is := strings.Cut(value, "FILE:"); is {
				part, err := form.CreateFormFile(name, file)
				write(part, err, text)
			}
		}
	}
	h.must(form.Close())
	return body, form.FormDataContentType()
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(node *html.Node, name string) bool {
	return slices.ContainsFunc(node.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// shape is an address without what is another one in each household: "blocks/12" and "blocks/{block}" have the same.
func shape(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		named := i > 0 && slices.Contains([]string{"kinds", "phrases", "lists", "ready-lists", "new"}, parts[i-1]) && !slices.Contains(words, part)
		if named || strings.HasPrefix(part, "{") || strings.Trim(part, "+0123456789") == "" {
			parts[i] = "#"
		}
	}
	return strings.Join(parts, "/")
}

// words are parts of addresses that stand where others have a name.
var words = []string{"book", "import", "phoneblock", "reading", "subscribe", "threshold"}
